"""The log is signed in time, and only where it continues what is remembered; otherwise nothing may change until a person has looked."""

import asyncio
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.audit.keeper import SIGN_EVERY
from bot.audit.verify_audit import read_checkpoint
from bot.store import Database, SafeMode, Store
from skills.core.errors import NotAllowed, Unavailable
from tests.support.audit import ORIGIN, Elapsed, a_keeper, a_public_key, another_history, audit_settings, note
from tests.support.databases import Clock

RESTORED = "it counts 2 entries, and 3 were there before. The database was restored from an older copy, or a fail-over lost the last of them."


async def shorten(database: Database, *, to: int) -> None:
    """What a restored backup looks like: the tables as they were after so many entries."""
    from bot.store.merkle import Frontier, completed_by, leaf_hash, link_hash

    frontier, link = Frontier(), bytes(32)
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM audit_entries WHERE seq > :to"), {"to": to})
        await connection.execute(text("DELETE FROM audit_nodes WHERE position >= :end"), {"end": completed_by(to)})
        for (body,) in (await connection.execute(text("SELECT body FROM audit_entries ORDER BY seq"))).all():
            leaf = leaf_hash(body.encode())
            frontier.append(leaf)
            link = link_hash(link, leaf)
        head = {
            "size": to,
            "root": frontier.root().hex(),
            "link": link.hex(),
            "frontier": " ".join(each.hex() for each in frontier.subtrees),
        }
        await connection.execute(
            text("UPDATE audit_heads SET size = :size, root = :root, link = :link, frontier = :frontier"), head
        )


async def test_a_signed_head_is_a_note_that_the_public_key_verifies(store: Store, tmp_path: Path) -> None:
    await note(store, 3)
    keeper = a_keeper(store, tmp_path)
    signed = await keeper.sign()
    assert signed is not None
    checkpoint = read_checkpoint(signed.note)
    size, root = await store.audit.head()
    assert (checkpoint.origin, checkpoint.size, checkpoint.root.hex()) == (ORIGIN, size, root)
    assert checkpoint.signer([a_public_key()]) == a_public_key()
    assert await keeper.sign() == signed
    assert await keeper.signed_heads() == [(3, root), (3, root)]


async def test_an_empty_log_is_not_signed(store: Store, tmp_path: Path) -> None:
    assert await a_keeper(store, tmp_path).sign() is None


async def test_the_end_of_a_run_is_signed_at_once_and_anything_else_within_a_minute(
    store: Store, tmp_path: Path
) -> None:
    elapsed = Elapsed()
    keeper = a_keeper(store, tmp_path, elapsed=elapsed)
    await note(store)
    await keeper.tick()
    assert await store.checkpoints.latest() is None
    elapsed.seconds = SIGN_EVERY
    await keeper.tick()
    await note(store, verb="run:succeeded")
    await keeper.tick()
    assert [each.size for each in await store.checkpoints.after(0)] == [1, 2]


async def test_a_clock_that_is_set_back_does_not_delay_signing(store: Store, tmp_path: Path, clock: Clock) -> None:
    elapsed = Elapsed()
    keeper = a_keeper(store, tmp_path, elapsed=elapsed, clock=clock)
    await note(store)
    await keeper.sign()
    clock.forward(days=-400)
    await note(store)
    elapsed.seconds = SIGN_EVERY
    await keeper.tick()
    assert [each.size for each in await store.checkpoints.after(0)] == [1, 2]
    assert (await store.audit.verify(expect=await keeper.signed_heads())).ok


async def test_a_database_restored_from_an_older_copy_means_safe_mode_until_it_is_acknowledged(
    store: Store, database: Database, tmp_path: Path
) -> None:
    keeper = a_keeper(store, tmp_path)
    await note(store, 3)
    await keeper.sign()
    await shorten(database, to=2)
    async with database.writing() as connection:
        await connection.execute(text("DELETE FROM audit_checkpoints"))
    await keeper.look()
    with pytest.raises(SafeMode) as told:
        await note(store)
    assert str(told.value) == (
        f"I am in safe mode and only answer questions, because the audit log is not the one that I remember: {RESTORED}"
        " Somebody who may has to look at it and run “countersign audit acknowledge”."
    )
    assert len(await store.audit.entries()) == 2  # questions are answered
    assert await keeper.sign() is None
    await keeper.acknowledge("lead", "restored the backup of 09:00")
    await note(store)
    await keeper.look()
    assert await store.alarms.open() == []
    entry = (await store.audit.entries())[2]
    assert (entry.verb, entry.actor, entry.facts["reason"]) == (
        "audit:acknowledged",
        "lead",
        "restored the backup of 09:00",
    )
    assert entry.facts["alarms"] == [{"size": 3, "root": entry.facts["alarms"][0]["root"], "problem": RESTORED}]
    signed = await keeper.sign()
    assert signed is not None
    assert signed.size == 4


