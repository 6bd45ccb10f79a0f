"""Somebody with the database's password at the tables of the audit log, at random; what they did, and what of it ought to be named."""

import json
import random
from dataclasses import dataclass
from typing import Any

from sqlalchemy import delete, insert

from bot.store import Database, Store
from bot.store.merkle import FIRST_LINK, Frontier, leaf_hash, link_hash
from bot.store.tables import audit_entries, audit_heads

ENTRIES = 12
_COLUMNS = ("at", "actor", "verb", "subject", "body", "link")
_WORDS = ("", "{}", "null", "dev", "0" * 64, "é")
Row = dict[str, Any]


@dataclass(kw_only=True)
class Tables:
    """What stands in the two tables."""

    entries: list[Row]
    head: Row

    def copy(self) -> "Tables":
        return Tables(entries=[dict(row) for row in self.entries], head=dict(self.head))


async def filled(store: Store, database: Database) -> Tables:
    """A log of a dozen entries, as it was written."""
    for number in range(1, ENTRIES + 1):
        async with store.begin() as tx:
            tx.record("proposal:noted", f"proposal/{number}", {"number": number, "words": "é\n"}, actor="dev")
    async with database.reading() as connection:
        rows = (await connection.execute(audit_entries.select().order_by(audit_entries.c.seq))).mappings().all()
        head = (await connection.execute(audit_heads.select())).mappings().one()
    return Tables(entries=[dict(row) for row in rows], head=dict(head))


async def written(tables: Tables, database: Database) -> None:
    """Put these rows in place of whatever is there."""
    async with database.writing() as connection:
        await connection.execute(delete(audit_entries))
        await connection.execute(delete(audit_heads))
        if tables.entries:
            await connection.execute(insert(audit_entries), tables.entries)
        await connection.execute(insert(audit_heads), [tables.head])


def tampered(original: Tables, dice: random.Random) -> tuple[Tables, int | None]:
    """Other tables, and the first entry that an honest verification with the remembered head has to name (None: the log as a whole)."""
    tables = original.copy()
    while tables == original:
        dice.choice((_edit, _flip, _remove, _swap, _add, _edit_head, _truncate, _rewrite))(tables, dice)
    return tables, _first_bad(original, tables)


def _edit(tables: Tables, dice: random.Random) -> None:
    dice.choice(tables.entries)[dice.choice(_COLUMNS)] = dice.choice(_WORDS)[:27]


def _flip(tables: Tables, dice: random.Random) -> None:
    row = dice.choice(tables.entries)
    at = dice.randrange(len(row["body"]))
    row["body"] = row["body"][:at] + chr(dice.randrange(32, 127)) + row["body"][at + 1 :]


def _remove(tables: Tables, dice: random.Random) -> None:
    at = dice.randrange(len(tables.entries))
    del tables.entries[at : at + dice.randint(1, 3)]


def _swap(tables: Tables, dice: random.Random) -> None:
    one, other = dice.sample(tables.entries, 2)
    one["seq"], other["seq"] = other["seq"], one["seq"]


def _add(tables: Tables, dice: random.Random) -> None:
    beyond = dice.choice((-1, 0, len(tables.entries) + 1, len(tables.entries) + 3))
    tables.entries.append({**dice.choice(tables.entries), "seq": beyond})


def _edit_head(tables: Tables, dice: random.Random) -> None:
    column = dice.choice(("size", "root", "frontier", "link"))
    tables.head[column] = dice.randrange(ENTRIES + 3) if column == "size" else dice.choice(_WORDS)


def _truncate(tables: Tables, dice: random.Random) -> None:
    """The tail cut off, and the head made to fit."""
    _consistent(tables, tables.entries[: dice.randrange(len(tables.entries))])


def _rewrite(tables: Tables, dice: random.Random) -> None:
    """The whole log written anew around one changed entry, head included."""
    row = dice.choice(tables.entries)
    row["body"] = json.dumps({**json.loads(row["body"]), "facts": {"n": dice.random()}}, separators=(",", ":"))
    _consistent(tables, tables.entries)


def _consistent(tables: Tables, entries: list[Row]) -> None:
    link, frontier = FIRST_LINK, Frontier()
    for row in entries:
        leaf = leaf_hash(row["body"].encode())
        link = link_hash(link, leaf)
        frontier.append(leaf)
        row["link"] = link.hex()
    subtrees = " ".join(subtree.hex() for subtree in frontier.subtrees)
    tables.entries = entries
    tables.head.update(size=frontier.size, root=frontier.root().hex(), frontier=subtrees, link=link.hex())


def _first_bad(original: Tables, tables: Tables) -> int | None:
    before, after = _by_number(original), _by_number(tables)
    size = tables.head["size"]
    changed = {seq for seq in before.keys() | after.keys() if before.get(seq) != after.get(seq) and seq <= size}
    beyond = {seq for seq in after if seq > size}
    missing = {size + 1 if size < ENTRIES else ENTRIES + 1} if size != ENTRIES else set()
    rewritten = tables.head["root"] != original.head["root"] and len(after) == size == ENTRIES and _chained(tables)
    return None if rewritten else min(changed | beyond | missing, default=None)


def _by_number(tables: Tables) -> dict[int, Row]:
    return {row["seq"]: row for row in tables.entries}


def _chained(tables: Tables) -> bool:
    """Does every entry's link follow from the entries up to it?"""
    link = FIRST_LINK
    for row in sorted(tables.entries, key=lambda each: each["seq"]):
        link = link_hash(link, leaf_hash(row["body"].encode()))
        if link.hex() != row["link"]:
            return False
    return True
