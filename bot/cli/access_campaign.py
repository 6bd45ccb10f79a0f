"""`countersign access campaign`: open one, show it, answer its questions."""

import argparse
import json
import secrets
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from bot.bootstrap import World, open_world
from bot.cli.audit_erase import reasoned
from bot.cli.mishap import explain
from bot.cli.screen import Screen, reads_plainly
from bot.cli.spreadsheet import write
from bot.usecases.answers import Answered, Exit
from bot.usecases.propose import Denied
from bot.usecases.record import Record
from skills.core.campaign import Campaign, Question
from skills.core.errors import Anticipated, BadInput, NotAllowed, UnknownName
from skills.core.names import SkillName
from skills.core.proposal import Origin
from skills.core.report import Report, Table
from skills.core.skill import Asked
from skills.core.skill import Record as RecordSkill

if TYPE_CHECKING:
    from bot.settings import Settings

_COLUMNS = ("question", "person", "name", "has", "gives", "answer", "by", "reason", "at (UTC)")


async def campaign(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Do what the step says."""
    steps = {"open": _open, "show": _show, "answer": _answer}
    async with open_world(settings) as world:
        return await steps[arguments.step](arguments, world)


async def _open(arguments: argparse.Namespace, world: World) -> int:
    actor = world.actor(arguments.person)
    world.reviews.check_opener(actor)
    opened, questions = await world.reviews.open(
        by=actor.subject, reason=reasoned(arguments.reason, "the yearly audit")
    )
    asked = {each.name: None for question in questions for each in world.reviews.asked(opened, question)}
    print(f"{opened.title} is open until {opened.due_at:%Y-%m-%d %H:%M} UTC: {len(questions)} questions.")
    print(f"Asked: {', '.join(asked)}. They are told in Slack, and see theirs with “access”.")
    return Exit.DONE


async def _show(arguments: argparse.Namespace, world: World) -> int:
    found, questions = await _found(arguments.campaign, world)
    if arguments.waiting:
        questions = [each for each in questions if each.word is None]
    if arguments.json:
        for each in questions:
            print(json.dumps({**each.to_json(), "asked": _asked(world, found, each)}))
    elif arguments.csv:
        write(_COLUMNS, map(_cells, questions))
    else:
        Screen(plain=reads_plainly(sys.stdout), clock=world.clock).answer(
            Answered(report=_listing(world, found, questions))
        )
    return Exit.DONE


async def _answer(arguments: argparse.Namespace, world: World) -> int:
    """Each by itself, as if it had been asked for in chat: one that is refused holds up no other."""
    actor, reason = world.actor(arguments.person), reasoned(arguments.reason, "they moved to another team")
    record = Record(catalog=world.catalog, policy=world.policy, clock=world.clock)
    skill = world.skills[SkillName(f"access-{arguments.word}")]
    assert isinstance(skill, RecordSkill)
    screen = Screen(plain=reads_plainly(sys.stdout), clock=world.clock)
    worst = 0
    for number in arguments.questions:
        asked = Asked(actor=actor, origin=Origin(edge="cli"), key=secrets.token_hex(16), reason=reason)
        try:
            report = await record(skill, {"question": number}, asked=asked)
            screen.answer(Answered(report=replace(report, parts=())))
        except Denied as denied:
            raise NotAllowed(" ".join(denied.verdict.reasons)) from None
        except Anticipated as problem:
            worst = max(worst, explain(problem, data=world.settings.data, as_json=False))
    return worst


async def _found(number: int | None, world: World) -> tuple[Campaign, Sequence[Question]]:
    store = world.store.reviews
    found = await (store.campaign(number) if number else store.latest())
    if found is None:
        hint = "“countersign access campaign open” opens one."
        raise (
            UnknownName("access review", str(number), hint=hint)
            if number
            else BadInput("There was no access review yet.", hint=hint)
        )
    return found, await store.questions(found.number)


def _listing(world: World, campaign: Campaign, questions: Sequence[Question]) -> Report:
    state = f"over since {campaign.closed_at:%Y-%m-%d %H:%M} UTC" if campaign.closed_at else f"open, due {campaign.due_at:%Y-%m-%d %H:%M} UTC"  # fmt: skip
    rows = tuple(
        (
            str(each.number), each.person_name, each.membership.words, "; ".join(each.gives),
            each.word.value if each.word else "", each.by_name or each.by or ", ".join(_asked(world, campaign, each)), each.reason,
        )
        for each in questions
    )  # fmt: skip
    columns = ("question", "who", "has", "gives them", "answer", "by / asked", "why")
    count = f"{len(questions)} question{'' if len(questions) == 1 else 's'}"
    return Report(
        title=campaign.title,
        summary=f"{state[:1].upper()}{state[1:]}: {count}.",
        parts=(Table(columns=columns, rows=rows),),
    )


def _asked(world: World, campaign: Campaign, question: Question) -> list[str]:
    return [] if question.word else [str(each.subject) for each in world.reviews.asked(campaign, question)]


def _cells(each: Question) -> tuple[str, ...]:
    answer = each.word.value if each.word else ""
    at = f"{each.at:%Y-%m-%d %H:%M:%S}" if each.at else ""
    return (
        str(each.number), each.person, each.person_name, str(each.membership), "; ".join(each.gives), answer, each.by, each.reason, at,
    )  # fmt: skip
