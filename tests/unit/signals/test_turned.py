"""When a signal turned for the worse, and when it only looks like it."""

import math
import random

import pytest

from skills.core.ports.metrics import Signal
from skills.signals.turned import Turned, all_turned, errors, latency, memory, throttled, traffic
from skills.signals.turning import slope, turn
from tests.support.measurements import Values, ago, noisy, seen

BUSY = [100.0] * 60


def test_errors_that_rose_are_told_with_the_moment() -> None:
    found = errors(seen(errors=[*noisy(0.02, 40), *noisy(0.31, 20)], traffic=BUSY))
    assert found is not None
    assert (found.signal, found.since) == (Signal.ERRORS, ago(19))
    assert (found.was, found.value) == (pytest.approx(0.02, rel=0.1), pytest.approx(0.31, rel=0.1))


def test_errors_after_none_at_all_are_told() -> None:
    found = errors(seen(errors=[0.0] * 55 + [0.08] * 5, traffic=BUSY))
    assert found == Turned(signal=Signal.ERRORS, was=0.0, value=pytest.approx(0.08), since=ago(4))


def test_errors_that_were_always_there_have_no_beginning() -> None:
    found = errors(seen(errors=noisy(0.3, 60), traffic=BUSY))
    assert found is not None
    assert (found.was, found.since) == (None, None)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"errors": noisy(0.02, 60), "traffic": BUSY}, id="noise"),
        pytest.param({"errors": [0.0] * 30 + [0.9] + [0.0] * 29, "traffic": BUSY}, id="one wild minute"),
        pytest.param({"errors": [0.0] * 59 + [0.5], "traffic": BUSY}, id="a wild minute just now"),
        pytest.param({"errors": [0.0] * 20 + [0.4] * 15 + [0.0] * 25, "traffic": BUSY}, id="it is over"),
        pytest.param({"errors": [0.0] * 50 + [0.008] * 10, "traffic": BUSY}, id="less than anybody minds"),
        pytest.param({"errors": [0.0] * 56 + [0.0, 0.5, 0.0, 0.5], "traffic": [0.03] * 60}, id="seven requests"),
        pytest.param({"errors": [0.0] * 40 + [0.5] * 20}, id="traffic is not measured"),
        pytest.param({"errors": [None] * 60, "traffic": BUSY}, id="nothing but gaps"),
        pytest.param({"errors": [math.nan] * 40 + [0.0] * 20, "traffic": BUSY}, id="NaN before"),
        pytest.param({"errors": [0.0] * 60, "traffic": [0.0] * 60}, id="no requests"),
        pytest.param({"errors": [0.5, 0.6], "traffic": [0.01, 0.01]}, id="two measurements"),
        pytest.param({"traffic": BUSY}, id="errors are not measured"),
    ],
)
def test_errors_that_are_no_alarm(told: dict[str, Values]) -> None:
    assert errors(seen(**told)) is None


def test_latency_that_rose_is_told_with_the_moment() -> None:
    found = latency(seen(latency=[*noisy(0.18, 45), *noisy(0.42, 15)], traffic=BUSY))
    assert found is not None
    assert found.since == ago(14)
    assert (found.was, found.value) == (pytest.approx(0.18, rel=0.1), pytest.approx(0.42, rel=0.1))


def test_latency_of_which_many_values_are_equal_is_told_after_three_of_them() -> None:
    found = latency(seen(latency=[0.25] * 57 + [1.0] * 3, traffic=BUSY))
    assert found is not None
    assert found.since == ago(2)


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({"latency": noisy(0.18, 60, by=0.3), "traffic": BUSY}, id="noise"),
        pytest.param({"latency": [0.2, 0.9, 0.3, 1.2, 0.25] * 12, "traffic": BUSY}, id="it always scatters"),
        pytest.param({"latency": [0.18] * 30 + [0.23] * 30, "traffic": BUSY}, id="a quarter more"),
        pytest.param({"latency": [0.001] * 30 + [0.004] * 30, "traffic": BUSY}, id="a few milliseconds"),
        pytest.param({"latency": [0.2] * 20 + [2.0] * 10 + [0.2] * 30, "traffic": BUSY}, id="it is over"),
        pytest.param({"latency": [0.2] * 55 + [2.0] * 5, "traffic": [0.05] * 60}, id="fifteen requests"),
        pytest.param({"latency": [None] * 58 + [0.5, 0.5], "traffic": BUSY}, id="hardly measured"),
        pytest.param(
            {"latency": [0.2 + 0.001 * i for i in range(60)], "traffic": BUSY}, id="a daily peak comes slowly"
        ),
        pytest.param({"latency": [0.9] * 30 + [0.2] * 30, "traffic": BUSY}, id="it got better"),
    ],
)
def test_latency_that_is_no_alarm(told: dict[str, Values]) -> None:
    assert latency(seen(**told)) is None


