"""An incident: what happened."""

from skills.core import incident_told
from skills.core.actor import Actor
from skills.core.incident import Incident
from skills.core.incident_query import IncidentQuery
from skills.core.report import Report

_MOST = 200


class IncidentTimeline(IncidentQuery):
    """Show what happened in an incident, entry by entry."""

    name = "incident-timeline"
    examples = ("incident timeline",)
    phrases = ("incident timeline", "timeline of … incident")

    async def shown(self, incident: Incident, *, asker: Actor) -> Report:
        return incident_told.timeline(incident, await self._book.entries(incident.id, asker=asker, limit=_MOST))
