"""`countersign model last`: what was last sent to the model, as it was sent, and what came of it."""

import argparse
import json
from typing import TYPE_CHECKING

from bot.cli.render.safe import harmless
from bot.model_log import KEPT, ModelLog
from bot.nl.model import Sent
from skills.core.errors import BadInput

if TYPE_CHECKING:
    from bot.settings import Settings


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """List them, oldest first. Raises `BadInput`."""
    if not 0 < arguments.count <= KEPT:
        raise BadInput("That many are not kept.", hint=f"--count from 1 to {KEPT}.")
    found = ModelLog(settings.data).last(arguments.count)
    if arguments.json:
        for sent in found:
            print(json.dumps(sent.to_json()))
    else:
        print("\n\n".join(_shown(sent) for sent in found) or "Nothing was sent to a model from this data folder.")
    return 0


def _shown(sent: Sent) -> str:
    called = f" with {', '.join(sent.calls)}" if sent.calls else ""
    cost = f", {sent.money:.6f} money" if sent.money else ""
    head = (
        f"{sent.at:%Y-%m-%d %H:%M:%S} UTC  {sent.model}  for {sent.asker or 'nobody'}: {sent.purpose}, {sent.outcome}{called}"
        f"  ({sent.tokens_in} + {sent.tokens_out} tokens{cost}, {sent.ms:.0f} ms)"
    )
    return "\n".join([harmless(head), *(f"  {harmless(line)}" for line in sent.user.splitlines())])
