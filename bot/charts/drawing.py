"""Pictures on demand, beside whatever else the process does: in a thread, with a limit, and never in the way of an answer."""

import asyncio
import os
from collections.abc import Callable
from pathlib import Path

import structlog

from bot.charts.picture import picture
from skills.core.report import Chart

log = structlog.get_logger()

FONTS = "fonts"
"""The folder, among what the bot keeps, for what matplotlib learns once about fonts."""

PATIENCE = 10.0
"""Seconds after which an answer goes without its picture. One takes 0.1, and the first some more."""


class Pictures:
    """Draws charts. matplotlib keeps what it knows of fonts in `cache`, and reads no settings of anybody's there."""

    def __init__(self, cache: Path, *, paint: Callable[[Chart], bytes] = picture, patience: float = PATIENCE) -> None:
        self._cache = cache
        self._paint = paint
        self._patience = patience

    async def draw(self, chart: Chart) -> bytes | None:
        """A PNG, or None where that failed: whoever asked shows the chart's table, and the log says why."""
        # Its usual place is the home folder, which a container has none of, and in which a person's own settings lie.
        os.environ.setdefault("MPLCONFIGDIR", str(self._cache))
        try:
            async with asyncio.timeout(self._patience):
                return await asyncio.to_thread(self._paint, chart)
        except Exception as problem:  # noqa: BLE001 - whatever a drawing library meets, the numbers are shown as a table
            log.warning("a chart was not drawn", chart=chart.title, problem=f"{type(problem).__name__}: {problem}")
            return None
