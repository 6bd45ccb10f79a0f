"""An incident: who answers for what."""

from skills.core import incident_words
from skills.core.errors import BadInput, NothingToDo
from skills.core.incident import Entry, Incident, Role, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentRole(IncidentRecord):
    """Take a role in an incident, or hand it to somebody (@name)."""

    name = "incident-role"
    examples = ("incident role commander", "incident role #3 scribe @sre")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        person, rest = incident_words.person(words, self._catalog)
        role = next((each for each in Role if each.value in rest.lower().split()), None)
        if role is None:
            raise BadInput("Say which role.", hint=f"{', '.join(Role)}.")
        who = person or asked.actor
        held, name = incident.roles.get(role, ("", ""))
        if held == who.subject:
            raise NothingToDo(f"{who.name} is {role} of incident #{incident.id} already.")
        took = f"{who.name} takes over as {role}" + (f" from {name}" if name else "")
        by = "" if who.subject == asked.actor.subject else f", says {asked.actor.name}"
        facts = {"role": role.value, "person": who.subject, "name": who.name}
        return self.says(Verb.ROLE, f"{took}{by}.", asked, facts)
