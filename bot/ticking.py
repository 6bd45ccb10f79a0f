"""What happens by the clock, in every process that stays."""

import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from datetime import UTC
from typing import TYPE_CHECKING

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from bot.alerting import alert_desk_beside
from bot.auditing import forgetting
from bot.incidents import war_room_beside
from skills.core.errors import Anticipated

if TYPE_CHECKING:
    from bot.bootstrap import World

_log = logging.getLogger(__name__)


def ticker_of(world: "World", edge: object = None) -> AsyncIOScheduler:
    """What is looked after, not yet started; with what this edge can do for it. Each of these may be repeated, at the same moment even."""
    ticker = AsyncIOScheduler(
        timezone=UTC, job_defaults={"misfire_grace_time": 60, "coalesce": True, "max_instances": 1}
    )
    every(ticker, 2, world.start_engine, "engine")  # where another process had the engine lock, until it is ours
    every(ticker, 5, world.door.sweep, "expiry")
    every(ticker, 1, war_room_beside(world, edge), "looking after incidents")
    every(ticker, 1, alert_desk_beside(world, edge), "passing on alerts")
    every(ticker, 1, world.standby.paging.go_on, "going on with pages")
    every(ticker, 60, world.reviews.tick, "access reviews")
    every(ticker, 300, world.costs.note, "writing down costs")
    every(ticker, 900, world.costs.watch_budgets, "watching budgets")
    every(ticker, 6 * 3600, world.costs.reconcile, "comparing costs with bills")
    every(ticker, 3600, world.store.inbox.sweep, "inbox clean-up")
    every(ticker, 3600, forgetting(world.configuration, world.store, world.clock), "erasing what is old")
    if any(environment.discover for environment in world.configuration.environments):
        every(ticker, 60, world.discover, "discovery")
    return ticker


def every(ticker: AsyncIOScheduler, seconds: float, work: Callable[[], Awaitable[object]], name: str) -> None:
    """Have this done again and again; what fails for a reason that can be told is tried again the next time."""

    async def tick() -> None:
        try:
            await work()
        except Anticipated as problem:
            _log.warning("%s failed and is tried again", name, extra={"problem": str(problem)})

    ticker.add_job(tick, "interval", seconds=seconds, id=name)


@asynccontextmanager
async def ticking(world: "World", edge: object = None) -> AsyncIterator[None]:
    """Meanwhile what has to happen by the clock happens, this process being one of those that see to it."""
    ticker = ticker_of(world, edge)
    ticker.start()
    try:
        yield
    finally:
        ticker.shutdown(wait=False)
