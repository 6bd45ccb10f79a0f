"""`countersign audit export`: the log for somebody who does not trust us."""

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

from bot.audit.export import Export
from bot.bootstrap import open_world
from bot.usecases.answers import Exit

if TYPE_CHECKING:
    from bot.bootstrap import Settings


async def export(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Write the directory."""
    folder = _absolute(arguments.directory)
    async with open_world(settings) as world:
        done = await Export(store=world.store, keeper=world.keeper, folder=folder)()
        keys = " ".join(f"--key {key}" for key in world.keeper.keyring.trusted())
    count = done.checkpoint.size
    print(f"{count} entr{'y is' if count == 1 else 'ies are'} in {done.folder}.")
    print(f"Whoever has it can verify it, without us: python {done.folder}/verify_audit.py {done.folder} {keys}")
    return Exit.DONE


def _absolute(path: str) -> Path:
    return Path(path).expanduser().absolute()
