"""Whoever continues a row of numbers: the library, and the twin without one."""

import math

import pytest

from integrations.memory.forecasts import SeasonalNaive
from integrations.statsmodels import StatsmodelsForecaster
from skills.core.ports.forecasting import Forecaster

WOBBLE = (0.0, 1.2, -0.8, 0.5, -1.1, 0.9, -0.4, 0.3, -0.6)
WEEK = (100.0, 104.0, 98.0, 102.0, 101.0, 40.0, 38.0)


@pytest.fixture(params=[StatsmodelsForecaster, SeasonalNaive])
def forecaster(request: pytest.FixtureRequest) -> Forecaster:
    made: Forecaster = request.param()
    return made


def history(days: int) -> list[float]:
    return [WEEK[index % 7] + WOBBLE[index % len(WOBBLE)] for index in range(days)]


async def test_weekdays_go_on_as_they_were(forecaster: Forecaster) -> None:
    seen = await forecaster.project(history(84), ahead=14, sums=[(0, 7)])
    assert [round(each.expected / 10) for each in seen.days[:7]] == [10, 10, 10, 10, 10, 4, 4]
    assert seen.sums[0].expected == pytest.approx(sum(WEEK), rel=0.03)


async def test_ends_lie_around_the_middle_and_are_finite(forecaster: Forecaster) -> None:
    seen = await forecaster.project(history(60), ahead=30, sums=[(0, 30), (10, 30)])
    assert len(seen.days) == 30
    for each in (*seen.days, *seen.sums):
        assert each.low <= each.expected <= each.high
        assert all(math.isfinite(value) for value in (each.low, each.expected, each.high))


async def test_a_sum_is_surer_than_its_days_together(forecaster: Forecaster) -> None:
    seen = await forecaster.project(history(84), ahead=30, sums=[(0, 30)])
    apart = sum(each.high - each.low for each in seen.days)
    assert seen.sums[0].high - seen.sums[0].low < apart


async def test_equal_questions_have_equal_answers(forecaster: Forecaster) -> None:
    asked = [await forecaster.project(history(70), ahead=10, sums=[(0, 10)]) for _ in range(2)]
    assert asked[0] == asked[1]


@pytest.mark.parametrize("level", [0.0, 5.0, -3.0])
async def test_what_never_changed_stays(forecaster: Forecaster, level: float) -> None:
    seen = await forecaster.project([level] * 40, ahead=5, sums=[(0, 5)])
    assert seen.sums[0].expected == pytest.approx(level * 5)
    assert seen.sums[0].low == pytest.approx(seen.sums[0].high)


@pytest.mark.parametrize("scale", [1e-9, 1e12, -1.0])
async def test_the_size_of_the_numbers_does_not_matter(forecaster: Forecaster, scale: float) -> None:
    plain = await forecaster.project(history(60), ahead=7, sums=[(0, 7)])
    scaled = await forecaster.project([value * scale for value in history(60)], ahead=7, sums=[(0, 7)])
    assert scaled.sums[0].expected == pytest.approx(plain.sums[0].expected * scale, rel=0.01)
