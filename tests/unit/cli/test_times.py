"""Moments and durations in words."""

from datetime import timedelta

import pytest

from bot.cli.render.times import deadline, lasted
from tests.unit.cli.cards import NOW


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-1, "0.0 s"), (0.04, "0.0 s"), (3.72, "3.7 s"), (9.96, "10 s"), (59.4, "59 s"), (60, "1 min"),
        (185, "3 min 5 s"), (899.9, "15 min"), (601, "10 min"), (3600, "1 h"), (7440, "2 h 4 min"), (86400, "1 day"),
        (5 * 86400, "5 days"),
    ],
)  # fmt: skip
def test_durations_are_as_exact_as_they_matter(seconds: float, words: str) -> None:
    assert lasted(timedelta(seconds=seconds)) == words


def test_a_deadline_today_is_a_time_and_how_long_until_then() -> None:
    assert deadline(NOW + timedelta(minutes=15), NOW) == "12:15 UTC, in 15 min"


def test_a_deadline_on_another_day_has_its_date() -> None:
    assert deadline(NOW + timedelta(days=2), NOW) == "2026-11-25 12:00 UTC, in 2 days"


def test_a_deadline_that_is_over_says_so() -> None:
    assert deadline(NOW - timedelta(seconds=1), NOW) == "11:59 UTC, passed"
