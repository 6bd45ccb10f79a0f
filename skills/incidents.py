"""Incidents: which there are, and how long it took."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.incident import Incident
from skills.core.incident_figures import figures, length
from skills.core.incident_record import TOPIC
from skills.core.ports.incidents import Incidents
from skills.core.report import Command, Part, Report, Table
from skills.core.skill import Query

_USUALLY = 90
_MOST = 30


class Params(skill.Params):
    """From when on."""

    since: skill.Since | None = Field(default=None, description="From when on; 90 days back if not said")


class IncidentList(Query[Params]):
    """Show the incidents that are open, and how long those of the past took."""

    name = "incidents"
    topic = TOPIC
    examples = ("incidents",)
    phrases = ("incidents", "open|current|ongoing incidents", "past|recent incidents", "mttr", "mtta")

    def __init__(self, book: Incidents) -> None:
        self._book = book

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        now = self._book.now()
        since = params.since or now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=_USUALLY)
        there = await self._book.open(asker=asker)
        past = await self._book.past(since=since, asker=asker)
        over = [each for each in past if not each.open]
        parts: list[Part] = [_table(there, "Open"), *(Command(text=f"incident status {each.id}", does=f"look at #{each.id}") for each in there[:3])] if there else []  # fmt: skip
        if over:
            parts += [_table(over[:_MOST], "Over"), *figures(past)]
        said = f"{len(there)} open" if there else "No incident is open"
        return Report(
            title="Incidents", summary=f"{said}; {len(past)} declared since {since:%Y-%m-%d}.", parts=tuple(parts)
        )


def _table(incidents: Sequence[Incident], title: str) -> Table:
    rows = tuple(
        (
            f"#{each.id}",
            each.title,
            each.severity.value,
            each.phase.value,
            each.service or "—",
            f"{each.declared_at:%Y-%m-%d %H:%M} UTC",
            length(each.resolved_at - each.declared_at) if each.resolved_at else "",
            f"#{each.room.name}" if each.room else "",
        )
        for each in incidents
    )
    columns = ("incident", "what", "severity", "stands", "service", "declared", "took", "room")
    return Table(title=title, columns=columns, rows=rows)
