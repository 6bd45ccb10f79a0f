"""A word on a proposal: whose counts, when it counts, and that it counts once."""

import pytest

from bot.usecases.answers import Clarify, Decided, Refused
from skills.core.proposal import Choice, Status
from tests.support.worlds import CLI, Office


@pytest.fixture
async def proposed(office: Office) -> Office:
    await office.say("dev", "deploy checkout v42 to production")
    return office


async def test_requester_cannot_approve_their_own_plan(proposed: Office) -> None:
    answer = await proposed.say("dev", "approve 1")
    assert isinstance(answer, Refused)
    assert answer.text == "Developer asked for #1; somebody else has to approve it."
    assert (await proposed.proposal(1)).status is Status.PENDING


async def test_an_sre_who_asks_cannot_approve_either(office: Office) -> None:
    await office.say("sre", "deploy checkout v42 to production")
    answer = await office.say("sre", "approve 1")
    assert isinstance(answer, Refused)


async def test_a_second_person_countersigns(proposed: Office) -> None:
    answer = await proposed.say("sre", "approve 1")
    assert isinstance(answer, Decided)
    assert answer.text == "#1 Deploy checkout v42 to production (from v41): approved by SRE, starting."
    assert await proposed.verbs(1) == ["proposal:created", "proposal:approve", "proposal:approved"]


async def test_approval_binds_to_the_digest(proposed: Office) -> None:
    await proposed.say("sre", "approve 1")
    proposal = await proposed.proposal(1)
    assert [decision.digest for decision in proposal.approvals] == [proposal.digest]


async def test_who_has_no_say_is_told_who_has(office: Office) -> None:
    await office.say("sre", "deploy checkout v42 to production")
    answer = await office.say("dev", "approve 1")
    assert isinstance(answer, Refused)
    assert answer.text.startswith("Developer may not approve #1. It takes 1 person other than the requester:")


async def test_guests_never_decide(proposed: Office) -> None:
    answer = await proposed.say("guest", "approve 1")
    assert isinstance(answer, Refused)
    assert answer.text == "Guest is a guest; guests cannot ask for this."


async def test_approving_twice_is_refused(proposed: Office) -> None:
    await proposed.say("sre", "approve 1")
    answer = await proposed.say("sre", "approve 1")
    assert isinstance(answer, Refused)
    assert answer.text == "#1 is already approved; there is nothing to approve."


async def test_an_approval_after_fifteen_minutes_is_too_late(proposed: Office) -> None:
    proposed.time.pass_by(minutes=15)
    answer = await proposed.say("sre", "approve 1")
    assert isinstance(answer, Refused)
    assert answer.text == "#1 has expired. Ask for it again; it is planned anew."
    assert (await proposed.proposal(1)).status is Status.EXPIRED
    assert (await proposed.verbs(1))[-1] == "proposal:expired"


async def test_a_rejection_says_why(proposed: Office) -> None:
    answer = await proposed.say("sre", "reject 1 not during the sale")
    assert isinstance(answer, Decided)
    assert answer.text == "#1 Deploy checkout v42 to production (from v41): rejected by SRE: not during the sale"
    assert (await proposed.proposal(1)).outcome == "Rejected by SRE: not during the sale"


async def test_a_rejection_without_a_reason_is_asked_for_one(proposed: Office) -> None:
    handle = (await proposed.proposal(1)).handle
    answer = await proposed.world.door.decide(
        proposed.world.actor("sre"), handle, Choice.REJECT, origin=CLI, key="click"
    )
    assert isinstance(answer, Clarify)
    assert answer.text == "A rejection needs a reason. For example: reject 1 not during the sale"


async def test_requester_may_cancel_and_then_nobody_can_approve(proposed: Office) -> None:
    assert isinstance(await proposed.say("dev", "cancel 1"), Decided)
    answer = await proposed.say("sre", "approve 1")
    assert isinstance(answer, Refused)
    assert answer.text == "#1 is already cancelled; there is nothing to approve."


async def test_an_unknown_proposal_names_the_open_ones(proposed: Office) -> None:
    answer = await proposed.say("sre", "approve 99")
    assert isinstance(answer, Clarify)
    assert answer.text == "I know no proposal called “#99”. Open right now: #1."


async def test_a_forged_handle_is_no_proposal(proposed: Office) -> None:
    answer = await proposed.world.door.decide(
        proposed.world.actor("sre"), "not-a-handle", Choice.APPROVE, origin=CLI, key="click"
    )
    assert isinstance(answer, Clarify)
    assert (await proposed.proposal(1)).status is Status.PENDING


async def test_sweeping_lets_what_nobody_decided_expire_once(proposed: Office) -> None:
    proposed.time.pass_by(minutes=16)
    assert await proposed.world.door.sweep() == 1
    assert await proposed.world.door.sweep() == 0
    assert (await proposed.proposal(1)).outcome == "Nobody decided in time."


async def test_a_decision_that_is_delivered_twice_is_one_and_is_not_told_that_it_comes_too_late(
    proposed: Office,
) -> None:
    first = await proposed.say("sre", "approve 1", key="click")
    await proposed.run(1)
    again = await proposed.say("sre", "approve 1", key="click")
    assert (type(first), type(again)) == (Decided, Decided)
    assert (await proposed.verbs(1)).count("proposal:approve") == 1
    late = await proposed.say("sre", "approve 1", key="another click")
    assert late.text == "#1 is already succeeded; there is nothing to approve."
