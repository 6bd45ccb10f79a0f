"""`countersign ask`: one request through the door, and how it ended.

The process that runs beside it answers, where there is one; it has loaded everything by then. Without one, this process does it all itself.
"""

import argparse
import sys
import uuid
from collections.abc import Sequence
from typing import TYPE_CHECKING

from bot.cli.beside import caller, wire
from skills.core.errors import BadInput

if TYPE_CHECKING:
    from bot.settings import Settings


def run(arguments: argparse.Namespace, settings: "Settings") -> int:
    """Ask, wait, show."""
    asked = wire.Asked(
        person=arguments.person,
        text=_request(arguments.text),
        key=f"cli:{uuid.uuid4()}",
        wait=arguments.wait,
        json=arguments.json,
        out=caller.look(sys.stdout, plain=arguments.plain),
        err=caller.look(sys.stderr, plain=arguments.plain),
        environ=wire.of_a_terminal(settings.environ),
    )
    # A picture is a file of whoever asks, written with their rights.
    code = None if arguments.picture else caller.hand_over(asked, settings)
    if code is not None:
        return code
    from bot.cli.ask_here import ask_here  # noqa: PLC0415 - a second, which is what handing over saves

    return ask_here(asked, settings, picture=arguments.picture or "")


def _request(words: Sequence[str]) -> str:
    """The words as one request, from standard input where they are “-”. Raises `BadInput` where there are none."""
    text = sys.stdin.read() if list(words) == ["-"] else " ".join(words)
    # Bytes that are no UTF-8 arrive as lone surrogates, which nothing that is stored or fingerprinted may hold.
    text = text.encode("utf-8", "replace").decode("utf-8").strip()
    if not text:
        raise BadInput("There is nothing to ask.", hint="For example: countersign ask --as dev status")
    return text
