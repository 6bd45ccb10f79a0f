"""Deals with stored deliveries: several at once, each again if it failed, none forgotten over a restart."""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import datetime, timedelta

import structlog

from bot.slack.errors import Limited
from bot.store import Delivery
from bot.store.inbox import Inbox
from skills.core.errors import Anticipated, Unavailable

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
LONGEST = 45.0
"""Seconds that one attempt may take: less than the lease, so that nobody else begins the same one meanwhile."""

ATTEMPTS = 8
TOO_OLD = timedelta(minutes=15)
"""A delivery is given up after so many attempts, if it is also that old: whoever asked has long looked elsewhere."""

CONCURRENCY = 8
"""Deliveries that are dealt with at once."""

CONCURRENCY_IN_A_RUSH = 2
"""The same while they come in so fast that acknowledging them is what matters: Slack waits three seconds for that, people longer."""

CLAIMED_IN_A_RUSH = 16
"""How many are claimed by one commit then, to be dealt with one after the other."""

FRESH = LEASE.total_seconds() - LONGEST
"""A delivery that was claimed longer ago is left to its lease: the lease could end in the middle of an attempt."""

URGENT = 4
"""Deliveries of the urgent kind that are claimed at once, before others and on top of what there is room for."""

RUSH = 50
"""New deliveries within a second that make a rush."""

_POLL_SECONDS = 1.0


class Worker:
    """Claims deliveries and hands each to `deal`, whose `Unavailable` means “again later”.

    Those of the kind `urgent` do not wait for a place: what they stop is what takes the places.
    """

    def __init__(
        self,
        inbox: Inbox,
        deal: Callable[[Delivery], Awaitable[None]],
        *,
        executor: str,
        clock: Callable[[], datetime],
        first_delay: float = 1.0,
        urgent: str = "",
    ) -> None:
        self._inbox = inbox
        self._deal = deal
        self._executor = executor
        self._clock = clock
        self._first_delay = first_delay
        self._urgent = urgent
        self._is_urgent = False
        self._woken = asyncio.Event()
        self._stopping = False
        self._tasks: set[asyncio.Task[None]] = set()
        self._claimed: deque[tuple[float, Delivery]] = deque()
        self._dealt_with: list[str] = []
        self._noting = asyncio.Lock()
        self._arrivals: deque[float] = deque(maxlen=RUSH)

    def wake(self, kind: str = "") -> None:
        """Something (of this kind) was stored: look now rather than at the next poll."""
        self._arrivals.append(time.monotonic())
        if kind and kind == self._urgent:
            self._is_urgent = True
        self._woken.set()

    async def run(self) -> None:
        """Until `stop`."""
        while not self._stopping:
            self._woken.clear()
            if not await self._claim():
                try:
                    await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS)
                except TimeoutError:
                    # Another process may have stored something urgent, and there may be no place for it here.
                    self._is_urgent = bool(self._urgent and self._tasks)

    async def stop(self, grace: float) -> None:
        """Claim no more, and give what was begun `grace` seconds; the rest is claimed again when its lease is over."""
        self._stopping = True
        self._woken.set()
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=grace)
        for task in list(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        with suppress(Unavailable):
            for _, delivery in self._claimed:
                await self._inbox.retry(delivery.key, self._clock(), "not begun")
        self._claimed.clear()

    async def _claim(self) -> bool:
        """Begin as many deliveries as there is room for; False if there were none, or no room."""
        if self._is_urgent:
            self._is_urgent = False
            await self._begin_urgent()
        most = CONCURRENCY_IN_A_RUSH if self._rush() else CONCURRENCY
        room = most - len(self._tasks)
        if room > 0 and not self._claimed:
            await self._refill(CLAIMED_IN_A_RUSH if self._rush() else room)
        begun = False
        while self._claimed and len(self._tasks) < most:
            claimed_at, delivery = self._claimed.popleft()
            if time.monotonic() - claimed_at < FRESH:
                begun = True
                self._begin(delivery)
        return begun

    async def _begin_urgent(self) -> None:
        try:
            claimed = await self._inbox.claim(self._executor, URGENT, LEASE, kind=self._urgent)
        except Unavailable as problem:
            log.warning("the inbox cannot be read", problem=str(problem))
        else:
            for delivery in claimed:
                self._begin(delivery)

    def _begin(self, delivery: Delivery) -> None:
        task = asyncio.create_task(self._attempt(delivery))
        self._tasks.add(task)
        task.add_done_callback(self._finished)

    async def _refill(self, limit: int) -> None:
        try:
            claimed = await self._inbox.claim(self._executor, limit, LEASE)
        except Unavailable as problem:
            log.warning("the inbox cannot be read", problem=str(problem))
        else:
            self._claimed.extend((time.monotonic(), delivery) for delivery in claimed)

    def _rush(self) -> bool:
        return len(self._arrivals) == RUSH and time.monotonic() - self._arrivals[0] < 1.0

    def _finished(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        self._woken.set()

    async def _attempt(self, delivery: Delivery) -> None:
        try:
            async with asyncio.timeout(LONGEST):
                await self._deal(delivery)
        except (Unavailable, TimeoutError) as problem:
            await self._later(delivery, problem)
        except Anticipated as problem:
            await self._end(delivery, str(problem))
        except Exception:
            log.exception("bug", delivery=delivery.key, kind=delivery.kind)
            await self._end(delivery, "a bug; see the log")
        else:
            await self._end(delivery)

    async def _later(self, delivery: Delivery, problem: Exception) -> None:
        if delivery.attempts >= ATTEMPTS and self._clock() - delivery.received_at > TOO_OLD:
            await self._end(delivery, str(problem) or "it took too long")
            return
        asked = problem.retry_after if isinstance(problem, Limited) else 0.0
        wait = timedelta(seconds=max(asked, min(self._first_delay * 2 ** min(delivery.attempts - 1, 10), 60.0)))
        log.warning(
            "a delivery is tried again", delivery=delivery.key, attempts=delivery.attempts, problem=str(problem)
        )
        with suppress(Unavailable):
            await self._inbox.retry(delivery.key, self._clock() + wait, str(problem))

    async def _end(self, delivery: Delivery, error: str = "") -> None:
        """Note that it is dealt with; where that cannot be noted, the lease ends and it is dealt with again."""
        with suppress(Unavailable):
            if error:
                log.error("a delivery was given up", delivery=delivery.key, kind=delivery.kind, problem=error)
                await self._inbox.give_up(delivery.key, error)
            else:
                await self._note(delivery.key)

    async def _note(self, key: str) -> None:
        """Those that end while a commit is under way share the next one."""
        self._dealt_with.append(key)
        async with self._noting:
            keys, self._dealt_with = self._dealt_with, []
            if keys:
                await self._inbox.done(*keys)
