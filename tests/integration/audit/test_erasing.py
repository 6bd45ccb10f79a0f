"""Personal data stands in the log as salted hashes, and can be erased without breaking it."""

import asyncio
import json
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.audit import verify_audit
from bot.audit.evidence import evidence
from bot.audit.export import Export
from bot.audit.verify_audit import verify_evidence, verify_export
from bot.store import Database, Store
from bot.store.tables import metadata
from bot.usecases.forgetting import Forgetting
from skills.core.errors import NotAllowed
from skills.core.names import Digest, ProposalId, Subject
from skills.core.proposal import Choice, Status
from tests.support.audit import a_keeper, a_public_key, note
from tests.support.databases import Clock
from tests.support.proposals import propose

SECRET_WORDS = "because Jane Doe rang me at home"
KEY = a_public_key()


async def a_story(store: Store) -> None:
    """Dev asks, sre rejects, and says why."""
    proposal = await propose(store)
    async with store.begin() as tx:
        facts = {
            "plan": {},
            "reason": SECRET_WORDS,
            "words": f"deploy it {SECRET_WORDS}",
            "verdict": {"reasons": ["Dev Eloper may"]},
        }
        tx.record("proposal:created", "proposal/1", facts, actor="dev@example.com")
        await tx.add_decision(
            proposal.id,
            subject=Subject("sre@example.com"),
            name="Sam Reese",
            choice=Choice.REJECT,
            digest=Digest("d"),
            reason="ask Sam",
        )
        await tx.move(proposal.id, from_=Status.PENDING, to=Status.REJECTED, outcome="Rejected by Sam Reese: ask Sam")
        said = {"digest": "d", "reason": "ask Sam", "by": ["dev@example.com", "sre@example.com"]}
        tx.record("proposal:reject", "proposal/1", said, actor="sre@example.com")
        tx.record(
            "request:denied",
            "person/dev@example.com",
            {"asked": "scale", "why": "Dev may not"},
            actor="dev@example.com",
        )


async def erase(store: Store, subject: str) -> dict[str, int]:
    async with store.begin() as tx:
        done = await tx.erase(subject)
        tx.record("audit:erased", "audit/log", {**done.facts, "reason": "they asked"}, actor="lead@example.com")
    return {"people": done.people, "texts": done.texts, "proposals": done.proposals, "plain": done.plain}


async def everything(database: Database) -> str:
    """All there is in the database."""
    async with database.reading() as connection:
        return str([(await connection.execute(table.select())).all() for table in metadata.sorted_tables])


async def test_an_entry_holds_hashes_and_reads_as_it_was_recorded(store: Store, database: Database) -> None:
    await a_story(store)
    async with database.reading() as connection:
        bodies = str((await connection.execute(text("SELECT body, actor, subject FROM audit_entries"))).all())
    for personal in ("dev@example.com", "sre@example.com", "Jane", "Sam", "Dev"):
        assert personal not in bodies
    entries = await store.audit.entries(after=1)
    assert [(entry.actor, entry.subject) for entry in entries] == [
        ("dev@example.com", "proposal/1"), ("sre@example.com", "proposal/1"), ("dev@example.com", "person/dev@example.com"),
    ]  # fmt: skip
    assert entries[0].facts["reason"] == SECRET_WORDS
    assert entries[0].facts["verdict"] == {"reasons": ["Dev Eloper may"]}
    assert entries[1].facts["by"] == ["dev@example.com", "sre@example.com"]
    assert [entry.seq for entry in await store.audit.entries(actor="sre@example.com")] == [3]
    assert [entry.seq for entry in await store.audit.entries(subject="person/dev@example.com")] == [4]


