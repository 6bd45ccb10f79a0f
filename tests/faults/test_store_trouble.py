"""What the store cannot do is told in a sentence, and nothing is half-done: a full disk, a database that nobody may write, a held audit head.

What was not done for that reason is done when the trouble is over, once.
"""

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractContextManager, asynccontextmanager, closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from sqlalchemy import event, text

from bot.store import Database
from skills.core.errors import Anticipated, Unavailable
from skills.core.notice import Place
from skills.core.proposal import Status
from skills.core.report import Report
from tests.support.databases import PostgreSQL
from tests.support.worlds import Office, open_office

DEPLOY = "deploy checkout v42 to production"
Trouble = Callable[[Database], AbstractContextManager[None]]


@contextmanager
def full_disk(database: Database) -> Iterator[None]:
    """At the worst place: everything was written, and the commit finds no room."""

    def refuse(_connection: object) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(database._engine.sync_engine.dialect, "do_commit", refuse)
        yield


@contextmanager
def read_only(database: Database) -> Iterator[None]:
    engine = database._engine.sync_engine

    def forbid(connection: Any, _record: object, _proxy: object) -> None:
        connection.cursor().execute("PRAGMA query_only = ON")

    def allow(connection: Any, _record: object) -> None:
        connection.cursor().execute("PRAGMA query_only = OFF")

    event.listen(engine, "checkout", forbid)
    event.listen(engine, "checkin", allow)
    yield
    event.remove(engine, "checkout", forbid)


@pytest.mark.parametrize(
    ("trouble", "sentence"),
    [
        (full_disk, "could not grow, because the disk is full. Free some space, then try again."),
        (read_only, "is read-only. Give this user permission to write the file and its directory."),
    ],
    ids=["full-disk", "read-only"],
)
async def test_trouble_with_the_file_is_a_sentence_and_leaves_nothing_half_done(
    tmp_path: Path, trouble: Trouble, sentence: str
) -> None:
    async with open_office(tmp_path) as office:
        await office.say("dev", DEPLOY)
        await office.say("sre", "approve 1")
        before = await office.world.store.audit.head()
        with trouble(office.world.database):
            asked = await office.say("dev", "deploy web v42 to production")
            decided = await office.say("dev", "cancel 1")
            with pytest.raises(Unavailable, match="database file"):
                await office.runner().advance((await office.proposal(1)).id)
            looked = await office.say("dev", "status checkout")
        place = office.world.database.place
        assert {asked.text, decided.text} == {f"{place} {sentence}"}
        assert looked.text == "All 2 workloads are healthy."
        assert await office.world.store.audit.head() == before
        assert [each.status for each in await office.world.store.proposals()] == [Status.APPROVED]
        assert office.cluster.effects == ()
        done = await office.run(1)
        assert done.status is Status.SUCCEEDED
        assert len(office.cluster.effects) == 1


@pytest.mark.parametrize("trouble", [full_disk, read_only], ids=["full-disk", "read-only"])
async def test_what_cannot_be_written_down_is_not_said_either(tmp_path: Path, trouble: Trouble) -> None:
    async with open_office(tmp_path) as office:
        store = office.world.store
        before = await store.audit.head()

        async def say() -> bool:
            async with store.begin() as tx:
                tx.record("test:said", "test/1", {}, actor="test")
                return await tx.notify(
                    "once", to=Place(purpose="costs"), report=Report(title="Told", summary="It is so.")
                )

        with trouble(office.world.database), pytest.raises(Unavailable, match="database file"):
            await say()
        assert (await store.notices.after(0), await store.audit.head()) == ([], before)
        assert [await say(), await say()] == [True, False]
        assert len(await store.notices.after(0)) == 1


