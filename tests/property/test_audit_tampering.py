"""Whatever somebody does to the tables of the audit log, verification finds it and names the first entry that was touched."""

import asyncio
import hashlib
import json
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from bot.store import Database, Verification
from bot.store.merkle import FIRST_LINK, Frontier, leaf_hash, link_hash
from skills.core.names import Organization
from tests.support.databases import Clock

ENTRIES = 12
COLUMNS = ("at", "actor", "verb", "subject", "body", "link")
HEAD_COLUMNS = ("size", "root", "frontier", "link")

Tampering = Callable[[sqlite3.Connection], None]
Row = tuple[Any, ...]


def naive_root(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 9162, section 2.1.1."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return hashlib.sha256(b"\x01" + naive_root(leaves[:split]) + naive_root(leaves[split:])).digest()


def test_the_root_grown_leaf_by_leaf_is_that_of_the_definition_for_every_size_to_300() -> None:
    frontier, leaves = Frontier(), list[bytes]()
    for number in range(301):
        assert frontier.root() == naive_root(leaves), f"at size {number}"
        assert Frontier(frontier.size, frontier.subtrees).root() == frontier.root()
        leaf = leaf_hash(str(number).encode())
        frontier.append(leaf)
        leaves.append(leaf)


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with a log of a dozen entries."""
    path = tmp_path_factory.mktemp("audit") / "original.db"

    async def write() -> None:
        database = await Database.open(f"sqlite:///{path}", clock=Clock())
        for number in range(1, ENTRIES + 1):
            async with database.store(Organization("acme")).begin() as tx:
                tx.record("proposal:noted", f"proposal/{number}", {"number": number, "said": "é\n"}, actor="dev")
        await database.close()

    asyncio.run(write())
    return path


numbers = st.integers(min_value=1, max_value=ENTRIES)
words = st.one_of(
    st.sampled_from(["", "{}", "null", "dev", "0" * 64]), st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
)


@st.composite
def edits(draw: st.DrawFn) -> Tampering:
    column, number, value = draw(st.sampled_from(COLUMNS)), draw(numbers), draw(words)
    return lambda db: _run(db, f"UPDATE audit_entries SET {column} = ? WHERE seq = ?", value, number)


@st.composite
def flips(draw: st.DrawFn) -> Tampering:
    number, at, character = draw(numbers), draw(st.integers(0, 150)), draw(st.sampled_from('x0"}{\\'))
    statement = "UPDATE audit_entries SET body = substr(body, 1, ?) || ? || substr(body, ? + 2) WHERE seq = ?"
    return lambda db: _run(db, statement, at, character, at, number)


@st.composite
def removals(draw: st.DrawFn) -> Tampering:
    first, count = draw(numbers), draw(st.integers(1, 3))
    return lambda db: _run(db, "DELETE FROM audit_entries WHERE seq >= ? AND seq < ?", first, first + count)


@st.composite
def additions(draw: st.DrawFn) -> Tampering:
    number, copied = draw(st.integers(-3, ENTRIES + 4)), draw(numbers)
    statement = (
        "INSERT OR REPLACE INTO audit_entries SELECT organization, ?, at, actor, verb, subject, body, link"
        " FROM audit_entries WHERE seq = ?"
    )
    return lambda db: _run(db, statement, number, copied)


@st.composite
def swaps(draw: st.DrawFn) -> Tampering:
    one, two = draw(numbers), draw(numbers)

    def swap(db: sqlite3.Connection) -> None:
        for from_, to in ((one, 1000), (two, one), (1000, two)):
            _run(db, "UPDATE OR REPLACE audit_entries SET seq = ? WHERE seq = ?", to, from_)

    return swap


@st.composite
def head_edits(draw: st.DrawFn) -> Tampering:
    column = draw(st.sampled_from(HEAD_COLUMNS))
    value = draw(st.integers(0, ENTRIES + 3)) if column == "size" else draw(words)
    return lambda db: _run(db, f"UPDATE audit_heads SET {column} = ?", value)


def head_removal(db: sqlite3.Connection) -> None:
    _run(db, "DELETE FROM audit_heads")


@st.composite
def tree_edits(draw: st.DrawFn) -> Tampering:
    place, value = draw(st.integers(0, 2 * ENTRIES)), draw(words)
    if draw(st.booleans()):
        return lambda db: _run(db, "DELETE FROM audit_nodes WHERE position = ?", place)
    return lambda db: _run(db, "UPDATE audit_nodes SET hash = ? WHERE position = ?", value, place)


tamperings = st.lists(
    st.one_of(edits(), flips(), removals(), additions(), swaps(), head_edits(), tree_edits(), st.just(head_removal)),
    min_size=1,
    max_size=3,
)


@given(tamperings)
@example([head_removal])
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_tampering_is_found_and_the_first_bad_entry_named(original: Path, tampering: list[Tampering]) -> None:
    copy = original.with_name("copy.db")
    shutil.copy(original, copy)
    with closing(sqlite3.connect(copy)) as db:
        rows, head, nodes = _rows(db), _head(db), _nodes(db)
        for tamper in tampering:
            tamper(db)
        db.commit()
        touched = _first_difference(rows, _rows(db), _head(db))
        same = (rows, head, nodes) == (_rows(db), _head(db), _nodes(db))
    found = _verify(copy)
    assert found.ok is same, found.problem
    assert found.first_bad == touched, found.problem


@given(numbers, st.booleans())
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_rewritten_chain_is_found_by_the_root_and_a_rewritten_root_by_a_remembered_head(
    original: Path, number: int, with_head: bool
) -> None:
    copy = original.with_name("rewritten.db")
    shutil.copy(original, copy)
    with closing(sqlite3.connect(copy)) as db:
        (size, root, *_) = _head(db)
        _rewrite(db, number, with_head=with_head)
        db.commit()
    found = _verify(copy)
    assert found.ok is with_head
    assert found.first_bad is None
    assert not _verify(copy, expect=[(size, root)]).ok


def _rewrite(db: sqlite3.Connection, number: int, *, with_head: bool) -> None:
    """What somebody does who knows how the log is built: change an entry and hash everything anew."""
    link, frontier, completed = FIRST_LINK, Frontier(), list[bytes]()
    for seq, *_, body, _link in _rows(db):
        if seq == number:
            body = json.dumps({**json.loads(body), "facts": {}}, separators=(",", ":"))  # noqa: PLW2901 - rewritten
        leaf = leaf_hash(body.encode())
        link = link_hash(link, leaf)
        completed.extend(frontier.append(leaf))
        _run(db, "UPDATE audit_entries SET body = ?, link = ? WHERE seq = ?", body, link.hex(), seq)
    _run(db, "UPDATE audit_heads SET link = ?", link.hex())
    if with_head:
        subtrees = " ".join(subtree.hex() for subtree in frontier.subtrees)
        _run(db, "UPDATE audit_heads SET root = ?, frontier = ?", frontier.root().hex(), subtrees)
        for place, node in enumerate(completed):
            _run(db, "UPDATE audit_nodes SET hash = ? WHERE position = ?", node.hex(), place)


def _first_difference(before: list[Row], after: list[Row], head: Row | None) -> int | None:
    """The lowest number that was changed, added or removed among those the head counts, or that stands beyond them."""
    size = 0 if head is None else head[0]
    touched = {row[0] for row in set(before) ^ set(after) if row[0] <= size}
    beyond = {row[0] for row in after if row[0] > size}
    missing = {ENTRIES + 1} if size > ENTRIES else set()
    return min(touched | beyond | missing, default=None)


def _rows(db: sqlite3.Connection) -> list[Row]:
    return db.execute("SELECT seq, at, actor, verb, subject, body, link FROM audit_entries ORDER BY seq").fetchall()


def _head(db: sqlite3.Connection) -> Row | None:
    return db.execute("SELECT size, root, frontier, link FROM audit_heads").fetchone()


def _nodes(db: sqlite3.Connection) -> list[Row]:
    return db.execute("SELECT position, hash FROM audit_nodes ORDER BY position").fetchall()


def _run(db: sqlite3.Connection, statement: str, *values: Any) -> None:
    db.execute(statement, values)


def _verify(path: Path, expect: list[tuple[int, str]] | None = None) -> Verification:
    async def verify() -> Verification:
        database = await Database.open(f"sqlite:///{path}", clock=Clock())
        try:
            return await database.store(Organization("acme")).audit.verify(expect=expect or [])
        finally:
            await database.close()

    return asyncio.run(verify())