async def test_somebody_who_is_erased_is_nowhere_in_the_database_and_the_log_is_whole(
    store: Store, database: Database
) -> None:
    await a_story(store)
    head = await store.audit.head()
    assert await erase(store, "person/dev@example.com") == {"people": 1, "texts": 4, "proposals": 1, "plain": 0}
    left = await everything(database)
    for personal in ("dev@example.com", "Jane", "Dev may not", "Dev Eloper"):
        assert personal not in left
    found = await store.audit.verify(expect=[head])
    assert found.ok, found.problem
    entries = await store.audit.entries()
    assert entries[1].actor == entries[0].actor == entries[3].actor
    assert entries[1].actor.startswith("(erased ")
    assert entries[2].actor == "sre@example.com"  # two different people, still
    assert entries[1].facts["reason"] == "(erased)"
    assert entries[4].verb == "audit:erased"
    assert await store.audit.entries(actor="dev@example.com") == []


async def test_what_was_typed_about_a_proposal_can_be_erased_alone(store: Store, database: Database) -> None:
    await a_story(store)
    assert await erase(store, "proposal/1") == {"people": 0, "texts": 4, "proposals": 1, "plain": 0}
    left = await everything(database)
    assert "Jane" not in left
    assert "ask Sam" not in left
    assert "dev@example.com" in left
    assert (await store.audit.verify()).ok


async def test_nothing_is_erased_while_a_proposal_is_open(store: Store) -> None:
    await propose(store)
    with pytest.raises(NotAllowed, match=r"#1 is still pending, so nothing about it was erased\."):
        await erase(store, "person/dev@example.com")


TAMPERINGS = [
    ("UPDATE audit_texts SET text = 'because I say so' WHERE seq = 2 AND field = 'facts/reason'", 2, "The clear text of entry 2 is not what was written."),
    ("DELETE FROM audit_texts WHERE seq = 3", 3, "The clear text of entry 3 is not what was written."),
    ("UPDATE audit_people SET name = 'lead' WHERE name LIKE 'sre%'", 3, "Whom entry 3 names is not what was written."),
    ("UPDATE audit_texts SET salt = NULL, text = NULL, erasure = 'f00' WHERE seq = 2", None, "Personal data is gone that no entry says was erased."),
]  # fmt: skip


@pytest.mark.parametrize(("statement", "entry", "problem"), TAMPERINGS)
async def test_clear_text_that_was_touched_is_found(
    store: Store, database: Database, statement: str, entry: int | None, problem: str
) -> None:
    await a_story(store)
    async with database.writing() as connection:
        await connection.execute(text(statement))
    found = await store.audit.verify()
    assert (found.ok, found.first_bad, found.problem) == (False, entry, problem)


async def test_erasing_more_than_the_entry_says_is_found(store: Store, database: Database) -> None:
    await a_story(store)
    await erase(store, "proposal/1")
    async with database.writing() as connection:
        await connection.execute(
            text(
                "UPDATE audit_texts SET salt = NULL, text = NULL, erasure = (SELECT max(erasure) FROM audit_texts) WHERE seq = 4"
            )
        )
    found = await store.audit.verify()
    assert (found.ok, found.first_bad, found.problem) == (
        False,
        5,
        "Personal data is gone that no entry says was erased.",
    )


async def exported(store: Store, folder: Path) -> Path:
    done = await Export(store=store, keeper=a_keeper(store, folder), folder=folder / "export")()
    return done.folder


async def test_an_export_discloses_what_is_there_and_verifies_what_is_gone(store: Store, tmp_path: Path) -> None:
    await a_story(store)
    folder = await exported(store, tmp_path)
    good = "are as they were written. 2 names and 5 texts fit their hashes."
    assert (await asyncio.to_thread(verify_export, folder, [KEY])).endswith(good)
    assert SECRET_WORDS in (folder / "texts").read_text()
    await erase(store, "person/dev@example.com")
    await exported(store, tmp_path)
    assert SECRET_WORDS not in (folder / "texts").read_text()
    good = "3 names and 6 texts fit their hashes, of which 5 were erased."
    assert (await asyncio.to_thread(verify_export, folder, [KEY])).endswith(good)
    (folder / "people").unlink()
    assert verify_export(folder, [KEY]).endswith("Names and what people typed are hidden.")