@pytest.mark.parametrize("count", [3, 5])
async def test_another_history_means_safe_mode_however_long_it_is(
    store: Store, database: Database, tmp_path: Path, count: int
) -> None:
    keeper = a_keeper(store, tmp_path)
    await note(store, 3)
    await keeper.look()
    await another_history(database, count)
    await keeper.look()
    assert [alarm.problem for alarm in await store.alarms.open()] == [
        "its first 3 entries are not those that were there before."
    ]


async def test_safe_mode_reaches_a_running_watch_within_a_second(
    store: Store, database: Database, tmp_path: Path
) -> None:
    keeper = a_keeper(store, tmp_path)
    await note(store, 3)
    watching = asyncio.create_task(keeper.run())
    while not (tmp_path / "head.json").exists():
        await asyncio.sleep(0.05)
    await shorten(database, to=2)
    started = asyncio.get_running_loop().time()
    while not await store.alarms.open():
        await asyncio.sleep(0.02)
        assert asyncio.get_running_loop().time() - started < 10
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)


async def test_without_a_memory_it_begins_from_the_last_head_that_was_signed(
    store: Store, database: Database, tmp_path: Path
) -> None:
    await note(store, 3)
    await a_keeper(store, tmp_path).sign()
    await shorten(database, to=2)
    (tmp_path / "head.json").unlink()
    await a_keeper(store, tmp_path).look()
    assert [alarm.problem for alarm in await store.alarms.open()] == [RESTORED]


@pytest.mark.parametrize("content", ["", "{}", '{"origin": "elsewhere", "size": 1, "root": "00"}', "null"])
async def test_a_memory_that_cannot_be_read_is_an_alarm(store: Store, tmp_path: Path, content: str) -> None:
    await note(store)
    (tmp_path / "head.json").write_text(content)
    keeper = a_keeper(store, tmp_path)
    await keeper.look()
    with pytest.raises(SafeMode, match=r"cannot be read"):
        await note(store)
    await keeper.acknowledge("lead", "the disk was full")
    await note(store)


async def test_removing_the_alarm_from_the_database_does_not_help(
    store: Store, database: Database, tmp_path: Path
) -> None:
    keeper = a_keeper(store, tmp_path)
    await note(store, 3)
    await keeper.look()
    await shorten(database, to=2)
    await keeper.look()
    for statement in ("UPDATE audit_alarms SET acknowledged_at = at", "DELETE FROM audit_alarms"):
        async with database.writing() as connection:
            await connection.execute(text(statement))
        await keeper.look()
        assert len(await store.alarms.open()) == 1


async def test_there_is_nothing_to_acknowledge_outside_of_safe_mode(store: Store, tmp_path: Path) -> None:
    with pytest.raises(NotAllowed, match=r"There is nothing to acknowledge: this is not safe mode."):
        await a_keeper(store, tmp_path).acknowledge("lead", "just in case")


async def test_a_memory_out_of_reach_is_told_and_no_alarm(store: Store, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    keeper = a_keeper(store, tmp_path, settings=audit_settings(tmp_path / "file"))
    with pytest.raises(
        Unavailable, match=r"The remembered head of the audit log in .* is out of reach: not a directory"
    ):
        await keeper.look()
    assert await store.alarms.open() == []


async def test_a_stored_checkpoint_that_nobody_trusts_is_told(store: Store, database: Database, tmp_path: Path) -> None:
    await note(store)
    keeper = a_keeper(store, tmp_path)
    await keeper.sign()
    async with database.writing() as connection:
        await connection.execute(
            text("UPDATE audit_checkpoints SET note = replace(note, 'example.com', 'example.org')")
        )
    with pytest.raises(
        NotAllowed, match=r"A stored checkpoint is not to be trusted: The checkpoint over 1 entries is signed by none"
    ):
        await keeper.signed_heads()


async def test_several_processes_share_a_memory_that_only_grows(store: Store, tmp_path: Path) -> None:
    one, two = a_keeper(store, tmp_path), a_keeper(store, tmp_path)
    for _ in range(5):
        await note(store)
        await asyncio.gather(one.look(), two.look(), note(store), one.look(), two.look())
    assert await store.alarms.open() == []
