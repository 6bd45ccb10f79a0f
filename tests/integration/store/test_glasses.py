"""Broken glass, and what policies are told of the past, as they lie in both databases."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from bot.store import Store
from skills.core.glass import Glass, Review
from skills.core.names import ProposalId, Subject
from skills.core.proposal import Proposal, Status
from skills.core.verdict import Requirement
from tests.support.databases import NOON
from tests.support.proposals import propose

NEEDED = Requirement(count=1, roles=("sre",), rule="eyes", unbreakable=False)


def glass(proposal: Proposal, **more: object) -> Glass:
    broken = Glass(
        proposal=proposal.id,
        digest=proposal.digest,
        subject=Subject("sre"),
        name="SRE",
        reason="down",
        incident=4,
        confidential=False,
        at=NOON,
        until=NOON + timedelta(hours=1),
        stands_for=(NEEDED,),
        review_due=NOON + timedelta(hours=24),
    )
    return replace(broken, **more)  # type: ignore[arg-type]


async def add(store: Store, broken: Glass) -> bool:
    async with store.begin() as tx:
        new = await tx.glasses.add(broken)
        tx.record("proposal:glass-broken", f"proposal/{broken.proposal}", broken.facts, actor=broken.subject)
    return new


async def look(store: Store, proposal: ProposalId, who: str) -> bool:
    async with store.begin() as tx:
        review = Review(at=NOON + timedelta(hours=2), by=Subject(who), name=who, note="right")
        first = await tx.glasses.review(proposal, review)
        tx.record("proposal:glass-reviewed", f"proposal/{proposal}", {"note": "right"}, actor=who)
    return first


async def test_it_comes_back_as_it_was_and_with_its_proposal(store: Store) -> None:
    proposal = await propose(store)
    broken = glass(proposal)
    assert await add(store, broken)
    assert await store.glasses.of(proposal.id) == broken
    found = await store.proposal(proposal.id)
    assert found is not None
    assert found.glass == broken
    assert found.version == proposal.version + 1


async def test_of_many_who_break_it_one_did_and_of_many_who_look_one_looked(store: Store) -> None:
    proposal = await propose(store)
    broken = await asyncio.gather(*(add(store, glass(proposal, name=f"SRE {n}")) for n in range(8)))
    assert sorted(broken) == [False] * 7 + [True]
    looked = await asyncio.gather(*(look(store, proposal.id, f"lead{n}") for n in range(8)))
    assert sorted(looked) == [False] * 7 + [True]


async def test_what_nobody_looked_at_comes_first_and_is_overdue_once(store: Store) -> None:
    first, second = await propose(store, 1), await propose(store, 2)
    await add(store, glass(first))
    await add(store, glass(second, at=NOON + timedelta(minutes=1)))
    await look(store, second.id, "lead")
    assert [each.proposal for each in await store.glasses.latest()] == [first.id, second.id]
    assert await store.glasses.overdue(NOON + timedelta(hours=23)) == []
    (late,) = await store.glasses.overdue(NOON + timedelta(hours=24))
    assert late.proposal == first.id
    async with store.begin() as tx:
        assert await tx.glasses.remind(first.id, NOON + timedelta(hours=24))
        assert not await tx.glasses.remind(first.id, NOON + timedelta(hours=24))
        tx.record("proposal:glass-overdue", f"proposal/{first.id}", {}, actor="clock")
    assert await store.glasses.overdue(NOON + timedelta(hours=25)) == []


async def test_the_past_of_a_service_is_what_had_begun_by_then(store: Store) -> None:
    told = {"incident": {"open": [], "worst": "", "here": False}}
    proposal = await propose(store, status=Status.APPROVED, told=told)
    async with store.begin() as tx:
        await tx.move(proposal.id, from_=Status.APPROVED, to=Status.RUNNING)
        tx.record("run:started", f"proposal/{proposal.id}", {}, actor="test")
    found = await store.pasts.of(["checkout", "web"], ["production"], NOON + timedelta(days=400))
    assert [(each.proposal, each.status) for each in found["checkout", "production"]] == [(proposal.id, "running")]
    assert found["web", "production"] == []
    early = await store.pasts.of(["checkout"], ["production"], NOON - timedelta(days=1))
    assert early["checkout", "production"] == []
    kept = await store.proposal(proposal.id)
    assert kept is not None
    assert kept.told == told
