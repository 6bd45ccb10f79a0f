"""Freezes and windows that recur, and those from calendar files."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.configuration import ConfigurationError, load
from skills.core.calendar import Span

HEAD = "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//x//y//EN\n"
WEEKLY = """BEGIN:VEVENT
UID:weekly
DTSTART;TZID=Europe/Berlin:20261002T160000
DTEND;TZID=Europe/Berlin:20261005T060000
RRULE:FREQ=WEEKLY
EXDATE;TZID=Europe/Berlin:20261113T160000
SUMMARY:Weekend
END:VEVENT
"""
HOLIDAY = "BEGIN:VEVENT\nUID:day\nDTSTART;VALUE=DATE:20261225\nSUMMARY:Christmas\nEND:VEVENT\n"
MOVED = """BEGIN:VEVENT
UID:weekly
RECURRENCE-ID;TZID=Europe/Berlin:20261120T160000
DTSTART;TZID=Europe/Berlin:20261121T000000
DTEND;TZID=Europe/Berlin:20261122T000000
END:VEVENT
"""


def freeze(folder: Path, events: str) -> Path:
    (folder / "policies" / "days.ics").write_text(f"{HEAD}{events}END:VCALENDAR\n".replace("\n", "\r\n"))
    (folder / "policies" / "x.yaml").write_text(
        "freezes:\n  - {name: days, because: So., calendar: days.ics, timezone: Europe/Berlin}\n"
    )
    return folder


def at(folder: Path, text: str) -> Span | None:
    period = next(each for each in load(folder, {}).policy.calendar.freezes if each.name == "days")
    return period.times.at(datetime.fromisoformat(text).replace(tzinfo=UTC))


def test_single_days_weekly_events_exceptions_and_moved_ones(folder: Path) -> None:
    freeze(folder, WEEKLY + HOLIDAY + MOVED)
    summer, winter = at(folder, "2026-10-23 14:00"), at(folder, "2026-11-06 15:00")
    assert summer is not None
    assert summer.end == datetime(2026, 10, 26, 5, tzinfo=UTC)
    assert winter is not None
    assert at(folder, "2026-11-06 14:59") is None
    assert at(folder, "2026-11-14 12:00") is None
    assert at(folder, "2026-11-20 18:00") is None
    assert at(folder, "2026-11-21 12:00") == Span(
        start=datetime(2026, 11, 20, 23, tzinfo=UTC), end=datetime(2026, 11, 21, 23, tzinfo=UTC)
    )
    assert at(folder, "2026-12-24 22:59") is None
    assert at(folder, "2026-12-24 23:00") is not None


def test_the_fingerprint_of_policy_changes_with_the_calendar(folder: Path) -> None:
    before = load(freeze(folder, WEEKLY), {}).policy.fingerprint
    assert load(freeze(folder, WEEKLY + HOLIDAY), {}).policy.fingerprint != before


@pytest.mark.parametrize(
    ("events", "problem"),
    [
        ("", "days.ics has no event."),
        ("BEGIN:VEVENT\nUID:x\nSUMMARY:Odd\nEND:VEVENT\n", "days.ics has an event without a beginning (Odd)."),
        (WEEKLY.replace("FREQ=WEEKLY", "FREQ=SECONDLY"), "days.ics has an event that recurs more often than daily (Weekend)."),
        (HOLIDAY.replace("SUMMARY", "DTEND;VALUE=DATE:20261224\nSUMMARY"), "days.ics has an event that ends before it begins (Christmas)."),
        ("BEGIN:VEVENT\n", "days.ics is not readable as iCalendar."),
    ],
)  # fmt: skip
def test_a_calendar_that_makes_no_sense_is_a_mistake(folder: Path, events: str, problem: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        load(freeze(folder, events), {})
    assert [str(each) for each in caught.value.problems] == [f"policies/x.yaml, line 2: freezes[0].calendar: {problem}"]


@pytest.mark.parametrize(
    ("period", "problem"),
    [
        ("from: Fri 16:00, until: 2026-01-01", "freezes[0].until: should be written like from: both with a weekday, or both with a date."),
        ("from: Fri 16:00, until: Friday 16:00", "freezes[0].until: should be another time than from."),
        ("from: Fri 25:00, until: Mon 06:00", "freezes[0].until: should be written like from: both with a weekday, or both with a date."),
        ("calendar: gone.ics", "freezes[0].calendar: gone.ics cannot be used. The file cannot be read: no such file or directory."),
        ("calendar: days.ics, from: Fri 16:00", "freezes[0].calendar: is named, so leave from and until out."),
    ],
)  # fmt: skip
def test_a_period_that_makes_no_sense_is_a_mistake(folder: Path, period: str, problem: str) -> None:
    (folder / "policies" / "x.yaml").write_text(f"freezes:\n  - {{name: f, because: So., {period}}}\n")
    with pytest.raises(ConfigurationError) as caught:
        load(folder, {})
    assert [str(each) for each in caught.value.problems] == [f"policies/x.yaml, line 2: {problem}"]
