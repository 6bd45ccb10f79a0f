"""Time, tries, limits, and leaving a failing model alone."""

import asyncio
from dataclasses import replace

import pytest

from bot.nl.model import Allowance, Ask, Limits, Price, Reply, Sent, Trouble, Why
from tests.support.models import Scripted, Seconds, calling, interpreter

ASK = Ask(system="s" * 300, user="u" * 300)
FINE = calling(tokens_in=150, tokens_out=20)
PLENTY = Allowance(calls_per_hour=1000, tokens_per_day=10_000_000, money_per_day=1000.0)


def limits(person: Allowance = PLENTY, organization: Allowance = PLENTY, **more: int) -> Limits:
    reading = replace(Limits().reading, **more)  # type: ignore[arg-type]  # whole numbers, all of them
    return Limits(reading=reading, person=person, organization=organization)


async def outcomes(chat: Scripted, count: int, *, who: str = "dev", **more: object) -> list[str]:
    line = interpreter(chat, **more).line  # type: ignore[arg-type]
    return [await outcome(line, who) for _ in range(count)]


async def outcome(line: object, who: str = "dev") -> str:
    try:
        await line.ask(ASK, asker=who)  # type: ignore[attr-defined]
    except Trouble as trouble:
        return f"{trouble.why}: {trouble.detail}" if trouble.detail else str(trouble.why)
    return "answered"


async def test_a_passing_failure_is_tried_again_after_a_pause_with_chance_in_it() -> None:
    time, chat = Seconds(), Scripted(Trouble(Why.GONE), FINE)
    assert await outcomes(chat, 1, time=time) == ["answered"]
    assert (len(chat.asks), round(time.passed, 3)) == (2, 0.15)


async def test_what_will_not_pass_is_not_tried_again() -> None:
    chat = Scripted(Trouble(Why.REFUSED))
    assert await outcomes(chat, 1) == ["refused"]
    assert len(chat.asks) == 1


async def test_a_service_that_asks_for_more_patience_than_there_is_is_left_alone() -> None:
    chat = Scripted(Trouble(Why.BUSY, after=60), FINE)
    assert await outcomes(chat, 1) == ["busy"]
    assert len(chat.asks) == 1


async def test_nobody_waits_longer_than_the_time_there_is() -> None:
    async def never() -> Reply:
        await asyncio.Event().wait()
        raise AssertionError

    assert await outcomes(Scripted(never), 1, seconds=0.05) == ["slow"]


async def test_after_three_failures_the_model_is_left_alone_and_tried_once_after_the_pause() -> None:
    time = Seconds()
    chat = Scripted(*[Trouble(Why.REFUSED)] * 4, FINE)
    line = interpreter(chat, time=time).line
    assert [await outcome(line) for _ in range(4)] == ["refused"] * 3 + ["resting"]
    assert not line.closed
    time.passed += 31
    assert [await outcome(line) for _ in range(2)] == ["refused", "resting"]
    time.passed += 31
    assert [await outcome(line) for _ in range(2)] == ["answered"] * 2
    assert line.closed
    assert len(chat.asks) == 6


@pytest.mark.parametrize(
    ("person", "organization", "expected"),
    [
        (replace(PLENTY, calls_per_hour=2), PLENTY, "limit: calls in an hour, for you"),
        (PLENTY, replace(PLENTY, calls_per_hour=2), "limit: calls in an hour, for everybody"),
        (replace(PLENTY, tokens_per_day=800), PLENTY, "limit: tokens in a day, for you"),
        (PLENTY, replace(PLENTY, money_per_day=0.0009), "limit: money in a day, for everybody"),
    ],
)
async def test_limits_are_kept_and_named(person: Allowance, organization: Allowance, expected: str) -> None:
    chat = Scripted(FINE)
    price = Price(asked=1.0, answered=1.0)
    found = await outcomes(chat, 3, limits=limits(person, organization), price=price)
    assert found == ["answered", "answered", expected]
    assert len(chat.asks) == 2


async def test_one_persons_limit_is_not_anothers_and_passes_with_time() -> None:
    time = Seconds()
    line = interpreter(Scripted(FINE), limits=limits(replace(PLENTY, calls_per_hour=1)), time=time).line
    first = [await outcome(line, "dev"), await outcome(line, "dev"), await outcome(line, "sre")]
    time.passed += 3601
    assert [*first, await outcome(line, "dev")] == [
        "answered",
        "limit: calls in an hour, for you",
        "answered",
        "answered",
    ]


async def test_calls_at_the_same_time_cannot_overdraw() -> None:
    async def answers() -> Reply:
        await asyncio.sleep(0)
        return FINE

    line = interpreter(Scripted(answers), limits=limits(replace(PLENTY, tokens_per_day=1300))).line
    found = await asyncio.gather(*(outcome(line) for _ in range(10)))
    assert sorted(found) == ["answered"] * 2 + ["limit: tokens in a day, for you"] * 8


async def test_a_question_that_is_too_long_is_not_sent() -> None:
    chat = Scripted(FINE)
    assert await outcomes(chat, 1, limits=limits(tokens=550)) == ["limit: tokens in one request"]
    assert chat.asks == []


async def test_a_model_that_reports_nothing_is_counted_by_the_length_of_its_text() -> None:
    line = interpreter(Scripted(calling(size=600))).line
    heard: list[Sent] = []
    line.hears.append(heard.append)
    await outcome(line)
    assert (heard[0].tokens_in, heard[0].tokens_out) == (100, 100)
    assert line.used.tokens == 200


async def test_while_it_is_left_alone_nobodys_calls_are_counted() -> None:
    time = Seconds()
    line = interpreter(Scripted(Trouble(Why.REFUSED)), limits=limits(replace(PLENTY, calls_per_hour=4)), time=time).line
    found = [await outcome(line) for _ in range(20)]
    assert found == ["refused"] * 3 + ["resting"] * 17
    assert line.used.calls == 3
