"""The plain face: no boxes, no colours, one fact a line, so that it pipes, greps and reads aloud."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from bot.cli.render.findings import finding_lines, offer
from bot.cli.render.lines import Line, card_lines, heading, in_the_words_of, says_it_again
from bot.cli.render.safe import harmless, one_line
from bot.usecases.answers import (
    Answer,
    Answered,
    Clarify,
    Decided,
    Explained,
    Failed,
    Ignored,
    Proposed,
    Refused,
    Stopped,
)
from bot.usecases.card import Card
from skills.core.report import Chart, Command, Finding, Report, Table, Text

NO_NUMBERS: Mapping[str, int] = {}


def plain_answer(  # noqa: PLR0911 - one return for each kind of answer
    answer: Answer, *, now: datetime, numbers: Mapping[str, int] = NO_NUMBERS
) -> str:
    """Any answer as plain text, without a final newline. `numbers` are what to type for the offers of a report, by their text."""
    match answer:
        case Answered(report=report):
            return plain_report(report, now=now, numbers=numbers)
        case Explained():
            return _explained(answer, now=now, numbers=numbers)
        case Proposed(card=card) | Decided(card=card):
            return "\n".join([plain_card(card, now=now), *_note(answer)])
        case Clarify():
            return "\n".join([harmless(answer.text), *(f"  {one_line(text)}" for text in answer.listed)])
        case Refused():
            return "\n".join([f"Refused: {harmless(answer.text)}", *_besides(answer.text, answer.reasons)])
        case Ignored() | Stopped():
            return harmless(answer.text)
        case Failed():
            quoted = not answer.reference or answer.reference in answer.text
            return harmless(answer.text if quoted else f"{answer.text} (reference {answer.reference})")


def _explained(answer: Explained, *, now: datetime, numbers: Mapping[str, int]) -> str:
    """The reports, which are ours, and then what a model says about them, under its name."""
    parts = [plain_report(source.report, now=now, numbers=numbers) for source in answer.sources]
    if answer.note:
        parts.append(harmless(answer.note))
    if answer.prose.text:
        parts.append(f"{in_the_words_of(answer.prose)}:\n{harmless(answer.prose.text)}")
    return "\n\n".join(parts)


def _note(answer: Answer) -> list[str]:
    """What the person should know about how their words were read."""
    return [harmless(answer.note)] if isinstance(answer, Proposed) and answer.note else []


def plain_card(card: Card, *, now: datetime, details: bool = False) -> str:
    """A card as labelled lines under its heading and where it stands."""
    head = f"{heading(card)}: {card.status.value}"
    return "\n".join([head, *_labelled(card_lines(card, now=now, details=details))])


def plain_report(report: Report, *, now: datetime, numbers: Mapping[str, int] = NO_NUMBERS) -> str:
    """A report: title, summary, then its parts; a table as aligned columns."""
    blocks = [one_line(report.title), "" if says_it_again(report) else one_line(report.summary)]
    for part in report.parts:
        match part:
            case Text(text=text):
                blocks.append(harmless(text))
            case Chart(table=table):
                blocks.append(plain_table(table))
            case Table():
                blocks.append(plain_table(part))
            case Finding():
                first, *others = finding_lines(part, now=now, numbers=numbers)
                blocks.append("\n".join([first.text, *(f"  {line.text}" for line in others)]))
            case Command():
                blocks.append(f"  {offer(part, numbers)}")
    return "\n".join(dict.fromkeys(block for block in blocks if block))


def plain_table(table: Table) -> str:
    """Aligned columns, two spaces apart."""
    rows = [table.columns, *table.rows]
    cells = [[one_line(cell) for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(table.columns))]
    lines = ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip() for row in cells]
    return "\n".join([*([one_line(table.title)] if table.title else []), *lines])


def _labelled(lines: Iterable[Line]) -> list[str]:
    return [f"  {line.label}: {line.text}" if line.label else f"    {line.text}" for line in lines]


def _besides(text: str, reasons: Iterable[str]) -> list[str]:
    """The reasons that the sentence does not already say."""
    return [f"  {one_line(reason)}" for reason in reasons if reason not in text]
