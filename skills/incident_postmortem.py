"""An incident: what is to be learned."""

from datetime import timedelta

from skills.core import incident_told
from skills.core.actor import Actor
from skills.core.incident import Incident
from skills.core.incident_query import IncidentQuery
from skills.core.report import Report, Table

_BACK = timedelta(days=365)


class IncidentPostmortem(IncidentQuery):
    """Write the post-mortem of an incident as a Markdown document."""

    name = "incident-postmortem"
    examples = ("incident postmortem",)
    phrases = ("postmortem|post-mortem of … incident",)

    async def shown(self, incident: Incident, *, asker: Actor) -> Report:
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
