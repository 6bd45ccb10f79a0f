"""What is unusual is found, and what is usual is not told: on series that nobody tuned anything on."""

import pytest

from tests.evals.costs.judging import Judged, all_series, figures, judge, table

HELD_OUT = range(100, 106)
"""Seeds that were not looked at while the thresholds were chosen; those were 0 to 7."""


@pytest.fixture(scope="module")
def judged() -> list[Judged]:
    return [judge(each) for each in all_series(HELD_OUT)]


def test_nine_of_ten_events_are_found_at_no_more_than_one_false_alarm_a_service_year(
    judged: list[Judged], capsys: pytest.CaptureFixture[str]
) -> None:
    found = figures(judged)
    with capsys.disabled():
        print(f"\n{table(judged)}\n{found}")
    assert found["found"] >= 0.9
    assert found["false alarms a service-year"] <= 1


def test_what_costs_next_to_nothing_is_never_told(judged: list[Judged]) -> None:
    tiny = [each for each in judged if each.made.shape == "tiny amounts"]
    assert tiny
    assert not any(each.false for each in tiny)
