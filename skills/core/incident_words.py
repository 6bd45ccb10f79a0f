"""What people type about incidents, taken apart: which one, how bad, who, by when. Whatever is not one of these is left as it was."""

import re
from datetime import UTC, datetime, timedelta

from skills.core import durations
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import BadInput
from skills.core.incident import IncidentId, Severity

LONGEST_TITLE = 200

_WHICH = re.compile(r"^\s*(?:incident\s+|inc\s+)?#([0-9]{1,9})\b[\s,:.–—-]*", re.IGNORECASE)
_NUMBER = re.compile(r"^\s*(?:task\s+|hypothesis\s+)?#?([0-9]{1,6})\b[\s,:.–—-]*", re.IGNORECASE)
_SEVERITY = re.compile(r"(?<![\w/.-])(?:sev(?:erity)?[\s-]?([0-9]{1,2})|p([1-4]))(?![\w/-])[\s,:]*", re.IGNORECASE)
_PERSON = re.compile(r"(?<![\w.])<?@([A-Za-z0-9._-]+)(?:\|[^>]*)?>?[\s,:]*")
_IN = re.compile(r"(?:^|\s)(?:in|within)\s+([0-9]{1,4}\s?[smhdw])\b\s*$", re.IGNORECASE)
_BY = re.compile(r"(?:^|\s)(?:by|on|due)\s+([0-9]{4}-[0-9]{2}-[0-9]{2})?(?:\s*(?:at\s+)?([0-9]{2}:[0-9]{2}))?\s*(?:UTC)?\s*$", re.IGNORECASE)  # fmt: skip
_BEGAN = re.compile(
    r"(?:^|[\s,(])(?:it\s+)?(?:began|begun|started)\s+(?:at\s+)?([0-9]{4}-[0-9]{2}-[0-9]{2}\s+)?([0-9]{1,2}:[0-9]{2})\s*(?:UTC)?\)?(?=[\s,.;]|$)[\s,.;]*",
    re.IGNORECASE,
)
_ARTICLE = re.compile(r"^(?:an?|the|new)\s+(?:incident\b[\s,:–—-]*(?:for|about|because|that)?\s*)?|^incident\b[\s,:–—-]*", re.IGNORECASE)  # fmt: skip
_SECRET = re.compile(
    r"[\s,(]*\bconfidential\b\)?[\s,:;–—-]*|^private\b\s*[:,–—-]+\s*|[,(]\s*private\b\)?[\s,.;:]*$", re.IGNORECASE
)
"""“Confidential” wherever it stands; “private” only where it is set apart, because of private registries."""
_LEADING = re.compile(r"^(?:for|about|because|that)\b\s*", re.IGNORECASE)
_ANOTHER = re.compile(r"^another\b[\s,:–—-]*", re.IGNORECASE)


def which(said: str) -> tuple[IncidentId | None, str]:
    """The incident that is named first (“#3 …”), and the rest."""
    match = _WHICH.match(said)
    return (IncidentId(int(match[1])), said[match.end() :]) if match else (None, said)


def number(said: str, *, of: str) -> tuple[int, str]:
    """The number that it begins with, and the rest. Raises `BadInput`."""
    match = _NUMBER.match(said)
    if match is None:
        raise BadInput(f"Say which {of}, by its number.", hint=f"“incident status” lists each {of}.")
    return int(match[1]), said[match.end() :].strip()


def severity(said: str) -> tuple[Severity | None, str]:
    """The severity in it, and the rest. Raises `BadInput` for one that there is none of."""
    match = _SEVERITY.search(said)
    if match is None:
        return None, said
    level = int(match[1] or match[2])
    if level not in range(1, 5):
        raise BadInput(f"There is no severity {level}.", hint=severities())
    return Severity(f"sev{level}"), _without(said, match)


def severities() -> str:
    """What each of them means."""
    return "; ".join(f"{each.value}: {each.meaning}" for each in Severity) + "."


