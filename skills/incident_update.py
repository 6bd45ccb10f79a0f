"""An incident: a word to whoever waits."""

from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentUpdate(IncidentRecord):
    """Send a status update of an incident to whoever waits for one."""

    name = "incident-update"
    examples = ("incident update we rolled back and errors are falling", "incident update #3 fixed, watching it")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        if not words:
            raise BadInput("Say what they should know.", hint="“incident draft” makes a draft from the time line.")
        return self.says(Verb.UPDATE, f"Update by {asked.actor.name}: {words}", asked, {"text": words})
