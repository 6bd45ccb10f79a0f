"""Alerts that were sent here, as people read of them: on a card, and as an answer."""

from collections.abc import Sequence
from datetime import datetime

from skills.core.ports.received_alerts import Firing
from skills.core.report import Command, Part, Report, Table, Text

_MOST_ROWS = 10
_WORST = ("critical", "page", "error", "warning", "info", "none", "")


def card(about: str, firing: Sequence[Firing], *, ended: int, began: datetime) -> Report:
    """How it stands with the alerts about something, from the first that fired to the last that ended."""
    title = "Alerts" if about == "everything" else f"Alerts: {about}"
    if not firing:
        return Report(title=title, summary=f"Over: {_counted(ended)} ended, since {began:%H:%M} UTC.")
    said = f"{_fire(sum(each.count for each in firing))} since {min(each.since for each in firing):%Y-%m-%d %H:%M} UTC"
    said += f"; {ended} ended." if ended else "."
    parts: list[Part] = [table(firing)]
    service = firing[0].service if len({each.service for each in firing}) == 1 else ""
    if service:
        name = firing[0].name.as_name() or "alerts fire"
        parts += [
            Command(text=f"incident declare {service}: {name}", does="open an incident"),
            Command(text=f"troubleshoot {service}", does=f"look at {service}"),
        ]
    return Report(title=title, summary=said, parts=tuple(parts))


def table(firing: Sequence[Firing]) -> Table | Text:
    """One row for each name and place, the worst first; how many there are of it."""
    rows = sorted(firing, key=lambda each: (_WORST.index(each.severity), -each.count, each.since))
    shown = tuple(
        (each.name.shown(limit=60), each.severity or "—", each.service or "—", each.environment or "—", str(each.count), f"{each.since:%m-%d %H:%M}")
        for each in rows[:_MOST_ROWS]
    )  # fmt: skip
    more = f", the first {_MOST_ROWS} of {len(rows)}" if len(rows) > _MOST_ROWS else ""
    columns = ("alert", "severity", "service", "environment", "how many", "since (UTC)")
    return Table(columns=columns, rows=shown, title=f"Firing{more}")


def _fire(count: int) -> str:
    return "1 alert fires" if count == 1 else f"{count} alerts fire"


def _counted(count: int) -> str:
    return "1 alert" if count == 1 else f"{count} alerts"
