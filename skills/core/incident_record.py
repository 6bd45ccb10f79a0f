"""What the skills that write in an incident have in common: which incident is meant, who writes, and what is told afterwards."""

import abc
from collections.abc import Mapping
from typing import ClassVar

from pydantic import Field

from skills.core import incident_words, skill
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.errors import Ambiguous, BadInput, NothingToDo, UnknownName
from skills.core.incident import Entry, Incident, IncidentId, Role, Verb
from skills.core.ports.incidents import IncidentBook, Incidents
from skills.core.report import Command, Part, Report
from skills.core.skill import Asked, Record

TOPIC = "incident"


class Said(skill.Params):
    """What was said."""

    said: skill.FreeText = Field(max_length=3000, description="What to write down; “#3” in front names the incident")


class MaySay(Said):
    """What was said, if anything."""

    said: skill.FreeText = Field(
        default="", max_length=3000, description="“#3” in front names the incident; the rest is why"
    )


class IncidentRecord(Record[Said]):
    """A skill that adds to what happened in an incident. `after_the_end` says that it may be written when that is over."""

    topic = TOPIC
    after_the_end: ClassVar[bool] = False

    def __init__(self, book: IncidentBook, catalog: Catalog) -> None:
        self._book = book
        self._catalog = catalog

    async def record(self, params: Said, *, asked: Asked) -> Report:
        incident, words = await self._meant(params.said, asked)
        if not incident.open and not self.after_the_end:
            raise BadInput(
                f"{_name(incident)} is over.", hint=f"Say “incident reopen #{incident.id}” to go on with it."
            )
        entry = await self.entry(incident, words.strip(), asked=asked)
        written = await self._book.write(incident.id, (entry,), key=asked.key)
        return told(written.incident, entry.text)

    @abc.abstractmethod
    async def entry(self, incident: Incident, words: str, *, asked: Asked) -> Entry:
        """What these words add. Raises `Anticipated` errors, and then nothing is written."""

    def says(self, verb: Verb, text: str, asked: Asked, facts: Mapping[str, Json] | None = None) -> Entry:
        """An entry of whoever asks, dated now."""
        return entry_of(asked, verb, text, facts or {}, book=self._book)

    async def _meant(self, said: str, asked: Asked) -> tuple[Incident, str]:
        id, rest = incident_words.which(said)
        room = str(asked.origin.place.get("channel") or "")
        return await meant(self._book, id, asker=asked.actor, room=room), rest


def entry_of(asked: Asked, verb: Verb, text: str, facts: Mapping[str, Json], *, book: IncidentBook) -> Entry:
    """An entry of whoever asks, dated now."""
    return Entry(
        at=book.now(),
        verb=verb,
        text=text,
        by=asked.actor.subject,
        by_name=asked.actor.name,
        source=asked.origin.edge,
        facts=facts,
    )


async def meant(book: Incidents, id: IncidentId | None, *, asker: Actor, room: str = "") -> Incident:
    """The incident of that number, else that of the room it was said in, else the only one that is open. Raises `UnknownName`, `BadInput`, `Ambiguous`."""
    if id is not None:
        found = await book.incident(id, asker=asker)
        if found is None:
            raise UnknownName("incident", f"#{id}", hint="“incidents” lists those that are open.")
        return found
    if room and (found := await book.in_room(room, asker=asker)):
        return found
    there = await book.open(asker=asker)
    if not there:
        raise BadInput("There is no open incident.", hint="“incident declare …” opens one; “#3” in front names one that is over.")  # fmt: skip
    if len(there) > 1:
        raise Ambiguous(
            "Several incidents are open. Put the number in front.",
            slot="incident",
            candidates=[f"#{each.id} ({each.title})" for each in there[:5]],
        )
    return there[0]


def told(incident: Incident, text: str, *parts: Part) -> Report:
    """What is the case now, in a sentence, and what could be said next."""
    return Report(title=f"Incident #{incident.id}", summary=text, parts=(*parts, *offers(incident)))


def offers(incident: Incident) -> tuple[Command, ...]:
    """What whoever looks could do next, most urgent first."""
    if not incident.open:
        return (Command(text=f"incident postmortem #{incident.id}", does="write the post-mortem"),)
    wanted: list[Command] = []
    if incident.acknowledged_at is None:
        wanted.append(Command(text=f"incident ack #{incident.id}", does="say that I am on it"))
    if Role.COMMANDER not in incident.roles:
        wanted.append(Command(text=f"incident role #{incident.id} commander", does="take command"))
    if incident.service and incident.severity.wakes:
        wanted.append(Command(text=f"troubleshoot {incident.service}", does=f"look at {incident.service}"))
    return tuple(wanted[:3])


def changed_nothing(incident: Incident, what: str) -> NothingToDo:
    """It already is as asked."""
    return NothingToDo(f"{_name(incident)} is {what} already.")


def _name(incident: Incident) -> str:
    return f"Incident #{incident.id}"
