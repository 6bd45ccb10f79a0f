"""An incident: its end."""

from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord, MaySay, changed_nothing
from skills.core.skill import Asked


class IncidentResolve(IncidentRecord):
    """Say that an incident is over, and what caused it."""

    name = "incident-resolve"
    aliases = ("incident-close",)
    examples = ("incident resolve", "incident resolve #3 the pool was too small")
    Params = MaySay
    after_the_end = True

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        if not incident.open:
            raise changed_nothing(incident, "over")
        cause = f" Cause: {words}" if words else ""
        return self.says(Verb.RESOLVED, f"{asked.actor.name} resolved it.{cause}", asked, {"cause": words})
