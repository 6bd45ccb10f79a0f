"""An incident: it was the same as another."""

from skills.core import incident_words
from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentMerge(IncidentRecord):
    """Merge an incident into another one that is about the same."""

    name = "incident-merge"
    examples = ("incident merge #3 #2", "incident merge #4 into #2")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        id, _ = incident_words.which(words.removeprefix("into").strip())
        other = await self._book.incident(id, asker=asked.actor) if id else None
        if other is None or other.id == incident.id or not other.open:
            raise BadInput("Say which open incident to merge it into, by its number.", hint="incident merge #3 into #2")
        return self.says(
            Verb.MERGED, f"Merged into incident #{other.id}: {other.title}.", asked, {"into": int(other.id)}
        )
