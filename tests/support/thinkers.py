"""A door that thinks aloud before it answers, as an agent does, at the pace of a test."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from bot.usecases.answers import Answer, Explained, Prose, Source, Stopped
from bot.usecases.audience import Audience, Nobody
from bot.usecases.door import Door
from skills.core.actor import Actor
from skills.core.report import Report

MODEL = "gpt-test"
REPORT = Report(title="Status", summary="checkout runs v41.")
SOURCE = Source(skill="status", asked="status checkout", report=REPORT)


class ThinkingDoor:
    """What begins with “explain” is answered by `pieces` of prose, each after the `gate` has let it pass; the rest by the door behind."""

    def __init__(self, behind: Door, pieces: Sequence[str]) -> None:
        self._behind = behind
        self._pieces = pieces
        self.gate = asyncio.Semaphore(0)
        self.asked = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._behind, name)

    def let_pass(self, pieces: int = 1000) -> None:
        for _ in range(pieces):
            self.gate.release()

    async def request(self, actor: Actor, text: str, *, audience: Audience = Nobody(), **more: Any) -> Answer:  # noqa: B008
        if not text.startswith("explain"):
            return await self._behind.request(actor, text, audience=audience, **more)
        self.asked += 1
        thinking = asyncio.create_task(self._think(audience))
        stopping = asyncio.create_task(audience.stopped())
        try:
            await asyncio.wait({thinking, stopping}, return_when=asyncio.FIRST_COMPLETED)
            if not thinking.done():
                return Stopped()
            return Explained(prose=Prose(text=await thinking, model=MODEL), sources=(SOURCE,))
        finally:
            for task in (thinking, stopping):
                task.cancel()
                with suppress(asyncio.CancelledError):
                    await task

    async def _think(self, audience: Audience) -> str:
        await audience.working("asking status checkout")
        for piece in self._pieces:
            await self.gate.acquire()
            await audience.prose(piece)
        await self.gate.acquire()
        return "".join(self._pieces)
