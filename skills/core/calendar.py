"""When changes are refused, and when they are made: freezes and change windows, one-off, weekly or from a calendar file."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Span:
    """From the first moment to just before the second. UTC."""

    start: datetime
    end: datetime


class Times(Protocol):
    """A set of spans of time."""

    def at(self, now: datetime) -> Span | None:
        """The span that `now` (UTC) lies in; of several the one that ends last."""


@dataclass(frozen=True, kw_only=True)
class Once:
    """One span."""

    span: Span

    def at(self, now: datetime) -> Span | None:
        return self.span if self.span.start <= now < self.span.end else None


@dataclass(frozen=True, kw_only=True)
class Weekly:
    """The same span every week, by the clocks of `zone`. Days count from Monday, 0. An end that is not after the start is a week on.

    A time that the clock skips is as long after midnight as it says; one that it shows twice is its first occurrence.
    """

    start_day: int
    start: time
    end_day: int
    end: time
    zone: tzinfo

    def at(self, now: datetime) -> Span | None:
        local = now.astimezone(self.zone)
        monday = (local - timedelta(days=local.weekday())).date()
        for weeks in (1, 0, -1):
            week = monday + timedelta(weeks=weeks)
            span = Span(start=self._moment(week, self.start_day, self.start), end=self._end(week))
            if span.start <= now < span.end:
                return span
        return None

    def _end(self, monday: date) -> datetime:
        later = (self.end_day, self.end) > (self.start_day, self.start)
        return self._moment(monday if later else monday + timedelta(weeks=1), self.end_day, self.end)

    def _moment(self, monday: date, day: int, at: time) -> datetime:
        return datetime.combine(monday + timedelta(days=day), at, tzinfo=self.zone).astimezone(UTC)


@dataclass(frozen=True, kw_only=True)
class Period:
    """Times in which changes are refused, or made. No environments means all; `except_skills` are not concerned (rollback, usually)."""

    name: str
    because: str
    times: Times
    environments: tuple[str, ...] = ()
    except_skills: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Calendar:
    """Every period of an organization, and the zone in which it tells time.

    Changes are refused while a freeze lasts, and, where an environment has windows, outside of all of them.
    """

    zone: tzinfo = UTC
    freezes: tuple[Period, ...] = ()
    windows: tuple[Period, ...] = ()
