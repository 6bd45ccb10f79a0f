"""How values lie in a column."""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from bot.store.columns import instant, storable


def test_a_moment_is_stored_in_utc_at_a_fixed_width() -> None:
    berlin = timezone(timedelta(hours=1))
    assert instant(datetime(2026, 11, 23, 13, 0, tzinfo=berlin)) == "2026-11-23T12:00:00.000000Z"
    assert instant(datetime(2026, 11, 23, 12, 0, 0, 7, tzinfo=UTC)) == "2026-11-23T12:00:00.000007Z"


def test_a_moment_without_a_time_zone_is_refused() -> None:
    with pytest.raises(ValueError, match=r"has no time zone"):
        instant(datetime(2026, 11, 23))  # noqa: DTZ001 - that is the point


@pytest.mark.parametrize(
    ("given", "stored"),
    [("plain", "plain"), ("é 🎉", "é 🎉"), ("a\0b", "a\ufffdb"), ("\ud83c\udf89", "🎉"), ("x\ud800", "x\ufffd"), ("\ufeffx", "\ufeffx")],
)  # fmt: skip
def test_only_what_no_database_takes_is_replaced(given: str, stored: str) -> None:
    assert storable(given) == stored
