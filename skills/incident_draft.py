"""An incident: a draft of what to tell others."""

from skills.core import incident_told
from skills.core.actor import Actor
from skills.core.incident import Incident
from skills.core.incident_query import IncidentQuery
from skills.core.report import Command, Report, Text


class IncidentDraft(IncidentQuery):
    """Draft a status update of an incident from its time line; a person sends it."""

    name = "incident-draft"
    examples = ("incident draft",)
    phrases = ("incident draft",)

    async def shown(self, incident: Incident, *, asker: Actor) -> Report:
        entries = await self._book.entries(incident.id, asker=asker)
        words = incident_told.draft(incident, entries, now=self._book.now())
        send = Command(text=f"incident update #{incident.id} {words}", does="send it as it is")
        summary = "A draft, made of what is written down. Nothing is sent before somebody says so."
        return Report(title=f"Draft for incident #{incident.id}", summary=summary, parts=(Text(text=words), send))
