"""`countersign ask`: one request through the door, and how it ended."""

import argparse
import asyncio
import json
import sys
import uuid
from collections.abc import Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from bot import logs
from bot.bootstrap import World, open_world
from bot.charts.drawing import FONTS
from bot.cli import loop, through
from bot.cli.background import hand_over
from bot.cli.picture import write_pictures
from bot.cli.screen import Screen, reads_plainly
from bot.usecases.answers import Answer, Exit
from bot.usecases.card import Card
from skills.core.errors import BadInput
from skills.core.proposal import Origin

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.settings import Settings


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Ask, wait, show."""
    return loop.run(_ask(arguments, settings))


async def _ask(arguments: argparse.Namespace, settings: "Settings") -> int:
    text = _request(arguments.text)
    async with _left_running(settings) as leaving, open_world(settings) as world:
        actor = world.actor(arguments.person)
        origin = Origin(edge="cli", words=text)
        leaving.something_runs = None
        with logs.bound(organization=actor.organization, actor=actor.subject):
            answer = await world.door.request(actor, text, origin=origin, key=f"cli:{uuid.uuid4()}")
        leaving.something_runs = through.runs(answer)
        if leaving.something_runs:
            if arguments.wait > 0:
                async with through.running(world):
                    answer = await through.see_through(world, answer, seconds=arguments.wait, tell=_Ticker())
            leaving.something_runs = await through.unfinished(world)
        _show(answer, world, arguments)
        if arguments.picture:
            pictures = await write_pictures(answer, Path(arguments.picture), cache=world.configuration.data / FONTS)
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
            print(
                "\nThe change goes on without this terminal. “countersign ask --as PERSON pending” says how far it is.",
                file=sys.stderr,
            )
        raise
    finally:
        if leaving.something_runs is not False:
            hand_over(settings)


class _Ticker:
    """Says on standard error, where that is a terminal, what has moved."""

    def __init__(self) -> None:
        self._said: set[str] = set()

    def __call__(self, card: Card) -> None:
        if not sys.stderr.isatty():
            return
        for line in through.progress_lines(card):
            if line not in self._said:
                self._said.add(line)
                print(line, file=sys.stderr, flush=True)


def _show(answer: Answer, world: World, arguments: argparse.Namespace) -> None:
    if arguments.json:
        # ASCII only: whatever stands in a log line reaches neither a terminal's eyes nor a parser's limits.
        print(json.dumps(answer.to_json()))
        return
    failed = answer.exit in (Exit.BUG, Exit.UNAVAILABLE)
    stream = sys.stderr if failed else sys.stdout
    screen = Screen(plain=arguments.plain or reads_plainly(stream), clock=world.clock, stream=stream)
    screen.answer(answer)
    screen.taken(answer, goes_on=False)


def _request(words: Sequence[str]) -> str:
    """The words as one request, from standard input where they are “-”. Raises `BadInput` where there are none."""
    text = sys.stdin.read() if list(words) == ["-"] else " ".join(words)
    # Bytes that are no UTF-8 arrive as lone surrogates, which nothing that is stored or fingerprinted may hold.
    text = text.encode("utf-8", "replace").decode("utf-8").strip()
    if not text:
        raise BadInput("There is nothing to ask.", hint="For example: countersign ask --as dev status")
    return text
