"""`countersign notices`: what was said unasked, to whom. Whoever has the command line is an administrator."""

import argparse
import json
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.bootstrap import open_world
from bot.cli import loop
from bot.cli.screen import Screen, reads_plainly
from bot.usecases.answers import Answered, Exit
from skills.core.errors import BadInput
from skills.core.notice import Notice, recipient_to_json
from skills.core.report import Report, Table

if TYPE_CHECKING:
    from bot.settings import Settings

_MOST = 10_000


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """List the notices."""
    return loop.run(_list(arguments, settings))


async def _list(arguments: argparse.Namespace, settings: "Settings") -> int:
    if not 0 < arguments.limit <= _MOST:
        raise BadInput("That is no number of notices.", hint=f"--limit counts from 1 to {_MOST}.")
    async with open_world(settings) as world:
        found = await world.store.notices.latest(limit=arguments.limit)
        if arguments.json:
            for notice in found:
                print(json.dumps(_notice_json(notice)))
        else:
            Screen(plain=reads_plainly(sys.stdout), clock=world.clock).answer(Answered(report=listing(found)))
    return Exit.DONE


def listing(found: Sequence[Notice]) -> Report:
    """The notices as a table, newest first."""
    if not found:
        return Report(title="Notices", summary="Nothing was said unasked yet.")
    rows = tuple((f"{each.at:%Y-%m-%d %H:%M}", str(each.to), each.report.title, each.report.summary) for each in found)
    table = Table(columns=("at (UTC)", "to", "about", "what"), rows=rows)
    return Report(title="Notices", summary=f"{len(found)} notice{'s' if len(found) > 1 else ''}.", parts=(table,))


def _notice_json(notice: Notice) -> dict[str, Any]:
    to = recipient_to_json(notice.to)
    return {"number": notice.number, "at": notice.at.isoformat(), "to": to, **notice.report.to_json()}
