"""An incident: how bad it is."""

from skills.core import incident_words
from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord, changed_nothing
from skills.core.skill import Asked


class IncidentSeverity(IncidentRecord):
    """Change how bad an incident is, from sev1 (worst) to sev4."""

    name = "incident-severity"
    aliases = ("incident-sev",)
    examples = ("incident severity sev1", "incident severity #3 sev2 only in one region")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        to, why = incident_words.severity(words)
        if to is None:
            raise BadInput("Say how bad it is.", hint=incident_words.severities())
        if to is incident.severity:
            raise changed_nothing(incident, to.value)
        because = f": {why}" if why else ""
        text = f"{asked.actor.name} changed the severity from {incident.severity} to {to}{because}."
        return self.says(Verb.SEVERITY, text, asked, {"to": to.value})
