"""An incident: one more is in it."""

from skills.core import incident_words
from skills.core.errors import NothingToDo
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord, MaySay
from skills.core.skill import Asked


class IncidentJoin(IncidentRecord):
    """Join an incident, or bring somebody in (@name)."""

    name = "incident-join"
    aliases = ("incident-invite",)
    examples = ("incident join #3", "incident join @sre")
    Params = MaySay

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        person, _ = incident_words.person(words, self._catalog)
        who = person or asked.actor
        if who.subject in incident.people:
            raise NothingToDo(f"{who.name} is in incident #{incident.id} already.")
        return self.says(Verb.JOINED, f"{who.name} joined.", asked, {"person": who.subject, "name": who.name})
