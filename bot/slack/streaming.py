"""A model's words as they come: streamed while Slack lets us, otherwise a message that is brought up to date now and then.

Slack lets an app begin about twenty streams a minute in a workspace, and does not let every app. So streams are begun within a budget,
anything that goes wrong with one means updates instead, and for a while nobody tries again. Whatever happens, what is shown
only stands in for the message itself (see `outbox`), and says that it is not finished.
"""

import re
from collections.abc import Callable

import structlog

from bot.slack.asked import Asked
from bot.slack.client import Slack
from bot.slack.errors import Limited, StreamOver, Unsendable
from bot.slack.outbox import Outbox, Spot
from bot.slack.pace import Budget
from bot.slack.views import prose
from bot.store import Message
from skills.core.errors import Anticipated, Unavailable

log = structlog.get_logger()

STREAMS_A_MINUTE, APPENDS_A_MINUTE, EDITS_A_MINUTE = 15, 80, 30
"""Slack allows 20, 100 and 50 in a workspace; cards are updated, too, and bursts come on top."""

_BURST = 5
_REST_SECONDS = 600.0
_PIECES = 40
_LAST_WORD = re.compile(r"\s\S*$")


def prose_key(asked: Asked) -> str:
    """Under what the outbox keeps the message with a model's words."""
    return f"prose:{asked.key}"


class Streams:
    """What all answers of this process share: the budgets, and whether streaming is worth a try. `now` is in seconds, monotonic."""

    def __init__(self, slack: Slack, outbox: Outbox, *, now: Callable[[], float], model: str) -> None:
        self.slack = slack
        self.outbox = outbox
        self.model = model
        self.edits = Budget(now=now, a_minute=EDITS_A_MINUTE, burst=_BURST)
        self.appends = Budget(now=now, a_minute=APPENDS_A_MINUTE, burst=_BURST)
        self._begun = Budget(now=now, a_minute=STREAMS_A_MINUTE, burst=_BURST)
        self._now = now
        self._rests_until = float("-inf")

    def may_begin(self) -> bool:
        return self._now() >= self._rests_until and self._begun.take()

    def failed(self, problem: Anticipated) -> None:
        """A stream went wrong. Unless that was its own fault alone, nobody tries again for a while."""
        if not isinstance(problem, Unavailable | Unsendable):
            return
        seconds = problem.retry_after if isinstance(problem, Limited) else _REST_SECONDS
        self._rests_until = max(self._rests_until, self._now() + seconds)
        log.warning("prose is not streamed for a while", seconds=seconds, problem=str(problem))


class Writing:
    """The prose of one answer."""

    def __init__(self, streams: Streams, asked: Asked) -> None:
        self._streams = streams
        self._asked = asked
        self._spot = Spot(channel=asked.channel, thread=asked.thread)
        self._text = ""
        self._shown = 0
        self._stream: Message | None = None
        self._pieces = 0
        self._plain = False

    def add(self, more: str) -> None:
        self._text += more

    async def show(self) -> None:
        """Show what has come since the last time. Raises what Slack and the store raise."""
        words = self._whole_words()
        if not words:
            return
        if self._stream:
            await self._append(self._stream, words)
        elif not self._plain and self._streams.may_begin():
            await self._begin(words)
        elif not self._shown or self._streams.edits.take():
            await self._update(words)

    async def cut_short(self) -> None:
        """What was shown and did not become the answer says for good that it is unfinished."""
        if self._shown:
            said = prose.cut_short(self._text[: self._shown], self._streams.model)
            await self._streams.outbox.post(prose_key(self._asked), self._spot, said)

    async def _begin(self, words: str) -> None:
        said, asked = prose.writing(words, self._streams.model), self._asked
        begin = self._streams.outbox.begin_stream
        try:
            self._stream = await begin(prose_key(asked), self._spot, said, team=asked.team, user=asked.user)
        except Anticipated as problem:
            self._streams.failed(problem)
        self._plain = self._stream is None
        self._shown = len(words) if self._stream else 0

    async def _append(self, stream: Message, words: str) -> None:
        if not self._streams.appends.take():
            return
        self._pieces += 1
        try:
            if self._pieces > _PIECES:
                raise StreamOver("There are as many pieces as one message may have.")
            await self._streams.slack.append_stream(stream.channel or "", stream.ts or "", [prose.piece(words)])
        except Anticipated as problem:
            self._streams.failed(problem)
            self._stream, self._plain = None, True
        else:
            self._shown += len(words)

    async def _update(self, words: str) -> None:
        self._plain = True
        text = self._text[: self._shown] + words
        said = prose.writing(text, self._streams.model)
        await self._streams.outbox.meanwhile(prose_key(self._asked), self._spot, said)
        self._shown = len(text)

    def _whole_words(self) -> str:
        """What is new, without a last word of which more may come."""
        new = self._text[self._shown :]
        cut = _LAST_WORD.search(new)
        words = new[: cut.start() + 1] if cut else ""
        return words if words.strip() else ""
