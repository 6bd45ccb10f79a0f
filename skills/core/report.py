"""An answer as typed parts. Edges render it; nothing here knows Slack, a terminal or HTML."""

from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from skills.core.canonical import Json


@dataclass(frozen=True, kw_only=True)
class Text:
    """A paragraph of plain text."""

    text: str

    def to_json(self) -> dict[str, Json]:
        return {"type": "text", "text": self.text}


@dataclass(frozen=True, kw_only=True)
class Table:
    """Rows under headings; every cell is text."""

    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    title: str = ""

    def to_json(self) -> dict[str, Json]:
        return {
            "type": "table",
            "title": self.title,
            "columns": list(self.columns),
            "rows": [list(row) for row in self.rows],
        }


@dataclass(frozen=True, kw_only=True)
class Command:
    """A request that the person could make next, in the words they would type. An edge may offer it as a button: one press then makes the
    request as whoever presses, and a change becomes a proposal like any other.
    """

    text: str
    does: str

    def to_json(self) -> dict[str, Json]:
        return {"type": "command", "text": self.text, "does": self.does}


@dataclass(frozen=True, kw_only=True)
class Finding:
    """Something concluded, and the observations it rests on.

    `chain` are the consequences, in order. `confidence` is a word for people (“certain”, “likely”, “possible”) or empty. `remedy` says what
    to do, and `offer` is the request that would do it.
    """

    text: str
    evidence: tuple[str, ...] = ()
    severity: str = "info"
    chain: tuple[str, ...] = ()
    since: datetime | None = None
    confidence: str = ""
    remedy: str = ""
    offer: Command | None = None

    def to_json(self) -> dict[str, Json]:
        return {
            "type": "finding",
            "text": self.text,
            "evidence": list(self.evidence),
            "severity": self.severity,
            "chain": list(self.chain),
            "since": self.since.isoformat() if self.since else None,
            "confidence": self.confidence,
            "remedy": self.remedy,
            "offer": self.offer.to_json() if self.offer else None,
        }


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A moment worth a line across a chart, such as a deploy."""

    at: datetime
    text: str


@dataclass(frozen=True, kw_only=True)
class Curve:
    """One line of a chart. Points are in the order of their times; None is a gap."""

    name: str
    points: tuple[tuple[datetime, float | None], ...]


@dataclass(frozen=True, kw_only=True)
class Chart:
    """Curves over time in one unit, with moments marked. An edge that cannot draw shows `table`, which also serves screen readers."""

    title: str
    unit: str
    curves: tuple[Curve, ...]
    table: Table
    marks: tuple[Mark, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "type": "chart",
            "title": self.title,
            "unit": self.unit,
            "curves": [
                {"name": curve.name, "points": [[at.isoformat(), None if value is None else repr(value)] for at, value in curve.points]}
                for curve in self.curves
            ],
            "marks": [{"at": mark.at.isoformat(), "text": mark.text} for mark in self.marks],
            "table": self.table.to_json(),
        }  # fmt: skip


Part: TypeAlias = Text | Table | Finding | Command | Chart


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a query found. `summary` is the one sentence that answers the question."""

    title: str
    summary: str
    parts: tuple[Part, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {"title": self.title, "summary": self.summary, "parts": [part.to_json() for part in self.parts]}
