"""Periods as people say them: “last month”, “Q3”, “since Monday”, “the first half of October”; and which days they are.

What is said is kept as words, since only the day on which an answer is given says which days they mean. The last so many days are whole
days, up to yesterday; the last so many weeks, months, quarters and years are the calendar's.
"""

import re
from collections.abc import Callable, Sequence
from datetime import date, timedelta

from skills.core.catalog import shown
from skills.core.errors import BadInput
from skills.core.periods import Period, Unit, around

EARLIEST = date(2006, 1, 1)
"""Nobody asks about a bill from before there were any of the kind."""

_MONTHS = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
]
_MONTH = {word: number for number, name in enumerate(_MONTHS, 1) for word in (name, name[:3])} | {"sept": 9}
_VERBS = frozenset({"may", "march", "mar", "dec", "sun", "sat"})
"""Words that are something else as well, and are a month only where something leads up to them."""
_DAYS = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
_UNITS = {word: unit for unit in Unit for word in (unit.value, f"{unit.value}s")}
_THIS = frozenset({"this", "current"})
_LAST = frozenset({"last", "past", "previous"})
_NEXT = frozenset({"next", "coming", "following"})
_EVER = ({"forever"}, {"ever"}, {"all", "time"}, {"the", "beginning"})
_NUMBERS = {
    word: n
    for n, word in enumerate(
        ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven", "twelve"], 1
    )
}
_NUMBER = re.compile(r"[0-9]{1,3}")
_YEAR = re.compile(r"20[0-9]{2}")
_QUARTER = re.compile(r"q([1-4])(?:-?(20[0-9]{2}))?")
_ISO_DAY = re.compile(r"20[0-9]{2}-[01][0-9]-[0-3][0-9]")
_ISO_MONTH = re.compile(r"20[0-9]{2}-[01][0-9]")
_SPAN = re.compile(rf"({_ISO_DAY.pattern})(/|\.\.)({_ISO_DAY.pattern})")
_LEADS = ("the", "in", "during", "for", "over", "within")
_LONGEST = 9
_SOME_DAY = date(2100, 6, 15)
"""Which words are a period does not depend on the day."""


def said(words: Sequence[str], *, led: bool = False) -> tuple[int, str] | None:
    """How many of the first words (in lower case) say a period, and these words; None where they say none.

    `led` says that something like “in” or “for” stands before them. “last-month” is one word.
    """
    for count in range(min(len(words), _LONGEST), 0, -1):
        keys = _keys(" ".join(words[:count]))
        if _read(keys, _SOME_DAY, led=led) is not None:
            bare = next((place for place, key in enumerate(keys) if key not in _LEADS), 0)
            return count, " ".join(keys[bare:])
    return None


def resolved(text: str, today: date) -> Period:
    """The days that are meant, on this day. Raises `BadInput` for what is no period, and for one that has not begun."""
    found = _read(_keys(text), today, led=True)
    if found is None:
        raise BadInput(f"“{shown(text)}” is no period that I know.", hint=HINT)
    if found.start > today:
        raise BadInput(f"{found} has not begun, so nothing was paid for it.", hint=HINT)
    return found


def ahead(text: str, today: date) -> Period:
    """The days that are meant where the future is asked about. Raises `BadInput` for what is no period, and for one that is over."""
    found = _read(_keys(text), today, led=True)
    if found is None:
        raise BadInput(f"“{shown(text)}” is no period that I know.", hint=HINT_AHEAD)
    if found.end <= today:
        raise BadInput(f"{found} is over, so there is nothing to foresee.", hint=HINT_AHEAD)
    return found


def _keys(text: str) -> list[str]:
    """The words of a period; what is written with digits keeps its dashes."""
    return [
        part
        for word in text.lower().split()
        for part in ([word] if word[:1].isdigit() else word.replace("_", "-").split("-"))
    ]


HINT_AHEAD = "Say for instance this month, next month, this quarter, next 30 days or 2027-01-01..2027-01-31."
HINT = "Say for instance last month, this quarter, October 2026, last 30 days or 2026-10-01..2026-10-15."


def _read(keys: Sequence[str], today: date, *, led: bool) -> Period | None:
    """The period that all of these words say together."""
    if not keys:
        return None
    if keys[0] in _LEADS and len(keys) > 1:
        return _read(keys[1:], today, led=led or keys[0] != "the")
    for way in (_counted, _unit, _since, _half, _between, _named, _written):
        if (found := way(keys, today, led)) is not None:
            return found
    return None


def _counted(keys: Sequence[str], today: date, led: bool) -> Period | None:
    """“Last 30 days”, “past three months”, “next 30 days”, which begin today."""
    if len(keys) != 3 or keys[0] not in _LAST | _NEXT or keys[2] not in _UNITS:
        return None
    count = int(keys[1]) if _NUMBER.fullmatch(keys[1]) else _NUMBERS.get(keys[1], 0)
    if not count:
        return None
    unit = _UNITS[keys[2]]
    if keys[0] in _NEXT:
        return _coming(count, unit, today)
    end = around(today, unit).start
    start = end
    for _ in range(count):
        if start <= EARLIEST:
            break
        start = around(start - timedelta(days=1), unit).start
    return Period(start=start, end=end)


