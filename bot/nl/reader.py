"""Reading words where that may take a while: the port behind which a model can sit, and the embedded interpreter as one of its kind."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Protocol

from bot.nl.interpretation import ChannelKind, Interpretation, Interpreter
from bot.nl.turns import Turn


class Reader(Protocol):
    """An interpreter that may have to wait for somebody else."""

    async def read(
        self,
        text: str,
        *,
        skill: str | None = None,
        usable: Collection[str] | None = None,
        thread: Sequence[Turn] = (),
        asker: str = "",
        channel_kind: ChannelKind = "direct",
        now: datetime | None = None,
    ) -> Interpretation:
        """What `text` asks for; see `Interpreter`. Raises nothing, changes nothing, and returns within seconds whatever happens."""


class Unaided:
    """A `Reader` that asks nobody."""

    def __init__(self, interpreter: Interpreter) -> None:
        self._interpreter = interpreter

    async def read(
        self,
        text: str,
        *,
        skill: str | None = None,
        usable: Collection[str] | None = None,
        thread: Sequence[Turn] = (),
        asker: str = "",
        channel_kind: ChannelKind = "direct",
        now: datetime | None = None,
    ) -> Interpretation:
        """What `text` asks for; see `Interpreter`."""
        return self._interpreter.interpret(
            text, skill=skill, usable=usable, thread=thread, asker=asker, channel_kind=channel_kind, now=now
        )
