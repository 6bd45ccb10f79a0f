"""The line to a model: within its time, within its limits, tried again where that helps, and left alone where it does not."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from bot.nl.model.breaker import Breaker
from bot.nl.model.chat import Ask, Chat, Reply, Trouble, Why
from bot.nl.model.limits import Budget, Held, Limiter, Used, tokens_of
from bot.nl.model.sent import READING, Sent

_FIRST_PAUSE = 0.2
"""Seconds before the second try, doubled for each further one; between half of it and all of it, by chance."""

_FREE = (Why.BUSY, Why.REFUSED, Why.MISSING)
"""What no service sends a bill for."""

STOPPED = "stopped"
"""The outcome of a call that the person who asked did not want to wait for any longer."""

Hears = Callable[[Sent], None]


@dataclass(frozen=True, kw_only=True)
class Outgoing:
    """One call, for the books: who asks and what for, how many characters leave, and those of them that are worth keeping."""

    asker: str
    user: str
    size: int
    purpose: str


class Line:
    """One model, `name` for people. `seconds` bound a whole request, tries and pauses included.

    `refused` counts the calls that were not made because of a limit, by its name. `hears` are told of every try; what they raise is theirs to answer for. `sleep` and `chance` (between 0 and 1) are for tests.
    """

    def __init__(
        self,
        chat: Chat,
        *,
        name: str,
        limiter: Limiter,
        breaker: Breaker,
        seconds: float,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self.name = name
        self.hears: list[Hears] = []
        self.refused: Counter[str] = Counter()
        self._chat = chat
        self._limiter = limiter
        self._breaker = breaker
        self._seconds = seconds
        self._clock = clock
        self._sleep = sleep
        self._chance = chance

    @property
    def used(self) -> Used:
        """What everybody has used of it."""
        return self._limiter.used()

    @property
    def closed(self) -> bool:
        """Is it asked as usual, and not left alone?"""
        return self._breaker.closed

    async def close(self) -> None:
        """Let go of connections."""
        await self._chat.close()

    async def ask(self, ask: Ask, *, asker: str) -> Reply:
        """The reply. Raises `Trouble`, `seconds` from now at the latest."""
        budget = Budget(bounds=self._limiter.limits.reading)
        outgoing = Outgoing(asker=asker, user=ask.user, size=ask.size, purpose=READING)
        try:
            async with asyncio.timeout(self._seconds) as limit:
                return await self.send(
                    outgoing,
                    lambda: self._chat.reply(ask, most_tokens=budget.bounds.answer_tokens),
                    budget=budget,
                    limit=limit,
                )
        except TimeoutError:
            raise Trouble(Why.SLOW) from None

    def answering(self) -> Budget:
        """What the answer to one question may use."""
        return Budget(bounds=self._limiter.limits.answering)

    async def send(
        self, outgoing: Outgoing, act: Callable[[], Awaitable[Reply]], *, budget: Budget, limit: asyncio.Timeout
    ) -> Reply:
        """The reply that `act` gets, counted, and tried again where that helps. `limit` is the time for the whole request.

        Raises `Trouble`, and nothing else that `act` does not raise.
        """
        deadline = limit.when()
        assert deadline is not None
        tries = self._limiter.limits.reading.calls
        failed: Trouble | None = None
        for number in range(1, tries + 1):
            try:
                return await self._once(outgoing, act, budget, limit)
            except Trouble as trouble:
                if failed and trouble.why is Why.LIMIT:
                    raise failed from None
                failed = trouble
                pause = max(trouble.after, _FIRST_PAUSE * 2 ** (number - 1) * (0.5 + self._chance() / 2))
                if not trouble.passing or number == tries or asyncio.get_running_loop().time() + pause >= deadline:
                    raise
                await self._sleep(pause)
        raise Trouble(Why.LIMIT, detail="calls in one request")

    async def _once(
        self, outgoing: Outgoing, act: Callable[[], Awaitable[Reply]], budget: Budget, limit: asyncio.Timeout
    ) -> Reply:
        if not self._breaker.admits():
            raise Trouble(Why.RESTING)
        try:
            held = self._limiter.hold(outgoing.asker, outgoing.size, budget)
        except Trouble as trouble:
            self.refused[trouble.detail] += 1
            raise
        begun, outcome, reply = time.perf_counter(), STOPPED, None
        try:
            reply = await act()
            outcome = "answered"
        except Trouble as trouble:
            outcome = str(trouble.why)
            if trouble.why in _FREE:
                self._limiter.settle(held, asked=0, answered=0)
            raise
        finally:
            # Also when the time is up: what was asked for and not waited for is paid for as if it had been answered.
            if limit.expired():
                outcome = str(Why.SLOW)
            if reply:
                self._breaker.succeeded()
                self._settle(held, outgoing, reply)
            elif outcome != STOPPED:
                self._breaker.failed()
            self._tell(outgoing, held, reply=reply, outcome=outcome, seconds=time.perf_counter() - begun)
        return reply

    def _settle(self, held: Held, outgoing: Outgoing, reply: Reply) -> None:
        asked = max(reply.tokens_in, tokens_of(outgoing.size) // 2)
        answered = max(reply.tokens_out, tokens_of(reply.size) // 2)
        self._limiter.settle(held, asked=asked, answered=answered)

    def _tell(self, outgoing: Outgoing, held: Held, *, reply: Reply | None, outcome: str, seconds: float) -> None:
        sent = Sent(
            at=self._clock(),
            model=self.name,
            asker=outgoing.asker,
            user=outgoing.user,
            outcome=outcome,
            purpose=outgoing.purpose,
            calls=tuple(call.name[:60] for call in reply.calls[:8]) if reply else (),
            tokens_in=held.asked,
            tokens_out=held.answered,
            money=held.micros / 1_000_000,
            ms=seconds * 1000,
        )
        for hears in self.hears:
            hears(sent)
