"""The face with panels, tables and colours, by rich. Every word from elsewhere enters as `Text`, never as markup."""

from collections.abc import Iterable
from datetime import datetime

from rich.box import ROUNDED, SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Words

from bot.cli.render.lines import TONES, Line, card_lines, heading
from bot.cli.render.plain import plain_answer
from bot.cli.render.safe import harmless, one_line
from bot.usecases.answers import Answer, Answered, Clarify, Decided, Proposed, Refused
from bot.usecases.card import Card
from skills.core.report import Chart, Command, Finding, Part, Report, Table, Text

NARROW = 60
"""Below this many columns labels stand above what they label instead of beside it."""

_SEVERITY = {"critical": "bold red", "error": "red", "warning": "yellow", "info": "cyan"}


def rich_answer(answer: Answer, *, now: datetime, width: int) -> RenderableType:
    """Any answer, laid out for `width` columns."""
    match answer:
        case Answered(report=report):
            return rich_report(report, width=width)
        case Proposed(card=card) | Decided(card=card):
            return rich_card(card, now=now, width=width)
        case Clarify():
            return _marked("?", "yellow", answer.text, answer.listed)
        case Refused():
            return _marked("✋", "red", answer.text, [reason for reason in answer.reasons if reason not in answer.text])
        case _:
            return _marked("✗", "red", plain_answer(answer, now=now), ())


def rich_card(card: Card, *, now: datetime, width: int, details: bool = False) -> RenderableType:
    """A card as a panel, its border in the colour of where it stands; the word for that is in the corner too."""
    lines = card_lines(card, now=now, details=details)
    tone = TONES.get(card.status, "white")
    return Panel(
        _stacked(lines) if width < NARROW else _beside(lines),
        title=Words(heading(card), style="bold"),
        title_align="left",
        subtitle=Words(f"{card.mark} {card.status.value}", style=tone),
        subtitle_align="right",
        border_style=tone,
        box=ROUNDED,
        width=min(width, 100),
    )


def rich_report(report: Report, *, width: int) -> RenderableType:
    """A report: its title, the sentence that answers, then the parts."""
    parts = [part for part in report.parts if not (isinstance(part, Text) and part.text == report.summary)]
    head: list[RenderableType] = [Words(one_line(report.title), style="bold")]
    if report.summary and report.summary != report.title:
        head.append(Words(one_line(report.summary)))
    return Group(*head, *(_part(part, width) for part in parts))


def _part(part: Part, width: int) -> RenderableType:
    match part:
        case Text(text=text):
            return Words(harmless(text))
        case Chart(table=table):
            return _part(table, width)
        case Table():
            return _records(part) if width < NARROW and _width(part) > width else _table(part)
        case Finding(text=text, evidence=evidence, severity=severity):
            found = Words(f"● {one_line(text)}", style=_SEVERITY.get(severity, ""))
            return Group(found, *(_indented(one_line(item), 4, "dim") for item in evidence))
        case Command(text=text, does=does):
            return Words.assemble("  ", (one_line(text), "bold cyan"), (f"  {one_line(does)}", "dim"))


def _table(table: Table) -> RenderableType:
    title = Words(one_line(table.title), style="bold") if table.title else None
    grid = Grid(box=SIMPLE_HEAD, title=title, title_justify="left", pad_edge=False, header_style="bold")
    for column in table.columns:
        grid.add_column(Words(one_line(column)), overflow="fold")
    for row in table.rows:
        grid.add_row(*(Words(one_line(cell)) for cell in row))
    return grid


def _width(table: Table) -> int:
    """How many columns the table wants, its gaps included."""
    return sum(max(map(len, column)) + 3 for column in zip(table.columns, *table.rows, strict=True))


def _records(table: Table) -> RenderableType:
    """A table that does not fit, as one block of labelled lines a row."""
    blocks: list[RenderableType] = [Words(one_line(table.title), style="bold")] if table.title else []
    for row in table.rows:
        first, *others = zip(table.columns, row, strict=True)
        blocks.append(Words(one_line(first[1]), style="bold"))
        named = (f"{one_line(name)}: {one_line(cell)}" if name else one_line(cell) for name, cell in others if cell)
        blocks.extend(_indented(text, 2) for text in named)
    return Group(*blocks)


def _beside(lines: Iterable[Line]) -> RenderableType:
    grid = Grid.grid(padding=(0, 2, 0, 0))
    grid.add_column(style="dim", no_wrap=True)
    grid.add_column(overflow="fold")
    for line in lines:
        grid.add_row(line.label, Words(line.text, style=line.style, overflow="fold"))
    return grid


def _stacked(lines: Iterable[Line]) -> RenderableType:
    rows: list[RenderableType] = []
    for line in lines:
        if line.label:
            rows.append(Words(line.label, style="dim"))
        rows.append(_indented(line.text, 2, line.style))
    return Group(*rows)


def _marked(mark: str, style: str, text: str, besides: Iterable[str]) -> RenderableType:
    below = (_indented(one_line(item), 3, "cyan") for item in besides)
    return Group(Words.assemble((f"{mark} ", style), harmless(text)), *below)


def _indented(text: str, columns: int, style: str = "") -> RenderableType:
    return Padding(Words(text, style=style, overflow="fold"), (0, 0, 0, columns), expand=False)
