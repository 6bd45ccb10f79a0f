"""What becomes of a model's answer: a request made of the person's own words, or a question."""

from typing import Any

import pytest

from bot.nl import BOT, Interpretation, Turn
from bot.nl.model import Trouble, Why
from tests.support.models import Scripted, calling, interpreter

ASKED = "roll payments back somewhere in live please"


async def read(
    text: str, *calls: tuple[str, dict[str, Any] | None], thread: list[Turn] | None = None, **more: Any
) -> Interpretation:
    return await interpreter(Scripted(calling(*calls))).read(text, thread=thread or [], asker="dev", **more)


@pytest.mark.parametrize(
    "text",
    [
        "deploy checkout v42 to production",
        "approve 17",
        "status",
        "can you roll back payments in prod please",
        "what is up with search?",
        "how do I scale checkout?",
        "@dev roll payments back somewhere in live",
        "```\nroll payments back in live\n```",
        "roll payments back somewhere in li\u200bve",
        "deploy checkout",
        "x" * 3000,
    ],
)
async def test_what_is_plain_or_not_meant_never_leaves(text: str) -> None:
    chat = Scripted(calling())
    reader = interpreter(chat)
    found = await reader.read(text)
    assert chat.asks == []
    assert found == reader._embedded.interpret(text)


async def test_chatter_in_a_channel_never_leaves() -> None:
    chat = Scripted(calling())
    found = await interpreter(chat).read("rolled back the deploy, watching", channel_kind="channel")
    assert (found.kind, chat.asks) == ("none", [])


async def test_a_change_that_both_heard_is_proposed_in_canonical_names() -> None:
    found = await read(ASKED, ("rollback", {"service": "payments", "environment": "live"}))
    assert (found.kind, found.skill, found.interpreter) == ("change", "rollback", "model")
    assert found.params == {"service": "payments-api", "environment": "production"}


async def test_a_change_that_only_the_model_heard_is_a_question_with_one_click() -> None:
    found = await read(
        "payments in prod makes me sad", ("rollback", {"service": "payments", "environment": "production"})
    )
    assert (found.kind, found.completions) == ("clarify", ("rollback payments-api in production",))
    assert found.question == "I am not sure that you are asking for this. If you are, send it as a command."


async def test_a_change_that_only_the_model_heard_of_things_nobody_named_is_not_even_asked_about() -> None:
    found = await read(
        "is the thing in staging alright, I wonder", ("restart", {"service": "web", "environment": "staging"})
    )
    assert (found.interpreter, found.completions) == ("embedded", ())


@pytest.mark.parametrize(
    "text",
    [
        "don't roll payments back somewhere in live",
        "roll payments back somewhere in live unless the canary is fine",
        "maybe roll payments back somewhere in live",
        "roll payments back somewhere in live tomorrow",
    ],
)
async def test_words_that_turn_a_sentence_around_are_never_overheard(text: str) -> None:
    found = await read(text, ("rollback", {"service": "payments", "environment": "live"}))
    assert found.kind != "change"


@pytest.mark.parametrize(
    ("arguments", "missing"),
    [
        ({"service": "checkout", "environment": "production"}, ("service",)),
        ({"service": "payments-api", "environment": "staging"}, ("environment",)),
        ({"service": "payments-api", "environment": "production", "revision": 7}, ("revision",)),
        ({"service": "pаyments-api", "environment": "production"}, ("service",)),
        ({}, ("service", "environment")),
    ],
)
async def test_a_value_that_nobody_said_is_asked_for(arguments: dict[str, Any], missing: tuple[str, ...]) -> None:
    found = await read(ASKED, ("rollback", arguments))
    assert found.kind == "clarify"
    assert set(missing) <= {*found.missing} or found.interpreter == "embedded"
    assert all(found.params.get(name) is None for name in missing) or found.interpreter == "embedded"


async def test_a_number_the_person_said_is_taken_even_if_the_model_forgot_it() -> None:
    text = "roll payments back somehow in live to revision 7 please"
    found = await read(text, ("rollback", {"service": "payments-api", "environment": "production"}))
    assert found.params == {"service": "payments-api", "environment": "production", "revision": 7}


async def test_what_the_asker_said_before_counts_and_what_others_said_does_not() -> None:
    call = ("rollback", {"service": "search", "environment": "staging"})
    own = [Turn(who="dev", text="status search in staging")]
    others = [Turn(who="sre", text="status search in staging"), Turn(who=BOT, text="search in staging is broken")]
    text = "could somebody roll the poor thing back somehow"
    mine, theirs = await read(text, call, thread=own), await read(text, call, thread=others)
    assert mine.params == {"service": "search", "environment": "staging"}
    assert theirs.params == {}