def _coming(count: int, unit: Unit, today: date) -> Period:
    """So many units from today on, or from the next one of the calendar's."""
    start = today if unit is Unit.DAY else around(today, unit).end
    end = start
    for _ in range(count):
        end = around(end, unit).end
    return Period(start=start, end=end)


def _unit(keys: Sequence[str], today: date, led: bool) -> Period | None:  # noqa: PLR0911 - a table
    """“Last month”, “this quarter”, “month to date”, “yesterday”."""
    match list(keys):
        case ["today"]:
            return around(today, Unit.DAY)
        case ["yesterday"]:
            return around(today - timedelta(days=1), Unit.DAY)
        case ["tomorrow"]:
            return around(today + timedelta(days=1), Unit.DAY)
        case [which, unit] if unit in _UNITS and not unit.endswith("s"):
            here = around(today, _UNITS[unit])
            if which in _THIS:
                return here
            if which == "next":
                return around(here.end, _UNITS[unit])
            return around(here.start - timedelta(days=1), _UNITS[unit]) if which in _LAST else None
        case [unit, "to", "date"] if unit in _UNITS:
            return Period(start=around(today, _UNITS[unit]).start, end=today + timedelta(days=1))
    return None


def _since(keys: Sequence[str], today: date, led: bool) -> Period | None:
    """“Since October”, “since Monday”, “since forever”."""
    words = set(keys) - {"since"}
    if words in _EVER:
        return Period(start=EARLIEST, end=today + timedelta(days=1))
    if keys[0] != "since" or len(keys) < 2:
        return None
    if len(keys) == 2 and keys[1] in _DAYS:
        back = (today.weekday() - _DAYS.index(keys[1])) % 7
        return Period(start=today - timedelta(days=back), end=today + timedelta(days=1))
    begun = _read(keys[1:], today, led=True)
    if begun is None:
        return None
    # What begins later than today has no days so far; it is refused as what has not begun.
    return Period(start=begun.start, end=max(today, begun.start) + timedelta(days=1))


def _half(keys: Sequence[str], today: date, led: bool) -> Period | None:
    """“First half of October”, “second half of last month”."""
    if len(keys) < 4 or keys[0] not in ("first", "second") or list(keys[1:3]) != ["half", "of"]:
        return None
    whole = _read(keys[3:], today, led=True)
    if whole is None or whole.length < 2:
        return None
    middle = whole.start + timedelta(days=whole.length // 2)
    if whole.unit is Unit.MONTH:
        middle = whole.start.replace(day=16)
    return Period(start=whole.start, end=middle) if keys[0] == "first" else Period(start=middle, end=whole.end)


def _between(keys: Sequence[str], today: date, led: bool) -> Period | None:
    """“From 2026-10-01 to 2026-10-15”, “between August and October”: both ends belong to it."""
    joint = {"from": "to", "between": "and"}.get(keys[0])
    if joint is None or joint not in keys[1:]:
        return None
    middle = list(keys).index(joint)
    first, last = _read(keys[1:middle], today, led=True), _read(keys[middle + 1 :], today, led=True)
    if first is None or last is None or last.end <= first.start:
        return None
    return Period(start=first.start, end=last.end)


def _named(keys: Sequence[str], today: date, led: bool) -> Period | None:
    """“October”, “oct 2025”, “Q3”, “Q3 2025”, “2025”; without a year the latest that has begun."""
    year = int(keys[-1]) if _YEAR.fullmatch(keys[-1]) else None
    if year is not None and len(keys) == 1:
        return around(date(year, 1, 1), Unit.YEAR) if led or year <= today.year else None
    if len(keys) > 2 or (len(keys) == 2 and year is None):
        return None
    if keys[0] in _MONTH and (led or year or keys[0] not in _VERBS):
        return _latest(lambda y: around(date(y, _MONTH[keys[0]], 1), Unit.MONTH), year, today)
    if match := _QUARTER.fullmatch(keys[0]):
        year = int(match[2]) if match[2] else year
        return _latest(lambda y: around(date(y, int(match[1]) * 3, 1), Unit.QUARTER), year, today)
    return None


def _latest(of: Callable[[int], Period], year: int | None, today: date) -> Period:
    if year is not None:
        return of(year)
    return of(today.year) if of(today.year).start <= today else of(today.year - 1)


def _written(keys: Sequence[str], today: date, led: bool) -> Period | None:
    """ISO 8601: “2026-10”, “2026-10-03”, “2026-10-01/2026-11-01” (the end left out) and “2026-10-01..2026-10-31” (the end in it)."""
    if len(keys) != 1:
        return None
    try:
        if _ISO_DAY.fullmatch(keys[0]):
            return around(date.fromisoformat(keys[0]), Unit.DAY)
        if _ISO_MONTH.fullmatch(keys[0]):
            return around(date.fromisoformat(f"{keys[0]}-01"), Unit.MONTH)
        if match := _SPAN.fullmatch(keys[0]):
            start, end = date.fromisoformat(match[1]), date.fromisoformat(match[3])
            return Period(start=start, end=end + timedelta(days=1) if match[2] == ".." else end)
    except ValueError:
        return None
    return None
