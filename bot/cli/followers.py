"""Telling how the changes of a conversation go, while the conversation goes on."""

import asyncio
from contextlib import suppress
from typing import TYPE_CHECKING

from bot.cli import through
from bot.cli.render.lines import TONES, health_lines, log_lines
from bot.cli.render.safe import harmless
from bot.cli.render.times import lasted
from bot.cli.screen import Screen
from bot.usecases.card import Card, make_card
from bot.usecases.watch import checked, watch
from skills.core.names import ProposalId
from skills.core.proposal import Status

if TYPE_CHECKING:
    from bot.bootstrap import World

PATIENT_SECONDS = 1.0
"""Between two looks at a proposal that waits for a person; one that runs is looked at more often."""


class Followers:
    """Follows each proposal once, however often it is spoken of: each step's progress as it moves, the end of it once, and how its service
    does afterwards.
    """

    def __init__(self, world: "World", screen: Screen) -> None:
        self._world = world
        self._screen = screen
        self._tasks: dict[ProposalId, asyncio.Task[None]] = {}
        self._checkups: dict[ProposalId, asyncio.Task[None]] = {}
        self._moved: dict[ProposalId, asyncio.Event] = {}

    def follow(self, id: ProposalId) -> None:
        """Tell what becomes of it from now on; look at once if it is followed already."""
        if id not in self._tasks:
            self._moved[id] = asyncio.Event()
            self._tasks[id] = asyncio.create_task(self._tell(id))
        self._moved[id].set()

    async def until_idle(self) -> None:
        """Wait until none of those followed is approved or under way; those that wait for a person are not waited for."""
        for id in list(self._tasks):
            async for proposal in watch(self._world.store, id):
                if proposal.status is Status.PENDING:
                    break
            else:
                await self._tasks[id]

    async def stop(self) -> None:
        """Say no more."""
        for task in (*self._tasks.values(), *self._checkups.values()):
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task
        self._tasks.clear()
        self._checkups.clear()

    async def _tell(self, id: ProposalId) -> None:
        said: set[str] = set()
        pending, moved = True, self._moved[id]

        async def pause(seconds: float) -> None:
            with suppress(TimeoutError):
                await asyncio.wait_for(moved.wait(), PATIENT_SECONDS if pending else seconds)
            moved.clear()

        async for proposal in watch(self._world.store, id, sleep=pause):
            pending = proposal.status is Status.PENDING
            card = make_card(proposal, self._world.catalog)
            for line in through.progress_lines(card):
                if line not in said:
                    said.add(line)
                    self._screen.line(line, "cyan", indent=2)
            if proposal.status.settled:
                tell_end(self._screen, card)
                self._checkups[id] = asyncio.create_task(self._tell_health(id))

    async def _tell_health(self, id: ProposalId) -> None:
        """Minutes later, perhaps: how its service does."""
        proposal = await checked(self._world.store, id)
        if proposal:
            tell_health(self._screen, make_card(proposal, self._world.catalog))


def tell_end(screen: Screen, card: Card) -> None:
    """How it ended, in one sentence, with the last log lines of whatever failed."""
    took = f" ({lasted(card.took)})" if card.took else ""
    screen.line(f"{card.mark} {harmless(card.sentence)}{took}", TONES.get(card.status, ""))
    for step in (*card.steps, *card.on_failure):
        for line in log_lines(step):
            screen.line(line.text, line.style, indent=4)


def tell_health(screen: Screen, card: Card) -> None:
    """How the service does some time after the run."""
    for line in health_lines(card):
        label = f"#{card.id} {line.label}: " if line.label else ""
        screen.line(f"{label}{line.text}", line.style, indent=0 if label else 4)
