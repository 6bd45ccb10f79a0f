"""“is thinking…” under a direct message that is not answered at once: a courtesy, so that failing at it changes nothing."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from bot.slack.asked import Asked
from bot.slack.client import Slack
from skills.core.errors import Anticipated

AT_ONCE = 0.3
"""Seconds that nobody minds."""


@asynccontextmanager
async def thinking(slack: Slack, asked: Asked, *, after: float = AT_ONCE) -> AsyncIterator[None]:
    """Meanwhile Slack says so, from `after` seconds on. Slack takes it away by itself with the next message."""
    if asked.kind != "direct" or not asked.thread:
        yield
        return
    telling = asyncio.create_task(_tell(slack, asked, after))
    try:
        yield
    finally:
        telling.cancel()
        await asyncio.gather(telling, return_exceptions=True)


async def _tell(slack: Slack, asked: Asked, after: float) -> None:
    await asyncio.sleep(after)
    with suppress(Anticipated):
        await slack.set_status(asked.channel, asked.thread, "is thinking…")
