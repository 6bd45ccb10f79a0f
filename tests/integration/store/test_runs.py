"""Ownership of a run, and the states of its effects, in both databases."""

from collections.abc import Callable

import pytest

from bot.store import AlreadyIntended, LostOwnership, Store, Transaction, Unaudited
from bot.store.transaction import EFFECT_NEXT
from skills.core.errors import UnknownName
from skills.core.names import ProposalId
from skills.core.proposal import EffectState, Status
from tests.support.databases import NOON, Clock
from tests.support.proposals import propose

ID = ProposalId(1)
EVERY_STATE = tuple(EffectState)


@pytest.fixture
async def running(store: Store) -> Store:
    """A store whose proposal 1 is owned by “first” at epoch 1, with one intended effect."""
    await propose(store, status=Status.APPROVED)
    async with store.begin() as tx:
        assert await tx.claim(ID, "first") == 1
        await tx.intend(ID, epoch=1, ordinal=0, compensating=False, index=0)
        tx.record("effect:intended", "proposal/1", {"ordinal": 0}, actor="first")
    return store


async def conclude(store: Store, state: EffectState, *, epoch: int = 1, **other: object) -> None:
    async with store.begin() as tx:
        await tx.conclude(ID, epoch=epoch, ordinal=0, state=state, detail=f"now {state}", **other)
        tx.record(f"effect:{state}", "proposal/1", {}, actor="first")


async def state_of(store: Store) -> EffectState:
    found = await store.proposal(ID)
    assert found is not None
    return found.effects[0].state


async def test_an_effect_goes_from_intent_to_applied_to_verified(running: Store, clock: Clock) -> None:
    clock.forward(seconds=1)
    await conclude(running, EffectState.APPLIED)
    clock.forward(seconds=1)
    await conclude(running, EffectState.VERIFIED)
    found = await running.proposal(ID)
    assert found is not None
    (effect,) = found.effects
    assert (effect.ordinal, effect.index, effect.compensating) == (0, 0, False)
    assert (effect.state, effect.detail, effect.intent_at) == (EffectState.VERIFIED, "now verified", NOON)
    assert effect.outcome_at == clock()


@pytest.mark.parametrize(
    ("before", "after"), [(before, after) for before, allowed in EFFECT_NEXT.items() for after in sorted(allowed)]
)
async def test_every_listed_step_of_an_effect_is_taken(running: Store, before: EffectState, after: EffectState) -> None:
    if before is not EffectState.INTENT:
        await conclude(running, before)
    await conclude(running, after)
    assert await state_of(running) is after


@pytest.mark.parametrize("after", EVERY_STATE)
@pytest.mark.parametrize("before", [EffectState.VERIFIED, EffectState.FAILED])
async def test_a_final_effect_never_goes_on(running: Store, before: EffectState, after: EffectState) -> None:
    await conclude(running, EffectState.APPLIED)
    await conclude(running, before)
    with pytest.raises(ValueError, match=r"effect 0 of proposal 1 is not in a state from which it could become"):
        await conclude(running, after)
    assert await state_of(running) is before


async def test_the_one_who_lost_the_run_writes_nothing_more(running: Store) -> None:
    async with running.begin() as tx:
        assert await tx.claim(ID, "second") == 2

    async def intend(tx: Transaction) -> None:
        await tx.intend(ID, epoch=1, ordinal=1, compensating=False, index=1)

    async def progress(tx: Transaction) -> None:
        await tx.progress(ID, epoch=1, ordinal=0, progress={"ready": 1})

    async def conclude_it(tx: Transaction) -> None:
        await tx.conclude(ID, epoch=1, ordinal=0, state=EffectState.APPLIED, detail="")

    attempts: list[Callable[[Transaction], object]] = [intend, progress, conclude_it]
    for attempt in attempts:
        with pytest.raises(
            LostOwnership, match=r"Another process has taken over the run of proposal 1; this one has stopped\."
        ):
            async with running.begin() as tx:
                await attempt(tx)  # type: ignore[misc]
    await conclude(running, EffectState.UNKNOWN, epoch=2)


async def test_an_effect_is_begun_once(running: Store) -> None:
    with pytest.raises(AlreadyIntended, match=r"Effect 0 of proposal 1 was begun before\."):
        async with running.begin() as tx:
            await tx.intend(ID, epoch=1, ordinal=0, compensating=False, index=0)
    async with running.begin() as tx:
        await tx.intend(ID, epoch=1, ordinal=1, compensating=True, index=0)
        tx.record("effect:intended", "proposal/1", {"ordinal": 1}, actor="first")
    found = await running.proposal(ID)
    assert found is not None
    assert [(effect.ordinal, effect.compensating) for effect in found.effects] == [(0, False), (1, True)]


async def test_progress_needs_no_audit_entry_and_tells_the_watchers(running: Store) -> None:
    before = (await running.proposals())[0]
    change = (await running.changed_since(0))[-1][0]
    async with running.begin() as tx:
        await tx.progress(ID, epoch=1, ordinal=0, progress={"text": "1 of 3", "ready": 1})
    found = await running.proposal(ID)
    assert found is not None
    assert found.effects[0].progress == {"text": "1 of 3", "ready": 1}
    assert found.version == before.version + 1
    assert list(await running.changed_since(change)) == [(change + 1, ID)]
    assert (await running.audit.head())[0] == 2


@pytest.mark.parametrize("what", ["intend", "conclude"])
async def test_an_effect_without_an_audit_entry_is_not_committed(running: Store, what: str) -> None:
    async def change() -> None:
        async with running.begin() as tx:
            if what == "intend":
                await tx.intend(ID, epoch=1, ordinal=1, compensating=False, index=1)
            else:
                await tx.conclude(ID, epoch=1, ordinal=0, state=EffectState.APPLIED, detail="")

    with pytest.raises(Unaudited):
        await change()
    found = await running.proposal(ID)
    assert found is not None
    assert [effect.state for effect in found.effects] == [EffectState.INTENT]


async def test_claiming_a_run_of_no_proposal_says_so(store: Store) -> None:
    with pytest.raises(UnknownName, match=r"I know no proposal called “9”\."):
        async with store.begin() as tx:
            await tx.claim(ProposalId(9), "first")
