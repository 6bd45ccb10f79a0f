"""An anchor in a channel that people read: signed heads as messages, which anybody who was there can compare."""

import re
import time
from collections.abc import AsyncIterator, Callable
from datetime import timedelta
from typing import Protocol

from bot.audit.anchors import NotYet, compare
from bot.audit.verify_audit import Bad, Checkpoint, read_checkpoint
from bot.store import Tree

_NOTE = re.compile(r"```\n?(.+?\n\n— .+?)\n?```", re.DOTALL)


class Channel(Protocol):
    """A place where the bot writes and can read again what it wrote."""

    @property
    def name(self) -> str: ...

    def own(self) -> AsyncIterator[str]:
        """The texts of the bot's own messages there, newest first, as far back as it looks. Raises `Unavailable`."""

    async def say(self, words: str, quoted: str) -> None:
        """Write a message: a sentence, and something word for word. Raises `Unavailable`, also where nobody knows whether it arrived."""


class ChannelAnchor:
    """A tripwire: at most one message each `every`, however fast the log grows; what was written last is read again as often."""

    def __init__(self, channel: Channel, *, every: timedelta, elapsed: Callable[[], float] = time.monotonic) -> None:
        self._channel = channel
        self._every = every.total_seconds()
        self._elapsed = elapsed
        self._said_at: float | None = None
        self.name = channel.name

    async def publish(self, note: str, checkpoint: Checkpoint, tree: Tree, *, whatever: bool) -> str:
        """Say it, unless it was said last. Raises `NotYet` where that is too soon after the last."""
        if self._said_at is not None and (left := self._said_at + self._every - self._elapsed()) > 0 and not whatever:
            raise NotYet(left)
        held = await self._held(checkpoint.origin)
        if held and not whatever:
            await compare(held, checkpoint, tree)
        if held is None or (held.size, held.root) != (checkpoint.size, checkpoint.root):
            await self._channel.say(_words(checkpoint), note)
        self._said_at = self._elapsed()
        return note

    async def _held(self, origin: str) -> Checkpoint | None:
        """The newest head of this log that stands there: several logs may share a channel."""
        async for text in self._channel.own():
            for found in _NOTE.findall(text):
                try:
                    checkpoint = read_checkpoint(f"{found}\n")
                except Bad:
                    continue
                if checkpoint.origin == origin:
                    return checkpoint
        return None


def _words(checkpoint: Checkpoint) -> str:
    count = f"{checkpoint.size} entr{'y' if checkpoint.size == 1 else 'ies'}"
    return (
        f"The audit log {checkpoint.origin} has {count}. A log that does not begin with them was changed; to compare: "
        f"countersign audit verify --expect {checkpoint.size}:{checkpoint.root.hex()}"
    )
