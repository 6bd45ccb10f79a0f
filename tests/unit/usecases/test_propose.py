"""Asking for a change: what is stored, what is refused, what is said."""

import pytest

from bot.pricing import Pricing
from bot.usecases.answers import Answered, Clarify, Proposed, Refused
from skills.core.money import currency
from skills.core.plan import Plan
from skills.core.proposal import Status
from skills.costing.prices import PriceSheet
from tests.support.worlds import Office


async def test_a_change_in_production_waits_for_somebody_else(office: Office) -> None:
    answer = await office.say("dev", "deploy checkout v42 to production")
    assert isinstance(answer, Proposed)
    assert (
        answer.text == "#1 Deploy checkout v42 to production (from v41): waiting for approval by Platform Lead or SRE."
    )
    assert answer.proposal.status is Status.PENDING
    assert office.cluster.effects == ()


async def test_the_proposal_shows_the_exact_change_and_the_way_back(office: Office) -> None:
    answer = await office.say("dev", "deploy checkout v42 to production")
    assert isinstance(answer, Proposed)
    (step,), (back,) = answer.proposal.plan.steps, answer.proposal.plan.on_failure
    assert (step.before, step.after) == ("registry.example/checkout:v41", "registry.example/checkout:v42")
    assert (back.before, back.after) == (step.after, step.before)
    assert [(c.path, c.before, c.after) for c in step.diff] == [
        ("spec.template.spec.containers[app].image", step.before, step.after)
    ]
    assert answer.proposal.plan.blast_radius == ("web",)


async def test_the_stored_plan_has_the_digest_of_the_shown_one(office: Office) -> None:
    answer = await office.say("dev", "deploy checkout v42 to production")
    assert isinstance(answer, Proposed)
    stored = await office.proposal(1)
    assert stored.digest == stored.plan.digest == Plan.from_json(stored.plan.to_json()).digest == answer.proposal.digest


async def test_policy_may_allow_a_change_at_once_and_says_so(office: Office) -> None:
    answer = await office.say("dev", "restart search in staging")
    assert isinstance(answer, Proposed)
    assert answer.proposal.status is Status.APPROVED
    assert await office.verbs(1) == ["proposal:created", "proposal:allowed"]


async def test_the_same_delivery_twice_is_one_proposal(office: Office) -> None:
    first = await office.say("dev", "deploy checkout v42 to production", key="delivery-1")
    second = await office.say("dev", "deploy checkout v42 to production", key="delivery-1")
    assert isinstance(first, Proposed)
    assert isinstance(second, Proposed)
    assert first.proposal.id == second.proposal.id == 1


async def test_a_guest_is_refused_and_the_refusal_is_on_record(office: Office) -> None:
    answer = await office.say("guest", "deploy checkout v42 to production")
    assert isinstance(answer, Refused)
    assert answer.text == "Guest is a guest; guests cannot ask for this."
    (entry,) = await office.world.store.audit.entries(subject="person/guest")
    assert entry.verb == "request:denied"


async def test_deploying_what_already_runs_is_nothing_to_do(office: Office) -> None:
    answer = await office.say("dev", "deploy checkout v41 to production")
    assert isinstance(answer, Answered)
    assert answer.text == "checkout already runs v41 in production; there is nothing to do."


async def test_an_unknown_release_gets_the_nearest_ones(office: Office) -> None:
    answer = await office.say("dev", "deploy checkout v99 to production")
    assert isinstance(answer, Clarify)
    assert answer.text.startswith("I know no release of checkout called “v99”. Did you mean ")
    assert answer.completions[0] == f"deploy checkout {answer.candidates['release of checkout'][0]} to production"


async def test_an_unknown_digest_offers_no_half_replaced_request(office: Office) -> None:
    answer = await office.say("dev", f"deploy checkout registry.example/checkout@sha256:{'a' * 64} to production")
    assert isinstance(answer, Clarify)
    assert answer.completions == ()


async def test_scaling_out_of_bounds_says_the_bounds(office: Office) -> None:
    answer = await office.say("dev", "scale web to 0 in production")
    assert isinstance(answer, Clarify)
    assert answer.text == (
        "web cannot be scaled to 0 replicas: that would take it down. "
        "Between 1 and 20 are allowed; the bounds stand in its catalog entry."
    )


async def test_one_person_cannot_pile_up_proposals_without_end(office: Office) -> None:
    most = office.world.configuration.limits.max_pending_per_person
    for _ in range(most):
        assert isinstance(await office.say("dev", "deploy checkout v42 to production"), Proposed)
    answer = await office.say("dev", "deploy checkout v42 to production")
    assert isinstance(answer, Refused)
    assert answer.text.startswith(f"Developer already has {most} proposals waiting for approval.")


SCALED = "about +€86.72 a month (±15 %, not reconciled), 3 → 9 replicas at €14.45 each (0.5 cores, 1 GiB)"


async def test_a_change_says_what_it_does_to_the_bill_and_the_log_keeps_it(office: Office) -> None:
    answer = await office.say("dev", "scale checkout to 9 in production")
    assert isinstance(answer, Proposed)
    assert answer.card.cost == SCALED
    stored = await office.proposal(1)
    assert stored.cost == answer.proposal.cost
    (created,) = [
        each for each in await office.world.store.audit.entries(subject="proposal/1") if each.verb == "proposal:created"
    ]
    assert created.facts["cost"]["sentence"] == SCALED


async def test_what_it_costs_is_no_part_of_what_is_approved(office: Office) -> None:
    """A price that changes between approval and run voids nothing."""
    answer = await office.say("dev", "scale checkout to 9 in production")
    assert isinstance(answer, Proposed)
    assert "cost" not in answer.proposal.plan.to_json()
    office.world.door._propose._price = Pricing(PriceSheet(currency=currency("EUR")), office.world.workloads.seen)
    again = await office.say("dev", "scale checkout to 9 in production")
    assert isinstance(again, Proposed)
    assert again.card.cost == "cannot tell, because the price sheet has no price for CPU and memory."
    assert again.proposal.digest == answer.proposal.digest


async def test_what_is_not_paid_for_has_no_cost_on_its_card(office: Office) -> None:
    answer = await office.say("dev", "restart search in staging")
    assert isinstance(answer, Proposed)
    assert answer.card.cost == ""


async def test_an_estimate_that_fails_does_not_stop_a_request(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.pricing.delta", lambda *_: 1 / 0)
    answer = await office.say("dev", "scale checkout to 9 in production")
    assert isinstance(answer, Proposed)
    assert answer.card.cost == "cannot tell, because something went wrong while it was worked out."
