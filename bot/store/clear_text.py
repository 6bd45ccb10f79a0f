"""The rows beside the audit log that say what the salted hashes in its entries hide."""

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.sealing import Kept, Person, at, salted
from bot.store.tables import audit_people, audit_texts
from skills.core.names import Organization

SALT_BYTES = 16
_AT_ONCE = 500
"""Names in one query: SQLite takes no more than some thousands of parameters."""

NewSalt = Callable[[], bytes]

# Built once: every change goes through these.
_KNOWN = select(audit_people.c.name, audit_people.c.pseudonym).where(
    audit_people.c.organization == bindparam("mine"), audit_people.c.name.in_(bindparam("names", expanding=True))
)
_ADD_PERSON = audit_people.insert()
_ADD_TEXTS = audit_texts.insert()
_PEOPLE = select(audit_people.c.pseudonym, audit_people.c.salt, audit_people.c.name, audit_people.c.erasure).where(
    audit_people.c.organization == bindparam("mine"), audit_people.c.pseudonym.in_(bindparam("these", expanding=True))
)
_TEXTS = select(audit_texts).where(
    audit_texts.c.organization == bindparam("mine"), audit_texts.c.seq.in_(bindparam("these", expanding=True))
)


@dataclass(frozen=True, kw_only=True)
class ClearText:
    """What is hidden in some entries: people by pseudonym, texts by number of the entry and place."""

    people: Mapping[str, Person] = field(default_factory=dict)
    texts: Mapping[int, Mapping[str, Kept]] = field(default_factory=dict)

    def of(self, seq: int) -> Mapping[str, Kept]:
        return self.texts.get(seq, {})


async def pseudonyms(
    connection: AsyncConnection, organization: Organization, names: Collection[str], *, new_salt: NewSalt
) -> dict[str, str]:
    """The pseudonym of each of these people, made for whoever has none. Only under the lock of the audit head, so that nobody gets two."""
    known = await connection.execute(_KNOWN, {"mine": organization, "names": sorted(names)})
    found = {row.name: row.pseudonym for row in known}
    made = []
    for name in sorted(set(names) - found.keys()):
        salt = new_salt()
        found[name] = salted(salt, name)
        made.append(
            {"organization": organization, "pseudonym": found[name], "salt": salt.hex(), "name": name, "erasure": None}
        )
    if made:
        await connection.execute(_ADD_PERSON, made)
    return found


async def keep(connection: AsyncConnection, organization: Organization, texts: Iterable[tuple[int, Kept]]) -> None:
    """Write down what the entries of these numbers hide."""
    rows = [
        {
            "organization": organization, "seq": seq, "field": each.field, "person": each.person, "salt": each.salt, "text": each.text,
            "erasure": each.erasure,
        }
        for seq, each in texts
    ]  # fmt: skip
    if rows:
        await connection.execute(_ADD_TEXTS, rows)


async def pseudonyms_of(connection: AsyncConnection, organization: Organization, name: str) -> list[str]:
    """Under which somebody stands in entries: more than one if they were erased and came back. Nobody knows those of before."""
    known = await connection.execute(_KNOWN, {"mine": organization, "names": [name]})
    return [row.pseudonym for row in known]


async def clear_text(
    connection: AsyncConnection, organization: Organization, bodies: Sequence[tuple[int, Mapping[str, Any]]]
) -> ClearText:
    """What is hidden in these entries, given as (number, body)."""
    hashes = {each for _, body in bodies for each in hidden_people(body)}
    numbers = [seq for seq, body in bodies if body.get("texts")]
    people = {
        row.pseudonym: person_of(row)
        for some in _parts(sorted(hashes))
        for row in await connection.execute(_PEOPLE, {"mine": organization, "these": some})
    }
    texts: dict[int, dict[str, Kept]] = {}
    for some in _parts(numbers):
        for row in await connection.execute(_TEXTS, {"mine": organization, "these": some}):
            texts.setdefault(row.seq, {})[row.field] = text_of(row)
    return ClearText(people=people, texts=texts)


def hidden_people(body: Mapping[str, Any]) -> Iterator[str]:
    """The pseudonyms in an entry; of one that somebody made unreadable, those that can be found."""
    for place in body.get("people", ()):
        try:
            yield at(body, place)
        except ValueError:
            continue


def person_of(row: Any) -> Person:
    return Person(pseudonym=row.pseudonym, salt=row.salt, name=row.name, erasure=row.erasure)


def text_of(row: Any) -> Kept:
    return Kept(field=row.field, person=row.person, salt=row.salt, text=row.text, erasure=row.erasure)


def _parts(these: Sequence[Any]) -> Iterator[Sequence[Any]]:
    for first in range(0, len(these), _AT_ONCE):
        yield these[first : first + _AT_ONCE]