def test_traffic_that_ceased_is_told() -> None:
    found = traffic(seen(traffic=[*noisy(120.0, 50), *([0.5] * 10)]))
    assert found is not None
    assert (found.since, found.value, found.vanished) == (ago(9), 0.5, False)


def test_traffic_of_which_nothing_is_measured_any_more_has_vanished() -> None:
    found = traffic(seen(traffic=[*noisy(120.0, 50), *([None] * 10)]))
    assert found is not None
    assert (found.since, found.vanished) == (ago(9), True)


@pytest.mark.parametrize(
    "values",
    [
        pytest.param([100 * (1 + 0.25 * math.sin(i / 20)) for i in range(60)], id="a day in an hour"),
        pytest.param([100.0] * 30 + [40.0] * 30, id="less, and still people"),
        pytest.param([0.01] * 50 + [0.0] * 10, id="hardly any before"),
        pytest.param([None] * 40 + [100.0] * 20, id="measured since a while"),
        pytest.param([100.0] * 30 + [0.0] * 10 + [100.0] * 20, id="it is back"),
        pytest.param([100.0] * 59 + [None], id="the last one is not there yet"),
    ],
)
def test_traffic_that_is_no_alarm(values: Values) -> None:
    assert traffic(seen(traffic=values)) is None


def test_throttling_that_began_is_told_and_one_that_always_was_only_beside_latency() -> None:
    began = seen(throttled=[0.02] * 40 + [0.6] * 20)
    assert [each.since for each in all_turned(began)] == [ago(19)]
    always = [0.4] * 60
    assert all_turned(seen(throttled=always)) == ()
    slow = all_turned(seen(throttled=always, latency=[0.2] * 40 + [0.9] * 20, traffic=BUSY))
    assert [each.signal for each in slow] == [Signal.LATENCY, Signal.THROTTLED]
    assert throttled(seen(throttled=[0.2] * 60)) is None


def test_memory_that_rises_to_its_limit_says_when_it_gets_there() -> None:
    found = memory(seen(memory=[0.6 + 0.35 * i / 59 for i in range(60)]))
    assert found is not None
    assert found.left is not None
    assert found.left / 60 == pytest.approx(11, abs=2)


@pytest.mark.parametrize(
    "values", [[0.95] * 60, [0.6 + 0.2 * i / 59 for i in range(60)], [0.99 - 0.001 * i for i in range(60)]]
)
def test_memory_that_is_full_and_steady_or_not_full_is_no_alarm(values: Values) -> None:
    assert memory(seen(memory=values)) is None


@pytest.mark.parametrize("seed", range(40))
def test_an_ordinary_hour_is_no_alarm_whatever_the_noise(seed: int) -> None:
    chooser = random.Random(seed)
    per_minute = chooser.choice([1, 5, 30, 600])
    base = chooser.choice([0.0, 0.001, 0.01, 0.05])
    counts = [sum(chooser.random() < base for _ in range(per_minute)) / per_minute for _ in range(60)]
    slow = [0.2 * chooser.lognormvariate(0, 0.25) for _ in range(60)]
    hour = seen(
        errors=counts, traffic=[per_minute / 60] * 60, latency=slow, throttled=noisy(0.1, 60), memory=noisy(0.8, 60)
    )
    assert all_turned(hour) == ()


def test_where_a_signal_turns_is_found_in_spite_of_wild_values() -> None:
    assert turn([1, 1, 9, 1, 1, 1, 5, 5, 5, 0, 5, 5]) == 6
    assert turn([1.0] * 12) is None
    assert turn([1, 1, 9, 9]) is None
    assert turn([]) is None


def test_the_slope_is_that_of_most() -> None:
    assert slope([0, 1, 2, 90, 4, 5, 6]) == 1
    assert slope([3.0]) == 0.0