FORGERIES = [
    ("texts", "ask Sam", "ask Joe", "The text of entry 3 (facts/reason) is not what was written. The first bad entry is number 3."),
    ("people", "sre@", "ops@", "is not what was written."),
    ("texts", '"entry":3', '"entry":4', "Not all that entry 3 hides is disclosed, or more than that. The first bad entry is number 3."),
    ("texts", '"field"', '"place"', "What entry 2 hides is not readable. The first bad entry is number 2."),
    ("texts", "}", "", "What is disclosed is not readable."),
    ("people", "salt", "pepper", "What is disclosed is not readable."),
]  # fmt: skip


@pytest.mark.parametrize(("file", "old", "new", "problem"), FORGERIES)
async def test_forged_clear_text_in_an_export_is_found(
    store: Store, tmp_path: Path, file: str, old: str, new: str, problem: str
) -> None:
    await a_story(store)
    folder = await exported(store, tmp_path)
    path = folder / file
    path.write_text(path.read_text().replace(old, new))
    with pytest.raises(verify_audit.Bad) as bad:
        verify_export(folder, [KEY])
    assert str(bad.value).endswith(problem)


async def test_a_proof_verifies_before_and_after_erasing(store: Store, tmp_path: Path) -> None:
    proposal = await propose(store)
    facts = {
        "plan": proposal.plan.to_json(), "verdict": {"reasons": ["Dev may"]}, "policy": "", "digest": proposal.digest, "reason": SECRET_WORDS,
    }  # fmt: skip
    async with store.begin() as tx:
        await tx.move(proposal.id, from_=Status.PENDING, to=Status.CANCELLED)
        tx.record("proposal:created", "proposal/2", facts, actor="dev@example.com")
    pack = await evidence(store, a_keeper(store, tmp_path), ProposalId(2))
    assert "fit their hashes." in verify_evidence(json.loads(json.dumps(pack)), [KEY])
    assert SECRET_WORDS in json.dumps(pack)
    assert pack["verdict"] == {"reasons": ["Dev may"]}
    pack["texts"][0]["text"] = "no"  # type: ignore[index]
    with pytest.raises(verify_audit.Bad, match=r"is not what was written"):
        verify_evidence(pack, [KEY])
    await erase(store, "proposal/2")
    pack = await evidence(store, a_keeper(store, tmp_path), ProposalId(2))
    assert SECRET_WORDS not in json.dumps(pack)
    assert "2 were erased. Some of that by entries that are not among these." in verify_evidence(pack, [KEY])


async def test_what_was_typed_long_ago_is_erased_by_the_clock_and_the_log_is_whole(
    store: Store, database: Database, clock: Clock, tmp_path: Path
) -> None:
    await a_story(store)
    forgetting = Forgetting(store=store, clock=clock, after=timedelta(days=90))
    assert await forgetting() == 0
    clock.now += timedelta(days=60)
    await note(store)
    clock.now += timedelta(days=31)
    assert await forgetting() == 5
    assert await forgetting() == 0
    there = await everything(database)
    assert SECRET_WORDS not in there
    assert "ask Sam" not in there
    assert "sre@example.com" in there
    entry = (await store.audit.entries())[-1]
    assert (entry.actor, entry.verb, entry.facts["texts"], entry.facts["older_than_days"]) == (
        "clock",
        "audit:erased",
        5,
        90,
    )
    assert (await store.audit.verify()).ok
    exported = await Export(store=store, keeper=a_keeper(store, tmp_path), folder=tmp_path / "export")()
    assert "of which 5 were erased" in verify_export(exported.folder, [KEY])
    clock.now += timedelta(days=365)
    assert await forgetting() == 0


async def test_without_a_length_of_time_nothing_is_forgotten(store: Store, clock: Clock) -> None:
    await a_story(store)
    clock.now += timedelta(days=9_000)
    assert await Forgetting(store=store, clock=clock, after=None)() == 0
