"""The book of incidents, as far as each person may know of it: what `skills/` read and write."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.store import Store
from bot.store.errors import AlreadyAsked
from skills.core.actor import Actor
from skills.core.errors import Conflict, UnknownName
from skills.core.incident import Entry, Incident, IncidentId
from skills.core.ports.incidents import Written


class Book:
    """An `IncidentBook`. Of what a person may not know of, every answer is the same as if there were no such incident."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()

    async def incident(self, id: IncidentId, *, asker: Actor) -> Incident | None:
        return _for(asker, await self._store.incidents.incident(id))

    async def in_room(self, room: str, *, asker: Actor) -> Incident | None:
        return _for(asker, await self._store.incidents.in_room(room))

    async def open(self, *, asker: Actor) -> Sequence[Incident]:
        return [each for each in await self._store.incidents.open() if each.seen_by(asker)]

    async def past(self, *, since: datetime, asker: Actor) -> Sequence[Incident]:
        return [each for each in await self._store.incidents.past(since) if each.seen_by(asker)]

    async def entries(self, id: IncidentId, *, asker: Actor, limit: int = 10_000) -> Sequence[Entry]:
        if await self.incident(id, asker=asker) is None:
            return ()
        return await self._store.incidents.entries(id, limit=limit)

    async def declare(self, entry: Entry, *, key: str, of: str) -> Written:
        try:
            async with self._store.begin() as tx:
                id = await tx.incidents.declare(entry, key=key, of=of)
        except AlreadyAsked:
            there = await self._store.incidents.by_request(key) or await self._store.incidents.open_about(of)
            if there is None:
                raise Conflict("The incident about that was resolved this very moment.", hint="Say it again.") from None
            return Written(incident=there, new=False)
        return Written(incident=await self._there(id), new=True)

    async def write(self, id: IncidentId, entries: Sequence[Entry], *, key: str) -> Written:
        async with self._store.begin() as tx:
            new = await tx.incidents.write(id, entries, key=key)
        return Written(incident=await self._there(id), new=new)

    async def _there(self, id: IncidentId) -> Incident:
        found = await self._store.incidents.incident(id)
        if found is None:
            raise UnknownName("incident", f"#{id}")
        return found


def _for(asker: Actor, incident: Incident | None) -> Incident | None:
    return incident if incident and incident.seen_by(asker) else None
