"""An incident: a line in its time line."""

import re

from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked

_CORRECTS = re.compile(r"correct(?:s|ion)?(?: entry)? #?([0-9]{1,6})[\s:,–—-]+(.*)", re.IGNORECASE | re.DOTALL)


class IncidentNote(IncidentRecord):
    """Add a line to the time line of an incident; “correct 12: …” corrects entry 12."""

    name = "incident-note"
    examples = ("incident note restarted the cache by hand", "incident note #3 correct 12: it was 14:05")
    after_the_end = True

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        match = _CORRECTS.match(words)
        if match is None:
            if not words:
                raise BadInput("Say what happened.")
            return self.says(Verb.NOTE, words, asked)
        wrong, text = int(match[1]), match[2].strip()
        entries = await self._book.entries(incident.id, asker=asked.actor)
        if wrong not in {each.seq for each in entries} or not text:
            raise BadInput(
                f"Incident #{incident.id} has no entry {wrong} to correct.", hint="“incident timeline” numbers them."
            )
        return self.says(Verb.CORRECTION, f"Corrects entry {wrong}: {text}", asked, {"of": wrong})
