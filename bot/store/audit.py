"""The audit log: what happened, in an order without gaps, so that a later edit shows.

An entry is canonical JSON (RFC 8785). Its hash is a leaf of a Merkle tree (RFC 9162), whose root stands in the organization's head row, and a
link of a plain chain, which lets `verification` name the first entry that was touched. The columns beside the body only serve queries.
Personal data is in an entry as salted hashes (`sealing`); whoever reads entries here gets the clear text, unless it was erased.
"""

import asyncio
import json
import re
import secrets
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, bindparam, func, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import clear_text
from bot.store.archiving import archived
from bot.store.clear_text import SALT_BYTES, ClearText, NewSalt
from bot.store.columns import instant, storable
from bot.store.failures import explained
from bot.store.merkle import EMPTY_ROOT, FIRST_LINK, Frontier, completed_by, leaf_hash, link_hash
from bot.store.scan import CHUNK, Scan
from bot.store.sealing import PERSON, Kept, Person, opened, people_in, seal
from bot.store.statements import insert_once
from bot.store.tables import audit_entries, audit_heads, audit_nodes, audit_people
from bot.store.verification import Verification, verify
from skills.core.canonical import Json, canonical
from skills.core.errors import Anticipated, BadInput
from skills.core.names import Organization
from skills.core.redaction import HIDDEN, names_a_secret, redact

if TYPE_CHECKING:
    from bot.store.database import Database

# Built once: every change goes through these, and building a statement costs as much as running it.
_LOCK_HEAD = select(audit_heads).where(audit_heads.c.organization == bindparam("mine")).with_for_update()
_ADD = audit_entries.insert()
_GROW = audit_nodes.insert()
_MOVE_HEAD = update(audit_heads).where(audit_heads.c.organization == bindparam("mine"))

MOST_BYTES = 60_000
"""Of an entry's facts. Bundles of entries (C2SP tlog-tiles) hold none of more than 65,535 bytes."""

