"""`countersign step-up 17 --as sre`: a code that proves to whoever asks for it that it is them who approves.

Whoever has the command line is trusted to be who they say; that, and the chat account, are the two things that an approval with a code takes.
"""

import argparse
import json
from typing import TYPE_CHECKING

from bot.bootstrap import open_world
from bot.cli import loop
from bot.usecases.answers import Exit
from bot.usecases.step_up import LIFETIME, StepUp
from skills.core.errors import UnknownName
from skills.core.names import ProposalId

if TYPE_CHECKING:
    from bot.settings import Settings


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Print the code."""
    return loop.run(_give(arguments, settings))


async def _give(arguments: argparse.Namespace, settings: "Settings") -> int:
    async with open_world(settings) as world:
        actor = world.actor(arguments.person)
        proposal = await world.store.proposal(ProposalId(arguments.proposal))
        if proposal is None:
            raise UnknownName("proposal", f"#{arguments.proposal}", hint="“pending” lists those that wait.")
        code = await StepUp(store=world.store, clock=world.clock).give(actor, proposal)
        minutes = int(LIFETIME.total_seconds()) // 60
        if arguments.json:
            print(json.dumps({"proposal": proposal.id, "code": code, "minutes": minutes}))
        else:
            print(
                f"{code}\nGood for {minutes} minutes, once, for {actor.name} and #{proposal.id}: {proposal.plan.summary}."
            )
            print(f"Say: approve {proposal.id} --code {code}")
    return Exit.DONE
