"""An incident: something that somebody does."""

from skills.core import incident_words
from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentTask(IncidentRecord):
    """Note what has to be done in an incident, by whom (@name) and until when."""

    name = "incident-task"
    aliases = ("incident-todo",)
    examples = ("incident task look at the pool @sre in 2h", "incident task #3 write to support by 2026-12-01")
    after_the_end = True

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        person, rest = incident_words.person(words, self._catalog)
        due, what = incident_words.due(rest.strip(), self._book.now())
        if not what:
            raise BadInput("Say what has to be done.")
        whose = f" ({person.name})" if person else ""
        until = f", due {due:%Y-%m-%d %H:%M} UTC" if due else ""
        facts = {
            "what": what, "owner": person.subject if person else "", "owner_name": person.name if person else "",
            "due": due.isoformat() if due else None,
        }  # fmt: skip
        return self.says(Verb.TASK, f"Task {len(incident.tasks) + 1}{whose}: {what}{until}.", asked, facts)
