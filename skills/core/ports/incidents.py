"""What skills need of incidents: which there are, what happened in them, and to write down what happens next."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skills.core.actor import Actor
from skills.core.incident import Entry, Incident, IncidentId


@dataclass(frozen=True, kw_only=True)
class Written:
    """Where the incident stands now; `new` is False where there was nothing to write: it had been written under that key, or was declared."""

    incident: Incident
    new: bool


class Incidents(Protocol):
    """The organization's incidents. Whatever is confidential is not there for those who are not in it."""

    def now(self) -> datetime:
        """The time, in UTC, that entries are dated by."""

    async def incident(self, id: IncidentId, *, asker: Actor) -> Incident | None:
        """Where it stands, or None: there is none, or it is not for the asker to know."""

    async def in_room(self, room: str, *, asker: Actor) -> Incident | None:
        """The incident whose room is this channel, by its id."""

    async def open(self, *, asker: Actor) -> Sequence[Incident]:
        """Those that are not over, newest first."""

    async def past(self, *, since: datetime, asker: Actor) -> Sequence[Incident]:
        """Those that were declared since then, open or over, newest first."""

    async def entries(self, id: IncidentId, *, asker: Actor, limit: int = 10_000) -> Sequence[Entry]:
        """What happened, in its order; the newest `limit` of it. Nothing where it is not for the asker to know."""


class IncidentBook(Incidents, Protocol):
    """The same, to be written in. Each call is one transaction with its audit entry, and happens once for each `key`."""

    async def declare(self, entry: Entry, *, key: str, of: str) -> Written:
        """Open an incident with its first entry; or, where one about the same (`of`) is open, tell that one. Of two at the same moment one declares."""

    async def write(self, id: IncidentId, entries: Sequence[Entry], *, key: str) -> Written:
        """Add these to what happened. Raises `UnknownName` for an incident that there is none of."""
