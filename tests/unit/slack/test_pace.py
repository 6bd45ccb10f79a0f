"""About a message a second in a channel."""

import pytest

from bot.slack.errors import Limited
from bot.slack.pace import Budget, Pace


class Time:
    def __init__(self) -> None:
        self.now = 100.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.slept.append(round(seconds, 3))
        self.now += seconds


async def test_a_burst_passes_and_the_rest_is_a_second_apart() -> None:
    time = Time()
    pace = Pace(now=time, sleep=time.sleep, burst=3)
    for _ in range(5):
        await pace.turn("C1")
    assert time.slept == [1.0, 1.0]


async def test_one_channel_does_not_wait_for_another() -> None:
    time = Time()
    pace = Pace(now=time, sleep=time.sleep, burst=1)
    for channel in ("C1", "C2", "C3"):
        await pace.turn(channel)
    assert time.slept == []


async def test_after_a_limit_the_channel_waits_as_long_as_slack_said() -> None:
    time = Time()
    pace = Pace(now=time, sleep=time.sleep, burst=4)
    pace.hold("C1", 4.0)
    await pace.turn("C2")
    await pace.turn("C1")
    assert time.slept == [4.0]


async def test_channels_long_idle_are_forgotten() -> None:
    time = Time()
    pace = Pace(now=time, sleep=time.sleep)
    for number in range(1500):
        await pace.turn(f"C{number}")
        time.now += 2
    assert len(pace._channels) < 1100


async def test_whoever_would_wait_too_long_is_sent_away_with_the_time_to_come_back() -> None:
    time = Time()
    pace = Pace(now=time, sleep=time.sleep, patience=5.0)
    pace.hold("C1", 30.0)
    with pytest.raises(Limited) as raised:
        await pace.turn("C1")
    assert raised.value.retry_after == 30.0
    await pace.turn("C2")
    assert time.slept == []


def test_a_budget_is_a_burst_and_then_so_many_a_minute() -> None:
    time = Time()
    budget = Budget(now=time, a_minute=30, burst=3)
    assert [budget.take() for _ in range(4)] == [True, True, True, False]
    time.now += 2.0
    assert [budget.take(), budget.take()] == [True, False]
    time.now += 3600
    assert sum(budget.take() for _ in range(10)) == 3
