"""How a request was taken: told in the answer, kept on the proposal, and what “it” may mean later."""

import pytest

from bot.nl import BOT, Turn
from bot.usecases.answers import Answered, Clarify, Ignored, Proposed, Refused
from bot.usecases.understood import Understood
from skills.core.proposal import Origin
from tests.support.worlds import Office


async def test_a_sentence_is_told_as_it_would_be_typed(office: Office) -> None:
    answer = await office.say("dev", "is checkout ok in production?")
    assert isinstance(answer, Answered)
    assert answer.understood == Understood(
        skill="status",
        params={"service": "checkout", "environment": "production"},
        natural=True,
        sentence="status checkout in production",
        instead="no, payments-api",
    )
    assert answer.understood.turn() == Turn(
        who=BOT, text="", skill="status", params={"service": "checkout", "environment": "production"}
    )


async def test_a_typed_command_is_told_to_programs_and_to_nobody_else(office: Office) -> None:
    answer = await office.say("dev", "status shop-checkout in prod")
    understood = answer.understood
    assert (understood.natural, understood.instead, understood.skill) == (False, "", "status")
    assert answer.to_json()["understood"] == {
        "skill": "status",
        "params": {"service": "checkout", "environment": "production"},
        "sentence": "status checkout in production",
        "in_words": False,
    }


async def test_a_question_back_tells_programs_how_far_it_was_understood(office: Office) -> None:
    answer = await office.say("dev", "it hangs, we need to restart checkout")
    assert answer.to_json()["understood"] == {
        "skill": "restart",
        "params": {"service": "checkout"},
        "sentence": "",
        "in_words": True,
    }
    assert "understood" not in (await office.say("dev", "lovely weather")).to_json()


async def test_a_proposal_knows_that_it_was_asked_for_in_words(office: Office) -> None:
    asked = await office.say("dev", "could you please get checkout to v42 in production")
    typed = await office.say("dev", "deploy search v42 to production")
    assert isinstance(asked, Proposed)
    assert isinstance(typed, Proposed)
    assert (asked.card.natural, asked.card.instead) == (True, "no, payments-api")
    assert (typed.card.natural, typed.card.instead) == (False, "")
    assert (await office.proposal(1)).origin.natural
    assert "natural" not in typed.proposal.origin.to_json()


async def test_a_question_leaves_what_it_was_about_and_a_refusal_does_not(office: Office) -> None:
    refused = await office.say("guest", "could you please get checkout to v42 in production")
    assert isinstance(refused, Refused)
    assert refused.understood.skill == "deploy"
    assert refused.turn == Turn(who=BOT, text="")
    question = await office.say("dev", "please double checkout")
    assert isinstance(question, Clarify)
    assert question.understood.params == {"service": "checkout", "replicas": "x2"}
    assert question.understood.sentence == ""


@pytest.mark.parametrize("text", ["how do I scale checkout?", "approve 1", "what's the weather like?", "thanks all"])
async def test_talk_and_decisions_are_nothing_that_it_could_mean(office: Office, text: str) -> None:
    assert (await office.say("dev", text)).understood.turn() == Turn(who=BOT, text="")


async def test_talk_in_a_channel_is_ignored(office: Office) -> None:
    actor = office.world.actor("dev")
    answer = await office.world.door.request(
        actor, "rolled back the deploy, watching", origin=Origin(edge="slack"), key="k", channel_kind="channel"
    )
    assert answer == Ignored()


def test_an_origin_of_an_earlier_release_is_read() -> None:
    old = {"edge": "cli", "words": "deploy", "place": {}}
    assert Origin.from_json(old) == Origin(edge="cli", words="deploy")
    asked = Origin(edge="cli", words="please deploy", natural=True)
    assert Origin.from_json(asked.to_json()) == asked
