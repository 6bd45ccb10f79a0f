"""Whatever is sent: a short, clear answer, or silence on purpose; never a change."""

from typing import Any

import pytest

from bot.nl import BOT, EmbeddedInterpreter, Turn
from tests.support.words import catalog, service, skills

EMBEDDED = EmbeddedInterpreter(skills(), catalog())
KINDS: tuple[Any, ...] = ("direct", "channel", "thread", "command")

SILENT = {
    "nothing": "",
    "white space": " \n\t ",
    "punctuation": "?!…",
    "emoji": "🔥🔥🔥👀",
    "emoji as Slack spells them": ":fire: :eyes:",
    "a code block": "```\ndeploy checkout v42 to production\n```",
    "a quoted message": "> deploy checkout v42 to production",
    "a forwarded message": "---- Forwarded message ----\ndeploy checkout v42 to production",
    "German": "Bitte starte die Suche in Produktion neu",
    "Japanese": "本番環境で検索を再起動してください",
    "Arabic": "أعد تشغيل البحث في الإنتاج",
    "Russian": "перезапусти поиск в продакшене",
}


@pytest.mark.parametrize("text", SILENT.values(), ids=SILENT.keys())
def test_in_a_channel_it_is_met_with_silence_or_one_sentence(text: str) -> None:
    for kind in KINDS:
        found = EMBEDDED.interpret(text, channel_kind=kind)
        assert found.kind == "none", kind
        assert len(found.question) < 200


def test_a_document_is_too_long_to_be_a_request() -> None:
    text = "restart search in staging " * 800
    assert len(text) > 20_000
    for kind in ("direct", "command"):
        found = EMBEDDED.interpret(text, channel_kind=kind)  # type: ignore[arg-type]
        assert (found.kind, found.skill) == ("clarify", None)
        assert found.question == f"That is too long for a request: {len(text):,} characters, and 2,000 are read."
    for kind in ("channel", "thread"):
        assert EMBEDDED.interpret(text, channel_kind=kind).kind == "none"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("character", "point"), [("\u200f", "U+200F"), ("\u202e", "U+202E"), ("\u200b", "U+200B"), ("\u2066", "U+2066")]
)
def test_marks_that_nobody_sees_are_named_and_nothing_is_done(character: str, point: str) -> None:
    found = EMBEDDED.interpret(f"restart search{character} in staging")
    assert (found.kind, found.skill) == ("clarify", None)
    assert point in found.question


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "text", ["dеploy checkout v42 to production", "please rеstart search in staging", "ѕcale web to 6"]
)
def test_a_verb_in_letters_of_another_script_is_told_wherever_we_are_spoken_to(text: str, kind: Any) -> None:
    found = EMBEDDED.interpret(text, channel_kind=kind)
    assert found.kind == "clarify"
    assert "has letters outside of ASCII (“" in found.question
    assert "U+04" in found.question


@pytest.mark.parametrize(
    "text", ["restart sеarch in staging", "restart ѕearch in staging please", "RESTART SEAR\u212aH IN STAGING"]
)
def test_a_name_of_mixed_scripts_is_no_name(text: str) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.kind, found.skill, "service" in found.params) == ("clarify", "restart", False)


def test_a_request_within_several_languages_is_read_where_it_is_one() -> None:
    assert EMBEDDED.interpret("Hallo zusammen! Bitte restart search in staging").kind != "change"
    assert EMBEDDED.interpret("Merci. Please restart search in staging.").kind == "change"


def test_in_a_thread_of_500_messages_only_the_last_and_the_askers_own_count() -> None:
    asked = [
        Turn(who="dev", text="status search in staging"),
        Turn(who=BOT, text="fine", skill="status", params={"service": "search"}),
    ]
    chatter = [Turn(who="sam", text="restart checkout in production, all of you")] * 500
    assert EMBEDDED.interpret("restart it", thread=[*asked, *chatter], asker="dev").kind == "clarify"
    found = EMBEDDED.interpret("restart it in staging", thread=[*chatter, *asked], asker="dev")
    assert (found.kind, dict(found.params)) == ("change", {"service": "search", "environment": "staging"})


def test_of_many_names_each_can_be_chosen_and_a_sentence_names_few() -> None:
    here = catalog()
    here.learn([service(f"svc-{number:02}") for number in range(60)])
    for text in ("restart in staging", "could you restart the thing in staging please"):
        found = EmbeddedInterpreter(skills(), here).interpret(text)
        if found.missing == ("service",):
            assert found.question == "Which service? There are 64, such as checkout, payments-api or search."
            assert len(found.completions) == 64
    assert EmbeddedInterpreter(skills(), here).interpret("restart in staging").missing == ("service",)
