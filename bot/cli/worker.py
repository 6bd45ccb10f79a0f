"""`countersign worker --until-idle`: runs what is approved or unfinished, looks after what is due, then ends. `ask` and `chat` leave it behind."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from bot.bootstrap import World, open_world
from bot.cli import loop, through

if TYPE_CHECKING:
    from bot.settings import Settings

LOOK_SECONDS = 0.5


def run(_arguments: argparse.Namespace, settings: "Settings") -> int:
    """Run until nothing is left to run."""
    return loop.run(_work(settings))


async def _work(settings: "Settings") -> int:
    async with open_world(settings) as world:
        if await through.unfinished(world):
            async with through.running(world):
                await _until_idle(world)
    return 0


async def _until_idle(world: World) -> None:
    while await through.unfinished(world):
        await asyncio.sleep(LOOK_SECONDS)
        await world.door.sweep()
