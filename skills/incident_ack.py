"""An incident: somebody is on it."""

from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord, MaySay, changed_nothing
from skills.core.skill import Asked


class IncidentAck(IncidentRecord):
    """Say that you are on it, so that nobody else has to be called."""

    name = "incident-ack"
    examples = ("incident ack", "incident ack #3")
    Params = MaySay

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        if incident.acknowledged_at:
            raise changed_nothing(incident, f"acknowledged by {incident.acknowledged_by_name}")
        return self.says(Verb.ACKNOWLEDGED, f"{asked.actor.name} is on it.", asked)