async def test_a_run_that_meets_a_full_disk_goes_on_when_there_is_room_and_repeats_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.say("dev", DEPLOY)
        await office.say("sre", "approve 1")
        runner = office.runner()
        assert await runner.advance((await office.proposal(1)).id)
        with full_disk(office.world.database):
            for _ in range(3):
                with pytest.raises(Unavailable, match="the disk is full"):
                    await runner.advance((await office.proposal(1)).id)
        done = await office.run(1, runner)
        assert (done.status, len(office.cluster.effects)) == (Status.SUCCEEDED, 1)
        assert (await office.world.store.audit.verify()).ok


async def test_a_held_audit_head_is_told_within_seconds_and_nothing_waits_for_ever(
    tmp_path: Path, postgresql: PostgreSQL, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.engines.LOCK_SECONDS", 1)
    url = postgresql.fresh()
    async with on_postgresql(tmp_path, url) as office:
        await office.say("dev", DEPLOY)
        with psycopg.connect(url) as holder:
            holder.execute("SELECT 1 FROM audit_heads FOR UPDATE")
            answer = await asyncio.wait_for(office.say("sre", "approve 1"), 20)
            holder.rollback()
        assert answer.text == f"{office.world.database.place} is locked by another process. Try again."
        assert (await office.proposal(1)).decisions == ()
        await office.say("sre", "approve 1")
        assert (await office.run(1)).status is Status.SUCCEEDED


async def test_a_held_sqlite_file_is_told_within_seconds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 0)
    async with open_office(tmp_path) as office:
        await office.say("dev", DEPLOY)
        path = office.world.database.url.database
        assert path
        with closing(sqlite3.connect(path)) as holder:
            holder.execute("BEGIN IMMEDIATE")
            answer = await asyncio.wait_for(office.say("sre", "approve 1"), 30)
        assert answer.text.endswith("is locked by another process. Wait for that process or stop it, then try again.")
        assert (await office.proposal(1)).decisions == ()


async def test_a_commit_that_a_long_reader_keeps_out_leaves_no_lock_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 0)
    monkeypatch.setattr("bot.store.engines.WAL_FROM", (99,))
    async with open_office(tmp_path) as office:
        await office.say("dev", DEPLOY)
        path = office.world.database.url.database
        assert path
        with closing(sqlite3.connect(path, isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM audit_entries").fetchone()
            answer = await office.say("sre", "approve 1")
            assert answer.text.endswith(
                "is locked by another process. Wait for that process or stop it, then try again."
            )
            assert (await office.proposal(1)).decisions == ()
            reader.execute("ROLLBACK")
        for _ in range(5):
            await office.proposal(1)
        await office.say("sre", "approve 1")
        assert (await office.run(1)).status is Status.SUCCEEDED


@pytest.mark.parametrize("edited", ['{"format": 1}', "no JSON", "[]", "null", '"words"'])
async def test_a_proposal_that_somebody_made_unreadable_is_not_run_and_stops_nothing_else(
    tmp_path: Path, edited: str
) -> None:
    async with open_office(tmp_path) as office:
        for number, service in enumerate(("checkout", "web"), 1):
            await office.say("dev", f"deploy {service} v42 to production")
            await office.say("sre", f"approve {number}")
        async with office.world.database.writing() as connection:
            await connection.execute(text("UPDATE proposals SET plan = :plan WHERE id = 1"), {"plan": edited})
        assert [each.id for each in await office.world.store.open()] == [2]
        assert (await office.run(2)).status is Status.SUCCEEDED
        with pytest.raises(Anticipated) as unreadable:
            await office.run(1)
        assert str(unreadable.value) == (
            "#1 cannot be read; somebody changed it in the database. Nothing of it is carried out. Run `countersign audit verify`, and ask again."
        )
        assert (await office.say("sre", "cancel 1")).text == str(unreadable.value)
        assert len(office.cluster.effects) == 1


@asynccontextmanager
async def on_postgresql(folder: Path, url: str) -> AsyncIterator[Office]:
    async with open_office(folder, environ={"COUNTERSIGN_DATABASE_URL": url}) as office:
        yield office
