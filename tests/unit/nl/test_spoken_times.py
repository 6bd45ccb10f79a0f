"""Times as people say them, from a Monday morning."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from bot.nl.natural import times

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("words", "count", "moment"),
    [
        ("yesterday", 1, "2026-11-22 23:59:59"),
        ("yesterday's version", 1, "2026-11-22 23:59:59"),
        ("yesterday evening", 2, "2026-11-22 18:00:00"),
        ("yesterday at 14:30", 3, "2026-11-22 14:30:00"),
        ("yesterday evening at 7pm please", 4, "2026-11-22 19:00:00"),
        ("this morning", 2, "2026-11-23 06:00:00"),
        ("last night", 2, "2026-11-22 22:00:00"),
        ("last thursday 14:00", 3, "2026-11-19 14:00:00"),
        ("last monday", 2, "2026-11-16 23:59:59"),
        ("since friday", 2, "2026-11-20 23:59:59"),
        ("last week", 2, "2026-11-16 23:59:59"),
        ("two hours ago", 3, "2026-11-23 07:00:00"),
        ("an hour ago", 3, "2026-11-23 08:00:00"),
        ("10 minutes ago", 3, "2026-11-23 08:50:00"),
        ("2026-11-20", 1, "2026-11-20 23:59:59"),
        ("2026-11-20t12:30:00z", 1, "2026-11-20 12:30:00"),
    ],
)
def test_what_lies_back_is_read(words: str, count: int, moment: str) -> None:
    expected = datetime.fromisoformat(moment).replace(tzinfo=UTC)
    assert times.read(words.split(), NOW, UTC) == (count, expected)


@pytest.mark.parametrize(
    "words",
    [
        "today",
        "tomorrow",
        "tonight",
        "friday",
        "on friday",
        "may",
        "sat",
        "v42",
        "14:00",
        "next thursday",
        "last",
        "2026-99-99",
        "",
        "zero days ago",
    ],
)
def test_what_is_no_time_that_has_passed_is_not_read(words: str) -> None:
    assert times.read(words.split(), NOW, UTC) is None


def test_days_and_hours_are_those_of_the_organization() -> None:
    berlin = ZoneInfo("Europe/Berlin")
    assert times.read(["yesterday"], NOW, berlin) == (1, datetime(2026, 11, 22, 22, 59, 59, tzinfo=UTC))
    assert times.read(["last", "thursday", "14:00"], NOW, berlin) == (3, datetime(2026, 11, 19, 13, 0, tzinfo=UTC))


def test_nothing_lies_ahead_of_now() -> None:
    assert times.read(["this", "evening"], NOW, UTC) == (2, NOW)
