"""Waiting for an answer at a terminal: what is being done, line by line, and Ctrl-C to stop it."""

import asyncio

from bot.cli.render.safe import one_line
from bot.cli.screen import Screen


class Waiting:
    """An `Audience`. `stop` is set when the person presses Ctrl-C. A model's words are shown below the reports, once they are whole."""

    def __init__(self, screen: Screen, stop: asyncio.Event) -> None:
        self._screen = screen
        self._stop = stop
        self._told = False

    async def working(self, what: str) -> None:
        """A line for it, the first with how to stop."""
        self._screen.line(f"… {one_line(what)}{'' if self._told else ' (Ctrl-C stops)'}", "dim")
        self._told = True

    async def prose(self, more: str) -> None:
        """Nothing yet: words that may still break off are not shown."""

    async def stopped(self) -> None:
        """When Ctrl-C was pressed."""
        await self._stop.wait()
