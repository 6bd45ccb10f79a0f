"""When a weekly time begins and ends, by the clocks of its place."""

from datetime import UTC, datetime, time
from zoneinfo import ZoneInfo

import pytest

from skills.core.calendar import Weekly

BERLIN = ZoneInfo("Europe/Berlin")
WEEKEND = Weekly(start_day=4, start=time(16), end_day=0, end=time(6), zone=BERLIN)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=BERLIN).astimezone(UTC)


@pytest.mark.parametrize(
    ("moment", "within"),
    [
        ("2026-11-20 15:59", False), ("2026-11-20 16:00", True), ("2026-11-22 12:00", True), ("2026-11-23 05:59", True),
        ("2026-11-23 06:00", False), ("2026-11-18 12:00", False), ("2027-01-01 16:00", True), ("2027-01-03 23:59", True),
    ],
)  # fmt: skip
def test_from_friday_afternoon_to_monday_morning(moment: str, within: bool) -> None:
    assert (WEEKEND.at(at(moment)) is not None) is within


def test_the_clock_decides_when_it_changes() -> None:
    span = WEEKEND.at(at("2026-10-25 12:00"))
    assert span is not None
    assert (span.start, span.end) == (datetime(2026, 10, 23, 14, tzinfo=UTC), datetime(2026, 10, 26, 5, tzinfo=UTC))


def test_the_same_day_and_earlier_is_nearly_a_week() -> None:
    nearly = Weekly(start_day=2, start=time(12), end_day=2, end=time(11), zone=UTC)
    assert nearly.at(datetime(2026, 11, 18, 11, 30, tzinfo=UTC)) is None
    assert nearly.at(datetime(2026, 11, 18, 12, 0, tzinfo=UTC)) is not None
    assert nearly.at(datetime(2026, 11, 25, 10, 59, tzinfo=UTC)) is not None
