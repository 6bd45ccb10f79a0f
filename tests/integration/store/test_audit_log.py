"""The audit log in both databases."""

from collections.abc import Sequence

import pytest
from sqlalchemy import text

from bot.store import Database, Store
from bot.store.merkle import EMPTY_ROOT
from skills.core.canonical import Json
from skills.core.errors import Anticipated
from skills.core.names import Organization
from tests.support.databases import NOON


async def note(store: Store, *subjects: str, facts: dict[str, Json] | None = None) -> None:
    """One transaction with one entry about each subject."""
    async with store.begin() as tx:
        for subject in subjects:
            tx.record("proposal:noted", subject, facts or {}, actor="dev")


async def tamper(database: Database, *statements: str) -> None:
    async with database.writing() as connection:
        for statement in statements:
            await connection.execute(text(statement))


async def test_entries_are_listed_in_order_by_subject_and_in_pages(store: Store) -> None:
    await note(store, "proposal/1", "proposal/2")
    await note(store, "proposal/1", facts={"why": "again"})
    entries = await store.audit.entries()
    assert [(entry.seq, entry.subject) for entry in entries] == [
        (1, "proposal/1"),
        (2, "proposal/2"),
        (3, "proposal/1"),
    ]
    assert (entries[2].at, entries[2].actor, entries[2].verb, entries[2].facts) == (
        NOON, "dev", "proposal:noted", {"why": "again"},
    )  # fmt: skip
    assert [entry.seq for entry in await store.audit.entries(subject="proposal/1")] == [1, 3]
    assert [entry.seq for entry in await store.audit.entries(after=1, limit=1)] == [2]


async def test_an_entry_is_canonical_json(store: Store, database: Database) -> None:
    await note(store, "proposal/1", facts={"b": [1, "é"], "a": None})
    async with database.reading() as connection:
        body = (await connection.execute(text("SELECT body FROM audit_entries"))).scalar()
        pseudonym = (await connection.execute(text("SELECT pseudonym FROM audit_people WHERE name = 'dev'"))).scalar()
    assert body == (
        f'{{"actor":"{pseudonym}","at":"2026-11-23T12:00:00.000000Z","facts":{{"a":null,"b":[1,"é"]}},'
        '"organization":"acme","people":["actor"],"seq":1,"subject":"proposal/1","verb":"proposal:noted"}'
    )


async def test_secrets_never_reach_an_entry(store: Store) -> None:
    await note(
        store,
        "proposal/1",
        facts={
            "text": "use xoxb-123456789012-abc",
            "nested": {"url": "https://u:hunter2@host"},
            "password": "hunter2",
            "n": ["DB_PASSWORD=x"],
        },
    )
    (entry,) = await store.audit.entries()
    assert entry.facts == {
        "text": "use (redacted)", "nested": {"url": "https://(redacted)@host"}, "password": "(redacted)", "n": ["DB_PASSWORD=(redacted)"],
    }  # fmt: skip


async def test_a_rolled_back_transaction_leaves_no_entry_and_no_gap(store: Store) -> None:
    await note(store, "proposal/1")
    with pytest.raises(RuntimeError, match=r"rolled back"):
        await _note_and_fail(store)
    await note(store, "proposal/3")
    assert [(entry.seq, entry.subject) for entry in await store.audit.entries()] == [
        (1, "proposal/1"),
        (2, "proposal/3"),
    ]


@pytest.mark.parametrize("facts", [{"x": 1.5}, {"x": 2**60}])
async def test_facts_without_a_canonical_form_are_refused_where_they_are_recorded(
    store: Store, facts: dict[str, Json]
) -> None:
    with pytest.raises(ValueError, match=r"float|integer"):
        await note(store, "proposal/1", facts=facts)


async def test_a_verb_has_two_parts(store: Store) -> None:
    async with store.begin() as tx:
        with pytest.raises(ValueError, match=r"'noted' is not a verb like proposal:approved"):
            tx.record("noted", "proposal/1", {}, actor="dev")


async def test_an_empty_log_verifies(store: Store) -> None:
    assert await store.audit.head() == (0, EMPTY_ROOT.hex())
    found = await store.audit.verify(expect=[(0, EMPTY_ROOT.hex())])
    assert (found.ok, found.size, found.root) == (True, 0, EMPTY_ROOT.hex())


