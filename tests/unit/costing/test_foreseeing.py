"""What costs go on to be, with what happens at the edges of every month."""

from datetime import date, timedelta

import pytest

from integrations.memory.forecasts import SeasonalNaive
from skills.costing.foreseeing import foresee

FIRST = date(2026, 6, 1)
WOBBLE = (0.0, 1.0, -1.0, 2.0, -2.0, 0.5, -0.5, 1.5, -1.5)


def days(count: int, *, fee: float = 0.0) -> list[tuple[date, float | None]]:
    row = [(FIRST + timedelta(days=index), 100.0 + WOBBLE[index % len(WOBBLE)]) for index in range(count)]
    return [(day, value + (fee if day.day == 1 else 0)) for day, value in row]


async def test_less_than_four_weeks_say_nothing_about_the_future() -> None:
    assert await foresee(days(27), SeasonalNaive(), until=[date(2026, 8, 1)], least=1) is None


async def test_days_that_nobody_knows_are_not_counted_as_known() -> None:
    row = [(day, None if index % 2 else value) for index, (day, value) in enumerate(days(50))]
    assert await foresee(row, SeasonalNaive(), until=[date(2026, 8, 1)], least=1) is None


async def test_the_fee_of_every_first_is_in_the_sum_that_holds_a_first() -> None:
    row = days(92 - 2, fee=300)
    assert row[-1][0] == date(2026, 8, 29)
    seen = await foresee(row, SeasonalNaive(), until=[date(2026, 9, 1), date(2026, 9, 2)], least=1)
    assert seen is not None
    without, with_it = (each.expected for each in seen.sums)
    assert without == pytest.approx(200, abs=10)
    assert with_it == pytest.approx(200 + 400, abs=40)


async def test_a_spike_of_the_past_does_not_come_back() -> None:
    row = days(70)
    row[60] = (row[60][0], 900.0)
    seen = await foresee(row, SeasonalNaive(), until=[row[-1][0] + timedelta(days=8)], least=1)
    assert seen is not None
    assert seen.sums[0].expected == pytest.approx(700, abs=20)
    assert [each.start for each in seen.looked.anomalies] == [row[60][0]]


async def test_what_never_was_below_nothing_is_not_foreseen_to_be() -> None:
    row: list[tuple[date, float | None]] = [(FIRST + timedelta(days=i), float(i % 3 == 0) * 5) for i in range(60)]
    seen = await foresee(row, SeasonalNaive(), until=[row[-1][0] + timedelta(days=3)], least=1)
    assert seen is not None
    assert min(each.low for _, each in seen.days) == 0


@pytest.mark.parametrize("days_ahead", [0, 1, 400])
async def test_only_days_to_come_are_foreseen_and_a_year_at_most(days_ahead: int) -> None:
    row = days(60)
    with pytest.raises(ValueError, match="days ahead"):
        await foresee(row, SeasonalNaive(), until=[row[-1][0] + timedelta(days=days_ahead)], least=1)
