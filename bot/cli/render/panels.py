"""The face with panels, tables and colours, by rich. Every word from elsewhere enters as `Text`, never as markup."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from rich.box import ASCII2, ROUNDED, SIMPLE_HEAD
from rich.console import Group, RenderableType
from rich.padding import Padding
from rich.panel import Panel
from rich.table import Table as Grid
from rich.text import Text as Words

from bot.charts.sparklines import sparklines
from bot.cli.render.findings import finding_lines, offer
from bot.cli.render.lines import TONES, Line, card_lines, heading, in_the_words_of, says_it_again
from bot.cli.render.plain import NO_NUMBERS, plain_answer
from bot.cli.render.safe import harmless, one_line
from bot.usecases.answers import Answer, Answered, Clarify, Decided, Explained, Proposed, Refused, Stopped
from bot.usecases.card import Card
from skills.core.report import Chart, Command, Finding, Part, Report, Table, Text

NARROW = 60
"""Below this many columns labels stand above what they label instead of beside it."""


def rich_answer(  # noqa: PLR0911 - one return for each kind of answer
    answer: Answer, *, now: datetime, width: int, numbers: Mapping[str, int] = NO_NUMBERS
) -> RenderableType:
    """Any answer, laid out for `width` columns. `numbers` are what to type for the offers of a report, by their text."""
    match answer:
        case Answered(report=report):
            return rich_report(report, now=now, width=width, numbers=numbers)
        case Proposed(card=card) | Decided(card=card):
            return rich_card(card, now=now, width=width)
        case Explained():
            return _explained(answer, now=now, width=width, numbers=numbers)
        case Stopped():
            return _marked("⏹", "dim", answer.text, ())
        case Clarify():
            return _marked("?", "yellow", answer.text, answer.listed)
        case Refused():
            return _marked("✋", "red", answer.text, [reason for reason in answer.reasons if reason not in answer.text])
        case _:
            return _marked("✗", "red", plain_answer(answer, now=now), ())


def _explained(answer: Explained, *, now: datetime, width: int, numbers: Mapping[str, int]) -> RenderableType:
    """The reports, and then a model's words in a frame that nothing of ours has."""
    shown: list[RenderableType] = []
    for source in answer.sources:
        shown += [rich_report(source.report, now=now, width=width, numbers=numbers), Words("")]
    if answer.note:
        shown.append(Words(harmless(answer.note), style="yellow"))
    if answer.prose.text:
        title = Words(in_the_words_of(answer.prose), style="italic dim")
        words = Words(harmless(answer.prose.text), overflow="fold")
        shown.append(
            Panel(words, title=title, title_align="left", border_style="dim", box=ASCII2, width=min(width, 100))
        )
    return Group(*shown)


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


def rich_report(
    report: Report, *, now: datetime, width: int, numbers: Mapping[str, int] = NO_NUMBERS
) -> RenderableType:
    """A report: its title, the sentence that answers, then the parts."""
    parts = [part for part in report.parts if not (isinstance(part, Text) and part.text == report.summary)]
    head: list[RenderableType] = [Words(one_line(report.title), style="bold")]
    if report.summary and report.summary != report.title and not says_it_again(report):
        head.append(Words(one_line(report.summary)))
    return Group(*head, *(_part(part, now, width, numbers) for part in parts))


def _part(part: Part, now: datetime, width: int, numbers: Mapping[str, int]) -> RenderableType:
    match part:
        case Text(text=text):
            return Words(harmless(text))
        case Chart():
            return _chart(part, width) or _part(part.table, now, width, numbers)
        case Table():
            return _records(part) if width < NARROW and _width(part) > width else _table(part)
        case Finding():
            first, *others = finding_lines(part, now=now, numbers=numbers)
            found = Words(f"● {first.text}", style=first.style)
            return Group(found, *(_indented(line.text, 4, line.style) for line in others))
        case Command():
            return _indented(offer(part, numbers), 2, "bold cyan")


def _chart(chart: Chart, width: int) -> RenderableType | None:
    """The courses of its curves, where there is room for them."""
    lines = [harmless(line) for line in sparklines(chart, width)]
    if not lines:
        return None
    return Group(
        Words(one_line(chart.title), style="bold"), *(Words(line, no_wrap=True, overflow="ellipsis") for line in lines)
    )


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
