"""`countersign audit erase`: personal data out of the log, for ever; and who may do what to it."""

import argparse
import re
from typing import TYPE_CHECKING

from bot.bootstrap import World, open_world
from bot.store.erasing import Erased
from bot.store.sealing import PERSON
from bot.usecases.answers import Exit
from skills.core.actor import Actor
from skills.core.errors import BadInput, NotAllowed, UnknownName

if TYPE_CHECKING:
    from bot.settings import Settings

_PROPOSAL = re.compile(r"proposal/([1-9][0-9]{0,15})")


async def erase(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Erase, say how much, and say what is left elsewhere."""
    async with open_world(settings) as world:
        actor = entitled(world, arguments.person, "erase", to="erase personal data")
        reason = reasoned(arguments.reason, "they asked for it, ticket 4711")
        subject = _subject(world, arguments.subject)
        async with world.store.begin() as tx:
            done = await tx.erase(subject)
            if not done.people and not done.texts and not done.proposals:
                raise NotAllowed(_nothing(done, arguments.subject))
            tx.record("audit:erased", "audit/log", {**done.facts, "reason": reason}, actor=actor.subject)
        present = any(PERSON + each.actor.subject == subject for each in world.catalog.people)
    print(_told(done))
    if present:
        print("They still stand in people.yaml: what they do from now on is written under a new pseudonym.")
    print(
        "Exports, proofs and reports that were made before have it still, and so have Slack and backups of the database."
    )
    return Exit.DONE


def entitled(world: World, person: str, right: str, *, to: str) -> Actor:
    """Who it is, if the audit section of the configuration gives them this right. Raises `NotAllowed`."""
    actor = world.actor(person)
    allowed: tuple[str, ...] = getattr(world.configuration.audit, right)
    if not actor.active or actor.guest or actor.roles.isdisjoint(allowed):
        who = " or ".join(allowed)
        hint = f"It takes the role {who}." if who else f"Nobody may: audit.{right} in organization.yaml names no role."
        raise NotAllowed(f"{actor.name} may not {to}.", hint=hint)
    return actor


def reasoned(reason: str, example: str) -> str:
    """The reason, which has to be one. Raises `BadInput`."""
    if not reason.strip():
        raise BadInput("This needs a reason.", hint=f"For example: --reason “{example}”")
    return reason.strip()


def _subject(world: World, typed: str) -> str:
    """What is to be erased, as the log calls it: by an alias, or by the subject of somebody who has left."""
    if _PROPOSAL.fullmatch(typed):
        return typed
    name = typed.removeprefix(PERSON)
    if not typed.startswith(PERSON) or not name:
        raise BadInput(f"“{typed}” is nothing that can be erased.", hint="Write person/dev or proposal/17.")
    try:
        return PERSON + world.actor(name).subject
    except UnknownName:
        return PERSON + name


def _nothing(done: Erased, typed: str) -> str:
    if done.plain:
        return (
            f"There is nothing to erase of {typed}: {_entries(done.plain)} of it from before entries could be erased."
        )
    return f"There is nothing to erase of {typed}."


def _told(done: Erased) -> str:
    said = f"Erased for ever: {done.people} name{'s' if done.people != 1 else ''} and {done.texts} text{'s' if done.texts != 1 else ''}"
    where = f", and in {done.proposals} proposal{'s' if done.proposals != 1 else ''}" if done.proposals else ""
    plain = (
        f" {_entries(done.plain)} it in clear text, because they were written before entries could be erased."
        if done.plain
        else ""
    )
    return f"{said} in the log{where}. The log verifies as before.{plain}"


def _entries(count: int) -> str:
    return f"{count} entr{'y holds' if count == 1 else 'ies hold'}"
