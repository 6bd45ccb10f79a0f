"""Several reads for one question: what is read, what the model is told, what is told to the person, and where it ends."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest
from langchain_core.messages import ToolMessage

from bot.nl.model import Allowance, Bounds, Limits, Price, Sent
from skills.core.errors import NotAllowed, Unavailable
from tests.support.agents import Listening, Looks, Saying, agent, calls, explained, line_of, says

ASKED = ["status checkout in staging", "status checkout in production"]


async def test_the_reads_that_were_asked_for_are_made_before_the_model_is_and_then_put_into_words() -> None:
    model, looks, listening = Saying(says("Both run v41.")), Looks(), Listening()
    told = await explained(agent(model), looks, listener=listening)
    assert (told.prose, told.trouble, told.model) == ("Both run v41.", "", "a model")
    assert [each.asked for each in told.found] == ASKED
    assert listening.phrases == [f"asking {each}" for each in ASKED] + ["thinking about what was read"]
    assert listening.told == told.prose
    results = [each for each in model.sent[0] if isinstance(each, ToolMessage)]
    assert results[0].content == (
        "<report>\nstatus of checkout\nIt runs v41.\nservice ¦ runs\ncheckout ¦ v41\n</report>".replace("¦", "|")
    )


async def test_the_model_may_read_more_and_is_offered_reads_only() -> None:
    model, looks = Saying(calls(("history", {"service": "shop-checkout"})), says("It was deployed.")), Looks()
    told = await explained(agent(model), looks)
    assert looks.made[-1] == ("history", {"service": "checkout"})
    assert [each.asked for each in told.found] == [*ASKED, "history checkout"]
    assert model.offered[0] == ["help", "history", "pending", "status"]


async def test_what_the_person_may_not_use_is_not_offered() -> None:
    model = Saying(says("Fine."))
    await explained(agent(model), usable=("status", "deploy"))
    assert model.offered == [["status"]]


@pytest.mark.parametrize(
    ("name", "arguments", "told"),
    [
        ("deploy", {"service": "checkout", "release": "v42"}, "There is no such tool. You can only read"),
        ("approve", {"proposal": 1}, "There is no such tool."),
        ("", {}, "There is no such tool."),
        ("status", {"force": True}, "The arguments make no sense for this tool."),
        ("status", {"service": ["web"]}, "The arguments make no sense for this tool."),
        ("status", {"service": "evil"}, "service"),
        ("history", {}, "Which service?"),
        ("status", {"service": "checkout", "environment": "staging"}, "You asked for that already"),
        ("status", {"self": 1, "config": {}, "run_manager": "x"}, "The arguments make no sense for this tool."),
    ],
)
async def test_a_call_that_does_not_fit_is_told_to_the_model_and_reads_nothing(
    name: str, arguments: dict[str, Any], told: str
) -> None:
    model, looks = Saying(calls((name, arguments)), says("I see.")), Looks()
    found = await explained(agent(model), looks)
    assert told in str(model.sent[1][-1].content)
    assert (len(looks.made), found.prose) == (2, "I see.")


async def test_arguments_that_were_cut_off_are_no_arguments() -> None:
    from langchain_core.messages import AIMessageChunk

    cut = AIMessageChunk(
        content="", tool_call_chunks=[{"name": "history", "args": '{"service": "che', "id": "1", "index": 0}]
    )
    model, looks = Saying(cut, says("I see.")), Looks()
    await explained(agent(model), looks)
    assert len(looks.made) == 2
    assert model.sent[1][-1].content == "The arguments make no sense for this tool."


async def test_a_read_that_fails_is_told_as_that_and_the_others_are_not_lost() -> None:
    for failing, sentence in (
        (Unavailable("production is out of reach."), "production is out of reach."),
        (NotAllowed("No policy lets Developer use status."), "No policy lets Developer use status."),
    ):
        told = await explained(agent(Saying(says("I could not see it."))), Looks(failing=failing))
        assert [each.report.summary for each in told.found] == [sentence] * 2
        assert told.prose == "I could not see it."


async def test_a_read_that_takes_for_ever_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.nl.model.agent.READ_SECONDS", 0.02)
    told = await explained(agent(Saying(says("Nothing came."))), Looks(wait=asyncio.Event().wait))
    assert [each.report.summary for each in told.found] == ["There was no answer within 0.02 seconds."] * 2


async def test_a_loop_without_end_is_ended_by_an_answer_without_tools_and_then_by_the_limit() -> None:
    class Restless(Saying):
        def _generate(self, *args: Any, **kwargs: Any) -> Any:
            self._answers = [calls(("status", {"service": "search"})), self._answers[0]]
            return super()._generate(*args, **kwargs)

    model, looks = Restless(says("")), Looks()
    told = await explained(agent(model), looks)
    assert [len(each) for each in model.offered] == [4, 4, 4, 4, 4, 0]
    assert told.trouble == "The limit for the model is used up (calls in one request)"
    assert len(told.found) == 3


async def test_no_more_is_read_than_may_be_for_one_question() -> None:
    wanted = [("status", {"service": name}) for name in ("checkout", "search", "web", "payments-api")]
    model, looks = Saying(calls(*wanted), says("Enough.")), Looks()
    told = await explained(agent(model, reads=4), looks)
    assert len(looks.made) == len(told.found) == 4
    assert "as much as may be read" in str(model.sent[1][-1].content)


@pytest.mark.parametrize(
    ("answering", "price", "expected"),
    [
        (Bounds(calls=6, tokens=900, answer_tokens=50, money=1), Price(), "tokens in one request"),
        (
            Bounds(calls=6, tokens=90_000, answer_tokens=50, money=0.000001),
            Price(asked=1, answered=1),
            "money in one request",
        ),
    ],
)
async def test_limits_of_one_question_are_kept_and_what_was_read_is_given(
    answering: Bounds, price: Price, expected: str
) -> None:
    model = Saying(says("Never."))
    told = await explained(agent(model, limits=Limits(answering=answering), price=price))
    assert (told.prose, told.trouble) == ("", f"The limit for the model is used up ({expected})")
    assert model.sent == []
    assert [each.asked for each in told.found] == ASKED


async def test_people_and_everybody_have_limits_that_reading_and_answering_share() -> None:
    allowed = Allowance(calls_per_hour=2, tokens_per_day=1_000_000, money_per_day=1)
    one = agent(Saying(says("Fine.")), limits=replace(Limits(), person=allowed))
    told = [(await explained(one)).trouble for _ in range(3)]
    assert told == ["", "", "The limit for the model is used up (calls in an hour, for you)"]
    assert line_of(one).used.calls == 2


async def test_what_was_sent_is_kept_with_what_it_was_for_and_without_secrets() -> None:
    one = agent(Saying(calls(("history", {"service": "search"})), says("Fine.")))
    heard: list[Sent] = []
    line_of(one).hears.append(heard.append)
    await explained(
        one, Looks("password=hunter2 me@corp.example xoxb-1234567890"), text="compare checkout token=abcdef1 in both"
    )
    assert [(each.purpose, each.outcome, each.calls) for each in heard] == [
        ("answering", "answered", ("history",)),
        ("answering", "answered", ()),
    ]
    assert "status: <report>" in heard[0].user
    assert "history: <report>" in heard[1].user
    assert "status: <report>" not in heard[1].user
    assert not any(secret in repr(heard) for secret in ("hunter2", "me@corp", "xoxb-1", "abcdef1"))


async def test_words_are_cleansed_as_they_come_and_a_link_in_two_pieces_is_none() -> None:
    class Pieces(Saying):
        async def _astream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
            from langchain_core.messages import AIMessageChunk
            from langchain_core.outputs import ChatGenerationChunk

            for piece in ("See htt", "ps://evil", ".exam", "ple/x or <!cha", "nnel> now", ". Done."):
                yield ChatGenerationChunk(message=AIMessageChunk(content=piece))

    listening = Listening()
    told = await explained(agent(Pieces(says(""))), listener=listening)
    assert listening.pieces == ["See", " (link removed) or", " now.", " Done."]
    assert told.prose == listening.told == "See (link removed) or now. Done."
    assert not any("http" in each or "evil" in each or "channel" in each for each in listening.pieces)


async def test_trouble_on_the_way_gives_what_was_read_and_says_so() -> None:
    model = Saying(calls(("history", {"service": "search"})), RuntimeError("sk-secretsecret"))
    told = await explained(agent(model))
    assert told.prose == ""
    assert told.trouble == "The model's answer made no sense"
    assert [each.asked for each in told.found] == [*ASKED, "history search"]


async def test_saying_nothing_is_trouble() -> None:
    assert (await explained(agent(Saying(says(" \u200b "))))).trouble == "The model's answer made no sense"


async def test_it_takes_no_longer_than_there_is_time() -> None:
    class Never(Saying):
        async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
            await asyncio.Event().wait()

    one = agent(Never(says("")), seconds=0.05)
    told = await explained(one)
    assert (told.trouble, len(told.found)) == ("The model took too long", 2)


async def test_being_stopped_is_no_failure_of_the_model() -> None:
    class Never(Saying):
        async def _agenerate(self, *args: Any, **kwargs: Any) -> Any:
            await asyncio.Event().wait()

    one = agent(Never(says("")))
    heard: list[Sent] = []
    line_of(one).hears.append(heard.append)
    for _ in range(4):
        listening = Listening()
        asking = asyncio.create_task(explained(one, listener=listening))
        while "thinking about what was read" not in listening.phrases:
            await asyncio.sleep(0)
        await asyncio.sleep(0.01)
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
    assert {each.outcome for each in heard} == {"stopped"}
    assert line_of(one).closed


async def test_a_passing_failure_is_tried_again_unless_words_were_told_already() -> None:
    class Gone(Exception):
        status_code = 503

    model = Saying(Gone(), says("Back again."))
    assert (await explained(agent(model))).prose == "Back again."

    class Halfway(Saying):
        async def _astream(self, messages: Any, stop: Any = None, run_manager: Any = None, **kwargs: Any) -> Any:
            from langchain_core.messages import AIMessageChunk
            from langchain_core.outputs import ChatGenerationChunk

            yield ChatGenerationChunk(message=AIMessageChunk(content="Half of "))
            raise Gone

    one = agent(Halfway(says("")))
    heard: list[Sent] = []
    line_of(one).hears.append(heard.append)
    told = await explained(one)
    assert (told.prose, told.trouble) == ("", "The model could not be reached (HTTP 503)")
    assert len(heard) == 1


async def test_a_question_without_reads_of_its_own_is_read_for_by_the_model() -> None:
    model, looks = (
        Saying(calls(("status", {"service": "web"}), ("history", {"service": "web"})), says("Fine.")),
        Looks(),
    )
    told = await explained(agent(model), looks, reads=())
    assert [each.asked for each in told.found] == ["status web", "history web"]
