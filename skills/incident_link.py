"""An incident: what belongs to it."""

from skills.core import incident_words
from skills.core.errors import BadInput, UnknownName
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentLink(IncidentRecord):
    """Link an incident with another one, or with an address."""

    name = "incident-link"
    examples = ("incident link #3 #2", "incident link https://status.example/42")
    after_the_end = True

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        id, _ = incident_words.which(words)
        if id is not None:
            other = await self._book.incident(id, asker=asked.actor)
            if other is None or other.id == incident.id:
                raise UnknownName("other incident", f"#{id}")
            return self.says(Verb.LINKED, f"Linked with incident #{id}: {other.title}.", asked, {"with": f"#{id}"})
        if not words.startswith("https://") or " " in words:
            raise BadInput("Say what to link: “#2”, or an address that begins with https://.")
        return self.says(Verb.LINKED, f"Linked: {words}", asked, {"with": words})
