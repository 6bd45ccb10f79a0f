"""Who stands in, from when until when, in the words that people type."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from skills.core.errors import BadInput
from skills.core.oncall_words import span, told

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
BERLIN = ZoneInfo("Europe/Berlin")


@pytest.mark.parametrize(
    ("said", "start", "end", "rest"),
    [
        ("checkout from 18:00 to tomorrow 08:00", "2026-11-23 17:00", "2026-11-24 07:00", "checkout"),
        ("checkout from 22:00 until 06:00", "2026-11-23 21:00", "2026-11-24 05:00", "checkout"),
        ("shop until friday 09:00", "2026-11-23 09:00", "2026-11-27 08:00", "shop"),
        ("shop for 4h", "2026-11-23 09:00", "2026-11-23 13:00", "shop"),
        ("shop from tomorrow 9:00 for 1d", "2026-11-24 08:00", "2026-11-25 08:00", "shop"),
        ("shop from 2026-12-24 to 2026-12-27", "2026-12-23 23:00", "2026-12-26 23:00", "shop"),
        ("shop from monday 08:00 to monday 20:00", "2026-11-30 07:00", "2026-11-30 19:00", "shop"),
        ("shop from 2026-10-24 12:00 to 2026-10-25 12:00", "2026-10-24 10:00", "2026-10-25 11:00", "shop"),
    ],
)
def test_times_are_those_of_the_rotation(said: str, start: str, end: str, rest: str) -> None:
    found = span(said, NOW, BERLIN)
    assert [f"{each:%Y-%m-%d %H:%M}" for each in found[:2]] == [start, end]
    assert found[2] == rest


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ("checkout with ana", "Say until when."),
        ("checkout until soon", "“soon” is no time that I understand."),
        ("checkout until 25:00", "“25:00” is no time of the day."),
        ("checkout until 2026-13-01", "“2026-13-01” is no day."),
        ("checkout from 18:00 to ", "Say until when."),
    ],
)
def test_what_is_no_time_is_said(said: str, sentence: str) -> None:
    with pytest.raises(BadInput) as problem:
        span(said, NOW, UTC)
    assert problem.value.text == sentence


def test_a_moment_is_told_in_its_zone() -> None:
    assert told(NOW, "Europe/Berlin") == "Mon 2026-11-23 10:00 Europe/Berlin"
    assert told(NOW, "UTC") == "Mon 2026-11-23 09:00 UTC"
