"""Spans of whole calendar days: what costs are told for.

A day belongs to a time zone: that of whoever measures or bills. It has 23 to 25 hours where clocks change, and a month 28 to 31 days; both
count when a price an hour becomes an amount.
"""

import calendar
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from enum import StrEnum

_SPELLED = re.compile(r"(\d{4}-\d{2}-\d{2})/(\d{4}-\d{2}-\d{2})")


class Unit(StrEnum):
    """The calendar's own lengths. A week begins on Monday."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


@dataclass(frozen=True, kw_only=True)
class Period:
    """From `start` to just before `end`. Raises `ValueError` where that is no day at all."""

    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end <= self.start:
            raise ValueError(f"From {self.start} to before {self.end} there is no day.")

    @property
    def length(self) -> int:
        """Days."""
        return (self.end - self.start).days

    @property
    def last(self) -> date:
        """The last day that belongs to it."""
        return self.end - timedelta(days=1)

    def __contains__(self, day: date) -> bool:
        return self.start <= day < self.end

    def days(self) -> Iterator[date]:
        return (self.start + timedelta(days=index) for index in range(self.length))

    def months(self) -> Iterator["Period"]:
        """Its parts by calendar month, the first and last of which may be shorter than the month."""
        start = self.start
        while start < self.end:
            end = min(_first_of_next_month(start), self.end)
            yield Period(start=start, end=end)
            start = end

    def common(self, other: "Period") -> "Period | None":
        """The days that are in both."""
        start, end = max(self.start, other.start), min(self.end, other.end)
        return Period(start=start, end=end) if start < end else None

    @property
    def unit(self) -> Unit | None:
        """Which of the calendar's lengths this is exactly."""
        return next((each for each in reversed(Unit) if around(self.start, each) == self), None)

    @property
    def before(self) -> "Period":
        """What to compare it with: the calendar's month, quarter or year before one of these, else as many days."""
        unit = self.unit
        if unit:
            return around(self.start - timedelta(days=1), unit)
        return Period(start=self.start - timedelta(days=self.length), end=self.start)

    def hours(self, zone: tzinfo) -> int:
        """How many hours it has by the clocks of `zone`, rounded to whole ones."""
        start, end = midnight(self.start, zone), midnight(self.end, zone)
        return round((end - start).total_seconds() / 3600)

    def __str__(self) -> str:
        """“October 2026”, “Q3 2026”, “2026”, “19 October 2026”, “1 to 15 October 2026”."""
        match self.unit:
            case Unit.YEAR:
                return f"{self.start:%Y}"
            case Unit.QUARTER:
                return f"Q{(self.start.month + 2) // 3} {self.start:%Y}"
            case Unit.MONTH:
                return f"{self.start:%B %Y}"
            case Unit.DAY:
                return _day(self.start)
        return _span(self.start, self.last)

    def spelled(self) -> str:
        """ISO 8601, the end left out of it: `2026-10-01/2026-11-01`."""
        return f"{self.start.isoformat()}/{self.end.isoformat()}"


def parse(text: str) -> Period:
    """What `spelled` wrote. Raises `ValueError`, with a sentence."""
    found = _SPELLED.fullmatch(text.strip())
    if not found:
        raise ValueError(
            "A period is two days, as 2026-10-01/2026-11-01; the second one is the first that is not in it."
        )
    return Period(start=date.fromisoformat(found[1]), end=date.fromisoformat(found[2]))


def around(day: date, unit: Unit) -> Period:
    """The calendar's day, week, month, quarter or year that holds `day`."""
    match unit:
        case Unit.DAY:
            return Period(start=day, end=day + timedelta(days=1))
        case Unit.WEEK:
            monday = day - timedelta(days=day.weekday())
            return Period(start=monday, end=monday + timedelta(days=7))
        case Unit.MONTH:
            return Period(start=day.replace(day=1), end=_first_of_next_month(day))
        case Unit.QUARTER:
            start = date(day.year, (day.month - 1) // 3 * 3 + 1, 1)
            return Period(start=start, end=months_after(start, 3))
        case Unit.YEAR:
            return Period(start=date(day.year, 1, 1), end=date(day.year + 1, 1, 1))


def months_after(day: date, months: int) -> date:
    """The same day so many months on (or back); the last of the month where that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def midnight(day: date, zone: tzinfo) -> datetime:
    """When a day begins in `zone`, in UTC. Where clocks skip midnight, the first moment that there is."""
    return datetime.combine(day, time(), zone).astimezone(UTC)


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Which day an aware moment is in, by the clocks of `zone`."""
    return moment.astimezone(zone).date()


def _first_of_next_month(day: date) -> date:
    return months_after(day.replace(day=1), 1)


def _day(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def _span(first: date, last: date) -> str:
    if first.year != last.year:
        return f"{_day(first)} to {_day(last)}"
    return f"{first.day} to {_day(last)}" if first.month == last.month else f"{first.day} {first:%B} to {_day(last)}"
