"""An incident: it is not over after all."""

from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord, MaySay, changed_nothing
from skills.core.skill import Asked


class IncidentReopen(IncidentRecord):
    """Reopen an incident that was resolved too early."""

    name = "incident-reopen"
    examples = ("incident reopen #3", "incident reopen #3 errors are back")
    Params = MaySay
    after_the_end = True

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        if incident.open:
            raise changed_nothing(incident, "open")
        if incident.merged_into:
            raise BadInput(f"Incident #{incident.id} was merged into #{incident.merged_into}.", hint="Go on there.")
        because = f": {words}" if words else ""
        return self.says(Verb.REOPENED, f"{asked.actor.name} reopened it{because}.", asked)
