"""An incident: when people meet about it."""

from skills.core import incident_words
from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentReview(IncidentRecord):
    """Set the day on which people meet about an incident."""

    name = "incident-review"
    examples = ("incident review #3 on 2026-12-01", "incident review by 2026-12-01 14:00")
    after_the_end = True

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        on, _ = incident_words.due(words, self._book.now())
        if on is None:
            raise BadInput("Say on which day.", hint="incident review on 2026-12-01 14:00")
        return self.says(Verb.REVIEW, f"The review is on {on:%Y-%m-%d %H:%M} UTC.", asked, {"on": on.isoformat()})
