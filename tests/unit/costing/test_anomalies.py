"""What is unusual in daily costs, told once, and what is not told at all."""

from collections.abc import Sequence
from datetime import date, timedelta

import pytest

from skills.costing.anomalies import Anomaly, Course, anomalies

FIRST = date(2026, 6, 1)
WOBBLE = (1.0, 1.01, 0.99, 1.02, 0.98, 1.0, 1.01, 0.99, 1.0)


def days(values: Sequence[float | None]) -> list[tuple[date, float | None]]:
    return [(FIRST + timedelta(days=index), value) for index, value in enumerate(values)]


def steady(count: int, level: float = 100.0) -> list[float]:
    return [level * WOBBLE[index % len(WOBBLE)] for index in range(count)]


def told(values: Sequence[float | None], least: float = 1.0) -> tuple[Anomaly, ...]:
    return anomalies(days(values), least=least)


def test_a_spike_is_told_with_what_was_expected_and_that_it_passed() -> None:
    (spike,) = told([*steady(60), 200.0, *steady(10)])
    assert (spike.start, spike.end, spike.course) == (
        FIRST + timedelta(days=60),
        FIRST + timedelta(days=60),
        Course.PASSED,
    )
    assert spike.actual == 200.0
    assert spike.expected == pytest.approx(100, abs=3)
    assert spike.rise


def test_a_new_level_is_told_once_and_is_the_level_from_then_on() -> None:
    (shift,) = told([*steady(60), *steady(60, 150.0)])
    assert (shift.start, shift.length, shift.course) == (FIRST + timedelta(days=60), 7, Course.STAYED)


def test_going_back_to_the_level_before_is_nothing_new() -> None:
    assert len(told([*steady(60), *steady(14, 150.0), *steady(30)])) == 1


def test_what_began_yesterday_lasts() -> None:
    (rise,) = told([*steady(60), 180.0, 185.0])
    assert (rise.length, rise.course) == (2, Course.LASTS)


def test_a_weekend_is_usual() -> None:
    assert told([value * (0.3 if index % 7 in (5, 6) else 1) for index, value in enumerate(steady(120))]) == ()


def test_a_busy_weekend_of_a_service_that_rests_on_weekends_is_not() -> None:
    values = [value * (0.3 if index % 7 in (5, 6) else 1) for index, value in enumerate(steady(84))]
    values[75] = 100.0
    assert FIRST.weekday() == 0
    assert [each.start.weekday() for each in told(values)] == [5]


def test_a_fee_on_the_first_of_each_month_is_usual_from_the_second_time_on() -> None:
    values = [
        value + (150 if (FIRST + timedelta(days=index)).day == 1 else 0) for index, value in enumerate(steady(150))
    ]
    assert told(values) == ()


def test_what_is_large_as_a_share_and_small_as_an_amount_is_not_told() -> None:
    values = [*steady(60, 0.10), 0.5, *steady(5, 0.10)]
    assert told(values, least=1.0) == ()
    assert len(told(values, least=0.01)) == 1


def test_what_is_large_as_an_amount_and_small_as_a_share_is_not_told() -> None:
    assert told([*steady(60, 10_000.0), 11_500.0]) == ()


def test_a_new_service_is_not_judged_for_four_weeks() -> None:
    assert told([*steady(20), 1000.0, *steady(5)]) == ()


def test_a_deleted_service_is_told_once() -> None:
    (gone,) = told([*steady(60), *[0.0] * 40])
    assert not gone.rise
    assert gone.course is Course.STAYED


def test_amounts_below_nothing_are_looked_at_too() -> None:
    (credit,) = told([*steady(60, -50.0), -150.0, *steady(3, -50.0)])
    assert not credit.rise


def test_days_that_nobody_knows_are_passed_over() -> None:
    values: list[float | None] = list(steady(80))
    values[40] = values[41] = values[70] = None
    assert told(values) == ()


@pytest.mark.parametrize("values", [[], [None], [None] * 60, [0.0] * 60, [5.0] * 60])
def test_where_there_is_nothing_to_tell_nothing_is_told(values: list[float | None]) -> None:
    assert told(values) == ()


def test_looking_again_tomorrow_tells_the_same_of_yesterday() -> None:
    values = [*steady(60), 200.0, *steady(20)]
    whole = told(values)
    assert told(values[:70]) == whole


def test_a_hole_in_the_row_is_refused() -> None:
    with pytest.raises(ValueError, match="follow each other"):
        anomalies([(FIRST, 1.0), (FIRST + timedelta(days=2), 1.0)], least=1)
