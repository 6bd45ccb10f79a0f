"""Seeing an answer through: from what was asked to how it ended."""

import asyncio
import logging
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.cli.render.lines import progress
from bot.usecases.answers import Answer, Decided, Exit, Proposed
from bot.usecases.card import Card, make_card
from bot.usecases.watch import waits_for_somebody_else, watch
from skills.core.proposal import Status

if TYPE_CHECKING:
    from bot.bootstrap import World

log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""How often a process that may not run things itself looks whether it may now: whoever did may have ended."""

_UNFINISHED = (Status.APPROVED, Status.RUNNING)
_NOT_DONE = {
    Status.FAILED: Exit.UNAVAILABLE,
    Status.UNKNOWN: Exit.UNAVAILABLE,
    Status.VOID: Exit.UNAVAILABLE,
    Status.EXPIRED: Exit.UNAVAILABLE,
    Status.REJECTED: Exit.REFUSED,
    Status.CANCELLED: Exit.REFUSED,
}


def runs(answer: Answer) -> bool:
    """Did this answer set something going, or is something going that it speaks of?"""
    return isinstance(answer, Proposed | Decided) and answer.proposal.status in _UNFINISHED


async def see_through(world: "World", answer: Answer, *, seconds: float | None, tell: Callable[[Card], None]) -> Answer:
    """The same answer with the proposal as it stands when it is settled, waits for a person, or `seconds` have passed.

    `tell` gets the card each time something moved.
    """
    if not isinstance(answer, Proposed | Decided):
        return answer
    latest: Proposed | Decided = answer
    try:
        async with asyncio.timeout(seconds):
            async for proposal in watch(world.store, answer.proposal.id):
                latest = replace(latest, proposal=proposal, card=make_card(proposal, world.catalog))
                tell(latest.card)
                if waits_for_somebody_else(proposal):
                    break
    except TimeoutError:
        pass
    return latest


@asynccontextmanager
async def running(world: "World") -> AsyncIterator[None]:
    """Meanwhile somebody runs what is approved: this process, unless and until another one does."""
    starting = asyncio.create_task(_start_engine(world))
    try:
        yield
    finally:
        starting.cancel()
        with suppress(asyncio.CancelledError):
            await starting


async def _start_engine(world: "World") -> None:
    while True:
        try:
            if await world.start_engine():
                return
        except Exception:
            log.exception("the engine did not start")
        await asyncio.sleep(RETRY_SECONDS)


async def unfinished(world: "World") -> bool:
    """Is there anything that is approved or under way, or a service that should have been looked at after its run?"""
    under_way = any(proposal.status in _UNFINISHED for proposal in await world.store.open())
    return under_way or bool(await world.store.checkups_due(world.clock()))


def exit_of(answer: Answer) -> Exit:
    """The exit code of a final answer: 0 also for what is still running, and for a decision that was recorded, whatever came of it.

    A script that says “deploy” wants to know whether it was deployed. That a rollout went back by itself is no bug and nobody refused
    it; the outside world would not do it, which is 4.
    """
    if isinstance(answer, Proposed):
        return _NOT_DONE.get(answer.proposal.status, Exit.DONE)
    return answer.exit


def progress_lines(card: Card) -> list[str]:
    """How far each step that has begun got, one line a step, the compensating ones last."""
    return [f"#{card.id} {progress(step)}" for step in (*card.steps, *card.on_failure) if step.state]