_LONGEST = 4_000
_ENDS = ("run:succeeded", "run:failed", "run:unknown")
_VERB = re.compile(r"[a-z_-]+:[a-z_-]+\Z")


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One immutable fact. `at` is UTC; `leaf` is the hexadecimal hash under which it stands in the tree."""

    seq: int
    at: datetime
    actor: str
    verb: str
    subject: str
    facts: Mapping[str, Json]
    leaf: str


@dataclass(frozen=True, kw_only=True)
class Draft:
    """An entry before it has a number and a time."""

    verb: str
    subject: str
    facts: Mapping[str, Json]
    actor: str

    def cleaned(self) -> "Draft":
        """Without secrets, and long texts cut where it would be too large. Raises `BadInput` if that is not enough, and `ValueError` for a verb that is not `subject:verb` or facts without a canonical form."""
        if not _VERB.match(self.verb):
            raise ValueError(f"{self.verb!r} is not a verb like proposal:approved")
        facts = clean(self.facts)
        if len(canonical(facts)) > MOST_BYTES:
            facts = {key: _cut(value) if isinstance(value, str) else value for key, value in facts.items()}
        if (size := len(canonical(facts))) > MOST_BYTES:
            raise BadInput(
                f"This is too much for one entry of the audit log: {size} bytes, and {MOST_BYTES} is the most.",
                hint="Do less at once.",
            )
        return replace(self, subject=clean_text(self.subject), actor=clean_text(self.actor), facts=facts)


class AuditLog:
    """Reading the organization's log, and proving that it is as it was written."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def entries(
        self,
        *,
        subject: str | None = None,
        actor: str | None = None,
        since: datetime | None = None,
        until: datetime | None = None,
        after: int = 0,
        limit: int = 100,
        newest: bool = False,
    ) -> Sequence[Entry]:
        """Entries whose number is greater than `after`, oldest first (with `newest`, the last ones, newest first).

        `subject` (“proposal/17”), `actor` (who acted) and since <= time < until narrow it down. Raises `Anticipated` for an entry that
        somebody made unreadable.
        """
        seq = audit_entries.c.seq
        async with self._database.reading() as connection:
            conditions = await self._about(connection, subject, actor)
            if since is not None:
                conditions.append(audit_entries.c.at >= instant(since))
            if until is not None:
                conditions.append(audit_entries.c.at < instant(until))
            query = select(audit_entries).where(*conditions, seq > after).order_by(seq.desc() if newest else seq)
            rows = (await connection.execute(query.limit(limit))).all()
            bodies = [_body(row) for row in rows]
            found = await clear_text.clear_text(connection, self._organization, bodies)
        return [_entry(row, body, found) for row, (_, body) in zip(rows, bodies, strict=True)]

    async def head(self) -> tuple[int, str]:
        """How many entries there are, and the Merkle root over them in hexadecimal: worth keeping elsewhere."""
        query = select(audit_heads.c.size, audit_heads.c.root).where(audit_heads.c.organization == self._organization)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return (row.size, row.root) if row else (0, EMPTY_ROOT.hex())

    async def archived(self) -> int:
        """Up to which number the entries are no longer here, but in an archive; 0 where all are here."""
        return await archived(self._database, self._organization)

    async def before(self, moment: datetime) -> int:
        """The number up to which every entry that is here bears an earlier time; 0 where that is none."""
        seq, at = audit_entries.c.seq, audit_entries.c.at
        mine = audit_entries.c.organization == self._organization
        later = select(func.min(seq)).where(mine, at >= instant(moment))
        async with self._database.reading() as connection:
            first = (await connection.execute(later)).scalar()
            last = (await connection.execute(select(func.max(seq)).where(mine))).scalar()
        return first - 1 if first else last or 0

    async def run_ended(self, *, after: int) -> bool:
        """Did a run come to its end in an entry whose number is greater than `after`?"""
        mine = (audit_entries.c.organization == self._organization) & (audit_entries.c.seq > after)
        query = select(audit_entries.c.seq).where(mine, audit_entries.c.verb.in_(_ENDS)).limit(1)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).first() is not None

    async def written(
        self, *, subject: str | None = None, first: int = 1, last: int | None = None
    ) -> Sequence[tuple[int, str]]:
        """(number, canonical JSON) of the entries about `subject`, or of all, from `first` to `last`, oldest first: what is hashed."""
        async with self._database.reading() as connection:
            conditions = [*await self._about(connection, subject, None), audit_entries.c.seq >= first]
            if last is not None:
                conditions.append(audit_entries.c.seq <= last)
            query = select(audit_entries.c.seq, audit_entries.c.body).where(*conditions).order_by(audit_entries.c.seq)
            return [(row.seq, row.body) for row in await connection.execute(query)]

    async def clear_text(self, bodies: Sequence[tuple[int, Mapping[str, Any]]]) -> ClearText:
        """What is hidden in entries, given as (number, body)."""
        async with self._database.reading() as connection:
            return await clear_text.clear_text(connection, self._organization, bodies)

    async def span(self, start: datetime, end: datetime) -> tuple[int, int] | None:
        """The lowest and the highest number among the entries with start <= at < end; None if there is none.

        Between them are all of that time, and others, too, if a clock was set back.
        """
        numbers, at = audit_entries.c.seq, audit_entries.c.at
        mine = (audit_entries.c.organization == self._organization) & (at >= instant(start)) & (at < instant(end))
        async with self._database.reading() as connection:
            row = (await connection.execute(select(func.min(numbers), func.max(numbers)).where(mine))).one()
        return None if row[0] is None else (row[0], row[1])

    async def bodies(self, upto: int, *, after: int = 0) -> AsyncIterator[list[str]]:
        """The canonical JSON of the entries behind `after` up to `upto`, oldest first, some thousands at a time, as it stands there, checked for nothing."""
        with (
            explained(self._database.place),
            closing(await asyncio.to_thread(Scan, self._database.url, self._organization)) as scan,
        ):
            last = after
            while last < upto and (rows := await asyncio.to_thread(scan.read, last, upto)):
                last = rows[-1][0]
                yield [row[5] for row in rows]

    async def _about(
        self, connection: AsyncConnection, subject: str | None, actor: str | None
    ) -> list[ColumnElement[bool]]:
        """Whoever is asked for stands there by name in old entries, and under pseudonyms in others."""
        conditions: list[ColumnElement[bool]] = [audit_entries.c.organization == self._organization]
        if subject is not None:
            subjects = [subject]
            if subject.startswith(PERSON):
                name = subject.removeprefix(PERSON)
                subjects += [PERSON + each for each in await self._pseudonyms(connection, name)]
            conditions.append(audit_entries.c.subject.in_(subjects))
        if actor is not None:
            conditions.append(audit_entries.c.actor.in_([actor, *await self._pseudonyms(connection, actor)]))
        return conditions

    async def _pseudonyms(self, connection: AsyncConnection, name: str) -> list[str]:
        return await clear_text.pseudonyms_of(connection, self._organization, name)

    async def people(self) -> Sequence[Person]:
        """Everybody that entries name, by pseudonym, erased ones too."""
        query = select(audit_people).where(audit_people.c.organization == self._organization)
        async with self._database.reading() as connection:
            found = await connection.execute(query.order_by(audit_people.c.pseudonym))
            return [clear_text.person_of(row) for row in found]

    async def texts(self, upto: int, *, after: int = 0) -> AsyncIterator[list[tuple[int, Kept]]]:
        """What the entries behind `after` up to `upto` hide, in their order, those of some thousands of entries at a time."""
        with (
            explained(self._database.place),
            closing(await asyncio.to_thread(Scan, self._database.url, self._organization)) as scan,
        ):
            for last in range(after, upto, CHUNK):
                found = await asyncio.to_thread(scan.texts, last, min(upto, last + CHUNK))
                yield [(seq, kept) for seq, places in found.items() for kept in places.values()]

    async def verify(
        self, progress: Callable[[int, int], None] | None = None, expect: Sequence[tuple[int, str]] = ()
    ) -> Verification:
        """Read the whole log again and compare it with its head and with earlier heads that somebody remembered.

        `progress` is told how many entries of how many were read. `expect` are results of `head` kept elsewhere: they alone reveal a log that
        was rewritten consistently. Whoever changes an entry and its link as well makes the next one the first that does not fit. Memory does
        not grow with the log; entries appended meanwhile are left for the next time.
        """
        return await verify(self._database, self._organization, progress=progress, expect=expect)


