"""What becomes of the service after a run: looked at once, some time later, and written down."""

import json
from collections.abc import Sequence
from datetime import timedelta

import pytest

from bot.usecases.card import make_card
from integrations.memory.cluster import MemoryCluster
from integrations.memory.signals import MemoryMetrics
from skills.core.checkup import Checkup, Condition
from skills.core.errors import Unavailable
from skills.core.names import ProposalId
from skills.core.ports.metrics import Measured, Query, Signal, Window
from skills.core.proposal import Proposal, Status
from skills.core.report import Command
from tests.support.worlds import Office

AFTER = timedelta(seconds=10)


async def run(office: Office, text: str = "deploy checkout v42 to production", *, number: int = 1) -> Proposal:
    """Asked for, approved and carried out."""
    await office.say("dev", text)
    await office.say("sre", f"approve {number}")
    return await office.run(number)


async def checked(office: Office, number: int = 1) -> Proposal:
    """The same, looked at when the time has come."""
    office.time.pass_by(seconds=10)
    assert await office.check_up() == 1
    return await office.proposal(number)


def found(proposal: Proposal) -> Checkup:
    assert proposal.checkup is not None
    assert proposal.checkup.health is not None
    return proposal.checkup


async def test_a_run_is_over_at_once_and_its_service_is_watched_for_a_while(office: Office) -> None:
    done = await run(office)
    assert done.status is Status.SUCCEEDED
    assert done.settled_at is not None
    assert done.checkup == Checkup(due_at=done.settled_at + AFTER)
    card = make_card(done, office.world.catalog)
    assert (card.watched_until, card.health) == (done.settled_at + AFTER, "")


async def test_nothing_is_looked_at_before_its_time(office: Office) -> None:
    before = await run(office)
    office.time.pass_by(seconds=9)
    assert await office.check_up() == 0
    assert await office.proposal(1) == before


async def test_a_good_release_is_healthy(office: Office) -> None:
    await run(office)
    proposal = await checked(office)
    card = make_card(proposal, office.world.catalog)
    assert card.health == "healthy – errors 0.2 % → 0.2 %, p95 180 → 179 ms (10 s)"
    assert (card.watched_until, card.health_reasons, card.offer) == (None, (), None)


async def test_a_bad_release_is_degraded_and_going_back_is_offered_and_not_done(office: Office) -> None:
    await run(office, "deploy checkout v50 to production")
    proposal = await checked(office)
    card = make_card(proposal, office.world.catalog)
    assert card.degraded
    assert card.health == "degraded – errors 0.2 % → 8.1 %, p95 180 → 411 ms (10 s)"
    assert card.health_reasons == (
        "8.1 % of requests fail, and it was 0.2 % before.",
        "95 of 100 requests take up to 411 ms, and it was 180 ms before.",
    )
    assert card.offer == Command(text="rollback checkout in production", does="go back to v41")
    assert len(office.cluster.effects) == 1
    answer = await office.say("dev", card.offer.text)
    assert answer.kind == "proposal"


async def test_a_release_that_went_back_by_itself_is_looked_at_and_nothing_is_offered(office: Office) -> None:
    assert (await run(office, "deploy checkout v43 to production")).status is Status.FAILED
    checkup = found(await checked(office))
    assert checkup.health is not None
    assert (checkup.health.condition, checkup.offer) == (Condition.HEALTHY, None)


