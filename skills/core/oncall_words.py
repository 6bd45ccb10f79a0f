"""What people type about being on call, taken apart: who, for what, from when until when. And the times, as people read them."""

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from zoneinfo import ZoneInfo

from skills.core import durations
from skills.core.catalog import Catalog, nearest, shown
from skills.core.errors import Ambiguous, BadInput, UnknownName
from skills.core.names import Subject
from skills.core.rotation import Duty, Rotation

_UNTIL = re.compile(r"(?:^|\s)(?:to|until|till|–|-)\s+(?P<words>.+?)\s*$", re.IGNORECASE)
_FROM = re.compile(r"(?:^|\s)(?:from|starting)\s+(?P<words>.+?)\s*$", re.IGNORECASE)
_FOR = re.compile(r"(?:^|\s)for\s+(?P<length>[0-9]{1,4}\s?[mhdw](?:[0-9]{1,2}m)?)\s*$", re.IGNORECASE)
_WITH = re.compile(r"(?:^|\s)(?:with|by|to)\s+<?@?(?P<name>[A-Za-z0-9._-]+)(?:\|[^>]*)?>?(?=\s|$)", re.IGNORECASE)
_MENTION = re.compile(r"(?:^|\s)<?@(?P<name>[A-Za-z0-9._-]+)(?:\|[^>]*)?>?(?=\s|$)")
_MOMENT = re.compile(
    r"(?P<day>today|tonight|tomorrow|monday|tuesday|wednesday|thursday|friday|saturday|sunday|[0-9]{4}-[0-9]{2}-[0-9]{2})?"
    r"(?:\s*(?:at\s+)?(?P<clock>[0-9]{1,2}:[0-9]{2}|noon|midnight))?",
    re.IGNORECASE,
)
_WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_CLOCKS = {"noon": time(12), "midnight": time()}
EXAMPLE = "override checkout with ana from 18:00 to tomorrow 08:00"


def told(moment: datetime, zone: str) -> str:
    """“Mon 2026-11-30 09:00 Europe/Berlin”."""
    local = moment.astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
    return f"{local:%a %Y-%m-%d %H:%M} {zone}"


def rotation_of(word: str, duty: Duty, catalog: Catalog) -> Rotation:
    """The rotation of that name, else the first of whatever covers the service of that name. Raises `UnknownName` and `BadInput`."""
    if (named := duty.rotation(word.lower())) is not None:
        return named
    services = {name: each.name for each in catalog.services for name in (each.name, *each.aliases)}
    service = services.get(word.lower())
    escalation = duty.of(service) if service else None
    escalation = escalation or next((each for each in duty.escalations if each.name == word.lower()), None)
    if escalation is not None:
        for level in escalation.levels:
            if level.rotations and (first := duty.rotation(level.rotations[0])):
                return first
        raise BadInput(f"Nobody takes turns for {word}: its levels name people.", hint="Change them in oncall.yaml.")
    if service:
        raise BadInput(f"No escalation in oncall.yaml covers {service}.", hint="“oncall” lists what is covered.")
    known = [*(each.name for each in duty.rotations), *services]
    raise UnknownName("rotation or service", shown(word), nearest(word, known))


def stand_in(said: str, catalog: Catalog, *, asker: Subject) -> tuple[Subject, str]:
    """Who stands in (“with ana”, “@ana”, else whoever asks), and the rest. Raises `UnknownName`."""
    match = _MENTION.search(said) or _WITH.search(said)
    if match is None or _MOMENT.fullmatch(match["name"]):
        return asker, said
    name = match["name"]
    rest = f"{said[: match.start()]} {said[match.end() :]}".strip()
    if name.lower() in ("me", "myself"):
        return asker, rest
    return (catalog.by_slack(name) or catalog.person(name)).actor.subject, rest


