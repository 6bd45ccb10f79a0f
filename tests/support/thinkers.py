"""An explainer that thinks aloud at the pace of a test, behind the real door."""

import asyncio
from collections.abc import Sequence
from typing import Any

from bot.nl.explaining import Explanation, Found, Inquiry
from bot.nl.interpretation import Interpretation, Read
from bot.nl.reader import Reader
from bot.usecases.door import Door
from skills.core.report import Report

MODEL = "gpt-test"
_FOUND = Found(
    skill="status", asked="status checkout", report=Report(title="Status", summary="checkout runs v41 in production.")
)
_SEVERAL = Interpretation(
    kind="clarify", interpreter="model", skill="status", question="That is more than one thing.",
    reads=(Read(skill="status", params={"service": "checkout"}),),
)  # fmt: skip


class Thinker:
    """What begins with “explain” is answered by `pieces` of prose, each as soon as it is let pass; everything else as ever."""

    def __init__(self, pieces: Sequence[str]) -> None:
        self._pieces = pieces
        self._gate = asyncio.Semaphore(0)
        self.asked = 0

    def let_pass(self, pieces: int = 1000) -> None:
        """So many pieces more; by default all, and the end."""
        for _ in range(pieces):
            self._gate.release()

    def behind(self, door: Door) -> Door:
        """The same door, with this behind it."""
        door._explainer, door._aided = self, True
        door._reader = _Reading(door._reader)
        return door

    async def explain(self, inquiry: Inquiry) -> Explanation:
        self.asked += 1
        await inquiry.listener.working("asking status checkout")
        for piece in self._pieces:
            await self._gate.acquire()
            await inquiry.listener.prose(piece)
        await self._gate.acquire()
        return Explanation(model=MODEL, prose="".join(self._pieces), found=(_FOUND,))


class _Reading:
    def __init__(self, behind: Reader) -> None:
        self._behind = behind

    async def read(self, text: str, **more: Any) -> Interpretation:
        return _SEVERAL if text.startswith("explain") else await self._behind.read(text, **more)
