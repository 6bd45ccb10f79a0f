"""What a person sees while an answer is made, and how they stop it: a courtesy, so that failing at it changes nothing.

Nothing is shown of what is answered at once. In a direct conversation Slack says what is done, and offers a button of its own to stop it;
in a channel's thread, and where Slack has no such button, a small message stands in for the answer, which takes its place.
"""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from typing import TypeAlias

import structlog

from bot.slack.asked import Asked
from bot.slack.client import Slack
from bot.slack.outbox import Outbox, Spot
from bot.slack.stopping import Stops
from bot.slack.streaming import Streams, Writing, prose_key
from bot.slack.views.text import plain
from bot.slack.views.waiting import PHRASES, waiting
from skills.core.errors import Anticipated

log = structlog.get_logger()

_IN_FLIGHT_SECONDS = 12.0
"""How long a call that is under way is waited for before the answer goes out: longer than any call takes."""

_SESSION_RESTS_SECONDS = 600.0
_STATUS = 100

_Part: TypeAlias = Callable[[], Awaitable[None]]


def answer_key(asked: Asked) -> str:
    """Under what the outbox keeps the answer, and what stands in for it."""
    return f"answer:{asked.key}"


@dataclass(frozen=True, kw_only=True)
class Delays:
    """In seconds: what nobody minds (`at_once`), when it can be stopped, and the least time between two things that are shown."""

    at_once: float = 0.3
    stoppable: float = 2.0
    between: float = 1.2


