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


@pytest.mark.parametrize(
    ("text", "kind", "skill", "params"),
    [
        ("helm list -n staging", "query", "resources", {"kind": "helmrelease", "namespace": "staging"}),
        ("helm history checkout", "query", "history", {"service": "checkout"}),
        (
            "helm rollback checkout 3 -n production",
            "change",
            "rollback",
            {"service": "checkout", "environment": "production", "revision": 3},
        ),
        ("argocd app get web", "query", "status", {"service": "web"}),
        ("argocd app rollback checkout 12", "clarify", "rollback", {"service": "checkout", "revision": 12}),
        ("argocd app sync checkout", "none", None, {}),
        ("helm uninstall checkout -n production", "none", None, {}),
    ],
)
def test_lines_for_helm_and_argocd_mean_what_is_the_same_here(
    text: str, kind: str, skill: str | None, params: Mapping[str, Any]
) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.kind, found.skill, dict(found.params)) == (kind, skill, params)


def test_how_many_there_are_to_be_is_asked_about_where_no_verb_is_said() -> None:
    found = EMBEDDED.interpret("search in staging down to 2 pods please")
    assert (found.kind, found.skill) == ("clarify", "scale")
    assert found.completions == ("scale search to 2 in staging",)
    assert EMBEDDED.interpret("is search in staging down to 2 pods?").skill == "status"
    assert EMBEDDED.interpret("search in staging is down to 2 pods").kind == "none"


@pytest.mark.parametrize(
    "text", ["can you join the call, Ana?", "could you write the incident update for status page?"]
)
def test_a_favour_of_another_sort_resembles_no_question(text: str) -> None:
    assert EMBEDDED.interpret(text).kind == "none"


def test_who_asks_for_advice_is_shown_nothing() -> None:
    assert EMBEDDED.interpret("I want to restrict traffic between pods, which policy should I use?").kind == "none"


def test_what_something_is_to_be_called_and_where_it_is_to_be_is_asked_about_from_any_clause() -> None:
    found = EMBEDDED.interpret("Install the 'postgresql' chart, in the namespace 'db-test', and name it 'orders-db'.")
    assert (found.kind, found.skill) == ("clarify", "deploy")
    assert found.unresolved["service"] == "orders-db"
    assert found.unresolved["environment"] == "db-test"


def test_of_kinds_the_one_that_is_listed_is_meant_and_a_group_of_kinds_is_no_name() -> None:
    found = EMBEDDED.interpret(
        "List all Gateway API HTTPRoute resources in the 'shop' namespace, from the gateway.networking.k8s.io group."
    )
    assert (found.skill, found.params["kind"], found.params["namespace"]) == ("resources", "HTTPRoute", "shop")
    assert "gateway.networking.k8s.io" not in found.unresolved.values()


@pytest.mark.parametrize(
    "told", ["The ledger-api service in namespace pay hangs.", "ledger-api in production throws 500s,"]
)
def test_what_a_pronoun_stands_for_is_asked_about_by_its_name(told: str) -> None:
    found = EMBEDDED.interpret(f"{told} restart it please")
    assert (found.kind, found.skill, found.unresolved["service"]) == ("clarify", "restart", "ledger-api")


@pytest.mark.parametrize(
    ("text", "skill", "unresolved"),
    [
        ("logs ledger-proxy", "logs", {"service": "ledger-proxy"}),
        ("!restart ledger-proxy", "restart", {"service": "ledger-proxy"}),
        ("any events on ledger-0 lately?", "events", {"service": "ledger-0"}),
        ("ledger-api p95 went through the roof, what's happening?", "troubleshoot", {"service": "ledger-api"}),
        ("is ledger-api back?", "status", {"service": "ledger-api"}),
        ("what's the rps on ledger-api", "metrics", {"service": "ledger-api"}),
        ("ledger-api v19 is broken, back it out", "rollback", {"service": "ledger-api"}),
    ],
)
def test_a_service_that_nobody_knows_is_asked_about_in_the_right_place(
    text: str, skill: str, unresolved: Mapping[str, str]
) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.kind, found.skill, dict(found.unresolved)) == ("clarify", skill, unresolved)


def test_what_is_quoted_and_looked_for_in_logs_is_a_pattern() -> None:
    found = EMBEDDED.interpret('any "deadlock detected" in the checkout logs?')
    assert (found.skill, dict(found.params)) == ("logs", {"service": "checkout", "grep": "deadlock detected"})
