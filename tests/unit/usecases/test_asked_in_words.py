"""Whole sentences through the door: proposed like anything else, explained, asked back, or left alone."""

import pytest

from bot.nl import BOT, Turn
from bot.usecases.answers import Answer, Answered, Clarify, Ignored, Proposed
from skills.core.proposal import Status
from tests.support.worlds import CLI, Office


async def heard(office: Office, text: str, *, kind: str, thread: tuple[Turn, ...] = ()) -> Answer:
    return await office.world.door.request(
        office.world.actor("dev"), text, origin=CLI, key=text, thread=thread, channel_kind=kind
    )  # type: ignore[arg-type]


async def test_a_sentence_becomes_the_same_proposal_as_a_command(office: Office) -> None:
    answer = await office.say("dev", "could you get checkout v42 out to production please, the coupon bug hurts")
    assert isinstance(answer, Proposed)
    assert (
        answer.text == "#1 Deploy checkout v42 to production (from v41): waiting for approval by Platform Lead or SRE."
    )
    assert answer.proposal.reason == "the coupon bug hurts"
    assert answer.proposal.status is Status.PENDING
    assert office.cluster.effects == ()


@pytest.mark.parametrize(
    ("text", "summary"),
    [
        ("please double web in production", "Scale web in production from 4 to 8 replicas"),
        ("give web two more pods in production", "Scale web in production from 4 to 6 replicas"),
        ("take web in production down by one", "Scale web in production from 4 to 3 replicas"),
        ("scale web in production up by 30%", "Scale web in production from 4 to 6 replicas"),
        ("could you halve web in production", "Scale web in production from 4 to 2 replicas"),
    ],
)
async def test_a_plan_says_how_many_whatever_was_asked(office: Office, text: str, summary: str) -> None:
    answer = await office.say("sre", text)
    assert isinstance(answer, Proposed)
    assert answer.proposal.plan.summary == summary
    assert isinstance(answer.proposal.plan.params["replicas"], int)


async def test_bounds_hold_for_what_is_asked_relatively(office: Office) -> None:
    answer = await office.say("sre", "scale web in production by x9")
    assert isinstance(answer, Clarify)
    assert answer.text.startswith("web cannot be scaled to 36 replicas. Between 1 and 20 are allowed")


async def test_a_rollback_to_a_time_is_pinned_to_the_revision_of_that_time(office: Office) -> None:
    proposed = await office.say("sre", "restore checkout in production to how it was last week")
    assert isinstance(proposed, Proposed)
    assert "as_of" not in proposed.proposal.plan.params
    assert isinstance(proposed.proposal.plan.params["revision"], int)
    assert "Asked for as of 2026-11-16 23:59 UTC." in proposed.proposal.plan.notes


async def test_a_time_before_everything_is_explained(office: Office) -> None:
    answer = await office.say("sre", "roll checkout in production back to 2020-01-01")
    assert isinstance(answer, Clarify)
    assert answer.text.startswith(
        "checkout in production has no earlier revision from before 2020-01-01 23:59 UTC. It has: "
    )


async def test_a_question_about_a_change_is_answered_with_its_help(office: Office) -> None:
    answer = await office.say("dev", "how do I scale checkout?")
    assert isinstance(answer, Answered)
    assert answer.report.title == "Help: scale"
    assert answer.text == (
        "Scale a service to a number of replicas. Nothing is changed by asking."
        " To ask for it, say for example: scale web to 6 in production"
    )


@pytest.mark.parametrize("kind", ["channel", "thread"])
async def test_talk_among_people_is_left_alone(office: Office, kind: str) -> None:
    answer = await heard(office, "rolled back the deploy, watching", kind=kind)
    assert answer == Ignored()
    assert answer.to_json() == {"kind": "none", "text": ""}


async def test_somebody_who_speaks_to_the_bot_is_never_met_with_silence(office: Office) -> None:
    answer = await heard(office, "rolled back the deploy, watching", kind="direct")
    assert isinstance(answer, Clarify)
    assert answer.text == "I take that as talk about rollback, not as a request for it; nothing is done."
    asked = await heard(office, "could you book a room?", kind="channel")
    assert isinstance(asked, Clarify)
    assert asked.text.startswith("I cannot do that. I can deploy, restart, right size, roll back or scale, ")


async def test_a_follow_up_is_read_with_what_was_said_before(office: Office) -> None:
    thread = (
        Turn(who="dev", text="how is checkout doing in prod?"),
        Turn(who=BOT, text="…", skill="status", params={"service": "checkout", "environment": "production"}),
        Turn(who="mallory", text="restart payments in production"),
    )
    answer = await heard(office, "can you restart it?", kind="thread", thread=thread)
    assert isinstance(answer, Proposed)
    assert answer.proposal.plan.summary == "Restart checkout in production"