async def test_a_run_that_changed_nothing_is_not_looked_at(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("sre", "approve 1")
    runner = office.runner()
    await runner.advance(ProposalId(1))
    office.cluster.faults.forbid = frozenset({"patch"})
    done = await office.run(1, runner)
    assert done.status is Status.FAILED
    assert done.checkup is None


async def test_scaling_back_is_offered_where_scaling_made_it_worse(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(office, "scale checkout to 5 in production")
    monkeypatch.setattr(MemoryMetrics, "_serving", _failing_from(await office.proposal(1)))
    checkup = found(await checked(office))
    assert checkup.offer == Command(text="scale checkout to 3 in production", does="go back to 3 replicas")


async def test_what_somebody_else_changed_meanwhile_is_not_judged(office: Office) -> None:
    await run(office)
    await run(office, "deploy checkout v40 to production", number=2)
    office.time.pass_by(seconds=10)
    assert await office.check_up() == 2
    first, second = found(await office.proposal(1)), found(await office.proposal(2))
    assert first.health is not None
    assert first.health.condition is Condition.UNCLEAR
    assert first.health.reasons[0] == "It was changed again meanwhile, so this would say nothing of this run."
    assert second.health is not None
    assert second.health.condition is Condition.HEALTHY


async def test_another_run_that_put_everything_back_counts_as_a_change(office: Office) -> None:
    await run(office)
    await run(office, "deploy checkout v43 to production", number=2)
    office.time.pass_by(seconds=10)
    assert await office.check_up() == 2
    first = found(await office.proposal(1))
    assert first.health is not None
    assert first.health.condition is Condition.UNCLEAR


async def test_a_cluster_that_does_not_answer_leaves_it_open(office: Office) -> None:
    await run(office)
    office.cluster.faults.down = True
    checkup = found(await checked(office))
    assert checkup.health is not None
    assert checkup.health.condition is Condition.UNCLEAR
    assert "Its pods cannot be seen" in checkup.health.reasons[0]


@pytest.mark.parametrize("all_of_them", [True, False])
async def test_metrics_that_cannot_be_had_leave_it_open(
    office: Office, monkeypatch: pytest.MonkeyPatch, all_of_them: bool
) -> None:
    await run(office)
    measure = MemoryMetrics.measure

    async def broken(self: MemoryMetrics, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        if all_of_them:
            raise Unavailable("The metrics server did not answer.")
        found = await measure(self, queries, window)
        lacking = "The metrics server did not answer."
        return [Measured(query=m.query, partial=(lacking,)) if m.query.signal is Signal.ERRORS else m for m in found]

    monkeypatch.setattr(MemoryMetrics, "measure", broken)
    checkup = found(await checked(office))
    assert checkup.health is not None
    assert checkup.health.condition is Condition.UNCLEAR
    assert checkup.health.reasons == ("The metrics server did not answer.",)
    assert checkup.health.text == "3 of 3 pods ready"


async def test_a_bug_in_looking_is_said_once_and_keeps_nobody_from_the_others(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await run(office)

    async def buggy(self: MemoryCluster, *_: object) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(MemoryMetrics, "measure", buggy)
    checkup = found(await checked(office))
    assert checkup.health is not None
    assert checkup.health.condition is Condition.UNCLEAR
    assert "An internal error stopped the look at it (reference " in checkup.health.reasons[0]
    assert await office.check_up() == 0


async def test_the_verdict_stands_in_the_audit_log_with_its_numbers(office: Office) -> None:
    await run(office, "deploy checkout v50 to production")
    await checked(office)
    assert (await office.verbs(1))[-2:] == ["run:succeeded", "health:degraded"]
    entries = await office.world.store.audit.entries(subject="proposal/1")
    facts = json.loads(json.dumps(entries[-1].facts))
    assert facts["condition"] == "degraded"
    assert facts["offer"]["text"] == "rollback checkout in production"
    assert (await office.world.store.audit.verify()).ok


async def test_two_processes_that_look_at_once_write_it_down_once(office: Office) -> None:
    await run(office)
    office.time.pass_by(seconds=10)
    one, other = office.world.checkups(executor="one"), office.world.checkups(executor="other")
    due = (await office.world.store.checkups_due(office.time()))[0]
    await one()
    await other._look(due)
    assert (await office.verbs(1)).count("health:healthy") == 1


async def test_each_change_of_it_is_seen_by_whoever_follows_the_store(office: Office) -> None:
    settled = await run(office)
    ((change, _),) = await office.world.store.changed_since(0)
    looked_at = await checked(office)
    assert looked_at.version == settled.version + 1
    assert [number for _, number in await office.world.store.changed_since(change)] == [1]


def _failing_from(proposal: Proposal) -> object:
    """A stand-in for what serves: half of the requests fail once the run has begun."""
    serving = MemoryMetrics._serving

    def worse(self: MemoryMetrics, past: Sequence[object], at: object) -> object:
        release, wanted = serving(self, past, at)  # type: ignore[arg-type]
        bad = replace_failing(release) if proposal.started_at and at > proposal.started_at else release  # type: ignore[operator]
        return bad, wanted

    return worse


def replace_failing(release: object) -> object:
    return release.model_copy(update={"failing": 0.5})  # type: ignore[attr-defined]
