"""`countersign feedback`: what people thought of answers. Whoever has the command line is an administrator."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.bootstrap import open_world
from bot.cli import loop
from bot.cli.screen import Screen, reads_plainly
from bot.store import Vote
from bot.usecases.answers import Answered, Exit
from skills.core.errors import BadInput
from skills.core.report import Report, Table

if TYPE_CHECKING:
    from bot.settings import Settings

_MOST = 10_000
_LONGEST = 120


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """List the votes."""
    return loop.run(_list(arguments, settings))


async def _list(arguments: argparse.Namespace, settings: "Settings") -> int:
    if not 0 < arguments.limit <= _MOST:
        raise BadInput("That is no number of votes.", hint=f"--limit counts from 1 to {_MOST}.")
    async with open_world(settings) as world:
        votes = await world.store.votes.latest(limit=arguments.limit)
        if arguments.json:
            for vote in votes:
                print(json.dumps(_vote_json(vote)))
        else:
            Screen(plain=reads_plainly(sys.stdout), clock=world.clock).answer(Answered(report=listing(votes)))
    return Exit.DONE


def listing(votes: Sequence[Vote]) -> Report:
    """The votes as a table, with their sum."""
    if not votes:
        return Report(title="Feedback", summary="Nobody has voted on an answer yet.")
    good = sum(vote.vote == "helpful" for vote in votes)
    rows = tuple(
        (f"{vote.at:%Y-%m-%d %H:%M}", str(vote.subject), vote.vote, vote.skill or "nothing", vote.text[:_LONGEST])
        for vote in votes
    )
    table = Table(columns=("at (UTC)", "who", "vote", "taken for", "asked"), rows=rows)
    return Report(title="Feedback", summary=f"{good} of {len(votes)} answers were helpful.", parts=(table,))


def _vote_json(vote: Vote) -> dict[str, Any]:
    return {
        "at": vote.at.isoformat(), "subject": vote.subject, "vote": vote.vote, "text": vote.text, "skill": vote.skill,
        "answer": vote.key,
    }  # fmt: skip
