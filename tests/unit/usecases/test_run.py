"""Running what was approved: once, only that, and back again when it fails."""

import sqlite3
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from skills.core.names import ProposalId
from skills.core.plan import Plan
from skills.core.policy import UNREACHABLE, Request
from skills.core.ports.workloads import ImageEdit, Place
from skills.core.proposal import EffectState, Status
from skills.core.verdict import Outcome, Verdict
from tests.support.worlds import Office

CHECKOUT = Place(environment="production", namespace="production", name="checkout")


@pytest.fixture
async def approved(office: Office) -> Office:
    await office.say("dev", "deploy checkout v42 to production")
    await office.say("sre", "approve 1")
    return office


async def test_an_approved_plan_runs_and_verifies_itself(approved: Office) -> None:
    done = await approved.run(1)
    assert done.status is Status.SUCCEEDED
    assert [effect.state for effect in done.effects] == [EffectState.VERIFIED]
    assert len(approved.cluster.effects) == 1
    workload = await approved.cluster.get(CHECKOUT)
    assert workload.containers[0].image == "registry.example/checkout:v42"


async def test_every_step_of_a_run_stands_in_the_audit_log(approved: Office) -> None:
    await approved.run(1)
    assert await approved.verbs(1) == [
        "proposal:created",
        "proposal:approve",
        "proposal:approved",
        "run:started",
        "effect:intended",
        "effect:applied",
        "effect:verified",
        "run:succeeded",
    ]
    assert (await approved.world.store.audit.verify()).ok


async def test_an_approval_is_consumed_once(approved: Office) -> None:
    first, second = approved.runner(executor="one"), approved.runner(executor="two")
    await approved.run(1, first)
    await approved.run(1, second)
    assert len(approved.cluster.effects) == 1


async def test_nothing_runs_without_approval(office: Office) -> None:
    await office.say("dev", "deploy checkout v42 to production")
    untouched = await office.run(1)
    assert untouched.status is Status.PENDING
    assert office.cluster.effects == ()


async def test_a_world_that_changed_after_approval_voids_it(approved: Office) -> None:
    workload = await approved.cluster.get(CHECKOUT)
    edit = ImageEdit(container="app", before="registry.example/checkout:v41", after="registry.example/checkout:v40")
    await approved.cluster.apply(CHECKOUT, edit, uid=workload.uid)
    done = await approved.run(1)
    assert done.status is Status.VOID
    assert done.outcome == (
        "The world changed after approval: planning again differs in summary, steps, on_failure. "
        "checkout in production (Deployment production/checkout) is now registry.example/checkout:v40, "
        "and was registry.example/checkout:v41. Ask again."
    )
    assert len(approved.cluster.effects) == 1


async def test_an_approval_that_could_not_start_in_five_minutes_expires(approved: Office) -> None:
    approved.time.pass_by(minutes=5)
    done = await approved.run(1)
    assert done.status is Status.EXPIRED
    assert approved.cluster.effects == ()


async def test_a_cluster_that_stays_down_lets_the_approval_expire(approved: Office) -> None:
    approved.cluster.faults.down = True
    done = await approved.run(1)
    assert done.status is Status.EXPIRED
    assert done.outcome == "It was approved but could not start in time."


async def test_an_approver_who_left_meanwhile_does_not_count(approved: Office) -> None:
    catalog = approved.world.catalog
    catalog.people = tuple(
        replace(person, actor=replace(person.actor, active=False)) if person.actor.subject == "sre" else person
        for person in catalog.people
    )
    done = await approved.run(1)
    assert done.status is Status.VOID
    assert done.outcome.startswith("Policy now needs 1 person other than the requester:")


async def test_a_requester_who_left_meanwhile_stops_it(approved: Office) -> None:
    forget(approved, "dev")
    done = await approved.run(1)
    assert done.outcome == "Developer is no longer active here."


async def test_a_requester_who_left_before_a_step_stops_it_even_after_the_run_began(approved: Office) -> None:
    await approved.runner(executor="died after the intent").advance(ProposalId(1))
    forget(approved, "dev")
    done = await approved.run(1, approved.runner(executor="heir"))
    assert done.status is Status.FAILED
    assert done.outcome == "Developer is no longer active here. Nothing was changed."
    assert approved.cluster.effects == ()


@pytest.mark.parametrize(
    ("subject", "said"),
    [("dev", "Policy now says no: "), ("sre", "Policy now needs 1 person other than the requester: ")],
)
async def test_policy_is_asked_again_before_each_step(approved: Office, subject: str, said: str) -> None:
    runner = approved.runner()
    await runner.advance(ProposalId(1))
    catalog = approved.world.catalog
    catalog.people = tuple(
        replace(person, actor=replace(person.actor, roles=frozenset())) if person.actor.subject == subject else person
        for person in catalog.people
    )
    done = await approved.run(1, runner)
    assert done.status is Status.FAILED
    assert done.outcome.startswith(said)
    assert approved.cluster.effects == ()


async def test_a_policy_that_is_out_of_reach_before_a_step_is_waited_for(approved: Office) -> None:
    runner = approved.runner()
    await runner.advance(ProposalId(1))
    asked = runner._agreement._policy.judge
    away = Verdict(outcome=Outcome.DENY, reasons=("Policy cannot be asked.",), rules=(UNREACHABLE,))
    answers = [away, away]

    async def judge(request: Request) -> Verdict:
        return answers.pop() if answers else await asked(request)

    runner._agreement._policy = SimpleNamespace(judge=judge)  # type: ignore[assignment]  # the one method that a run asks
    done = await approved.run(1, runner)
    assert (done.status, answers) == (Status.SUCCEEDED, [])
    assert len(approved.cluster.effects) == 1


