"""Proposals and decisions in both databases."""

import asyncio
from datetime import timedelta

import pytest

from bot.store import AlreadyAsked, Database, Store, Unaudited
from skills.core.errors import UnknownName
from skills.core.names import Organization, ProposalId, Subject
from skills.core.proposal import Choice, Origin, Status
from tests.support.databases import NOON, Clock
from tests.support.proposals import a_plan, propose


async def test_a_proposal_comes_back_as_it_went_in(store: Store) -> None:
    stored = await propose(store, origin=Origin(edge="slack", words="deploy", place={"channel": "C1"}))
    assert await store.proposal(stored.id) == stored
    assert await store.proposal_by_handle("handle-1") == stored
    assert await store.proposal_by_request("request-1") == stored
    assert stored.plan.digest == stored.digest == a_plan().digest


async def test_what_no_database_can_hold_is_replaced_and_the_rest_kept(store: Store) -> None:
    stored = await propose(
        store,
        reason="nul \0 and \ud800 lone",
        origin=Origin(edge="cli", words="a\0b", place={"x": "a\0\ud800"}),
        requester_name="Zoë 🎉",
    )
    found = await store.proposal(stored.id)
    assert found is not None
    assert found.reason == "nul \ufffd and \ufffd lone"
    assert found.origin == Origin(edge="cli", words="a\ufffdb", place={"x": "a\0\ud800"})
    assert found == stored
    assert found.requester_name == "Zoë 🎉"


async def test_secrets_that_people_type_are_not_stored(store: Store) -> None:
    stored = await propose(
        store, reason="token xoxb-123456789012-abc", origin=Origin(edge="cli", words="use ghp_abcdefghijkl")
    )
    async with store.begin() as tx:
        await tx.add_decision(
            stored.id,
            subject=Subject("sre"),
            name="Sre",
            choice=Choice.REJECT,
            digest=stored.digest,
            reason="password=hunter2",
        )
        tx.record("proposal:rejected", "proposal/1", {}, actor="sre")
    found = await store.proposal(stored.id)
    assert found is not None
    assert (found.reason, found.origin.words) == ("token (redacted)", "use (redacted)")
    assert found.decisions[0].reason == "password=(redacted)"


async def test_numbers_count_from_one_in_each_organization_without_gaps(database: Database) -> None:
    acme, other = database.store(Organization("acme")), database.store(Organization("other"))
    with pytest.raises(RuntimeError, match=r"rolled back"):
        await _number_and_fail(acme)
    assert [(await propose(acme, n)).id for n in (1, 2)] == [1, 2]
    assert (await propose(other, 1)).id == 1


async def test_eight_writers_at_once_get_contiguous_numbers_and_audit_entries(store: Store) -> None:
    async def work(worker: int) -> list[int]:
        return [(await propose(store, f"{worker}-{n}")).id for n in range(5)]

    numbers = [number for mine in await asyncio.gather(*map(work, range(8))) for number in mine]
    assert sorted(numbers) == list(range(1, 41))
    assert [entry.seq for entry in await store.audit.entries()] == list(range(1, 41))
    assert (await store.audit.verify()).ok
    assert [change for change, _ in await store.changed_since(0)] == list(range(1, 41))


async def test_the_same_request_is_stored_once(store: Store) -> None:
    first = await propose(store, 1)
    with pytest.raises(AlreadyAsked, match=r"This request was made before; it has its proposal already."):
        await propose(store, 2, request_key="request-1")
    assert [proposal.id for proposal in await store.proposals()] == [first.id]
    assert (await propose(store, 3)).id == 2


async def test_requests_without_a_key_are_never_the_same(store: Store) -> None:
    await propose(store, 1, request_key=None)
    await propose(store, 2, request_key=None)
    assert len(await store.proposals()) == 2


async def test_of_sixteen_who_start_a_run_exactly_one_does(store: Store) -> None:
    id = (await propose(store, status=Status.APPROVED)).id

    async def start(worker: int) -> bool:
        async with store.begin() as tx:
            won = await tx.move(id, from_=Status.APPROVED, to=Status.RUNNING)
            if won:
                tx.record("run:started", f"proposal/{id}", {"worker": worker}, actor=f"worker-{worker}")
            return won

    assert sorted(await asyncio.gather(*map(start, range(16)))) == [False] * 15 + [True]
    assert [entry.verb for entry in await store.audit.entries()] == ["proposal:created", "run:started"]


async def test_moving_sets_the_times_and_the_version(store: Store, clock: Clock) -> None:
    id = (await propose(store)).id
    moves = [
        (Status.PENDING, Status.APPROVED, {"start_by": NOON + timedelta(minutes=5)}),
        (Status.APPROVED, Status.RUNNING, {}),
        (Status.RUNNING, Status.SUCCEEDED, {"outcome": "It runs."}),
    ]
    for from_, to, other in moves:
        clock.forward(minutes=1)
        async with store.begin() as tx:
            assert await tx.move(id, from_=from_, to=to, **other)
            tx.record(f"proposal:{to}", f"proposal/{id}", {}, actor="sre")
    found = await store.proposal(id)
    assert found is not None
    assert (found.status, found.outcome, found.version) == (Status.SUCCEEDED, "It runs.", 4)
    assert (found.start_by, found.started_at, found.settled_at) == (
        NOON + timedelta(minutes=5), NOON + timedelta(minutes=2), NOON + timedelta(minutes=3),
    )  # fmt: skip
    assert await store.versions([id, ProposalId(99)]) == {id: 4}


