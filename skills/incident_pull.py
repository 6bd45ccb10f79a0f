"""An incident: more people for it."""

from skills.core.catalog import shown
from skills.core.errors import BadInput, NothingToDo, UnknownName
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident_record import IncidentRecord
from skills.core.skill import Asked


class IncidentPull(IncidentRecord):
    """Pull a whole team into an incident, or the team that owns a service."""

    name = "incident-pull"
    examples = ("incident pull payments", "incident pull #3 platform")

    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        word = words.rsplit(maxsplit=1)[-1].lower() if words else ""
        if not word:
            raise BadInput("Say which team, or which service.")
        team = self._team(word)
        if team in incident.teams:
            raise NothingToDo(f"{team} is in incident #{incident.id} already.")
        people = [each.actor for each in self._catalog.everybody if team in each.actor.teams and each.actor.active]
        if not people:
            raise BadInput(f"Nobody is in the team {team}.", hint="people.yaml says who is.")
        names = ", ".join(each.name for each in people)
        facts = {"team": team, "people": [each.subject for each in people]}
        return self.says(Verb.PULLED_IN, f"{asked.actor.name} pulled in {team}: {names}.", asked, facts)

    def _team(self, word: str) -> str:
        """The team of that name, else the one that owns the service of that name. Raises `UnknownName`."""
        teams = sorted({team for each in self._catalog.everybody for team in each.actor.teams})
        if word in teams:
            return word
        owners = {name: each.owner for each in self._catalog.services for name in (each.name, *each.aliases)}
        if owners.get(word):
            return owners[word]
        raise UnknownName("team or service", shown(word), teams)
