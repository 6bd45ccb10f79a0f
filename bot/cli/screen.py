"""A person's terminal, or the pipe that stands in for it."""

import sys
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, TextIO

from bot.cli.plainly import reads_plainly
from bot.cli.render.plain import NO_NUMBERS, plain_answer, plain_card
from bot.cli.render.safe import one_line
from bot.usecases.answers import Answer, Answered, Proposed
from bot.usecases.card import Card

if TYPE_CHECKING:
    from rich.console import Console, RenderableType

__all__ = ["Screen", "reads_plainly", "terminal"]

WIDEST = 100


class Screen:
    """Shows answers and lines: with panels and colours to a terminal, plainly to anything else or when asked to."""

    def __init__(
        self,
        *,
        plain: bool,
        clock: Callable[[], datetime],
        stream: TextIO | None = None,
        console: "Console | None" = None,
    ) -> None:
        self.plain = plain
        self._clock = clock
        self._stream = stream
        self._made = console

    def answer(self, answer: Answer, *, numbers: Mapping[str, int] = NO_NUMBERS) -> None:
        """Show what came back through the door. `numbers` are what to type for the offers of a report, by their text."""
        if self.plain:
            self.write(plain_answer(answer, now=self._clock(), numbers=numbers))
            return
        from bot.cli.render.panels import rich_answer  # noqa: PLC0415 - rich is not loaded for pipes

        self._print(rich_answer(answer, now=self._clock(), width=self.width, numbers=numbers))

    def taken(self, answer: Answer, *, goes_on: bool) -> None:
        """For a report on a sentence, how it was taken; a card says that itself. Where the talk `goes_on`, a word corrects it.

        And what else the person should know about how they were read.
        """
        understood = answer.understood
        if isinstance(answer, Proposed) and answer.note:
            self.line(one_line(answer.note), "yellow")
        if isinstance(answer, Answered) and understood.natural and understood.sentence:
            example = f"for example “{understood.instead}”" if understood.instead and goes_on else "it in other words"
            self.line(f"Understood: {one_line(understood.sentence)}. Not right? Say {example}.", "dim")

    def card(self, card: Card, *, details: bool = False) -> None:
        """Show a proposal as it stands."""
        if self.plain:
            self.write(plain_card(card, now=self._clock(), details=details))
            return
        from bot.cli.render.panels import rich_card  # noqa: PLC0415 - rich is not loaded for pipes

        self._print(rich_card(card, now=self._clock(), width=self.width, details=details))

    def line(self, text: str, style: str = "", *, indent: int = 0) -> None:
        """One line of words, already harmless; where it is too long, what follows is indented too."""
        if self.plain:
            self.write(" " * indent + text)
            return
        from rich.padding import Padding  # noqa: PLC0415 - rich is not loaded for pipes
        from rich.text import Text  # noqa: PLC0415 - as above

        self._print(Padding(Text(text, style=style), (0, 0, 0, indent), expand=False))

    @property
    def width(self) -> int:
        return min(self._console.width, WIDEST)

    def write(self, text: str) -> None:
        """This text as it is."""
        print(text, file=self._stream or sys.stdout, flush=True)

    def _print(self, what: "RenderableType") -> None:
        self._console.print(what)

    @property
    def _console(self) -> "Console":
        """Made at the first use; it asks for standard output each time, because a prompt may stand in front of it."""
        if self._made is None:
            from rich.console import Console  # noqa: PLC0415 - rich is not loaded for pipes

            self._made = Console(file=self._stream, highlight=False, markup=False, emoji=False)
        return self._made


def terminal(stream: TextIO, *, width: int, encoding: str, environ: Mapping[str, str]) -> "Console":
    """A console that writes to `stream` what somebody else's terminal shows, which is that wide and has these variables."""
    from rich.console import Console  # noqa: PLC0415 - rich is not loaded for pipes

    class Theirs(Console):
        """With the characters that their terminal has."""

        @property
        def encoding(self) -> str:
            return encoding.lower()

    return Theirs(
        file=stream, force_terminal=True, width=width, highlight=False, markup=False, emoji=False, _environ=environ
    )
