"""Transactions under cancellation, contention and a database that goes away, in both databases."""

import asyncio

import pytest
from sqlalchemy import text

from bot.store import Database, Store
from skills.core.errors import Unavailable
from skills.core.names import Organization, ProposalId
from skills.core.proposal import Status
from tests.support.databases import Clock, PostgreSQL
from tests.support.proposals import propose


async def test_a_cancelled_transaction_leaves_nothing_and_lets_the_next_one_in(store: Store) -> None:
    entered = asyncio.Event()

    async def never_ends() -> None:
        async with store.begin() as tx:
            await tx._next("proposal")
            entered.set()
            await asyncio.Event().wait()

    task = asyncio.create_task(never_ends())
    await entered.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert (await propose(store)).id == 1


async def test_cancelling_at_any_moment_leaves_every_number_with_its_entry_and_no_lock_held(store: Store) -> None:
    for number in range(40):
        task = asyncio.create_task(propose(store, f"cancelled-{number}"))
        await asyncio.sleep(number * 0.0003)  # from before the first statement to after the commit
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    last = await asyncio.wait_for(propose(store, "last"), 30)
    numbers = sorted(proposal.id for proposal in await store.proposals(limit=100))
    assert numbers == list(range(1, last.id + 1))
    found = await store.audit.verify()
    assert (found.ok, found.size) == (True, last.id)


async def test_writers_of_two_processes_take_turns(database_url: str, clock: Clock) -> None:
    databases = [await Database.open(database_url, clock=clock) for _ in range(2)]
    stores = [database.store(Organization("acme")) for database in databases]
    stored = await asyncio.gather(*[propose(stores[n % 2], n) for n in range(20)])
    assert sorted(proposal.id for proposal in stored) == list(range(1, 21))
    assert (await stores[0].audit.verify()).size == 20
    for database in databases:
        await database.close()


async def test_readers_see_a_proposal_as_it_was_before_or_after_never_between(store: Store) -> None:
    id = (await propose(store, status=Status.APPROVED)).id

    async def run() -> None:
        async with store.begin() as tx:
            await tx.move(id, from_=Status.APPROVED, to=Status.RUNNING)
            epoch = await tx.claim(id, "first")
            await tx.intend(id, epoch=epoch, ordinal=0, compensating=False, index=0)
            tx.record("run:started", "proposal/1", {}, actor="first")

    async def read() -> tuple[Status, int]:
        found = await store.proposal(id)
        assert found is not None
        return found.status, len(found.effects)

    _, *seen = await asyncio.gather(run(), *[read() for _ in range(10)])
    assert set(seen) <= {(Status.APPROVED, 0), (Status.RUNNING, 1)}
    assert await read() == (Status.RUNNING, 1)


async def test_a_proposal_held_by_one_transaction_is_not_moved_by_another(store: Store) -> None:
    id = (await propose(store)).id
    held = asyncio.Event()

    async def approve() -> None:
        async with store.begin() as tx:
            assert await tx.proposal(id) is not None
            held.set()
            await asyncio.sleep(0.05)  # long enough for the other to have moved it, if it could
            assert await tx.move(id, from_=Status.PENDING, to=Status.APPROVED)
            tx.record("proposal:approved", "proposal/1", {}, actor="sre")

    async def cancel() -> bool:
        await held.wait()
        async with store.begin() as tx:
            return await tx.move(id, from_=Status.PENDING, to=Status.CANCELLED)

    _, cancelled = await asyncio.gather(approve(), cancel())
    assert not cancelled


async def test_organizations_do_not_wait_for_each_other_on_postgresql(postgresql: PostgreSQL, clock: Clock) -> None:
    database = await Database.open(postgresql.fresh(), clock=clock)
    acme, other = database.store(Organization("acme")), database.store(Organization("other"))
    async with acme.begin() as tx:
        await tx._next("proposal")
        assert (await asyncio.wait_for(propose(other), 10)).id == 1
    await database.close()


async def test_a_connection_lost_in_the_middle_is_told_in_a_sentence(postgresql: PostgreSQL, clock: Clock) -> None:
    database = await Database.open(postgresql.fresh(), clock=clock)
    store = database.store(Organization("acme"))
    with pytest.raises(Unavailable) as lost:
        await _lose_the_connection(database, store)
    assert str(lost.value) == f"{database.place} is shutting down or starting. Try again in a moment."
    assert await store.proposal(ProposalId(1)) is None
    assert (await propose(store)).id == 1
    await database.close()


async def _lose_the_connection(database: Database, store: Store) -> None:
    async with store.begin() as tx:
        await tx._next("proposal")
        async with database.reading() as other:
            sessions = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
            await other.execute(text(f"SELECT pg_terminate_backend(pid) {sessions}"))
        await tx._next("proposal")
