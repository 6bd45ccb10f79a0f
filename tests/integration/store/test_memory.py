"""Cursors, memories and leases, in both databases."""

import asyncio
from datetime import timedelta

from bot.store import Database, Store
from skills.core.names import Organization
from tests.support.databases import Clock

MINUTE = timedelta(minutes=1)


async def test_a_cursor_starts_at_nothing_and_stays_where_it_was_set(store: Store) -> None:
    assert await store.cursor("slack") == 0
    await store.set_cursor("slack", 7)
    await store.set_cursor("slack", 9)
    assert (await store.cursor("slack"), await store.cursor("console")) == (9, 0)


async def test_of_many_who_take_a_memory_one_gets_it(store: Store, clock: Clock) -> None:
    await store.remember("code", {"tries": 1}, clock() + MINUTE)
    taken = await asyncio.gather(*(store.take("code") for _ in range(8)))
    assert [each for each in taken if each is not None] == [{"tries": 1}]
    assert await store.recall("code") is None


async def test_a_memory_fades_at_its_moment(store: Store, clock: Clock) -> None:
    await store.remember("question", {"skill": "deploy", "n": [1, None]}, clock() + MINUTE)
    assert await store.recall("question") == {"skill": "deploy", "n": [1, None]}
    clock.forward(seconds=60)
    assert await store.recall("question") is None
    assert not await store.forget("question")


async def test_a_newer_memory_takes_the_place_of_an_older(store: Store, clock: Clock) -> None:
    await store.remember("question", "old", clock() + MINUTE)
    await store.remember("question", "new", clock() + 2 * MINUTE)
    clock.forward(seconds=90)
    assert await store.recall("question") == "new"


async def test_only_one_caller_forgets_a_memory(store: Store, clock: Clock) -> None:
    await store.remember("question", "which?", clock() + MINUTE)
    assert await store.forget("question")
    assert not await store.forget("question")
    assert await store.recall("question") is None


async def test_of_those_who_remember_first_one_does_and_all_learn_it(store: Store, clock: Clock) -> None:
    kept = await asyncio.gather(*(store.remember_first("pressed", n, clock() + MINUTE) for n in range(6)))
    assert len(set(kept)) == 1
    clock.forward(seconds=60)
    assert await store.remember_first("pressed", "later", clock() + MINUTE) == "later"


async def test_organizations_do_not_share_memories_or_cursors(database: Database, clock: Clock) -> None:
    acme, other = database.store(Organization("acme")), database.store(Organization("other"))
    await acme.remember("question", "acme's", clock() + MINUTE)
    await acme.set_cursor("slack", 3)
    assert await other.recall("question") is None
    assert not await other.forget("question")
    assert await other.cursor("slack") == 0


async def test_a_process_lives_as_long_as_it_beats(database: Database) -> None:
    await database.leases.beat("one", MINUTE)
    await database.leases.beat("two", MINUTE)
    assert await database.leases.live() == {"one", "two"}
    await database.leases.beat("one", MINUTE)
    await database.leases.beat("two", -MINUTE)
    assert await database.leases.live() == {"one"}
    await database.leases.drop("one")
    await database.leases.drop("one")
    assert await database.leases.live() == set()
