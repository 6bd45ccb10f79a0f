"""Times as people say them: “yesterday evening”, “last Thursday 14:00”, “two hours ago”.

A grammar of its own, because the libraries for this read a time into nearly any word (“may”, “sat”, “v42”) and take longer to import
than the whole interpreter may take to start. A whole day means its end, which is what “as it was yesterday” asks for, and to `since` its
beginning; a part of a day means its beginning. A weekday alone may lie ahead and is not read; “last Thursday” and “since Monday” are.
"""

import re
from collections.abc import Sequence
from datetime import UTC, datetime, time, timedelta, tzinfo

from bot.nl.vocabulary import NUMBERS
from skills.core import durations

_PARTS = {
    "morning": 6,
    "noon": 12,
    "midday": 12,
    "lunch": 12,
    "lunchtime": 12,
    "afternoon": 12,
    "evening": 18,
    "night": 22,
    "midnight": 0,
}
_DAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
_UNITS = {"minute": 60, "min": 60, "hour": 3600, "hr": 3600, "day": 86400, "week": 604800, "month": 2592000}
_CLOCK = re.compile(r"(?P<hour>[0-9]{1,2})(?::(?P<minute>[0-5][0-9]))?(?P<half>am|pm)?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?:t[0-9:.]{5,15}(?:z|[+-][0-9]{2}:?[0-9]{2})?)?")
_LONGEST = 7
_DAY_END = time(23, 59, 59)


def read(keys: Sequence[str], now: datetime, zone: tzinfo) -> tuple[int, datetime] | None:
    """How many of the first words say a time, and that time in UTC; None where they say none. `now` is aware."""
    local = now.astimezone(zone)
    keys = [key.removesuffix("'s") for key in keys[:_LONGEST]]
    found = _ago(keys, local) or _iso(keys, zone) or _day(keys, local)
    if found is None:
        return None
    count, moment = found
    return count, moment.astimezone(UTC)


def since(keys: Sequence[str], now: datetime, zone: tzinfo) -> tuple[int, datetime] | None:
    """How many of the first words say since when, and that time in UTC: “since Monday”, “the last two hours”, “yesterday”, “today”."""
    local = now.astimezone(zone)
    keys = [key.removesuffix("'s").removeprefix("--") for key in keys[:_LONGEST]]
    led = keys[:1] == ["since"]
    rest = keys[1:] if led else keys
    found = (
        _stretch(rest, local, led=led) or _ago(rest, local) or _iso(rest, zone, time.min) or _day(rest, local, time.min)
    )
    found = found or _running(rest, local)
    if found is None and led and (day := _day(["last", *rest], local, time.min)):
        found = day[0] - 1, day[1]
    if found is None:
        return None
    count, moment = found
    return count + led, moment.astimezone(UTC)


def _running(keys: Sequence[str], now: datetime) -> tuple[int, datetime] | None:
    """The beginning of a day, a week or a month that is not over: “today”, “this week”."""
    midnight = datetime.combine(now.date(), time.min, now.tzinfo)
    if keys[:1] == ["today"]:
        return 1, midnight
    if keys[:1] == ["this"] and keys[1:2] in (["week"], ["month"]):
        return 2, midnight - timedelta(days=now.weekday() if keys[1] == "week" else now.day - 1)
    return None


def _stretch(keys: Sequence[str], now: datetime, *, led: bool) -> tuple[int, datetime] | None:
    """“The last two hours”, “past hour”, and after “since” also “15m” and “an hour”."""
    skipped = 1 if keys[:1] == ["the"] else 0
    cued = keys[skipped : skipped + 1] in (["last"], ["past"], ["previous"])
    index = skipped + cued
    if not (cued or led) or index >= len(keys):
        return None
    try:
        return index + 1, now - durations.parse(keys[index])
    except (ValueError, OverflowError):
        amount = _count(keys[index])
    if amount is None and cued and keys[index] not in ("week", "month"):
        index, amount = index - 1, 1
    seconds = _UNITS.get(keys[index + 1].removesuffix("s")) if index + 1 < len(keys) else None
    return (index + 2, now - timedelta(seconds=amount * seconds)) if amount and seconds else None


def _count(key: str) -> int | None:
    if key in ("a", "an"):
        return 1
    return NUMBERS.get(key) or (int(key) if re.fullmatch(r"[0-9]{1,4}", key) else None)


def _ago(keys: Sequence[str], now: datetime) -> tuple[int, datetime] | None:
    if len(keys) < 3 or keys[2] != "ago":
        return None
    amount = _count(keys[0])
    seconds = _UNITS.get(keys[1].removesuffix("s"))
    return (3, now - timedelta(seconds=amount * seconds)) if amount and seconds else None


def _iso(keys: Sequence[str], zone: tzinfo, whole: time = _DAY_END) -> tuple[int, datetime] | None:
    if not keys or not _ISO.fullmatch(keys[0]):
        return None
    try:
        moment = datetime.fromisoformat(keys[0].upper())
    except ValueError:
        return None
    if "t" in keys[0]:
        return 1, moment if moment.tzinfo else moment.replace(tzinfo=zone)
    count, at = _time_of_day(keys[1:])
    return 1 + count, datetime.combine(moment.date(), at or whole, zone)


def _day(keys: Sequence[str], now: datetime, whole: time = _DAY_END) -> tuple[int, datetime] | None:
    used, day, needs_part = _named_day(keys, now)
    if not used:
        return None
    count, at = _time_of_day(keys[used:])
    if at is None and needs_part:
        return None
    moment = datetime.combine(day.date(), at or whole, now.tzinfo)
    return used + count, min(moment, now)


def _named_day(keys: Sequence[str], now: datetime) -> tuple[int, datetime, bool]:
    """How many words name a day, the day, and whether they say nothing without a part of it (“this morning”)."""
    first, second = (*keys[:2], "", "")[:2]
    if first == "yesterday":
        return 1, now - timedelta(days=1), False
    if first in ("today", "this"):
        return 1, now, True
    if first == "last" and second == "night":
        return 1, now - timedelta(days=1), True
    if first == "last" and second == "week":
        return 2, now - timedelta(days=7), False
    if first in ("last", "since", "past") and second in _DAYS:
        return 2, now - timedelta(days=(now.weekday() - _DAYS.index(second)) % 7 or 7), False
    return 0, now, False


def _time_of_day(keys: Sequence[str]) -> tuple[int, time | None]:
    count = 0
    if keys and keys[0] in ("at", "around", "in", "the") and len(keys) > 1:
        count = 2 if keys[0] == "in" and keys[1] == "the" else 1
    if len(keys) > count and keys[count] in _PARTS:
        at = time(_PARTS[keys[count]])
        more, exact = _time_of_day(keys[count + 1 :])
        return (count + 1 + more, exact) if exact else (count + 1, at)
    if len(keys) > count and (match := _CLOCK.fullmatch(keys[count])) and (match["minute"] or match["half"]):
        hour = int(match["hour"]) % 12 + (12 if match["half"] == "pm" else 0) if match["half"] else int(match["hour"])
        return (count + 1, time(hour, int(match["minute"] or 0))) if hour < 24 else (0, None)
    return 0, None