def person(said: str, catalog: Catalog) -> tuple[Actor | None, str]:
    """The first person who is named with “@”, and the rest. Raises `UnknownName`, and `BadInput` for somebody who left."""
    match = _PERSON.search(said)
    if match is None:
        return None, said
    found = catalog.by_slack(match[1]) or catalog.person(match[1])
    if not found.actor.active:
        raise BadInput(f"{found.actor.name} has left.", hint="Name somebody else.")
    return found.actor, _without(said, match)


def due(said: str, now: datetime) -> tuple[datetime | None, str]:
    """When it has to be done (“in 2h”, “by 14:30”, “by 2026-12-01”; UTC, a day means its end), and the rest."""
    if match := _IN.search(said):
        return now + durations.parse(match[1].replace(" ", "")), said[: match.start()].strip()
    match = _BY.search(said)
    if match is None or not (match[1] or match[2]):
        return None, said
    try:
        day = datetime.fromisoformat(match[1]).replace(tzinfo=UTC) if match[1] else now.replace(hour=0, minute=0)
        clock = datetime.strptime(match[2] or "23:59", "%H:%M")  # noqa: DTZ007 - a time of the day, which gets its day below
    except ValueError:
        raise BadInput(f"“{match[0].strip()}” is no day or time.", hint="Say it like: by 2026-12-01 14:30") from None
    moment = day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    if not match[1] and moment < now:
        moment += timedelta(days=1)
    return moment, said[: match.start()].strip()


def began(said: str, now: datetime) -> tuple[datetime | None, str]:
    """When it began (“began 02:10”, “began 2026-12-01 02:10”; UTC, the last such time before now), and the rest. Raises `BadInput`."""
    match = _BEGAN.search(said)
    if match is None:
        return None, said
    try:
        clock = datetime.strptime(match[2], "%H:%M")  # noqa: DTZ007 - a time of the day, which gets its day below
        day = datetime.fromisoformat(match[1].strip()).replace(tzinfo=UTC) if match[1] else now
    except ValueError:
        raise BadInput(f"“{match[0].strip(' ,.;()')}” is no time.", hint="Say it like: began 02:10") from None
    moment = day.replace(hour=clock.hour, minute=clock.minute, second=0, microsecond=0)
    if not match[1] and moment > now:
        moment -= timedelta(days=1)
    if moment > now:
        raise BadInput("It cannot have begun in the future.", hint="Times are UTC: began 02:10")
    return moment, _without(said, match)


def service(said: str, catalog: Catalog) -> str:
    """The first service that is named in it, or ""."""
    names = {word: each.name for each in catalog.services for word in (each.name, *each.aliases)}
    words = re.findall(r"[A-Za-z0-9][A-Za-z0-9-]*", said)
    return next((str(names[word.lower()]) for word in words if word.lower() in names), "")


def title(said: str) -> tuple[str, bool, bool]:
    """What is wrong, on one line; whether it is confidential; and whether it is to be another one in any case. Raises `BadInput`."""
    another = _ANOTHER.search(said)
    rest = said[another.end() :] if another else said
    rest = _LEADING.sub("", _ARTICLE.sub("", rest.strip(), count=1), count=1)
    secret = _SECRET.search(rest)
    rest = " ".join((_without(rest, secret) if secret else rest).split()).strip(" ,;:–—-\"'“”")
    if not rest:
        raise BadInput("Say what is wrong.", hint="For example: incident declare checkout returns 500s sev2")
    cut = rest if len(rest) <= LONGEST_TITLE else f"{rest[: LONGEST_TITLE - 1]}…"
    return cut, bool(secret), bool(another)


def alike(text: str) -> str:
    """The same for two titles that say the same but for case, punctuation and spaces."""
    return " ".join(re.findall(r"\w+", text.casefold())) or text


def _without(said: str, match: re.Match[str]) -> str:
    return f"{said[: match.start()]} {said[match.end() :]}".strip()
