"""An incident: what turned out to be the cause, and what did not."""

from skills.core import incident_words
from skills.core.errors import BadInput
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentSettle(IncidentRecord):
    """Say that a suspected cause is confirmed or ruled out, by its number."""

    name = "incident-settle"
    examples = ("incident settle 1 confirmed", "incident settle #3 2 ruled out")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        number, rest = incident_words.number(words, of="hypothesis")
        one = next((each for each in incident.hypotheses if each.number == number), None)
        if one is None:
            raise BadInput(
                f"Incident #{incident.id} has no hypothesis {number}.",
                hint=f"“incident status #{incident.id}” lists them.",
            )
        said = rest.lower().replace("-", " ")
        holds = True if said.startswith("confirmed") else False if said.startswith("ruled out") else None
        if holds is None:
            raise BadInput("Say “confirmed” or “ruled out”.")
        verdict = "confirmed" if holds else "ruled out"
        return self.says(
            Verb.HYPOTHESIS_SETTLED,
            f"Hypothesis {number} is {verdict}: {one.what}.",
            asked,
            {"number": number, "holds": holds},
        )
