"""`countersign ask` where nobody beside it answers: the whole bot, for one request."""

import asyncio
import sys
from collections.abc import Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import logs
from bot.bootstrap import open_world
from bot.charts.drawing import FONTS
from bot.cli import loop, through
from bot.cli.asking import Progress, request, show
from bot.cli.background import hand_over
from bot.cli.beside.caller import GOES_ON
from bot.cli.picture import write_pictures
from bot.cli.screen import Screen
from bot.usecases.card import Card

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.cli.beside.wire import Asked
    from bot.settings import Settings


def ask_here(asked: "Asked", settings: "Settings", *, picture: str) -> int:
    """Ask, wait, show; the exit code. Raises `KeyboardInterrupt` when it is stopped."""
    logs.to_file(settings.data, logs.chosen_level(settings.environ, "warning"))  # again, for what was not loaded before
    return loop.run(_ask(asked, settings, picture))


async def _ask(asked: "Asked", settings: "Settings", picture: str) -> int:
    async with _left_running(settings) as leaving, open_world(settings) as world:
        world.actor(asked.person)
        leaving.something_runs = None
        try:
            answer = await request(world, asked.person, asked.text, key=asked.key)
        except asyncio.CancelledError:
            leaving.something_runs = await through.unfinished(
                world
            )  # it may have been recorded before the answer was there
            raise
        leaving.something_runs = through.runs(answer)
        if leaving.something_runs:
            if asked.wait > 0:
                async with through.running(world):
                    answer = await through.see_through(world, answer, seconds=asked.wait, tell=_ticker())
            leaving.something_runs = await through.unfinished(world)
        out = Screen(plain=asked.out.plain, clock=world.clock)
        err = Screen(plain=asked.err.plain, clock=world.clock, stream=sys.stderr)
        show(answer, as_json=asked.json, out=out, err=err)
        if picture:
            pictures = await write_pictures(answer, Path(picture), cache=world.configuration.data / FONTS)
            return int(through.exit_of(answer) or pictures)
    return int(through.exit_of(answer))


class _Leaving:
    """Whether something still has to be run when this process ends; None where it was asked for and nobody knows yet."""

    something_runs: bool | None = False


@asynccontextmanager
async def _left_running(settings: "Settings") -> "AsyncIterator[_Leaving]":
    """Hand what still runs to a process of its own, after this one has let go of the world, however it ends."""
    leaving = _Leaving()
    try:
        yield leaving
    except asyncio.CancelledError:
        if leaving.something_runs:
            print(GOES_ON, file=sys.stderr)
        raise
    finally:
        if leaving.something_runs is not False:
            hand_over(settings)


def _ticker() -> Callable[[Card], None]:
    """Says on standard error, where that is a terminal, what has moved."""
    progress = Progress()

    def tell(card: Card) -> None:
        for line in progress(card):
            if sys.stderr.isatty():
                print(line, file=sys.stderr, flush=True)

    return tell
