"""An incident: what happened."""

from pydantic import Field

from skills.core import incident_told, skill
from skills.core.actor import Actor
from skills.core.incident import IncidentId
from skills.core.incident_record import TOPIC, meant
from skills.core.ports.incidents import Incidents
from skills.core.report import Report
from skills.core.skill import Query

_MOST = 200


class Params(skill.Params):
    """Which incident."""

    incident: skill.IncidentNumber | None = Field(
        default=None, description="The number of the incident, where several are open"
    )


class IncidentTimeline(Query[Params]):
    """Show what happened in an incident, entry by entry."""

    name = "incident-timeline"
    topic = TOPIC
    examples = ("incident timeline",)
    phrases = ("incident timeline", "timeline of … incident")

    def __init__(self, book: Incidents) -> None:
        self._book = book

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        number = IncidentId(params.incident) if params.incident else None
        if number is None and not await self._book.open(asker=asker):
            return Report(title="Incidents", summary="No incident is open.")
        incident = await meant(self._book, number, asker=asker)
        return incident_told.timeline(incident, await self._book.entries(incident.id, asker=asker, limit=_MOST))
