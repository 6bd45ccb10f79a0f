"""A report as a PDF: what it rests on, every change, and the signed head."""

import io
from datetime import timedelta
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from bot.audit.report import AuditReport
from bot.audit.report_text import sentences
from skills.core.errors import BadInput

_SHOWN = (
    "number",
    "asked_at",
    "requester",
    "summary",
    "risk",
    "verdict",
    "rules",
    "decisions",
    "result",
    "ended_at",
    "entries",
)
_WIDTHS = (9, 21, 24, 62, 13, 15, 30, 44, 19, 21, 19)
"""Of the columns, in millimetres; together what an A4 page on its side has between its margins."""

_LONGEST = 600
"""Characters of a cell. A cell cannot go over a page; csv and json have everything."""


def as_pdf(report: AuditReport, *, title: str) -> bytes:
    """A4 on its side, with page numbers. Raises `BadInput` where the library is missing."""
    try:
        from reportlab import platypus, rl_config  # noqa: PLC0415 - an extra, and a quarter of a second
        from reportlab.lib import colors, pagesizes, styles, units  # noqa: PLC0415
    except ImportError:
        raise BadInput("A PDF needs reportlab.", hint="pip install countersign[pdf], or --format html") from None
    rl_config.invariant = True
    font = _font()
    name = f"{title}: changes from {report.start:%Y-%m-%d} to {report.end - timedelta(days=1):%Y-%m-%d} (UTC)"
    small = styles.ParagraphStyle("cell", fontName=font, fontSize=6.5, leading=8, wordWrap="CJK")
    text = styles.ParagraphStyle("text", parent=small, fontSize=9, leading=12, spaceAfter=6, wordWrap=None)
    head = styles.ParagraphStyle("head", parent=text, fontSize=14, leading=18)

    def paragraph(words: str, style: Any) -> Any:
        return platypus.Paragraph(escape(words).replace("\n", "<br/>"), style)

    rows = [[paragraph(each.replace("_", " "), small) for each in _SHOWN]]
    rows += [[paragraph(_cell(getattr(row, each)), small) for each in _SHOWN] for row in report.rows]
    table = platypus.LongTable(rows, colWidths=[each * units.mm for each in _WIDTHS], repeatRows=1)
    table.setStyle(
        platypus.TableStyle([
            ("GRID", (0, 0), (-1, -1), 0.25, colors.grey), ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("BACKGROUND", (0, 0), (-1, 0), colors.whitesmoke), ("LEFTPADDING", (0, 0), (-1, -1), 2), ("RIGHTPADDING", (0, 0), (-1, -1), 2),
        ])
    )  # fmt: skip
    story = [paragraph(name, head), *(paragraph(each, text) for each in sentences(report)), table]
    story += [paragraph("Signed head of the log", text), paragraph(report.pack["checkpoint"], small)]

    def number(canvas: Any, document: Any) -> None:
        canvas.setFont(font, 7)
        canvas.drawRightString(pagesizes.A4[1] - 10 * units.mm, 7 * units.mm, f"{name} · page {document.page}")

    made = io.BytesIO()
    margin = 10 * units.mm
    platypus.SimpleDocTemplate(
        made, pagesize=pagesizes.landscape(pagesizes.A4), title=name, author="Countersign", leftMargin=margin, rightMargin=margin, topMargin=margin,
        bottomMargin=12 * units.mm,
    ).build(story, onFirstPage=number, onLaterPages=number)  # fmt: skip
    return made.getvalue()


def _cell(words: str) -> str:
    return words if len(words) <= _LONGEST else f"{words[:_LONGEST]}…"


def _font() -> str:
    """A typeface that has more than Latin letters: the one that comes with the charts. What it lacks is a box."""
    from reportlab.pdfbase import pdfmetrics, ttfonts  # noqa: PLC0415

    spec = find_spec("matplotlib")
    for folder in spec.submodule_search_locations or () if spec else ():
        file = Path(folder) / "mpl-data" / "fonts" / "ttf" / "DejaVuSans.ttf"
        if file.is_file():
            pdfmetrics.registerFont(ttfonts.TTFont("DejaVuSans", str(file)))
            return "DejaVuSans"
    return "Helvetica"
