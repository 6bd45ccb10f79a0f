"""The pictures of charts, posted behind the reports that hold them. A report stands without them: its charts are there as tables."""

import asyncio
from collections.abc import Sequence

import structlog

from bot.charts.drawing import Pictures
from bot.slack.asked import Asked
from bot.slack.outbox import Outbox, Spot
from bot.slack.views.answers import Picture
from bot.slack.views.text import plain
from skills.core.errors import Anticipated
from skills.core.report import Chart, Report

log = structlog.get_logger()

MOST = 4
"""Pictures of one report; whoever wants more asks more narrowly."""

PATIENCE = 20.0
"""Seconds for all of them: a delivery has to be dealt with in less than its lease."""

_TITLE, _ALT = 150, 900


class Illustrations:
    """Draws and posts."""

    def __init__(self, pictures: Pictures, outbox: Outbox, *, patience: float = PATIENCE) -> None:
        self._pictures = pictures
        self._outbox = outbox
        self._patience = patience

    async def post(self, asked: Asked, reports: Sequence[Report]) -> None:
        """Each chart once, however often it is tried. Nothing where the answer is for one person alone: files cannot be. Raises nothing."""
        if asked.private:
            return
        try:
            async with asyncio.timeout(self._patience):
                await self._post(asked, reports)
        except TimeoutError:
            log.warning("pictures took too long", delivery=asked.key)

    async def _post(self, asked: Asked, reports: Sequence[Report]) -> None:
        charts = [(report, part) for report in reports for part in report.parts if isinstance(part, Chart)]
        for number, (report, chart) in enumerate(charts[:MOST]):
            png = await self._pictures.draw(chart)
            if png is None:
                continue
            alt = plain(f"{chart.title}: {report.summary} The numbers are in the table above.", _ALT)
            picture = Picture(png=png, title=plain(chart.title, _TITLE), alt=alt)
            spot = Spot(channel=asked.channel, thread=asked.thread)
            try:
                await self._outbox.upload(f"picture:{asked.key}:{number}", spot, picture)
            except Anticipated as problem:
                log.warning("a picture was not posted", delivery=asked.key, problem=str(problem))