async def test_an_approver_whose_membership_was_not_confirmed_lately_does_not_count(approved: Office) -> None:
    catalog, now = approved.world.catalog, approved.time.now
    catalog.people = tuple(
        replace(person, confirmed=now - timedelta(days=30 if person.actor.subject == "sre" else 1))
        for person in catalog.people
    )
    catalog.membership = timedelta(days=30)
    done = await approved.run(1)
    assert done.status is Status.VOID
    assert done.outcome.startswith("Policy now needs 1 person other than the requester:")


async def test_the_way_back_is_gone_even_if_those_who_agreed_left_meanwhile(office: Office) -> None:
    await office.say("dev", "deploy checkout v43 to production")
    await office.say("sre", "approve 1")
    runner = office.runner()
    for _ in range(2):
        await runner.advance(ProposalId(1))
    forget(office, "dev")
    done = await office.run(1, runner)
    assert "Went back by itself" in done.outcome
    assert [effect.digest for effect in office.cluster.effects] == [done.digest] * 2


async def test_a_release_that_crashes_goes_back_by_itself(office: Office) -> None:
    await office.say("dev", "deploy checkout v43 to production")
    await office.say("sre", "approve 1")
    done = await office.run(1)
    assert done.status is Status.FAILED
    assert "exit code 1" in done.outcome
    assert "Went back by itself" in done.outcome
    assert [effect.state for effect in done.effects] == [EffectState.FAILED, EffectState.VERIFIED]
    assert (await office.cluster.get(CHECKOUT)).containers[0].image == "registry.example/checkout:v41"
    assert len(office.cluster.effects) == 2


async def test_rollback_passes_over_a_release_that_failed_here(office: Office) -> None:
    await office.say("dev", "deploy checkout v43 to production")
    await office.say("sre", "approve 1")
    await office.run(1)
    await office.say("dev", "rollback checkout in production")
    plan = (await office.proposal(2)).plan
    assert "(v40)" in plan.steps[0].after
    assert any("v43) is passed over: it failed in #1" in note for note in plan.notes)


async def test_an_answer_that_got_lost_is_read_back_and_not_repeated(approved: Office) -> None:
    approved.cluster.faults.lose_answer = True
    runner = approved.runner()
    assert await runner.advance((await approved.proposal(1)).id)
    assert await runner.advance((await approved.proposal(1)).id)
    approved.cluster.faults.lose_answer = False
    done = await approved.run(1, runner)
    assert done.status is Status.SUCCEEDED
    assert len(approved.cluster.effects) == 1


async def test_a_request_that_got_lost_is_read_back_and_then_made(approved: Office) -> None:
    approved.cluster.faults.lose_request = True
    runner = approved.runner()
    await runner.advance((await approved.proposal(1)).id)
    await runner.advance((await approved.proposal(1)).id)
    approved.cluster.faults.lose_request = False
    done = await approved.run(1, runner)
    assert done.status is Status.SUCCEEDED
    assert len(approved.cluster.effects) == 1
    assert "effect:read-back" in await approved.verbs(1)


async def test_a_target_that_somebody_else_changed_in_mid_run_is_left_alone(approved: Office) -> None:
    runner = approved.runner()
    await runner.advance((await approved.proposal(1)).id)
    workload = await approved.cluster.get(CHECKOUT)
    edit = ImageEdit(container="app", before="registry.example/checkout:v41", after="registry.example/checkout:v40")
    await approved.cluster.apply(CHECKOUT, edit, uid=workload.uid)
    done = await approved.run(1, runner)
    assert done.status is Status.UNKNOWN
    assert (await approved.cluster.get(CHECKOUT)).containers[0].image == "registry.example/checkout:v40"


async def test_a_process_that_lost_its_run_writes_nothing_more(approved: Office) -> None:
    zombie, heir = approved.runner(executor="zombie"), approved.runner(executor="heir")
    await zombie.advance((await approved.proposal(1)).id)
    await heir.advance((await approved.proposal(1)).id)
    assert not await zombie.advance((await approved.proposal(1)).id)
    done = await approved.run(1, heir)
    assert done.status is Status.SUCCEEDED
    assert len(approved.cluster.effects) == 1


def forget(office: Office, subject: str) -> None:
    """From now on nobody of this name works here."""
    catalog = office.world.catalog
    catalog.people = tuple(person for person in catalog.people if person.actor.subject != subject)


def test_any_byte_of_a_plan_changes_its_digest() -> None:
    plan = Plan.from_json(
        {
            "format": 1,
            "skill": "deploy",
            "params": {},
            "summary": "s",
            "steps": [],
            "risk": "low",
            "risk_reasons": [],
            "blast_radius": [],
            "on_failure": [],
            "notes": [],
        }
    )
    assert plan.digest != replace(plan, summary="t").digest
    assert plan.digest != replace(plan, notes=("n",)).digest


async def test_a_plan_that_was_edited_in_the_database_after_approval_is_not_carried_out(approved: Office) -> None:
    with sqlite3.connect(approved.world.settings.data / "countersign.sqlite3") as database:
        changed = database.execute("UPDATE proposals SET plan = replace(plan, 'checkout:v42', 'checkout:v43')")
        assert changed.rowcount == 1
    done = await approved.run(1)
    assert done.status is Status.VOID
    assert done.outcome.startswith("The stored plan does not have the approved digest")
    assert approved.cluster.effects == ()
