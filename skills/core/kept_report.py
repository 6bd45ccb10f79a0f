"""Reports that were kept as JSON, as they were."""

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from skills.core.report import Chart, Command, Curve, Finding, Mark, Part, Report, Table, Text


def report_from_json(value: Mapping[str, Any]) -> Report:
    """The inverse of `Report.to_json`. Raises `KeyError` for a kind of part that this release does not know."""
    return Report(
        title=value["title"],
        summary=value["summary"],
        parts=tuple(_PARTS[each["type"]](each) for each in value["parts"]),
    )


def _text(value: Mapping[str, Any]) -> Text:
    return Text(text=value["text"])


def _table(value: Mapping[str, Any]) -> Table:
    rows = tuple(tuple(row) for row in value["rows"])
    return Table(title=value["title"], columns=tuple(value["columns"]), rows=rows)


def _command(value: Mapping[str, Any]) -> Command:
    return Command(text=value["text"], does=value["does"])


def _finding(value: Mapping[str, Any]) -> Finding:
    return Finding(
        text=value["text"],
        evidence=tuple(value["evidence"]),
        severity=value["severity"],
        chain=tuple(value["chain"]),
        since=datetime.fromisoformat(value["since"]) if value["since"] else None,
        confidence=value["confidence"],
        remedy=value["remedy"],
        offer=_command(value["offer"]) if value["offer"] else None,
    )


def _chart(value: Mapping[str, Any]) -> Chart:
    marks = tuple(Mark(at=datetime.fromisoformat(mark["at"]), text=mark["text"]) for mark in value["marks"])
    return Chart(
        title=value["title"],
        unit=value["unit"],
        curves=tuple(_curve(each) for each in value["curves"]),
        table=_table(value["table"]),
        marks=marks,
    )


def _curve(value: Mapping[str, Any]) -> Curve:
    points = ((datetime.fromisoformat(at), None if number is None else float(number)) for at, number in value["points"])
    return Curve(name=value["name"], points=tuple(points))


_PARTS: Mapping[str, Callable[[Mapping[str, Any]], Part]] = {
    "text": _text, "table": _table, "command": _command, "finding": _finding, "chart": _chart,
}  # fmt: skip
