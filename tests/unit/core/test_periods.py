"""Months have their lengths, days their hours, and a period says its name."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from skills.core.periods import Period, Unit, around, day_of, midnight, months_after, parse

BERLIN, SAO_PAULO = ZoneInfo("Europe/Berlin"), ZoneInfo("America/Sao_Paulo")


def span(start: str, end: str) -> Period:
    return Period(start=date.fromisoformat(start), end=date.fromisoformat(end))


@pytest.mark.parametrize(
    ("unit", "start", "end", "name"),
    [
        (Unit.DAY, "2028-02-29", "2028-03-01", "29 February 2028"),
        (Unit.WEEK, "2028-02-28", "2028-03-06", "28 February to 5 March 2028"),
        (Unit.MONTH, "2028-02-01", "2028-03-01", "February 2028"),
        (Unit.QUARTER, "2028-01-01", "2028-04-01", "Q1 2028"),
        (Unit.YEAR, "2028-01-01", "2029-01-01", "2028"),
    ],
)
def test_the_calendars_lengths_around_a_leap_day(unit: Unit, start: str, end: str, name: str) -> None:
    found = around(date(2028, 2, 29), unit)
    assert (found, str(found), found.unit) == (span(start, end), name, unit)


@pytest.mark.parametrize(
    ("start", "end", "before"),
    [
        ("2026-03-01", "2026-04-01", ("2026-02-01", "2026-03-01")),
        ("2026-01-01", "2026-04-01", ("2025-10-01", "2026-01-01")),
        ("2026-03-02", "2026-03-09", ("2026-02-23", "2026-03-02")),
        ("2026-03-01", "2026-03-16", ("2026-02-14", "2026-03-01")),
    ],
)
def test_what_a_period_is_compared_with(start: str, end: str, before: tuple[str, str]) -> None:
    assert span(start, end).before == span(*before)


def test_a_month_cut_off_at_both_ends_keeps_its_whole_months_whole() -> None:
    months = list(span("2026-01-20", "2026-04-02").months())
    assert [each.length for each in months] == [12, 28, 31, 1]


@pytest.mark.parametrize(
    ("start", "end", "zone", "hours"),
    [
        ("2026-03-29", "2026-03-30", BERLIN, 23),
        ("2026-10-25", "2026-10-26", BERLIN, 25),
        ("2026-10-01", "2026-11-01", BERLIN, 31 * 24 + 1),
        ("2026-10-25", "2026-10-26", UTC, 24),
        ("2018-11-04", "2018-11-05", SAO_PAULO, 23),
    ],
)
def test_a_day_has_the_hours_that_its_clocks_give_it(start: str, end: str, zone, hours: int) -> None:
    assert span(start, end).hours(zone) == hours


def test_a_day_whose_midnight_is_skipped_begins_with_its_first_moment() -> None:
    assert midnight(date(2018, 11, 4), SAO_PAULO) == datetime(2018, 11, 4, 3, tzinfo=UTC)


def test_the_day_of_a_moment_is_that_of_the_zone() -> None:
    assert day_of(datetime(2026, 10, 31, 23, 30, tzinfo=UTC), BERLIN) == date(2026, 11, 1)


def test_a_month_after_the_31st_is_the_last_day_there_is() -> None:
    assert months_after(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert months_after(date(2026, 1, 31), -11) == date(2025, 2, 28)


@pytest.mark.parametrize(
    "text", ["", "2026-10", "2026-11-01/2026-11-01", "2026-11-02/2026-11-01", "2026-02-30/2026-03-01"]
)
def test_what_is_no_period_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"two days|no day|day is out of range|must be in"):
        parse(text)


def test_a_period_is_read_as_it_was_spelled() -> None:
    assert parse("2026-10-01/2026-11-01") == span("2026-10-01", "2026-11-01")
    assert span("2026-10-01", "2026-11-01").spelled() == "2026-10-01/2026-11-01"


def test_only_what_is_in_both_is_common() -> None:
    assert span("2026-10-01", "2026-11-01").common(span("2026-10-20", "2026-12-01")) == span("2026-10-20", "2026-11-01")
    assert span("2026-10-01", "2026-11-01").common(span("2026-11-01", "2026-12-01")) is None
    assert date(2026, 10, 31) in span("2026-10-01", "2026-11-01")
    assert date(2026, 11, 1) not in span("2026-10-01", "2026-11-01")