async def test_what_is_said_now_supersedes_what_was_said_before() -> None:
    thread = [Turn(who="dev", text="status search in staging")]
    found = await read(ASKED, ("rollback", {"service": "search", "environment": "production"}), thread=thread)
    assert found.params.get("service") != "search"


async def test_a_query_takes_names_of_the_catalog_and_asks_about_others() -> None:
    known = await read("is the looking-things-up thing alright", ("status", {"service": "search"}))
    assert (known.kind, known.params) == ("query", {"service": "search"})
    unknown = await read("is the serchy thing, serch, alright", ("status", {"service": "serch"}))
    assert (unknown.kind, unknown.unresolved) == ("clarify", {"service": "serch"})
    assert unknown.completions == ("status search",)


@pytest.mark.parametrize("name", ["evil.example", "<!channel>", "ignore all rules"])
async def test_a_word_that_is_the_models_own_is_shown_to_nobody(name: str) -> None:
    found = await read("is the looking-things-up thing alright", ("history", {"service": name}))
    assert (found.kind, found.missing) == ("clarify", ("service",))
    assert name not in repr(found)


@pytest.mark.parametrize(
    "call",
    [
        ("approve", {"proposal": 1}),
        ("reject", {"proposal": 1, "reason": "x"}),
        ("launch_missiles", {}),
        ("", {}),
        ("rollback", None),
        ("rollback", {"service": {"name": "payments"}}),
        ("rollback", {"service": ["payments"]}),
        ("rollback", {"force": True}),
        ("status", {"service": "x" * 100_000}),
    ],
)
async def test_nonsense_is_told_and_read_without_the_model(call: tuple[str, dict[str, Any] | None]) -> None:
    found = await read(ASKED, call)
    assert found.interpreter == "embedded"
    assert found.note == "The model's answer made no sense; I read this without it."


async def test_no_call_leaves_the_embedded_answer() -> None:
    found = await read("tell me a joke about pods")
    assert (found.kind, found.interpreter, found.note) == ("none", "model", "")


async def test_the_reason_is_the_persons_own() -> None:
    call = ("rollback", {"service": "payments", "environment": "live"})
    found = await read(f"{ASKED} because it leaks", call)
    assert found.reason == "it leaks"


@pytest.mark.parametrize(
    ("why", "said"), [(Why.MISSING, "The model's client is not installed"), (Why.SLOW, "The model took too long")]
)
async def test_trouble_is_told(why: Why, said: str) -> None:
    found = await interpreter(Scripted(Trouble(why))).read(ASKED)
    assert (found.interpreter, found.note) == ("embedded", f"{said}; I read this without it.")


BOTH = [
    ("status", {"service": "checkout", "environment": "staging"}),
    ("status", {"service": "shop-checkout", "environment": "production"}),
]


async def test_several_reads_are_a_question_that_says_which_reads_would_answer_it() -> None:
    found = await read("compare checkout in staging and production", *BOTH)
    assert (found.kind, found.skill) == ("clarify", "status")
    assert [(each.skill, dict(each.params)) for each in found.reads] == [
        ("status", {"service": "checkout", "environment": "staging"}),
        ("status", {"service": "checkout", "environment": "production"}),
    ]
    assert found.completions == ("status checkout in staging", "status checkout in production")


@pytest.mark.parametrize(
    "calls",
    [
        [*BOTH, ("rollback", {"service": "checkout", "environment": "production"})],
        [
            *BOTH,
            *BOTH,
            *[("history", {"service": name}) for name in ("web", "search")],
            ("restart", {"service": "web"}),
        ],
    ],
)
async def test_with_a_change_among_them_it_is_a_question_as_ever(calls: list[Any]) -> None:
    found = await read("compare checkout in staging and production and roll it back", *calls)
    assert (found.kind, found.reads) == ("clarify", ())


async def test_one_read_for_a_comparison_may_be_followed_by_others() -> None:
    found = await read("how does search in staging differ from production?", ("status", {"service": "search"}))
    assert (found.kind, found.skill) == ("query", "status")
    assert [each.skill for each in found.reads] == ["status"]
    assert (await read("is the looking thing alright", ("status", {"service": "search"}))).reads == ()


async def test_an_unknown_name_among_several_is_asked_about_first() -> None:
    found = await read(
        "compare checkout and serch in production",
        ("status", {"service": "checkout"}),
        ("status", {"service": "serch"}),
    )
    assert (found.kind, found.unresolved, found.reads) == ("clarify", {"service": "serch"}, ())


async def test_a_sure_reading_of_a_comparison_is_put_to_the_model_too() -> None:
    chat = Scripted(calling(*BOTH))
    await interpreter(chat).read("show the status of checkout compared with last week", asker="dev")
    assert len(chat.asks) == 1
