"""An incident: a draft of what to tell others."""

from pydantic import Field

from skills.core import incident_told, skill
from skills.core.actor import Actor
from skills.core.incident import IncidentId
from skills.core.incident_record import TOPIC, meant
from skills.core.ports.incidents import Incidents
from skills.core.report import Command, Report, Text
from skills.core.skill import Query


class Params(skill.Params):
    """Which incident."""

    incident: skill.IncidentNumber | None = Field(
        default=None, description="The number of the incident, where several are open"
    )


class IncidentDraft(Query[Params]):
    """Draft a status update of an incident from its time line; a person sends it."""

    name = "incident-draft"
    topic = TOPIC
    examples = ("incident draft",)
    phrases = ("incident draft",)

    def __init__(self, book: Incidents) -> None:
        self._book = book

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        number = IncidentId(params.incident) if params.incident else None
        if number is None and not await self._book.open(asker=asker):
            return Report(title="Incidents", summary="No incident is open.")
        incident = await meant(self._book, number, asker=asker)
        entries = await self._book.entries(incident.id, asker=asker)
        words = incident_told.draft(incident, entries, now=self._book.now())
        send = Command(text=f"incident update #{incident.id} {words}", does="send it as it is")
        summary = "A draft, made of what is written down. Nothing is sent before somebody says so."
        return Report(title=f"Draft for incident #{incident.id}", summary=summary, parts=(Text(text=words), send))
