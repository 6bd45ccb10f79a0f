"""Habits that people bring from other bots and from kubectl: several values in one word, and names that are told by what stands beside them."""

from collections.abc import Mapping
from typing import Any

import pytest

from bot.nl import EmbeddedInterpreter
from tests.support.words import catalog, skills

EMBEDDED = EmbeddedInterpreter(skills(), catalog())


@pytest.mark.parametrize(
    ("text", "params", "unresolved"),
    [
        ("deploy checkout@topic to staging", {"service": "checkout", "release": "topic", "environment": "staging"}, {}),
        ("deploy checkout:topic to staging", {"service": "checkout", "release": "topic", "environment": "staging"}, {}),
        (
            "/deploy acme/site@topic-branch to staging",
            {"release": "topic-branch", "environment": "staging"},
            {"service": "acme/site"},
        ),
        ("please ship search@9c1fe2a to prod", {"service": "search", "release": "9c1fe2a", "environment": "production"}, {}),
        (
            "deploy checkout v42 to staging/canary",
            {"service": "checkout", "release": "v42", "environment": "staging"},
            {"other": "canary"},
        ),
    ],
)  # fmt: skip
def test_several_values_in_one_word_are_taken_apart_and_none_is_dropped(
    text: str, params: Mapping[str, Any], unresolved: Mapping[str, str]
) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.skill, dict(found.params), dict(found.unresolved)) == ("deploy", params, unresolved)
    assert found.kind == ("clarify" if unresolved else "change")


@pytest.mark.parametrize("said", ["the latest version", "the newest stable release", "its most recent build"])
def test_the_latest_release_is_one_that_the_skill_answers_for(said: str) -> None:
    found = EMBEDDED.interpret(f"upgrade search to {said} in staging")
    assert dict(found.params) == {"service": "search", "environment": "staging", "release": "latest"}


def test_going_back_to_the_latest_stable_version_names_none() -> None:
    found = EMBEDDED.interpret("roll search in staging back to the latest stable version")
    assert (found.kind, dict(found.params)) == ("change", {"service": "search", "environment": "staging"})


def test_where_one_object_is_named_other_words_that_look_like_names_are_no_question() -> None:
    found = EMBEDDED.interpret(
        "A VirtualMachine named builder-7 in the ci-vms namespace keeps restarting. Why? Report which cloud-init step does it."
    )
    assert (found.kind, found.skill) == ("query", "troubleshoot")
    assert dict(found.params) == {"namespace": "ci-vms", "object": "builder-7"}
