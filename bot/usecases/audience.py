"""Whoever waits for an answer: told meanwhile how it comes about, and able to stop it."""

import asyncio
from collections.abc import Awaitable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Audience(Protocol):
    """What an edge can show while an answer is made. Raises nothing: a courtesy that fails changes nothing."""

    async def working(self, what: str) -> None:
        """A short phrase in our own words: what is being done now, such as “asking status of checkout”."""

    async def prose(self, more: str) -> None:
        """More of a model's words, cleansed, to be appended to those told before. Shown as a model's, and never as ours."""

    async def stopped(self) -> None:
        """Returns as soon as the person wants no answer any more; where they cannot say so, never."""


class Nobody:
    """Nobody is told, and nobody stops it."""

    async def working(self, what: str) -> None:
        """Nothing to do."""

    async def prose(self, more: str) -> None:
        """Nothing to do."""

    async def stopped(self) -> None:
        """Never."""
        await asyncio.Event().wait()


async def unless_stopped(work: Awaitable[T], audience: Audience) -> T | None:
    """What `work` brings, or None if it was cancelled because the audience wanted no answer any more. Only for what may be cut off anywhere."""
    working = asyncio.ensure_future(work)
    stopping = asyncio.ensure_future(audience.stopped())
    try:
        await asyncio.wait((working, stopping), return_when=asyncio.FIRST_COMPLETED)
        return working.result() if working.done() else None
    finally:
        for task in (working, stopping):
            task.cancel()
        await asyncio.gather(working, stopping, return_exceptions=True)
