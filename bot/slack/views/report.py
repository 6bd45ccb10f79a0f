"""A query's report.

A table becomes an aligned code block if it is narrow enough for a phone, and one paragraph a row if it is not: Slack's own table block
is allowed once in a message, and code blocks wrap into a muddle on small screens. A chart is its table here; its picture follows the message.
"""

from collections.abc import Iterator, Mapping, Sequence

from bot.slack.views.blocks import BLOCKS, MESSAGE, Block, fitted, section, size, small_words, words
from bot.slack.views.findings import DETAILS, Buttons, Detail, command_block, finding_blocks
from bot.slack.views.text import clip, code_lines, one_line, plain, safe
from skills.core.report import Chart, Command, Finding, Report, Table, Text

_PHONE = 42
_ROOM = 2800
_ELSEWHERE = "Ask about less, or on the command line (countersign ask), where there is more room."


def report_blocks(
    report: Report, *, then: Sequence[Block] = (), offers: Mapping[str, str] | None = None
) -> list[Block]:
    """The whole message; what comes `then` is never cut off. `offers` are the values of buttons, by the text of the offer they make."""
    return reports_blocks([report], then=then, offers=offers)


def reports_blocks(
    reports: Sequence[Report], *, then: Sequence[Block] = (), offers: Mapping[str, str] | None = None
) -> list[Block]:
    """Several reports in one message, each with the same room; see `report_blocks`."""
    most = (BLOCKS - len(then)) // len(reports)
    room = (MESSAGE - sum(size(block) for block in then)) // len(reports)
    made = [_fitting(report, offers or {}, most=most, room=room) for report in reports]
    return [*(block for blocks in made for block in blocks), *then]


def _fitting(report: Report, offers: Mapping[str, str], *, most: int, room: int) -> list[Block]:
    """As much of a report as there is room for: shortened evenly, and cut off only where that is not enough."""
    blocks: list[Block] = []
    for detail in DETAILS:
        blocks = list(_blocks(report, detail, Buttons(offers), longest=min(room // 2, 2000)))
        if len(blocks) <= most and sum(map(size, blocks)) <= room:
            return blocks
    return fitted(blocks, most=most, characters=room, more=f"There is more than fits here. {_ELSEWHERE}")


def report_text(report: Report) -> str:
    """What a notification or a screen reader says."""
    return plain(f"{report.title}: {report.summary}", 1000)


def _blocks(report: Report, detail: Detail, buttons: Buttons, *, longest: int) -> Iterator[Block]:
    yield section(f"*{safe(report.title, 150)}*\n{_summary(report, longest)}".rstrip())
    left = detail.findings
    for part in report.parts:
        match part:
            case Text():
                yield words(part.text)
            case Chart():
                yield from _table(part.table, detail.rows)
            case Table():
                yield from _table(part, detail.rows)
            case Finding():
                left -= 1
                yield from finding_blocks(part, detail, buttons) if left >= 0 else ()
            case Command():
                yield command_block(part, buttons)
    if left < 0:
        yield small_words(f"and {-left} more finding{'s' if left < -1 else ''}. {_ELSEWHERE}")


def _summary(report: Report, longest: int) -> str:
    """The sentence that answers; nothing where the first finding says the very same just below."""
    first = report.parts[0] if report.parts else None
    return "" if isinstance(first, Finding) and first.text == report.summary else safe(report.summary, longest)


def _table(table: Table, rows: int) -> Iterator[Block]:
    if table.title:
        yield section(f"*{safe(table.title, 150)}*")
    shown = table.rows[:rows]
    widths = [max(len(one_line(cell)) for cell in column) for column in zip(table.columns, *shown, strict=True)]
    if sum(widths) + 2 * len(widths) <= _PHONE:
        yield section(code_lines("\n".join(_aligned(table.columns, shown, widths)), _ROOM))
    else:
        yield from _paragraphs([_row(table.columns, row) for row in shown])
    if len(table.rows) > rows:
        yield small_words(f"and {len(table.rows) - rows} more rows; ask for less to see them")


def _aligned(columns: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[int]) -> Iterator[str]:
    for row in (columns, *rows):
        yield "  ".join(one_line(cell).ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()


def _row(columns: Sequence[str], row: Sequence[str]) -> str:
    """“*checkout* · environment production · runs v41 …”: the first cell is what the row is about, and an only other one needs no name."""
    named = len(columns) > 2
    rest = [
        f"{safe(column, 40)} {safe(cell, 200)}" if named and column else safe(cell, 200)
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
