"""`countersign audit list`, `verify`, `keys` and `acknowledge`; the other verbs stand beside it."""

import argparse
import json
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from bot.bootstrap import World, open_world
from bot.cli import loop
from bot.cli.audit_erase import entitled, erase, reasoned
from bot.cli.audit_export import archive, day, export, proof, report
from bot.cli.screen import Screen, reads_plainly
from bot.store.audit import Entry
from bot.store.verification import Verification
from bot.usecases.answers import Answered, Exit
from skills.core.errors import BadInput, UnknownName
from skills.core.report import Report, Table, Text

if TYPE_CHECKING:
    from bot.settings import Settings

_HEAD = re.compile(r"([0-9]{1,15}):([0-9a-f]{64})")
_MOST = 10_000
_LONG = 20_000
_SHOWN_FACTS = ("summary", "reason", "outcome", "detail", "was", "asked")


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Do what the verb says."""
    verbs = {
        "list": _list,
        "verify": _verify,
        "keys": _keys,
        "acknowledge": _acknowledge,
        "erase": erase,
        "archive": archive,
        "export": export,
        "proof": proof,
        "report": report,
    }
    return loop.run(verbs[arguments.verb](arguments, settings))


async def _list(arguments: argparse.Namespace, settings: "Settings") -> int:
    if arguments.after < 0 or not 0 < arguments.limit <= _MOST:
        raise BadInput("That is no part of the log.", hint=f"--after counts from 0, --limit from 1 to {_MOST}.")
    async with open_world(settings) as world:
        entries = await world.store.audit.entries(
            subject=arguments.subject or None,
            actor=_subject(world, arguments.actor) if arguments.actor else None,
            since=day(arguments.since) if arguments.since else None,
            after=arguments.after,
            limit=arguments.limit,
        )
        if arguments.json:
            for entry in entries:
                print(json.dumps(_entry_json(entry)))
        else:
            gone = await world.store.audit.archived() if not arguments.after else 0
            _screen(world).answer(Answered(report=_listing(entries, subject=arguments.subject, archived=gone)))
    return Exit.DONE


async def _verify(arguments: argparse.Namespace, settings: "Settings") -> int:
    """0 if the log is as it was written, 1 if it is not."""
    expected = [_head(arguments.expect)] if arguments.expect else []
    async with open_world(settings) as world:
        kept = await world.keeper.signed_heads()
        found = await world.store.audit.verify(progress=_Percentage(), expect=[*expected, *kept])
        if arguments.json:
            print(json.dumps(_verification_json(found)))
        else:
            _screen(world).answer(Answered(report=_verdict(found, archived=await world.store.audit.archived())))
    return Exit.DONE if found.ok else Exit.BUG


async def _keys(_arguments: argparse.Namespace, settings: "Settings") -> int:
    """For audit.keys in organization.yaml, and for whoever verifies an export."""
    async with open_world(settings) as world:
        for key in world.keeper.keyring.trusted():
            print(key)
    return Exit.DONE


async def _acknowledge(arguments: argparse.Namespace, settings: "Settings") -> int:
    async with open_world(settings) as world:
        actor = entitled(world, arguments.person, "acknowledge", to="end safe mode")
        head = await world.keeper.acknowledge(actor.subject, reasoned(arguments.reason, "restored the backup of 09:00"))
        print(f"Safe mode is over. From now on, the log of {head.size} entries is the one that counts.")
    return Exit.DONE


def _subject(world: World, word: str) -> str:
    """By an alias, or as the log names somebody who has left, or a process."""
    try:
        return world.actor(word).subject
    except UnknownName:
        return word


def _screen(world: World) -> Screen:
    return Screen(plain=reads_plainly(sys.stdout), clock=world.clock)


def _listing(entries: Sequence[Entry], *, subject: str, archived: int = 0) -> Report:
    rows = tuple(
        (str(entry.seq), f"{entry.at:%Y-%m-%d %H:%M:%S}", entry.actor, entry.verb, entry.subject, _gist(entry))
        for entry in entries
    )
    about = f" about {subject}" if subject else ""
    count = f"{len(rows)} entr{'y' if len(rows) == 1 else 'ies'}{about}."
    table = Table(columns=("no.", "at (UTC)", "who", "what", "about", ""), rows=rows)
    elsewhere = f" Entries 1 to {archived} are in an archive." if archived else ""
    summary = count if rows else f"There is no entry{about}."
    return Report(title="Audit log", summary=f"{summary}{elsewhere}", parts=(table,) * bool(rows))


def _gist(entry: Entry) -> str:
    """The facts worth a place in a line; `--json` has them all."""
    found = (entry.facts.get(name) for name in _SHOWN_FACTS)
    return "; ".join(str(fact) for fact in found if fact)[:120]


def _verdict(found: Verification, *, archived: int = 0) -> Report:
    if not found.ok:
        where = f" The first bad entry is number {found.first_bad}." if found.first_bad is not None else ""
        return Report(title="Audit log", summary=f"The audit log is NOT as it was written: {found.problem}{where}")
    head = f"{found.size}:{found.root}"
    where = f", of which 1 to {archived} are in an archive, and only their hashes were looked at" if archived else ""
    summary = f"The audit log is intact: {found.size} entr{'y' if found.size == 1 else 'ies'}{where}."
    later = Text(text=f"Keep this elsewhere and compare later with “countersign audit verify --expect {head}”.")
    return Report(title="Audit log", summary=summary, parts=(later,))


def _head(text: str) -> tuple[int, str]:
    match = _HEAD.fullmatch(text.strip().lower())
    if not match:
        raise BadInput(
            "--expect wants SIZE:ROOT as “audit verify” printed it.", hint="For example 17:4f1c… with 64 digits."
        )
    return int(match[1]), match[2]


def _entry_json(entry: Entry) -> dict[str, Any]:
    return {
        "seq": entry.seq, "at": entry.at.isoformat(), "actor": entry.actor, "verb": entry.verb, "subject": entry.subject,
        "facts": entry.facts, "leaf": entry.leaf,
    }  # fmt: skip


def _verification_json(found: Verification) -> dict[str, Any]:
    return {
        "ok": found.ok, "size": found.size, "root": found.root, "first_bad": found.first_bad, "problem": found.problem
    }  # fmt: skip


class _Percentage:
    """How far verifying got, on standard error, where that is a terminal and the log is long."""

    def __init__(self) -> None:
        self._said = -1

    def __call__(self, read: int, total: int) -> None:
        percent = 100 * read // total if total else 100
        if sys.stderr.isatty() and total > _LONG and percent != self._said:
            self._said = percent
            print(
                f"{percent:3d} % of {total} entries", end="\r" if percent < 100 else "\n", file=sys.stderr, flush=True
            )
