"""An incident: what might be the cause."""

from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentSuspect(IncidentRecord):
    """Note what might be the cause of an incident."""

    name = "incident-suspect"
    aliases = ("incident-hypothesis",)
    examples = ("incident suspect the connection pool is too small", "incident suspect #3 the deploy of 14:05")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        if not words:
            raise BadInput("Say what might be the cause.")
        return self.says(
            Verb.HYPOTHESIS, f"Hypothesis {len(incident.hypotheses) + 1}: {words}.", asked, {"what": words}
        )
