"""`countersign serve`: the serving process."""

import argparse
import asyncio
from typing import TYPE_CHECKING

from bot.serve import serve

if TYPE_CHECKING:
    from bot.settings import Settings


def run(_arguments: argparse.Namespace, settings: "Settings") -> int:
    """Serve until told to stop."""
    return asyncio.run(serve(settings))
