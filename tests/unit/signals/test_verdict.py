"""Healthy, degraded, or cannot tell; with zero, missing and odd baselines, and with little to go by."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from skills.core.checkup import Condition, Health
from skills.core.ports.metrics import Series, Signal
from skills.signals.compared import Side
from skills.signals.verdict import Evidence, Standing, judge

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
STEP = timedelta(seconds=60)
WELL = Standing(ready=3, wanted=3, settled=True)
JITTER = (1.0, 1.03, 0.97, 1.01, 0.99)


def series(values: Sequence[float | None]) -> Series:
    return Series.of((NOON + STEP * index, value) for index, value in enumerate(values, 1))


def side(
    minutes: int,
    *,
    rate: float | None = 50.0,
    errors: float | None = 0.002,
    p95: float | None = 0.18,
    **other: float | None,
) -> Side:
    """So many minutes of a service that is nearly steady. None: measured, and nothing there."""
    levels = {
        Signal.TRAFFIC: rate,
        Signal.ERRORS: errors,
        Signal.LATENCY: p95,
        **{Signal(name): value for name, value in other.items()},
    }
    found = {
        signal: series([None if level is None else level * JITTER[index % 5] for index in range(minutes)])
        for signal, level in levels.items()
    }
    return Side(series=found, length=STEP * minutes, step=STEP)


def verdict(before: Side | None = None, after: Side | None = None, *, standing: Standing = WELL) -> Health:
    return judge(Evidence(standing=standing, before=before or side(15), after=after or side(5)))


def test_as_before_is_healthy_and_says_it_in_one_line() -> None:
    found = verdict(after=side(5, p95=0.175))
    assert found == Health(condition=Condition.HEALTHY, text="errors 0.2 % → 0.2 %, p95 180 → 175 ms (5 min)")


def test_more_errors_are_degraded() -> None:
    found = verdict(after=side(5, errors=0.081))
    assert found.condition is Condition.DEGRADED
    assert found.worse
    assert found.text == "errors 0.2 % → 8.1 %, p95 180 → 180 ms (5 min)"
    assert found.reasons == ("8.1 % of requests fail, and it was 0.2 % before.",)


def test_slower_is_degraded() -> None:
    found = verdict(after=side(5, p95=0.41))
    assert (found.condition, found.worse) == (Condition.DEGRADED, True)
    assert found.reasons == ("95 of 100 requests take up to 410 ms, and it was 180 ms before.",)


@pytest.mark.parametrize(("errors", "p95"), [(0.0, 0.05), (0.002, 0.2), (0.003, 0.18)])
def test_better_or_hardly_worse_is_healthy(errors: float, p95: float) -> None:
    assert verdict(after=side(5, errors=errors, p95=p95)).condition is Condition.HEALTHY


def test_no_errors_at_all_before_and_after_is_healthy() -> None:
    found = verdict(side(15, errors=0.0), side(5, errors=0.0))
    assert (found.condition, found.text) == (Condition.HEALTHY, "errors 0 % → 0 %, p95 180 → 180 ms (5 min)")


def test_errors_after_none_at_all_are_degraded() -> None:
    assert verdict(side(15, errors=0.0), side(5, errors=0.01)).condition is Condition.DEGRADED


def test_one_error_in_few_requests_proves_nothing() -> None:
    found = verdict(side(15, rate=0.1, errors=0.0), side(5, rate=0.1, errors=1 / 30))
    assert (found.condition, found.reasons) == (
        Condition.UNCLEAR, ("30 requests in 5 min are too few to tell whether errors rose.",),
    )  # fmt: skip


def test_few_requests_without_errors_prove_nothing_either() -> None:
    assert verdict(side(15, rate=0.1, errors=0.0), side(5, rate=0.1, errors=0.0)).condition is Condition.UNCLEAR


def test_few_requests_that_all_fail_are_degraded() -> None:
    assert verdict(side(15, rate=0.1, errors=0.0), side(5, rate=0.1, errors=1.0)).condition is Condition.DEGRADED


def test_without_requests_before_there_is_nothing_to_compare_with() -> None:
    found = verdict(side(15, rate=0.0, errors=None, p95=None))
    assert found.condition is Condition.UNCLEAR
    assert found.reasons[0] == "No requests were measured in the 15 min before it, so there is nothing to compare with."


def test_a_service_that_was_never_measured_before_and_fails_is_degraded_and_not_called_worse() -> None:
    nothing = Side(series={}, length=STEP * 15, step=STEP)
    found = verdict(nothing, side(5, errors=0.4))
    assert (found.condition, found.worse) == (Condition.DEGRADED, False)
    assert found.reasons == ("40 % of requests fail.",)


def test_a_baseline_of_nothing_but_gaps_is_none() -> None:
    gaps = side(15, rate=math.nan, errors=math.inf, p95=math.nan)
    assert gaps.values(Signal.LATENCY) == ()
    assert verdict(gaps).condition is Condition.UNCLEAR


def test_gaps_after_it_are_unclear_and_not_healthy() -> None:
    found = verdict(after=side(5, rate=None, errors=None, p95=None))
    assert found.condition is Condition.UNCLEAR
    assert found.reasons == (
        "No requests were measured in the 5 min after it.", "Latency was not measured after it; it was 180 ms before.",
    )  # fmt: skip


def test_traffic_that_ceases_is_degraded() -> None:
    found = verdict(after=side(5, rate=0.0, errors=None, p95=None))
    assert (found.condition, found.worse) == (Condition.DEGRADED, True)
    assert found.reasons == ("It gets 0 requests/s, and got 50 requests/s before.",)


def test_as_bad_as_before_is_degraded_and_not_the_fault_of_the_change() -> None:
    found = verdict(side(15, errors=0.3), side(5, errors=0.3))
    assert (found.condition, found.worse) == (Condition.DEGRADED, False)
    assert "no worse than before (30 %)" in found.reasons[0]


def test_memory_that_fills_up_is_degraded() -> None:
    found = verdict(side(15, memory=0.6), side(5, memory=0.97))
    assert found.reasons == ("Its pods use 97 % of what they may, and used 60 % before.",)
    assert verdict(side(15, memory=0.97), side(5, memory=0.98)).condition is Condition.HEALTHY


def test_too_few_measurements_of_latency_are_unclear() -> None:
    found = verdict(after=side(2))
    assert (found.condition, found.reasons) == (
        Condition.UNCLEAR, ("15 measurements of latency before and 2 after are too few to compare.",),
    )  # fmt: skip


def test_latency_that_always_scattered_may_scatter() -> None:
    wild = series([0.1, 0.5, 0.2, 0.6, 0.15, 0.55, 0.1, 0.5, 0.2, 0.6])
    before = Side(series={**side(10).series, Signal.LATENCY: wild}, length=STEP * 10, step=STEP)
    assert verdict(before, side(5, p95=0.5)).condition is Condition.HEALTHY


def test_what_is_not_measured_at_all_is_left_out() -> None:
    def only(minutes: int, *signals: Signal) -> Side:
        every = side(minutes)
        return Side(series={signal: every.series[signal] for signal in signals}, length=every.length, step=STEP)

    assert verdict(only(15, Signal.LATENCY), only(5, Signal.LATENCY)).text == "p95 180 → 180 ms (5 min)"
    both = (Signal.TRAFFIC, Signal.ERRORS)
    assert verdict(only(15, *both), only(5, *both)).text == "errors 0.2 % → 0.2 % (5 min)"
    weightless = verdict(only(15, Signal.ERRORS), only(5, Signal.ERRORS))
    assert weightless.reasons == (
        "Its errors are measured and its traffic is not, so how much they weigh cannot be told.",
    )
    neither = verdict(only(15, Signal.TRAFFIC), only(5, Signal.TRAFFIC))
    assert (neither.condition, neither.reasons) == (
        Condition.UNCLEAR, ("Neither errors nor latency of it are measured where I look.",),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("standing", "condition", "said"),
    [
        (Standing(ready=2, wanted=3, settled=True), Condition.DEGRADED, "Only 2 of 3 pods are ready."),
        (Standing(ready=3, wanted=3, trouble="app crashes: exit code 1."), Condition.DEGRADED, "app crashes: exit code 1."),
        (Standing(problem="it does not answer."), Condition.UNCLEAR, "Its pods cannot be seen: it does not answer."),
        (Standing(moved=True), Condition.UNCLEAR, "It was changed again meanwhile, so this would say nothing of this run."),
    ],
)  # fmt: skip
def test_pods_count_first(standing: Standing, condition: Condition, said: str) -> None:
    found = verdict(standing=standing)
    assert (found.condition, found.reasons[0]) == (condition, said)


def test_pods_that_cannot_be_seen_are_not_made_good_by_metrics_nor_bad() -> None:
    assert verdict(after=side(5, errors=0.5), standing=Standing(problem="down.")).condition is Condition.UNCLEAR


def test_without_metrics_the_pods_decide_and_it_says_so() -> None:
    healthy = judge(Evidence(standing=WELL, unmeasured="metrics are not configured for staging"))
    assert healthy == Health(
        condition=Condition.HEALTHY, text="3 of 3 pods ready; metrics are not configured for staging"
    )
    ill = judge(Evidence(standing=Standing(ready=0, wanted=3), unmeasured="metrics are not configured for staging"))
    assert ill.condition is Condition.DEGRADED


def test_metrics_that_cannot_be_had_are_unclear() -> None:
    found = judge(Evidence(standing=WELL, problem="The metrics server did not answer within 10 s."))
    assert (found.condition, found.reasons) == (Condition.UNCLEAR, ("The metrics server did not answer within 10 s.",))
    assert found.text == "3 of 3 pods ready"


LEVELS = st.one_of(st.none(), st.floats(allow_nan=True, allow_infinity=True), st.floats(0, 1))


@given(st.lists(LEVELS, max_size=12), st.lists(LEVELS, max_size=12), st.lists(LEVELS, max_size=12))
def test_any_measurements_give_one_verdict_with_a_reason_unless_healthy(
    rates: list[float | None], shares: list[float | None], delays: list[float | None]
) -> None:
    def made(turn: int) -> Side:
        found = {
            Signal.TRAFFIC: series(rates[turn:]),
            Signal.ERRORS: series(shares[turn:]),
            Signal.LATENCY: series(delays[turn:]),
        }
        return Side(series=found, length=STEP * 5, step=STEP)

    first, again = verdict(made(0), made(3)), verdict(made(0), made(3))
    assert first == again
    assert first.condition is Condition.HEALTHY or first.reasons
    assert "nan" not in f"{first.text} {first.reasons}"
