"""An incident: what is to be learned."""

from datetime import timedelta

from pydantic import Field

from skills.core import incident_told, skill
from skills.core.actor import Actor
from skills.core.incident import Incident, IncidentId
from skills.core.incident_record import TOPIC, meant
from skills.core.ports.incidents import Incidents
from skills.core.report import Report, Table
from skills.core.skill import Query

_BACK = timedelta(days=365)


class Params(skill.Params):
    """Which incident."""

    incident: skill.IncidentNumber | None = Field(
        default=None, description="The number of the incident, where several are open"
    )


class IncidentPostmortem(Query[Params]):
    """Write the post-mortem of an incident as a Markdown document."""

    name = "incident-postmortem"
    topic = TOPIC
    examples = ("incident postmortem",)
    phrases = ("postmortem|post-mortem of … incident",)

    def __init__(self, book: Incidents) -> None:
        self._book = book

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        number = IncidentId(params.incident) if params.incident else None
        if number is None and not await self._book.open(asker=asker):
            return Report(title="Incidents", summary="No incident is open.")
        incident = await meant(self._book, number, asker=asker)
        entries = await self._book.entries(incident.id, asker=asker)
        document = incident_told.postmortem(incident, entries)
        alike = [
            each
            for each in await self._book.past(since=incident.declared_at - _BACK, asker=asker)
            if each.id != incident.id and _similar(each, incident)
        ]
        rows = tuple(
            (f"#{each.id}", each.title, each.cause or "—", f"{each.declared_at:%Y-%m-%d}") for each in alike[:5]
        )
        similar = (
            [Table(title="Similar incidents", columns=("incident", "what", "cause", "declared"), rows=rows)]
            if rows
            else []
        )
        summary = f"Incident #{incident.id} as it was written down; what stands in italics is for people to fill in."
        return Report(title="Post-mortem", summary=summary, parts=(*incident_told.in_pieces(document), *similar))


def _similar(one: Incident, other: Incident) -> bool:
    """The same service, or most of the longer words of one title in the other."""
    if one.service and one.service == other.service:
        return True
    first, second = ({word for word in each.title.lower().split() if len(word) > 3} for each in (one, other))
    return bool(first) and len(first & second) * 2 > min(len(first), len(second))
