"""An incident: where it stands."""

from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Phase, Verb
from skills.core.incident_record import IncidentRecord, changed_nothing
from skills.core.skill import Asked


class IncidentMark(IncidentRecord):
    """Say where an incident stands: investigating, identified or monitoring."""

    name = "incident-mark"
    examples = ("incident mark identified", "incident mark #3 monitoring the rollback is out")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        word, _, why = words.partition(" ")
        to = next((each for each in Phase if each.value == word.lower().strip(",:;.") and not each.over), None)
        if to is None:
            raise BadInput(
                "Say where it stands.",
                hint="investigating, identified (the cause is known) or monitoring (it is mended, and watched).",
            )
        if to is incident.phase:
            raise changed_nothing(incident, to.value)
        because = f": {why.strip()}" if why.strip() else ""
        return self.says(Verb.PHASE, f"{asked.actor.name} marked it as {to}{because}.", asked, {"to": to.value})
