"""Incidents as they lie in the database: entries that are only added to, read as the incident that they make.

This is for the bot itself and does not ask who wants to know; `bot/usecases/incident_book.py` does.
"""

import hashlib
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean, clean_text
from bot.store.errors import AlreadyAsked
from bot.store.statements import insert_once
from bot.store.tables import incident_entries, incidents
from skills.core.canonical import Json, canonical
from skills.core.errors import UnknownName
from skills.core.incident import Entry, Incident, IncidentId, Verb, fold
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database

_TELLING = [each.value for each in Verb if each.told_only]
_MOST_AT_ONCE = 20


class IncidentWriter:
    """What a transaction can write of incidents. `audited` is told of each entry."""

    def __init__(
        self,
        connection: AsyncConnection,
        organization: Organization,
        *,
        number: Callable[[str], Any],
        audited: Callable[[str, str, Mapping[str, Json], str], None],
    ) -> None:
        self._connection = connection
        self._organization = organization
        self._number = number
        self._audited = audited

    async def declare(self, entry: Entry, *, key: str, of: str) -> IncidentId:
        """Open an incident under the next number. Raises `AlreadyAsked` if one is open that is about the same, or was declared by this key."""
        id = IncidentId(await self._number("incident"))
        facts = entry.facts
        new = await insert_once(
            self._connection, incidents, organization=self._organization, id=id, request_key=key, open_of=of, service=str(facts.get("service") or ""),
            confidential=bool(facts.get("confidential")), declared_at=entry.at, over=False, room=None, entries=0, followed=0,
        )  # fmt: skip
        if not new:
            raise AlreadyAsked(key)
        await self.write(id, [entry], key=key)
        return id

    async def write(self, id: IncidentId, entries: Sequence[Entry], *, key: str) -> bool:
        """Add these; False where that was done under this key. Raises `UnknownName`."""
        row = await self._locked(id)
        seq, written = row.entries, 0
        for index, entry in enumerate(entries):
            whole = _cleaned(entry)
            new = await insert_once(
                self._connection, incident_entries, organization=self._organization, incident=id, seq=seq + 1, key=f"{key}:{index}", at=whole.at,
                verb=whole.verb, text=whole.text, by=whole.by, by_name=whole.by_name, source=whole.source, link=whole.link, facts=whole.facts,
            )  # fmt: skip
            if new:
                seq, written = seq + 1, written + 1
                self._note(id, whole, confidential=row.confidential)
        if written:
            await self._index(id, row, entries, seq)
        return written > 0

    async def is_open(self, id: IncidentId) -> bool:
        """Is it, until this transaction ends? Raises `UnknownName`."""
        return not (await self._locked(id)).over

    async def _locked(self, id: IncidentId) -> Row[Any]:
        query = select(incidents).where(_mine(self._organization, id)).with_for_update()
        row = (await self._connection.execute(query)).first()
        if row is None:
            raise UnknownName("incident", f"#{id}")
        return row

    async def _index(self, id: IncidentId, row: Row[Any], entries: Iterable[Entry], seq: int) -> None:
        """What incidents are found by, from what was just written."""
        values: dict[str, Any] = {"entries": seq}
        for entry in entries:
            match entry.verb:
                case Verb.RESOLVED | Verb.MERGED:
                    values |= {"over": True, "open_of": None}
                case Verb.REOPENED if row.over:
                    values |= {"over": False}
                case Verb.ROOM:
                    values |= {"room": str(entry.facts["id"])}
        await self._connection.execute(update(incidents).where(_mine(self._organization, id)).values(**values))

    def _note(self, id: IncidentId, entry: Entry, *, confidential: bool) -> None:
        """The audit entry: the words, where they can be erased, and a fingerprint of all of it, salted and erased like them, since short words are
        soon guessed from theirs. Of a confidential incident the fingerprint alone, which proves what was written to whoever may read it.
        """
        whole: dict[str, Json] = {"text": entry.text, "source": entry.source, "link": entry.link, "facts": dict(entry.facts)}  # fmt: skip
        facts: dict[str, Json] = {"written": hashlib.sha256(canonical(whole)).hexdigest()}
        facts |= {"confidential": True} if confidential else {"words": entry.text, "source": entry.source}
        self._audited(f"incident:{entry.verb.replace(' ', '-')}", f"incident/{id}", facts, entry.by or "countersign")


