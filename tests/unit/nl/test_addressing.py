"""Whom a message is for."""

from typing import Any

import pytest

from bot.nl import EmbeddedInterpreter
from tests.support.words import catalog, service, skills

EMBEDDED = EmbeddedInterpreter(skills(), catalog())
RESTART = ("change", "restart", {"service": "search", "environment": "staging"})


def said(text: str, **more: Any) -> tuple[str, str | None, dict[str, Any]]:
    found = EMBEDDED.interpret(text, **more)
    return found.kind, found.skill, dict(found.params)


@pytest.mark.parametrize(
    "name", ["hubot", "Hubot,", "@hubot", "@Botkube", "@argocd-bot", "deploybot:", "@Botkube ai", "<@U0OTHER>"]
)
@pytest.mark.parametrize("kind", ["direct", "command"])
def test_where_nobody_else_can_be_meant_another_bots_name_is_an_address(name: str, kind: Any) -> None:
    assert said(f"{name} restart search in staging", channel_kind=kind) == RESTART


@pytest.mark.parametrize("name", ["hubot", "@hubot", "@Botkube", "@argocd-bot", "<@U0OTHER>", "@sam"])
@pytest.mark.parametrize("kind", ["channel", "thread"])
@pytest.mark.parametrize("text", ["restart search in staging", "status search", "can you restart search in staging?"])
def test_in_a_channel_what_begins_with_another_name_is_not_for_us(name: str, kind: Any, text: str) -> None:
    found = EMBEDDED.interpret(f"{name} {text}", channel_kind=kind)
    assert (found.kind, found.question) == ("none", "")


@pytest.mark.parametrize("kind", ["direct", "channel", "thread", "command"])
def test_our_own_name_is_an_address_everywhere(kind: Any) -> None:
    assert said("@countersign restart search in staging", channel_kind=kind) == RESTART
    assert said("countersign, restart search in staging", channel_kind=kind) == RESTART


@pytest.mark.parametrize("kind", ["direct", "channel", "thread"])
def test_a_person_who_is_known_is_never_the_bot(kind: Any) -> None:
    assert EMBEDDED.interpret("@dev restart search in staging", channel_kind=kind).kind == "none"


def test_a_service_that_is_called_like_a_bot_is_a_service() -> None:
    here = catalog()
    here.learn([service("hubot")])
    found = EmbeddedInterpreter(skills(), here).interpret("hubot status", channel_kind="channel")
    assert (found.kind, found.skill, dict(found.params)) == ("query", "status", {"service": "hubot"})


def test_in_a_question_the_name_that_we_are_called_by_is_ours() -> None:
    assert said("@Botkube which Botkube commands are available?") == ("query", "help", {})


@pytest.mark.parametrize("text", ["Sam, restart search in staging", "Sam, can you restart search in staging?"])
def test_one_unknown_word_before_a_comma_may_be_somebody(text: str) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.kind, found.completions) == ("clarify", ("restart search in staging",))
    assert found.question == "I am not sure that this is meant for me. To ask for it, say: restart search in staging"
    for kind in ("channel", "thread"):
        assert EMBEDDED.interpret(text, channel_kind=kind).kind == "none"  # type: ignore[arg-type]


def test_will_you_is_a_request_only_with_a_please() -> None:
    found = EMBEDDED.interpret("Will you roll back web in production?")
    assert (found.kind, found.skill, found.completions) == ("clarify", "rollback", ("rollback web in production",))
    assert EMBEDDED.interpret("Will you please roll back web in production?").kind == "change"
    assert EMBEDDED.interpret("Could you roll back web in production?").kind == "change"


@pytest.mark.parametrize("text", ["/deploy history checkout", "deploy status checkout"])
def test_a_second_verb_that_only_reads_is_what_is_wanted(text: str) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.kind, dict(found.params)) == ("query", {"service": "checkout"})


@pytest.mark.parametrize("text", ["ping", "helm template"])
def test_a_word_of_its_own_is_no_misspelled_request(text: str) -> None:
    assert EMBEDDED.interpret(text).kind == "none"
