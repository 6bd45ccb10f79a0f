"""An answer as typed parts. Edges render it; nothing here knows Slack, a terminal or HTML."""

from dataclasses import dataclass
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
class Finding:
    """Something concluded, and the observations it rests on."""

    text: str
    evidence: tuple[str, ...] = ()
    severity: str = "info"

    def to_json(self) -> dict[str, Json]:
        return {"type": "finding", "text": self.text, "evidence": list(self.evidence), "severity": self.severity}


@dataclass(frozen=True, kw_only=True)
class Command:
    """A request that the person could make next, in the words they would type."""

    text: str
    does: str

    def to_json(self) -> dict[str, Json]:
        return {"type": "command", "text": self.text, "does": self.does}


Part: TypeAlias = Text | Table | Finding | Command


@dataclass(frozen=True, kw_only=True)
class Report:
    """What a query found. `summary` is the one sentence that answers the question."""

    title: str
    summary: str
    parts: tuple[Part, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {"title": self.title, "summary": self.summary, "parts": [part.to_json() for part in self.parts]}
