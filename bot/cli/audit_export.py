"""`countersign audit export`, `proof` and `report`: for somebody who does not trust us."""

import argparse
import json
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.audit.archive import Archiving
from bot.audit.evidence import evidence
from bot.audit.export import Export
from bot.audit.report import make_report
from bot.audit.report_pdf import as_pdf
from bot.audit.report_text import as_csv, as_html
from bot.bootstrap import open_world
from bot.cli.audit_erase import entitled
from bot.usecases.answers import Exit
from skills.core.errors import BadInput
from skills.core.names import ProposalId

if TYPE_CHECKING:
    from bot.settings import Settings


async def export(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Write the directory."""
    folder = _absolute(arguments.directory)
    async with open_world(settings) as world:
        archive = _absolute(arguments.archive) if arguments.archive else None
        done = await Export(store=world.store, keeper=world.keeper, folder=folder, archive=archive)()
        keys = " ".join(f"--key {key}" for key in world.keeper.keyring.trusted())
    count = done.checkpoint.size
    print(f"{count} entr{'y is' if count == 1 else 'ies are'} in {done.folder}.")
    print(f"Whoever has it can verify it, without us: python {done.folder}/verify_audit.py {done.folder} {keys}")
    return Exit.DONE


async def archive(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Write the directory, and take what is old out of the database."""
    folder, before = _absolute(arguments.directory), day(arguments.before)
    async with open_world(settings) as world:
        actor = entitled(world, arguments.person, "archive", to="archive the audit log")
        audit = world.configuration.audit
        archiving = Archiving(store=world.store, keeper=world.keeper, anchoring=world.anchoring, keep=audit.keep)
        done = await archiving(before, folder, by=actor.subject, now=world.clock())
    print(f"Entries 1 to {done.exported.checkpoint.size} are in {done.exported.folder}, and verify.")
    if done.kept_because:
        print(done.kept_because)
        return Exit.DONE
    print(f"{done.dropped} of them, up to entry {done.upto}, have left the database; their hashes stay in it. Keep the directory: it is all that tells what they said.")  # fmt: skip
    print("What they hide is in it in clear text, too; “audit erase” does not reach it there.")
    return Exit.DONE


async def proof(arguments: argparse.Namespace, settings: "Settings") -> int:
    """One JSON object."""
    async with open_world(settings) as world:
        pack = await evidence(world.store, world.keeper, ProposalId(arguments.proposal))
    return _put(json.dumps(pack, ensure_ascii=False, indent=1) + "\n", arguments.output)


async def report(arguments: argparse.Namespace, settings: "Settings") -> int:
    """As CSV, HTML, PDF or JSON."""
    start, end = day(arguments.start), day(arguments.end) + timedelta(days=1)
    if end <= start:
        raise BadInput(f"{arguments.end} is before {arguments.start}.", hint="--from is the first day, --to the last.")
    async with open_world(settings) as world:
        found = await make_report(world.store, world.keeper, start, end)
        title = world.configuration.organization.title
    match arguments.format:
        case "json":
            text = json.dumps(found.pack, ensure_ascii=False) + "\n"
        case "pdf":
            return _put(as_pdf(found, title=title), arguments.output)
        case "html":
            text = as_html(found, title=title)
        case _:
            text = as_csv(found)
    return _put(text, arguments.output)


def _put(made: str | bytes, output: str | None) -> int:
    """Into a new file, or onto standard output."""
    content = made.encode() if isinstance(made, str) else made
    if not output:
        if isinstance(made, bytes) and sys.stdout.isatty():
            raise BadInput("A PDF is nothing for a terminal.", hint="Name a file: --output report.pdf")
        sys.stdout.flush()
        sys.stdout.buffer.write(content)
        sys.stdout.buffer.flush()
        return Exit.DONE
    try:
        with Path(output).expanduser().open("xb") as file:
            file.write(content)
    except OSError as error:
        raise BadInput(
            f"{output} cannot be written: {(error.strerror or '').lower()}.", hint="Name a new file."
        ) from error
    return Exit.DONE


def day(text: str) -> datetime:
    """A day as people type it, at its beginning (UTC). Raises `BadInput`."""
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC)
    except ValueError:
        raise BadInput(f"“{text}” is not a day.", hint="Write it like 2026-01-31.") from None


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()
