"""`countersign access review`: who could do what, by which rule, as the policies and people are now. Campaigns stand beside it."""

import argparse
import json
import sys
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from bot.bootstrap import open_world
from bot.cli import loop
from bot.cli.access_campaign import campaign
from bot.cli.screen import Screen, reads_plainly
from bot.cli.spreadsheet import write
from bot.rule_engine import make_survey
from bot.usecases.access import Access, review
from bot.usecases.answers import Answered, Exit
from skills.core.catalog import Catalog
from skills.core.report import Report, Table

if TYPE_CHECKING:
    from bot.settings import Settings

_COLUMNS = ("subject", "name", "may", "skills", "environment", "services", "risks", "needs", "rules")


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Do what the verb says."""
    return loop.run(campaign(arguments, settings) if arguments.verb == "campaign" else _review(arguments, settings))


async def _review(arguments: argparse.Namespace, settings: "Settings") -> int:
    async with open_world(settings) as world:
        chosen = world.catalog.person(arguments.person).actor.subject if arguments.person else None
        judge, alike = make_survey(world.configuration, world.evaluator)
        found = await review(judge, world.catalog, world.skills.values(), world.clock(), alike=alike)
        rows = [each for each in found if chosen in (None, each.subject)]
        if arguments.json:
            for each in rows:
                print(json.dumps(asdict(each)))
        elif arguments.csv:
            write(_COLUMNS, map(_cells, rows))
        else:
            told = listing(rows, world.catalog, only=arguments.person)
            Screen(plain=reads_plainly(sys.stdout), clock=world.clock).answer(Answered(report=told))
    return Exit.DONE


def listing(rows: Sequence[Access], catalog: Catalog, *, only: str = "") -> Report:
    """A table for each person who may do anything, and a sentence about those who may not."""
    tables = []
    for person in catalog.people:
        own = [each for each in rows if each.subject == person.actor.subject]
        cells = tuple(_cells(each)[2:] for each in own)
        if cells:
            title = f"{person.actor.name} ({person.actor.subject})"
            tables.append(Table(title=title, columns=_COLUMNS[2:], rows=cells))
    can = {each.subject for each in rows}
    cannot = [str(person.actor.subject) for person in catalog.people if str(person.actor.subject) not in can]
    nobody = f" May do nothing: {', '.join(cannot)}." if cannot and not only else ""
    people = "1 person" if len(can) == 1 else f"{len(can)} people"
    return Report(title="Access review", summary=f"{people} may do something.{nobody}", parts=tuple(tables))


def _cells(each: Access) -> tuple[str, ...]:
    return (
        each.subject,
        each.name,
        "approve" if each.approving else "use",
        ", ".join(each.skills),
        each.environment,
        ", ".join(each.services),
        ", ".join(each.risks),
        "; ".join(each.needs),
        ", ".join(each.rules),
    )
