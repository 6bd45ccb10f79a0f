"""What is foreseen comes to be as often as is said: on series that nobody tuned anything on."""

import pytest

from integrations.statsmodels import StatsmodelsForecaster
from tests.evals.costs.foreseen import all_foretold, by_shape, coverage

HELD_OUT = range(100, 108)
"""Seeds that were not looked at while the model was chosen; those were 0 to 9."""


async def test_nine_of_ten_truths_are_in_the_range_give_or_take_five_of_a_hundred(
    capsys: pytest.CaptureFixture[str],
) -> None:
    held = await all_foretold(HELD_OUT, StatsmodelsForecaster())
    found = coverage(held)
    with capsys.disabled():
        print(f"\n{by_shape(held)}\n{found}")
    assert 0.85 <= found["held"] <= 0.95
    assert found["half width 30 days"] < 0.1, "a range that holds everything says nothing"
