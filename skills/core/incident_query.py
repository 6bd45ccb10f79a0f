"""What the skills that show one incident have in common: which one is meant, and for whom it is there."""

import abc

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.incident import Incident, IncidentId
from skills.core.incident_record import TOPIC, meant
from skills.core.ports.incidents import Incidents
from skills.core.report import Report
from skills.core.skill import Query


class Which(skill.Params):
    """Which incident."""

    incident: skill.IncidentNumber | None = Field(
        default=None, description="The number of the incident, where several are open"
    )


class IncidentQuery(Query[Which]):
    """A skill that shows one incident, to whoever may see it."""

    topic = TOPIC

    def __init__(self, book: Incidents) -> None:
        self._book = book

    async def answer(self, params: Which, *, asker: Actor) -> Report:
        number = IncidentId(params.incident) if params.incident else None
        if number is None and not await self._book.open(asker=asker):
            return Report(title="Incidents", summary="No incident is open.")
        return await self.shown(await meant(self._book, number, asker=asker), asker=asker)

    @abc.abstractmethod
    async def shown(self, incident: Incident, *, asker: Actor) -> Report:
        """This one incident."""
