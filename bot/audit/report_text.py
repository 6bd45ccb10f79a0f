"""A report as a table for a spreadsheet, and as a page that a browser shows and prints."""

import csv
import io
from dataclasses import astuple, fields
from datetime import timedelta
from html import escape

from bot.audit.report import AuditReport, Row

_TITLES = [field.name.replace("_", " ") for field in fields(Row)]
_STYLE = """
body { font: 14px/1.4 system-ui, sans-serif; margin: 2rem; color: #1a1a1a }
table { border-collapse: collapse; width: 100%; font-size: 12px }
th, td { border: 1px solid #bbb; padding: .3rem .4rem; text-align: left; vertical-align: top; overflow-wrap: anywhere }
th { background: #eee }
pre { background: #f4f4f4; padding: .6rem; white-space: pre-wrap; overflow-wrap: anywhere }
@media print { body { margin: 0 } @page { size: A4 landscape } tr { break-inside: avoid } }
"""


def as_csv(report: AuditReport) -> str:
    """One line a proposal, titles first. No cell is taken for a formula by a spreadsheet."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_TITLES)
    writer.writerows([_harmless(cell) for cell in astuple(row)] for row in report.rows)
    return text.getvalue()


def as_html(report: AuditReport, *, title: str) -> str:
    """One file that needs nothing else."""
    head = "".join(f"<th>{escape(each)}</th>" for each in _TITLES)
    rows = "\n".join(
        "<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in astuple(row)) + "</tr>" for row in report.rows
    )
    name = f"{escape(title)}: changes from {report.start:%Y-%m-%d} to {report.end - timedelta(days=1):%Y-%m-%d} (UTC)"
    said = "".join(f"<p>{escape(sentence)}</p>\n" for sentence in sentences(report))
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>{name}</title><style>{_STYLE}</style></head>\n'
        f"<body><h1>{name}</h1>\n{said}<table><thead><tr>{head}</tr></thead>\n<tbody>{rows}</tbody></table>\n"
        f"<h2>Signed head of the log</h2>\n<pre>{escape(report.pack['checkpoint'])}</pre>\n</body></html>\n"
    )


def sentences(report: AuditReport) -> list[str]:
    """What the report rests on."""
    first, last = report.pack["first"], report.pack["last"]
    whole = (
        f"This is all there is: it was read from entries {first} to {last} of the audit log, which are numbered without gaps. With --format json"
        " come the entries themselves, and verify_audit.py proves from the signed head below that none is missing or changed."
    )
    said = [f"{len(report.rows)} proposals, and {report.denied} requests that policy refused.", whole]
    if report.set_back:
        numbers = ", ".join(map(str, report.set_back))
        said.append(
            f"A clock was set back: entries {numbers} bear an earlier time than the one before. Numbers, not times, are the order."
        )
    return said


def _harmless(cell: str) -> str:
    return f"'{cell}" if cell.startswith(("=", "+", "-", "@", "\t", "\r")) else cell
