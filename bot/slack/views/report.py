"""A query's report.

A table becomes an aligned code block if it is narrow enough for a phone, and one paragraph a row if it is not: Slack's own table block
is allowed once in a message, and code blocks wrap into a muddle on small screens.
"""

from collections.abc import Iterator, Sequence

from bot.slack.views.blocks import BLOCKS, MESSAGE, Block, fitted, section, size, small_words, words
from bot.slack.views.text import clip, code, code_lines, one_line, plain, safe
from skills.core.report import Chart, Command, Finding, Report, Table, Text

_PHONE = 42
_ROWS = 40
_ROOM = 2800
_SEVERITIES = {"error": "🔴", "warning": "🟠", "info": "🔵"}


def report_blocks(report: Report, *, then: Sequence[Block] = ()) -> list[Block]:
    """The whole message; what comes `then` is never cut off."""
    return reports_blocks([report], then=then)


def reports_blocks(reports: Sequence[Report], *, then: Sequence[Block] = ()) -> list[Block]:
    """Several reports in one message, each with the same room."""
    most = (BLOCKS - len(then)) // len(reports)
    room = (MESSAGE - sum(size(block) for block in then)) // len(reports)
    made = [fitted(list(_blocks(report, room // 2)), most=most, characters=room) for report in reports]
    return [*(block for blocks in made for block in blocks), *then]


def report_text(report: Report) -> str:
    """What a notification or a screen reader says."""
    return plain(f"{report.title}: {report.summary}", 1000)


def _blocks(report: Report, longest: int) -> Iterator[Block]:
    yield section(f"*{safe(report.title, 150)}*\n{safe(report.summary, min(longest, 2000))}")
    for part in report.parts:
        match part:
            case Text():
                yield words(part.text)
            case Chart():
                yield from _table(part.table)
            case Table():
                yield from _table(part)
            case Finding():
                yield section(f"{_SEVERITIES.get(part.severity, '🔵')} {safe(part.text, 800)}")
                yield from (small_words(evidence, 500) for evidence in part.evidence[:5])
            case Command():
                yield section(f"{code(part.text)} {safe(part.does, 300)}")


def _table(table: Table) -> Iterator[Block]:
    if table.title:
        yield section(f"*{safe(table.title, 150)}*")
    widths = [max(len(one_line(cell)) for cell in column) for column in zip(table.columns, *table.rows, strict=True)]
    if sum(widths) + 2 * len(widths) <= _PHONE:
        yield section(code_lines("\n".join(_aligned(table, widths)), _ROOM))
    else:
        yield from _paragraphs([_row(table.columns, row) for row in table.rows[:_ROWS]])
    if len(table.rows) > _ROWS:
        yield small_words(f"and {len(table.rows) - _ROWS} more rows; ask for less to see them")


def _aligned(table: Table, widths: Sequence[int]) -> Iterator[str]:
    for row in (table.columns, *table.rows[:_ROWS]):
        yield "  ".join(one_line(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(columns: Sequence[str], row: Sequence[str]) -> str:
    """“*checkout* · environment production · runs v41 …”: the first cell is what the row is about."""
    rest = [
        f"{safe(column, 40)} {safe(cell, 200)}"
        for column, cell in zip(columns[1:], row[1:], strict=True)
        if one_line(cell)
    ]
    return clip(" · ".join([f"*{safe(row[0], 100) or '–'}*", *rest]), 1000)


def _paragraphs(rows: Sequence[str]) -> Iterator[Block]:
    """Rows gathered into as few sections as hold them."""
    gathered = ""
    for row in rows:
        if gathered and len(gathered) + len(row) > _ROOM:
            yield section(gathered)
            gathered = ""
        gathered = f"{gathered}\n{row}" if gathered else row
    if gathered:
        yield section(gathered)