class Thinking:
    """What all answers of this process share. `now` is a monotonic clock in seconds."""

    def __init__(
        self,
        slack: Slack,
        outbox: Outbox,
        stops: Stops,
        streams: Streams,
        *,
        delays: Delays = Delays(),
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self.slack = slack
        self.outbox = outbox
        self.stops = stops
        self.streams = streams
        self.delays = delays
        self.now = now
        self._sessions_rest_until = float("-inf")

    @asynccontextmanager
    async def about(self, asked: Asked) -> AsyncIterator["Onlooker"]:
        """The one who waits for the answer to this, to be told until `hush`. However it ends, nothing is left that only stands in."""
        onlooker = Onlooker(self, asked)
        try:
            yield onlooker
        except BaseException:
            # It is tried again, or somebody is told otherwise: what was shown must not look as if it were an answer.
            await self._left(onlooker, answered=False)
            raise
        await self._left(onlooker, answered=True)

    async def begin_session(self, asked: Asked) -> bool:
        """True if Slack now shows a button of its own, which stops what is under way in this thread."""
        if asked.kind != "direct" or self.now() < self._sessions_rest_until:
            return False
        await self.stops.offer(asked, session=True)
        try:
            await self.slack.set_session(asked.channel, asked.thread, "processing")
        except Anticipated as problem:
            self._sessions_rest_until = self.now() + _SESSION_RESTS_SECONDS
            log.warning("slack has no button to stop it", problem=str(problem))
            return False
        return True

    async def end_session(self, channel: str, thread: str) -> None:
        """Slack's own button goes; nothing happens where there is none."""
        with suppress(Anticipated):
            await self.slack.set_session(channel, thread, "active")

    async def _left(self, onlooker: "Onlooker", *, answered: bool) -> None:
        await onlooker.hush()
        asked = onlooker.asked
        with suppress(Anticipated):
            if await self.stops.session(asked):
                await self.end_session(asked.channel, asked.thread)
            if answered:
                await self.stops.over(asked)
        if not asked.private:
            with suppress(Anticipated):
                if answered:
                    await onlooker.writing.cut_short()
                await self.outbox.withdraw(prose_key(asked))
            with suppress(Anticipated):
                await self.outbox.withdraw(answer_key(asked))


class Onlooker:
    """An `Audience` in Slack: the person who asked, and whoever reads the thread."""

    def __init__(self, thinking: Thinking, asked: Asked) -> None:
        self.asked = asked
        self.writing = Writing(thinking.streams, asked)
        self._thinking = thinking
        self._began = thinking.now()
        self._what = ""
        self._listening = 0
        self._stop = ""
        self._status: str | None = None
        self._standing: tuple[str, str] | None = None
        self._offered = False
        self._parts: list[_Part] = [self._tell_status, self._offer, self._stand_in, self.writing.show]
        self._hushed = asyncio.Event()
        self._telling = asyncio.create_task(self._tell())

    async def working(self, what: str) -> None:
        """What is being done now."""
        self._what = what

    async def prose(self, more: str) -> None:
        """More of a model's words. An answer that one person alone sees has no message that could grow."""
        if not self.asked.private:
            self.writing.add(more)

    async def stopped(self) -> None:
        """Returns when whoever asked has pressed Stop, which is offered for as long as somebody waits here."""
        self._listening += 1
        try:
            await self._thinking.stops.pressed(self.asked)
        finally:
            self._listening -= 1

    async def hush(self) -> None:
        """Nothing more is shown; a call that is under way is waited for, so that the answer comes after it. May be repeated."""
        self._hushed.set()
        await asyncio.wait({self._telling}, timeout=_IN_FLIGHT_SECONDS)
        self._telling.cancel()
        await asyncio.gather(self._telling, return_exceptions=True)

    async def _tell(self) -> None:
        delays = self._thinking.delays
        wait = delays.at_once
        while await self._waited(wait):
            for part in list(self._parts):
                await self._try(part)
            until_stoppable = self._began + delays.stoppable - self._thinking.now()
            wait = min(delays.between, until_stoppable) if until_stoppable > 0 else delays.between

    async def _waited(self, seconds: float) -> bool:
        """True if there is still something to show after so many seconds."""
        with suppress(TimeoutError):
            await asyncio.wait_for(self._hushed.wait(), seconds)
        return not self._hushed.is_set()

    async def _try(self, part: _Part) -> None:
        """What fails is not tried again for this answer."""
        try:
            await part()
        except Anticipated as problem:
            self._parts.remove(part)
            log.info("something is not shown while an answer is made", problem=str(problem))
        except Exception:
            self._parts.remove(part)
            log.exception("bug", delivery=self.asked.key)

    async def _tell_status(self) -> None:
        """Slack takes it away by itself with the next message."""
        if self.asked.kind != "direct" or not self.asked.thread or self._status == self._what:
            return
        self._status = self._what
        status = plain(f"is {self._what or 'thinking'}…", _STATUS)
        phrases = () if self._what else PHRASES
        await self._thinking.slack.set_status(self.asked.channel, self.asked.thread, status, phrases)

    async def _offer(self) -> None:
        """A button to stop it, where somebody listens: Slack's own if there is one, otherwise ours."""
        thinking, asked = self._thinking, self.asked
        if self._offered or not self._listening or thinking.now() < self._began + thinking.delays.stoppable:
            return
        self._offered = True
        if await thinking.begin_session(asked):
            return
        self._stop = await thinking.stops.offer(asked, session=False)
        if asked.private:
            # It stays where it is, so it is phrased to stay true.
            said = waiting("the answer takes a moment, and comes here", stop=self._stop)
            await thinking.slack.respond(asked.response_url, said)

    async def _stand_in(self) -> None:
        """In public somebody has to see that it is being dealt with; in private, Slack says so, and only our button needs a place."""
        wanted = (self._what, self._stop if self._listening else "")
        needed = self._stop or (self.asked.kind != "direct" and self._what)
        if self.asked.private or not needed or self._standing == wanted:
            return
        pressing = self._standing is None or self._standing[1] != wanted[1]
        if pressing or self._thinking.streams.edits.take():
            spot = Spot(channel=self.asked.channel, thread=self.asked.thread)
            await self._thinking.outbox.meanwhile(answer_key(self.asked), spot, waiting(self._what, stop=wanted[1]))
            self._standing = wanted