class StoredIncidents:
    """The organization's incidents, and which of them somebody has to look after."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def incident(self, id: IncidentId) -> Incident | None:
        return await self._one(incidents.c.id == id)

    async def by_request(self, key: str) -> Incident | None:
        return await self._one(incidents.c.request_key == key)

    async def open_about(self, of: str) -> Incident | None:
        return await self._one(incidents.c.open_of == of)

    async def in_room(self, room: str) -> Incident | None:
        return await self._one(incidents.c.room == room)

    async def open(self) -> tuple[Incident, ...]:
        """Newest first."""
        return await self._many(incidents.c.over.is_(False))

    async def past(self, since: datetime) -> tuple[Incident, ...]:
        """Declared since then, newest first."""
        return await self._many(incidents.c.declared_at >= since)

    async def entries(self, id: IncidentId, *, limit: int = 10_000, verbs: Collection[Verb] = ()) -> tuple[Entry, ...]:
        """The newest `limit` of what happened, in its order; only entries of these verbs, where some are given."""
        query = (
            select(incident_entries)
            .where(
                incident_entries.c.organization == self._organization,
                incident_entries.c.incident == id,
                *([incident_entries.c.verb.in_([each.value for each in verbs])] if verbs else []),
            )
            .order_by(incident_entries.c.seq.desc())
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return tuple(_entry(row) for row in reversed((await connection.execute(query)).all()))

    async def claim(self, executor: str, now: datetime, lease: timedelta) -> tuple[tuple[Incident, int], ...]:
        """Incidents that changed since they were looked after, or are due, for this process alone until the lease ends; each with how many entries it had."""
        wanted = or_(incidents.c.entries > incidents.c.followed, incidents.c.due_at <= now)
        free = or_(incidents.c.claimed_until.is_(None), incidents.c.claimed_until <= now)
        query = select(incidents.c.id).where(incidents.c.organization == self._organization, wanted, free)
        async with self._database.reading() as connection:
            ids = (await connection.execute(query.order_by(incidents.c.id.desc()).limit(_MOST_AT_ONCE))).scalars().all()
        if not ids:
            return ()
        async with self._database.writing() as connection:
            statement = (
                update(incidents)
                .where(incidents.c.organization == self._organization, incidents.c.id.in_(ids), wanted, free)
                .values(executor=executor, claimed_until=now + lease)
                .returning(incidents.c.id, incidents.c.entries)
            )
            mine = {row.id: row.entries for row in await connection.execute(statement)}
        found = await self._many(incidents.c.id.in_(list(mine)))
        return tuple((each, mine[each.id]) for each in found)

    async def let_go(self, id: IncidentId, executor: str, *, followed: int, due_at: datetime | None) -> None:
        """It was looked after up to this entry; look again at `due_at`, or when something is written."""
        async with self._database.writing() as connection:
            await connection.execute(
                update(incidents)
                .where(_mine(self._organization, id), incidents.c.executor == executor)
                .values(executor=None, claimed_until=None, followed=followed, due_at=due_at)
            )

    async def _one(self, condition: ColumnElement[bool]) -> Incident | None:
        found = await self._many(condition)
        return found[0] if found else None

    async def _many(self, condition: ColumnElement[bool]) -> tuple[Incident, ...]:
        ids = select(incidents.c.id).where(incidents.c.organization == self._organization, condition)
        query = (
            select(incident_entries)
            .where(
                incident_entries.c.organization == self._organization,
                incident_entries.c.incident.in_(ids),
                incident_entries.c.verb.not_in(_TELLING),
            )
            .order_by(incident_entries.c.incident.desc(), incident_entries.c.seq)
        )
        grouped: dict[int, list[Entry]] = {}
        async with self._database.reading() as connection:
            for row in await connection.execute(query):
                grouped.setdefault(row.incident, []).append(_entry(row))
        found = (fold(IncidentId(id), self._organization, entries) for id, entries in grouped.items())
        return tuple(each for each in found if each)


def _mine(organization: Organization, id: IncidentId) -> ColumnElement[bool]:
    return (incidents.c.organization == organization) & (incidents.c.id == id)


def _cleaned(entry: Entry) -> Entry:
    facts = clean(entry.facts)
    assert isinstance(facts, Mapping)
    return replace(
        entry, text=clean_text(entry.text), by_name=clean_text(entry.by_name), facts=facts, link=clean_text(entry.link)
    )


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        seq=row.seq,
        at=row.at,
        verb=Verb(row.verb),
        text=row.text,
        by=row.by,
        by_name=row.by_name,
        source=row.source,
        link=row.link,
        facts=row.facts or {},
    )