async def test_a_transition_that_does_not_exist_is_refused(store: Store) -> None:
    id = (await propose(store)).id
    with pytest.raises(ValueError, match=r"a proposal never goes from pending to running"):
        async with store.begin() as tx:
            await tx.move(id, from_=Status.PENDING, to=Status.RUNNING)


async def test_a_change_without_an_audit_entry_is_not_committed(store: Store) -> None:
    id = (await propose(store)).id
    with pytest.raises(Unaudited):
        async with store.begin() as tx:
            await tx.move(id, from_=Status.PENDING, to=Status.CANCELLED)
    found = await store.proposal(id)
    assert found is not None
    assert found.status is Status.PENDING


async def test_one_person_says_one_thing_once(store: Store) -> None:
    proposal = await propose(store)

    async def approve(subject: str) -> bool:
        async with store.begin() as tx:
            decision = await tx.add_decision(
                proposal.id, subject=Subject(subject), name=subject.title(), choice=Choice.APPROVE,
                digest=proposal.digest, reason="",
            )  # fmt: skip
            if decision:
                tx.record("proposal:approved", f"proposal/{proposal.id}", {}, actor=subject)
        return decision is not None

    assert sorted(await asyncio.gather(*[approve(who) for who in ("sre", "lead", "sre", "lead", "sre")])) == [
        False, False, False, True, True,
    ]  # fmt: skip
    found = await store.proposal(proposal.id)
    assert found is not None
    assert [(decision.subject, decision.name) for decision in found.approvals] == [("lead", "Lead"), ("sre", "Sre")]


async def test_deciding_on_a_proposal_that_does_not_exist_says_so(store: Store) -> None:
    with pytest.raises(UnknownName, match=r"I know no proposal called “7”."):
        async with store.begin() as tx:
            await tx.add_decision(
                ProposalId(7),
                subject=Subject("sre"),
                name="Sre",
                choice=Choice.APPROVE,
                digest=a_plan().digest,
                reason="",
            )


async def test_proposals_are_found_by_status_requester_service_and_environment(store: Store) -> None:
    await propose(store, 1, plan=a_plan("web", "staging"), requester=Subject("sre"))
    await propose(store, 2, plan=a_plan("web", "production"))
    await propose(store, 3, plan=a_plan("search", "staging"), status=Status.REJECTED)

    async def numbers(**conditions: object) -> list[int]:
        return [proposal.id for proposal in await store.proposals(**conditions)]

    assert await numbers() == [3, 2, 1]
    assert await numbers(limit=1) == [3]
    assert await numbers(service="web") == [2, 1]
    assert await numbers(service="web", environment="staging") == [1]
    assert await numbers(environment="staging", statuses=[Status.REJECTED]) == [3]
    assert await numbers(requester="sre") == [1]
    assert [proposal.id for proposal in await store.open()] == [2, 1]


async def test_changes_are_what_ran_or_runs(store: Store) -> None:
    await propose(store, 1)
    await propose(store, 2, status=Status.APPROVED)
    async with store.begin() as tx:
        await tx.move(ProposalId(2), from_=Status.APPROVED, to=Status.RUNNING)
        tx.record("run:started", "proposal/2", {}, actor="engine")
    assert [proposal.id for proposal in await store.changes(service="checkout", environment="production")] == [2]
    assert await store.changes(service="web") == ()


async def test_a_watcher_sees_each_changed_proposal_once_with_its_latest_change(store: Store) -> None:
    await propose(store, 1)
    await propose(store, 2)
    assert list(await store.changed_since(0)) == [(1, 1), (2, 2)]
    async with store.begin() as tx:
        await tx.move(ProposalId(1), from_=Status.PENDING, to=Status.EXPIRED)
        tx.record("proposal:expired", "proposal/1", {}, actor="clock")
    assert list(await store.changed_since(1)) == [(2, 2), (3, 1)]
    assert list(await store.changed_since(1, limit=1)) == [(2, 2)]
    assert list(await store.changed_since(3)) == []


async def test_one_organization_never_sees_the_proposals_of_another(database: Database) -> None:
    acme, other = database.store(Organization("acme")), database.store(Organization("other"))
    id = (await propose(acme)).id
    assert await other.proposal(id) is None
    assert await other.proposal_by_handle("handle-1") is None
    assert await other.proposal_by_request("request-1") is None
    assert await other.proposals() == await other.open() == await other.changes() == ()
    assert await other.versions([id]) == {}
    assert await other.changed_since(0) == []
    assert await other.audit.entries() == []
    async with other.begin() as tx:
        assert await tx.proposal(id) is None
        assert not await tx.move(id, from_=Status.PENDING, to=Status.CANCELLED)


async def _number_and_fail(store: Store) -> None:
    async with store.begin() as tx:
        await tx._next("proposal")
        raise RuntimeError("rolled back")
