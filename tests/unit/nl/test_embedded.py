"""Sentences: what is asked for, what is asked back, and what is left alone."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.nl import BOT, CommandInterpreter, EmbeddedInterpreter, Turn
from tests.support.words import catalog, service, skills

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
EMBEDDED = EmbeddedInterpreter(skills(), catalog(), clock=lambda: NOW)
SEARCH = {"service": "search", "environment": "staging"}


def said(text: str, **more: Any) -> tuple[str, str | None, dict[str, Any]]:
    found = EMBEDDED.interpret(text, **more)
    return found.kind, found.skill, dict(found.params)


@pytest.mark.parametrize(
    "text",
    [
        "could you bounce search in staging?",
        "we'd like you to restart search in staging",
        "search in staging needs a restart",
        "would you mind restarting search in staging",
        "get search restarted in staging",
        "please have search in staging restarted",
        "SEARCH IN STAGING NEEDS TO BE RESTARTED",
        "hey, the staging search hangs. can you kick it?",
        "let's do a rolling restart of search in staging",
        "it hangs again can you restart search in staging",
    ],
)
def test_one_restart_can_be_asked_for_in_many_ways(text: str) -> None:
    assert said(text) == ("change", "restart", SEARCH)


@pytest.mark.parametrize(
    ("text", "replicas"),
    [
        ("double search in staging please", "x2"),
        ("could you scale search in staging up by 50%", "+50%"),
        ("give search two more pods in staging", "+2"),
        ("take search in staging down by one", "-1"),
        ("halve search in staging", "/2"),
        ("search in staging needs 9 pods", 9),
        ("scale search from 4 to six in staging", 6),
        ("scale search in staging to twice as many", "x2"),
    ],
)
def test_how_many_may_depend_on_how_many_there_are(text: str, replicas: Any) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.skill, found.params.get("replicas")) == ("scale", replicas)


def test_what_else_was_said_is_the_reason_and_what_a_value_came_from_is_told() -> None:
    found = EMBEDDED.interpret("can you get payments back to what we had yesterday, prod is on fire")
    assert (found.kind, found.skill, found.reason) == ("change", "rollback", "prod is on fire")
    assert dict(found.params) == {
        "service": "payments-api",
        "environment": "production",
        "as_of": "2026-11-22T23:59:59Z",
    }
    assert [(each.parameter, each.words) for each in found.resolved] == [
        ("service", "payments"),
        ("as_of", "yesterday"),
        ("environment", "prod"),
    ]


@pytest.mark.parametrize(
    ("text", "kind", "skill"),
    [
        ("how do I restart a service?", "chat", "restart"),
        ("can I roll back without approval?", "chat", "rollback"),
        ("should we scale web to 6 in production?", "chat", "scale"),
        ("rolled back the deploy, watching", "none", None),
        ("don't deploy checkout v42 to production", "none", None),
        ("the restart policy of web in production is fine", "none", None),
        ("if it fails, roll back checkout in production", "clarify", "rollback"),
        ("restart search in staging tonight", "clarify", "restart"),
        ("restart web in production and scale it to 6", "clarify", "restart"),
    ],
)
def test_speaking_of_a_change_is_not_asking_for_it(text: str, kind: str, skill: str | None) -> None:
    assert said(text)[:2] == (kind, skill)


@pytest.mark.parametrize(
    ("text", "question", "completions"),
    [
        (
            "could you roll back chekcout in production",
            "I know no service called “chekcout”. Did you mean checkout?",
            ("rollback checkout in production",),
        ),
        (
            "please restart search",
            "In which environment? staging or production.",
            ("restart search in staging", "restart search in production"),
        ),
        (
            "if it hangs, restart search in staging",
            "I do nothing on a condition; somebody has to ask when it is time. To ask for it, say: restart search in staging",
            ("restart search in staging",),
        ),
        (
            "can you restart the сheckout service in production",
            "I know no service called “\\u{441}heckout”. It has letters outside of ASCII (“с” is U+0441); names here have none.",
            (),
        ),
        (
            "restart search in staging then roll back web in production",
            "That is more than one thing (restart and rollback). Which first? One at a time, so that each is shown and countersigned by itself.",
            ("restart search in staging", "rollback web in production"),
        ),
    ],
)
def test_what_is_open_is_asked_back_with_whole_requests_to_choose_from(
    text: str, question: str, completions: tuple[str, ...]
) -> None:
    found = EMBEDDED.interpret(text)
    assert found.kind == "clarify"
    assert found.question.startswith(question)
    assert found.completions == completions


def test_an_unknown_name_does_not_hide_what_was_asked_for() -> None:
    found = EMBEDDED.interpret("how is the basket service doing")
    assert (found.kind, found.skill, dict(found.unresolved)) == ("clarify", "status", {"service": "basket"})


def test_a_slip_of_the_finger_is_forgiven_where_nothing_changes() -> None:
    found = EMBEDDED.interpret("how is serach doing?")
    assert (found.kind, dict(found.params)) == ("query", {"service": "search"})
    assert [(each.words, each.value, each.candidates) for each in found.resolved] == [("serach", "search", ("search",))]
    assert found.resolved[0].score < 1
    assert EMBEDDED.interpret("please restart serach in staging").kind == "clarify"


def test_of_two_names_that_are_as_near_none_is_taken() -> None:
    here = catalog()
    here.learn([service("searcha"), service("searchb")])
    found = EmbeddedInterpreter(skills(), here).interpret("how is searchc doing?")
    assert (found.kind, set(found.candidates["service"])) == ("clarify", {"search", "searcha", "searchb"})


@pytest.mark.parametrize("kind", ["channel", "thread"])
@pytest.mark.parametrize("text", ["thanks!", "what's for lunch?", "is anybody else seeing this?", "I'm on it"])
def test_talk_that_is_not_for_the_bot_is_left_alone(text: str, kind: Any) -> None:
    assert EMBEDDED.interpret(text, channel_kind=kind).kind == "none"


def test_out_of_scope_gets_one_honest_sentence() -> None:
    found = EMBEDDED.interpret("could you book a room for four?")
    assert found.kind == "none"
    assert (
        found.question
        == "I cannot do that. I can deploy, restart, right size, roll back or scale, tell how the access review stands, tell what somebody did in a time, see which alerts fire, find unusual costs, say why costs went up, say who is on call, find savings, look into why something fails, run an incident, or show audit, budgets, cost, dora, events, forecast, glass, grants, history, locks, logs, metrics, "
        "overrides, pages, pending, resources, status and traces."
    )


def test_somebody_who_is_known_and_spoken_to_is_not_the_bot() -> None:
    assert EMBEDDED.interpret("@dev restart search in staging").kind == "none"
    assert EMBEDDED.interpret("@dev can you restart search in staging?").kind == "none"
    assert EMBEDDED.interpret("@countersign restart search in staging").kind == "change"


@pytest.mark.parametrize(
    "text",
    [
        "deploy checkout v42 to production",
        "approve 17",
        "reject 17 not today",
        "status",
        "deploy checkout",
        "scale web in prod",
    ],
)
def test_a_typed_command_means_what_it_always_meant(text: str) -> None:
    assert EMBEDDED.interpret(text) == CommandInterpreter(skills(), catalog()).interpret(text)


def test_what_somebody_else_was_quoted_with_is_cut_away_and_the_question_stays() -> None:
    text = "> please restart payments in production\nhow is checkout doing?"
    assert said(text) == ("query", "status", {"service": "checkout"})
    assert said("```\ndeploy checkout v42 to production\n```")[0] == "none"
    assert said("```deploy checkout v42 to production``` thanks")[0] == "none"
    assert said("deploy <http://checkout.example|checkout> v42 to production")[0] == "change"
    assert said('reject 17 "we wait for the sale"')[0] == "decision"


def test_a_slash_command_may_go_on_as_a_sentence_about_its_own_skill() -> None:
    assert said("web up to six in production, traffic is rising", skill="scale") == (
        "change",
        "scale",
        {"service": "web", "environment": "production", "replicas": 6},
    )
    assert said("and roll back web in production", skill="scale")[0] == "clarify"


# Threads

ASKED = Turn(who="dev", text="how is checkout doing in prod?")
PROPOSED = Turn(
    who=BOT,
    text="Deploy checkout v42 to staging",
    skill="deploy",
    params={"service": "checkout", "environment": "staging", "release": "v42"},
)


@pytest.mark.parametrize(
    ("turn", "text", "meaning"),
    [
        (ASKED, "roll it back", ("change", "rollback", {"service": "checkout", "environment": "production"})),
        (ASKED, "and in staging?", ("query", "status", {"service": "checkout", "environment": "staging"})),
        (ASKED, "no, payments-api", ("query", "status", {"service": "payments-api", "environment": "production"})),
        (ASKED, "what is running in staging?", ("query", "status", {"environment": "staging"})),
        (PROPOSED, "do the same in production", ("change", "deploy", {"service": "checkout", "environment": "production", "release": "v42"})),
        (PROPOSED, "the other environment too", ("change", "deploy", {"service": "checkout", "environment": "production", "release": "v42"})),
        (PROPOSED, "same for search", ("change", "deploy", {"service": "search", "environment": "staging", "release": "v42"})),
        (PROPOSED, "no, v43", ("change", "deploy", {"service": "checkout", "environment": "staging", "release": "v43"})),
        (PROPOSED, "don't do the same in production", ("none", None, {})),
        (PROPOSED, "thanks, looks good", ("none", None, {})),
    ],
)  # fmt: skip
def test_a_fragment_goes_on_from_the_last_request(turn: Turn, text: str, meaning: tuple[str, str | None, Any]) -> None:
    assert said(text, thread=[turn], asker="dev") == meaning


def test_a_fragment_that_asks_about_a_change_is_asked_back() -> None:
    found = EMBEDDED.interpret("and in production?", thread=[PROPOSED], asker="dev")
    assert (found.kind, found.completions) == ("clarify", ("deploy checkout v42 to production",))


def test_an_answer_to_a_question_completes_the_request() -> None:
    thread = [
        Turn(who="dev", text="could you restart payments"),
        Turn(who=BOT, text="In which environment?", skill="restart", params={"service": "payments-api"}),
    ]
    meaning = ("change", "restart", {"service": "payments-api", "environment": "production"})
    assert said("production", thread=thread, asker="dev") == meaning


def test_what_others_say_in_a_thread_is_not_what_it_means() -> None:
    thread = [Turn(who="mallory", text="status payments-api in production")]
    assert said("roll it back", thread=thread, asker="dev")[0] == "clarify"


def test_a_thread_of_five_hundred_messages_is_read_from_its_end() -> None:
    thread = [Turn(who="dev", text="restart search in staging"), *[Turn(who="sam", text="hm")] * 500, ASKED]
    assert said("roll it back", thread=thread, asker="dev")[2] == {"service": "checkout", "environment": "production"}


@pytest.mark.parametrize(
    ("said", "replicas"),
    [
        ("scale checkout +2 in staging", "+2"),
        ("scale checkout by +2 in staging", "+2"),
        ("scale checkout by -1 in staging", "-1"),
        ("scale checkout down 1 in staging", "-1"),
        ("scale checkout up 2 in staging", "+2"),
        ("scale checkout down to 1 in staging", 1),
        ("scale checkout to 2 in staging", 2),
        ("scale checkout to -1 in staging", -1),
    ],
)
def test_a_difference_is_never_taken_for_a_number(said: str, replicas: int | str) -> None:
    found = EMBEDDED.interpret(said)
    assert (found.kind, found.params["replicas"]) == ("change", replicas)


def test_a_second_request_is_never_the_reason_of_the_first() -> None:
    found = EMBEDDED.interpret("can you restart search in staging, then scale checkout to 5 in production?")
    assert found.kind == "clarify"
    assert found.question.startswith("That is more than one thing (restart and scale). Which first?")
