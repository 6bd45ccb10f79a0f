"""An incident: where it stands."""

from skills.core import incident_told
from skills.core.actor import Actor
from skills.core.incident import Incident
from skills.core.incident_query import IncidentQuery
from skills.core.report import Report


class IncidentStatus(IncidentQuery):
    """Show where an incident stands, without joining its room."""

    name = "incident-status"
    examples = ("incident status",)
    phrases = ("status of … incident", "incident status")

    async def shown(self, incident: Incident, *, asker: Actor) -> Report:
        return incident_told.card(incident, now=self._book.now())
