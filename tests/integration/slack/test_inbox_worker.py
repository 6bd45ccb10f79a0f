"""Deliveries are dealt with again until they are dealt with."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.slack.worker import ATTEMPTS, CONCURRENCY, LEASE, Worker
from bot.store import Database, Delivery, Store
from skills.core.errors import Unavailable
from skills.core.names import Organization


class Time:
    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Listener:
    """Fails as often as it is told."""

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.dealt: list[str] = []
        self.attempts = 0

    async def __call__(self, delivery: Delivery) -> None:
        self.attempts += 1
        if self.failures:
            raise self.failures.pop(0)
        self.dealt.append(delivery.key)


@pytest.fixture
def time() -> Time:
    return Time()


@pytest.fixture
async def store(tmp_path: Path, time: Time) -> AsyncIterator[Store]:
    database = await Database.open(f"sqlite:///{tmp_path / 'store.sqlite'}", clock=time)
    yield database.store(Organization("acme"))
    await database.close()


async def settle(worker: Worker) -> None:
    """Claim and deal with what is due, once."""
    while await worker._claim():
        await asyncio.gather(*worker._tasks)


async def test_a_delivery_is_dealt_with_once(store: Store, time: Time) -> None:
    listener = Listener()
    worker = Worker(store.inbox, listener, executor="a", clock=time)
    await store.inbox.put("k", "command", {})
    await store.inbox.put("k", "command", {})
    await settle(worker)
    assert listener.dealt == ["k"]
    assert await store.inbox.depth() == 0


async def test_what_is_unavailable_is_tried_again_later_and_later(store: Store, time: Time) -> None:
    listener = Listener(*[Unavailable("Slack cannot be reached.")] * 3)
    worker = Worker(store.inbox, listener, executor="a", clock=time)
    await store.inbox.put("k", "command", {})
    for seconds in (0, 1, 2, 4):
        await settle(worker)
        time.now += timedelta(seconds=seconds + 0.1)
    await settle(worker)
    assert listener.dealt == ["k"]
    assert listener.attempts == 4


async def test_after_many_attempts_it_is_given_up(store: Store, time: Time) -> None:
    listener = Listener(*[Unavailable("Slack cannot be reached.")] * 50)
    worker = Worker(store.inbox, listener, executor="a", clock=time)
    await store.inbox.put("k", "command", {})
    for _ in range(20):
        await settle(worker)
        time.now += timedelta(minutes=10)
    assert listener.attempts == ATTEMPTS
    assert await store.inbox.depth() == 0


async def test_a_bug_is_not_repeated(store: Store, time: Time) -> None:
    listener = Listener(RuntimeError("a bug"))
    worker = Worker(store.inbox, listener, executor="a", clock=time)
    await store.inbox.put("k", "command", {})
    await settle(worker)
    time.now += timedelta(hours=1)
    await settle(worker)
    assert listener.attempts == 1


async def test_what_a_dead_process_had_claimed_is_dealt_with_by_the_next(store: Store, time: Time) -> None:
    await store.inbox.put("k", "command", {})
    await store.inbox.claim("dead", 10, LEASE)
    listener = Listener()
    worker = Worker(store.inbox, listener, executor="b", clock=time)
    await settle(worker)
    assert listener.dealt == []
    time.now += LEASE + timedelta(seconds=1)
    await settle(worker)
    assert listener.dealt == ["k"]


async def test_only_so_many_are_under_way_at_once(store: Store, time: Time) -> None:
    going, most = 0, 0

    async def deal(_delivery: Delivery) -> None:
        nonlocal going, most
        going += 1
        most = max(most, going)
        await asyncio.sleep(0.01)
        going -= 1

    worker = Worker(store.inbox, deal, executor="a", clock=time)
    for number in range(30):
        await store.inbox.put(f"k{number}", "command", {})
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while await store.inbox.depth():
            await asyncio.sleep(0.01)
    await worker.stop(1.0)
    await running
    assert most == CONCURRENCY


async def test_what_is_urgent_does_not_wait_for_a_place(store: Store, time: Time) -> None:
    heard = asyncio.Event()

    async def deal(delivery: Delivery) -> None:
        if delivery.kind == "stopped":
            heard.set()
        await heard.wait()

    worker = Worker(store.inbox, deal, executor="a", clock=time, urgent="stopped")
    for number in range(CONCURRENCY + 1):
        await store.inbox.put(f"k{number}", "command", {})
    running = asyncio.create_task(worker.run())
    async with asyncio.timeout(10):
        while len(worker._tasks) < CONCURRENCY:
            await asyncio.sleep(0.01)
        await store.inbox.put("stop", "stopped", {})
        worker.wake("stopped")
        await heard.wait()
        while await store.inbox.depth():
            await asyncio.sleep(0.01)
    await worker.stop(1.0)
    await running


async def test_stopping_waits_for_what_is_under_way(store: Store, time: Time) -> None:
    begun = asyncio.Event()
    ended: list[str] = []

    async def deal(delivery: Delivery) -> None:
        begun.set()
        await asyncio.sleep(0.05)
        ended.append(delivery.key)

    worker = Worker(store.inbox, deal, executor="a", clock=time)
    running = asyncio.create_task(worker.run())
    await store.inbox.put("k", "command", {})
    worker.wake()
    await begun.wait()
    await worker.stop(5.0)
    await running
    assert ended == ["k"]
    assert await store.inbox.depth() == 0