def span(said: str, now: datetime, zone: tzinfo) -> tuple[datetime, datetime, str]:
    """From when to when in UTC (“from 18:00 to tomorrow 08:00”, “until friday 09:00”, “for 4h”), and what stands before. Raises `BadInput`."""
    length = _FOR.search(said)
    until = None if length else _UNTIL.search(said)
    if length is None and until is None:
        raise BadInput("Say until when.", hint=f"For example: {EXAMPLE}")
    rest = said[: (length or until).start()]  # type: ignore[union-attr]  # one of the two is there
    begins = _FROM.search(rest)
    start = _moment(begins["words"], now, zone, after=now - timedelta(hours=1)) if begins else now
    rest = rest[: begins.start()] if begins else rest
    if length:
        return start, start + durations.parse(length["length"].replace(" ", "")), rest.strip()
    assert until
    return start, _moment(until["words"], now, zone, after=start), rest.strip()


def _moment(words: str, now: datetime, zone: tzinfo, *, after: datetime) -> datetime:
    """A day, a time of the day, or both, in the zone; a time alone is the next one after `after`."""
    said = words.strip().removesuffix("UTC").strip()
    match = _MOMENT.fullmatch(said)
    if not said or match is None or not (match["day"] or match["clock"]):
        raise BadInput(f"“{shown(words)}” is no time that I understand.", hint=f"For example: {EXAMPLE}")
    clock = _clock(match["clock"], match["day"])
    today = now.astimezone(zone).date()
    day = _day(match["day"], today)
    moment = datetime.combine(day or today, clock, tzinfo=zone).astimezone(UTC)
    if day is None and moment < after:
        next_day = after.astimezone(zone).date()
        moment = datetime.combine(next_day, clock, tzinfo=zone).astimezone(UTC)
        if moment < after:
            moment = datetime.combine(next_day + timedelta(days=1), clock, tzinfo=zone).astimezone(UTC)
    return moment


def _clock(said: str | None, day: str | None) -> time:
    if said is None:
        return time(18) if (day or "").lower() == "tonight" else time()
    if said.lower() in _CLOCKS:
        return _CLOCKS[said.lower()]
    try:
        return time.fromisoformat(said.zfill(5))
    except ValueError:
        raise BadInput(f"“{said}” is no time of the day.", hint="Write it like 18:00.") from None


def _day(said: str | None, today: date) -> date | None:
    word = (said or "").lower()
    if not word:
        return None
    if word in ("today", "tonight"):
        return today
    if word == "tomorrow":
        return today + timedelta(days=1)
    if word in _WEEKDAYS:
        return today + timedelta(days=(_WEEKDAYS.index(word) - today.weekday()) % 7 or 7)
    try:
        return date.fromisoformat(word)
    except ValueError:
        raise BadInput(f"“{said}” is no day.", hint="Write it like 2026-12-01.") from None


def services_of(word: str, duty: Duty, catalog: Catalog) -> Sequence[str]:
    """The covered services that are meant: one by its name, those of a team, of an escalation, or of a rotation. Raises `UnknownName`."""
    said = word.lower()
    covered = {service for each in duty.escalations for service in each.services}
    owned = [each.name for each in catalog.services if each.owner == said]
    if owned:
        return [name for name in owned if name in covered] or owned
    for each in duty.escalations:
        if each.name == said or any(said in level.rotations for level in each.levels):
            return each.services
    teams = {each.owner for each in catalog.services if each.owner}
    known = [*covered, *teams, *(each.name for each in duty.rotations)]
    raise UnknownName("service, team or rotation", shown(word), nearest(word, known))


def one_word(said: str, *, what: str) -> str:
    """The only word of what is left. Raises `BadInput` and `Ambiguous`."""
    words = [each for each in said.split() if each.lower() not in _FILLERS]
    if not words:
        raise BadInput(f"Say which {what}.", hint=f"For example: {EXAMPLE}")
    if len(words) > 1:
        raise Ambiguous(f"I read “{shown(' '.join(words))}” as several names.", slot=what, candidates=words[:5])
    return words[0]


_FILLERS = frozenset({"for", "on", "in", "the", "shift", "shifts", "of", "call", "on-call", "please", "rotation"})
