"""`countersign serve`: the serving process."""

import argparse
import asyncio
from functools import partial
from typing import TYPE_CHECKING

from bot.cli.beside.listener import answering
from bot.cli.beside.wire import world_of
from bot.serve import serve

if TYPE_CHECKING:
    from bot.settings import Settings


def run(_arguments: argparse.Namespace, settings: "Settings") -> int:
    """Serve until told to stop."""
    return asyncio.run(serve(settings, beside=partial(answering, fingerprint=world_of(settings))))