def new_salt() -> bytes:
    """Sixteen random bytes."""
    return secrets.token_bytes(SALT_BYTES)


def _salts(new_salt: NewSalt) -> Iterator[bytes]:
    while True:
        yield new_salt()


async def append(
    connection: AsyncConnection,
    organization: Organization,
    drafts: Sequence[Draft],
    *,
    now: datetime,
    new_salt: NewSalt = new_salt,
) -> None:
    """Write entries under the next numbers. Locks the head row until the end of the transaction."""
    head = await locked_head(connection, organization)
    named = {each for draft in drafts for each in people_in(draft.actor, draft.subject, draft.facts)}
    pseudonyms = await clear_text.pseudonyms(connection, organization, named, new_salt=new_salt)
    frontier = Frontier(head.size, map(bytes.fromhex, head.frontier.split()))
    link = bytes.fromhex(head.link)
    at = instant(now)
    position = completed_by(head.size)
    written, completed, texts = [], list[bytes](), list[tuple[int, Kept]]()
    for draft in drafts:
        sealed = seal(draft.actor, draft.subject, draft.facts, pseudonyms=pseudonyms, salts=_salts(new_salt))
        columns: dict[str, Any] = {
            "organization": organization, "seq": frontier.size + 1, "at": at,
            "actor": sealed.actor, "verb": draft.verb, "subject": sealed.subject,
        }  # fmt: skip
        places = {"people": sealed.people} | ({"texts": [each.field for each in sealed.texts]} if sealed.texts else {})
        body = canonical({"facts": sealed.facts, **places, **columns})
        leaf = leaf_hash(body)
        link = link_hash(link, leaf)
        completed.extend(frontier.append(leaf))
        texts.extend((frontier.size, each) for each in sealed.texts)
        written.append({**columns, "body": body.decode(), "link": link.hex()})
    await connection.execute(_ADD, written)
    await clear_text.keep(connection, organization, texts)
    grown = [
        {"organization": organization, "position": place, "hash": each.hex()}
        for place, each in enumerate(completed, position)
    ]
    await connection.execute(_GROW, grown)
    subtrees = " ".join(subtree.hex() for subtree in frontier.subtrees)
    moved = {"size": frontier.size, "root": frontier.root().hex(), "frontier": subtrees, "link": link.hex()}
    await connection.execute(_MOVE_HEAD, {"mine": organization, **moved})


def clean(facts: Mapping[str, Json]) -> dict[str, Json]:
    """The same facts without secrets, wherever in them they stand."""
    return {
        clean_text(key): HIDDEN if names_a_secret(key) and isinstance(value, str) else _clean(value)
        for key, value in facts.items()
    }


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}… ({len(text)} characters)"


def _clean(value: Json) -> Json:
    if isinstance(value, str):
        return clean_text(value)
    if isinstance(value, Mapping):
        return clean(value)
    if isinstance(value, Sequence):
        return [_clean(item) for item in value]
    return value


def clean_text(text: str) -> str:
    """`text` without secrets and without what no database can hold."""
    return redact(storable(text))


async def locked_head(connection: AsyncConnection, organization: Organization) -> Row[Any]:
    """The organization's head, which nobody else moves until the end of the transaction."""
    head = (await connection.execute(_LOCK_HEAD, {"mine": organization})).first()
    if head is None:
        await insert_once(
            connection, audit_heads, organization=organization, size=0, root=EMPTY_ROOT.hex(), frontier="", link=FIRST_LINK.hex(),
        )  # fmt: skip
        head = (await connection.execute(_LOCK_HEAD, {"mine": organization})).one()
    return head


def _body(row: Row[Any]) -> tuple[int, dict[str, Any]]:
    try:
        body = json.loads(row.body)
        if isinstance(body["facts"], dict):
            return row.seq, body
    except (KeyError, TypeError, ValueError):
        pass
    raise _unreadable(row.seq)


def _entry(row: Row[Any], body: Mapping[str, Any], found: ClearText) -> Entry:
    try:
        clear, at = opened(body, found.people, found.of(row.seq)), datetime.fromisoformat(row.at)
    except (KeyError, TypeError, ValueError) as error:
        raise _unreadable(row.seq) from error
    actor, subject = (clear["actor"], clear["subject"]) if body.get("people") else (row.actor, row.subject)
    leaf = leaf_hash(row.body.encode()).hex()
    return Entry(seq=row.seq, at=at, actor=actor, verb=row.verb, subject=subject, facts=clear["facts"], leaf=leaf)


def _unreadable(seq: int) -> Anticipated:
    return Anticipated(
        f"Entry {seq} of the audit log cannot be read; somebody changed it.",
        hint="Run `countersign audit verify` to see from where on the log cannot be trusted.",
    )
