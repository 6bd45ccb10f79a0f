"""Lines for kubectl are requests of ours where these mean the same, and nothing is left out of them in silence."""

from typing import Any

import pytest

from bot.nl import kubectl
from bot.nl.embedded import EmbeddedInterpreter
from tests.support import words
from tests.support.databases import NOON


@pytest.fixture(scope="module")
def interpreter() -> EmbeddedInterpreter:
    return EmbeddedInterpreter(words.skills(), words.catalog(), clock=lambda: NOON)


@pytest.mark.parametrize(
    ("typed", "kind", "skill", "params"),
    [
        ("kubectl get pods -n kube-system", "query", "resources", {"kind": "pod", "namespace": "kube-system"}),
        ("k get deploy -A", "query", "resources", {"kind": "deployment", "cluster": True}),
        ("kubectl describe pod web-7d9f6c5b4-abcde -n shop", "query", "resources", {"kind": "pod", "object": "web-7d9f6c5b4-abcde", "namespace": "shop"}),
        ("kubectl get events -n shop", "query", "events", {"namespace": "shop"}),
        ("kubectl logs -f deploy/web --since=10m --tail 20", "query", "logs", {"service": "web", "since": "10m", "tail": 20}),
        ("kubectl rollout restart deployment/web -n production", "change", "restart", {"service": "web", "environment": "production"}),
        ("kubectl rollout undo deploy web --to-revision=3 -n staging", "change", "rollback", {"service": "web", "environment": "staging", "revision": 3}),
        ("kubectl scale deployment/web --replicas=4 -n prod", "change", "scale", {"service": "web", "environment": "production", "replicas": 4}),
        ("kubectl rollout status deploy/web", "query", "status", {"service": "web"}),
        ("kubectl logs", "clarify", "logs", {}),
        ("kubectl rollout restart", "clarify", "restart", {}),
    ],
)  # fmt: skip
def test_it_means_the_same(
    interpreter: EmbeddedInterpreter, typed: str, kind: str, skill: str, params: dict[str, Any]
) -> None:
    found = interpreter.interpret(typed)
    assert (found.kind, found.skill, dict(found.params)) == (kind, skill, params), found.question


def test_an_option_that_we_know_nothing_like_is_asked_about(interpreter: EmbeddedInterpreter) -> None:
    found = interpreter.interpret("kubectl get pods -n shop --field-selector=status.phase=Failed")
    assert found.kind == "clarify"
    assert found.unresolved["other"].startswith("--field-selector")


@pytest.mark.parametrize(
    "said",
    [
        "kubectl delete pod web-1",
        "kubectl apply -f web.yaml",
        "kubectl rollout restart deploy/web fixed it last time",
        "use kubectl rollout restart deploy/web",
        "kubectl",
        "k get it",
        "k, logs look fine now",
    ],
)
def test_anything_else_is_left_alone(said: str) -> None:
    assert kubectl.translated(said) is None


def test_a_line_that_is_asked_about_is_not_carried_out(interpreter: EmbeddedInterpreter) -> None:
    assert interpreter.interpret("kubectl rollout restart deploy/web -n production?").kind != "change"
    assert interpreter.interpret("```\nkubectl rollout restart deploy/web -n production\n```").kind != "change"