async def test_a_log_verifies_against_every_head_it_had(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.scan.CHUNK", 3)
    heads, seen = [], []
    for number in range(10):
        await note(store, f"proposal/{number}")
        heads.append(await store.audit.head())
    found = await store.audit.verify(progress=lambda done, total: seen.append((done, total)), expect=heads)
    assert (found.ok, found.size, found.root, found.first_bad, found.problem) == (True, 10, heads[-1][1], None, "")
    assert seen == [(3, 10), (6, 10), (9, 10), (10, 10)]


TAMPERINGS: list[tuple[Sequence[str], int | None, str]] = [
    (["UPDATE audit_entries SET body = replace(body, 'noted', 'voted') WHERE seq = 3"], 3, "Entry 3 is not as it was written."),
    (["UPDATE audit_entries SET body = 'no JSON' WHERE seq = 2"], 2, "Entry 2 is not as it was written."),
    (["UPDATE audit_entries SET link = '00' WHERE seq = 4"], 4, "Entry 4 is not as it was written."),
    (["UPDATE audit_entries SET subject = 'proposal/9' WHERE seq = 5"], 5, "The columns of entry 5 do not say what its body says."),
    (["UPDATE audit_entries SET verb = 'a:b' WHERE seq = 5"], 5, "The columns of entry 5 do not say what its body says."),
    (["UPDATE audit_entries SET at = '2020' WHERE seq = 5"], 5, "The columns of entry 5 do not say what its body says."),
    (["UPDATE audit_entries SET actor = 'sre' WHERE seq = 1"], 1, "The columns of entry 1 do not say what its body says."),
    (["DELETE FROM audit_entries WHERE seq = 2"], 2, "Entry 2 is missing."),
    (["DELETE FROM audit_entries WHERE seq > 4"], 5, "Entry 5 is missing."),
    (["DELETE FROM audit_entries"], 1, "Entry 1 is missing."),
    (["UPDATE audit_entries SET seq = 60 WHERE seq = 6"], 6, "Entry 6 is missing."),
    (["INSERT INTO audit_entries SELECT organization, 7, at, actor, verb, subject, body, link FROM audit_entries WHERE seq = 6"], 7,
     "Entry 7 stands beyond the end of the log."),
    (["INSERT INTO audit_entries SELECT organization, 0, at, actor, verb, subject, body, link FROM audit_entries WHERE seq = 6"], 0,
     "Entry 0 was added; the first is 1."),
    (["UPDATE audit_entries SET seq = 99 WHERE seq = 2", "UPDATE audit_entries SET seq = 2 WHERE seq = 3", "UPDATE audit_entries SET seq = 3 WHERE seq = 99"],
     2, "Entry 2 is not as it was written."),
    (["UPDATE audit_heads SET size = 5"], 6, "Entry 6 stands beyond the end of the log."),
    (["UPDATE audit_heads SET size = 7"], 7, "Entry 7 is missing."),
    (["DELETE FROM audit_heads"], 1, "Entry 1 stands beyond the end of the log."),
    (["UPDATE audit_heads SET root = 'ab'"], None,
     "Every entry fits the one before it, but together they do not give the root in the head: the log was rewritten somewhere, or the head was."),
    (["UPDATE audit_heads SET frontier = ''"], None,
     "Every entry fits the one before it, but together they do not give the root in the head: the log was rewritten somewhere, or the head was."),
    (["UPDATE audit_nodes SET hash = 'ab' WHERE position = 3"], None, "The entries are as they were written, but the stored hashes of the tree were changed."),
    (["DELETE FROM audit_nodes WHERE position = 9"], None, "The entries are as they were written, but the stored hashes of the tree were changed."),
    (["UPDATE audit_nodes SET position = -1 WHERE position = 0"], None, "The entries are as they were written, but the stored hashes of the tree were changed."),
    (["INSERT INTO audit_nodes SELECT organization, 10, hash FROM audit_nodes WHERE position = 9"], None,
     "The entries are as they were written, but the stored hashes of the tree were changed."),
    (["UPDATE audit_heads SET link = 'ab'"], None, "The entries are as they were written, but the end of the chain in the head was changed."),
]  # fmt: skip


@pytest.mark.parametrize(("statements", "first_bad", "problem"), TAMPERINGS)
async def test_tampering_is_found_and_the_first_bad_entry_named(
    store: Store, database: Database, statements: Sequence[str], first_bad: int | None, problem: str
) -> None:
    await note(store, *(f"proposal/{number}" for number in range(6)))
    await tamper(database, *statements)
    found = await store.audit.verify()
    assert (found.ok, found.first_bad, found.problem) == (False, first_bad, problem)


async def test_a_log_rewritten_consistently_is_found_by_a_remembered_head(store: Store, database: Database) -> None:
    await note(store, "proposal/1", "proposal/2", "proposal/3")
    heads = [await store.audit.head()]
    await note(store, "proposal/4", "proposal/5")
    heads.append(await store.audit.head())
    await tamper(database, *(f"DELETE FROM {table}" for table in ("audit_entries", "audit_heads", "audit_nodes")))
    await note(store, *(f"proposal/{number}" for number in range(1, 5)), "proposal/6")
    assert (await store.audit.verify()).ok
    found = await store.audit.verify(expect=[heads[1]])
    assert found.problem == "The first 5 entries are not those of a remembered head: the log was rewritten somewhere."


async def test_a_shortened_log_is_found_by_a_remembered_head(store: Store, database: Database) -> None:
    await note(store, "proposal/1", "proposal/2")
    head = await store.audit.head()
    await tamper(database, *(f"DELETE FROM {table}" for table in ("audit_entries", "audit_heads", "audit_nodes")))
    found = await store.audit.verify(expect=[head])
    assert (found.ok, found.first_bad) == (False, 1)
    assert found.problem == "A remembered head counts 2 entries, but only 0 are left."


@pytest.mark.parametrize("change", ["body = 'no JSON'", "body = '{}'", "at = 'yesterday'"])
async def test_an_unreadable_entry_is_listed_as_a_sentence(store: Store, database: Database, change: str) -> None:
    await note(store, "proposal/1", "proposal/2")
    await tamper(database, f"UPDATE audit_entries SET {change} WHERE seq = 2")
    with pytest.raises(Anticipated) as told:
        await store.audit.entries()
    assert str(told.value) == (
        "Entry 2 of the audit log cannot be read; somebody changed it."
        " Run `countersign audit verify` to see from where on the log cannot be trusted."
    )


async def test_each_organization_has_its_own_log(database: Database) -> None:
    acme, other = database.store(Organization("acme")), database.store(Organization("other"))
    await note(acme, "proposal/1", "proposal/2")
    await note(other, "proposal/1")
    await tamper(database, "UPDATE audit_entries SET body = '{}' WHERE organization = 'acme' AND seq = 2")
    assert (await acme.audit.verify()).first_bad == 2
    assert (await other.audit.verify()).ok


async def _note_and_fail(store: Store) -> None:
    async with store.begin() as tx:
        tx.record("proposal:noted", "proposal/2", {}, actor="dev")
        raise RuntimeError("rolled back")
