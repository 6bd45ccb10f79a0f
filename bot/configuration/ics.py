"""Freezes and windows from an iCalendar file: single events, whole days, recurring ones with their exceptions."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, tzinfo
from typing import Any

from dateutil.rrule import rruleset, rrulestr
from icalendar import Calendar

from skills.core.calendar import Span

_MOST_EVENTS = 1_000
_TOO_OFTEN = {"SECONDLY", "MINUTELY", "HOURLY"}


@dataclass(frozen=True, kw_only=True)
class Occurring:
    """One event: when it begins, again and again, and how long it lasts on the clock. `begins` is evaluated lazily and remembers."""

    begins: rruleset
    length: timedelta

    def at(self, now: datetime) -> Span | None:
        begun = self.begins.before(now, inc=True)
        if begun is None:
            return None
        # Adding to an aware time keeps to the clock of its zone: a day off is a day off when the clocks change, too.
        span = Span(start=begun.astimezone(UTC), end=(begun + self.length).astimezone(UTC))
        return span if span.start <= now < span.end else None


@dataclass(frozen=True, kw_only=True)
class Events:
    """Every event of a file."""

    events: tuple[Occurring, ...]

    def at(self, now: datetime) -> Span | None:
        spans = [span for event in self.events if (span := event.at(now))]
        return max(spans, key=lambda span: span.end) if spans else None


def events(text: str, zone: tzinfo) -> Events:
    """The events in an iCalendar file; what has no time zone of its own is in `zone`. Raises `ValueError` with a sentence."""
    try:
        found: list[Any] = [
            event for event in Calendar.from_ical(text).walk("VEVENT") if event.get("STATUS") != "CANCELLED"
        ]
    except (ValueError, KeyError, IndexError, TypeError):
        raise ValueError("is not readable as iCalendar.") from None
    if not found:
        raise ValueError("has no event.")
    if len(found) > _MOST_EVENTS:
        raise ValueError(f"has more than {_MOST_EVENTS} events.")
    moved = {
        (str(event.get("UID")), _aware(event["RECURRENCE-ID"].dt, zone)) for event in found if "RECURRENCE-ID" in event
    }
    return Events(events=tuple(_occurring(event, zone, moved) for event in found))


def _occurring(event: Any, zone: tzinfo, moved: set[tuple[str, datetime]]) -> Occurring:
    name = str(event.get("SUMMARY") or event.get("UID") or "an event")[:60]
    if "DTSTART" not in event:
        raise ValueError(f"has an event without a beginning ({name}).")
    begin = event["DTSTART"].dt
    start = _aware(begin, zone)
    begins = rruleset(cache=True)
    rule = event.get("RRULE")
    if rule is None or "RECURRENCE-ID" in event:
        begins.rdate(start)
    else:
        begins.rrule(_rule(rule, start, name))
        for uid, instance in moved:
            if uid == str(event.get("UID")):
                begins.exdate(instance)
    for other in _dates(event.get("RDATE")):
        begins.rdate(_aware(other, zone))
    for other in _dates(event.get("EXDATE")):
        begins.exdate(_aware(other, zone))
    length = _length(event, begin, start, zone)
    if length <= timedelta(0):
        raise ValueError(f"has an event that ends before it begins ({name}).")
    return Occurring(begins=begins, length=length)


def _rule(rule: Any, start: datetime, name: str) -> Any:
    if set(rule.get("FREQ", ())) & _TOO_OFTEN:
        raise ValueError(f"has an event that recurs more often than daily ({name}).")
    text = rule.to_ical().decode()
    try:
        return rrulestr(text, dtstart=start, cache=True)
    except (ValueError, TypeError):
        raise ValueError(f"has an event whose recurrence makes no sense ({name}).") from None


def _length(event: Any, begin: date, start: datetime, zone: tzinfo) -> timedelta:
    """As the clock shows it. Without an end it is a day for a whole day, and nothing for a moment."""
    if "DTEND" in event:
        end = _aware(event["DTEND"].dt, zone).astimezone(start.tzinfo)
        return end.replace(tzinfo=None) - start.replace(tzinfo=None)
    if "DURATION" in event:
        length = event["DURATION"].dt
        return length if isinstance(length, timedelta) else timedelta(0)
    return timedelta(0) if isinstance(begin, datetime) else timedelta(days=1)


def _dates(found: Any) -> Iterator[date]:
    for each in found if isinstance(found, list) else [found] if found else []:
        for item in each.dts:
            if isinstance(item.dt, date):
                yield item.dt


def _aware(moment: date, zone: tzinfo) -> datetime:
    if isinstance(moment, datetime):
        return moment if moment.tzinfo else moment.replace(tzinfo=zone)
    return datetime(moment.year, moment.month, moment.day, tzinfo=zone)
