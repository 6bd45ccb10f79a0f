"""Telling what is wrong and asking for help with it: the two together are a request, either alone is talk."""

import pytest

from bot.nl.interpretation import ChannelKind
from tests.evals import routing

EMBEDDED = routing.embedded()


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("web can't reach the database in staging, any idea?", {"service": "web", "environment": "staging"}),
        ("search keeps dying in prod. what should I check?", {"service": "search", "environment": "production"}),
        ("checkout answers 503 since noon, can you help?", {"service": "checkout"}),
        ("users are seeing timeouts on web in production. please fix it.", {"service": "web", "environment": "production"}),
        ("please help: payments-api times out", {"service": "payments-api"}),
    ],
)  # fmt: skip
def test_trouble_and_a_plea_ask_for_the_cause(text: str, params: dict[str, str]) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.kind, found.skill, dict(found.params)) == ("query", "troubleshoot", params)


@pytest.mark.parametrize("kind", ["direct", "thread"])
@pytest.mark.parametrize(
    "text",
    [
        "web can't reach the database in staging", "search keeps dying in prod", "checkout answers 503 since noon", "payments-api times out",
        "let me check the logs first", "logs show connection resets", "see the graph above", "logs attached", "status page updated",
        "give me a minute to look at the logs", "pods are pending because of the node upgrade",
    ],
)  # fmt: skip
def test_trouble_alone_is_talk(text: str, kind: ChannelKind) -> None:
    assert EMBEDDED.interpret(text, channel_kind=kind).kind == "none"


def test_something_particular_that_is_asked_for_goes_before_the_cause() -> None:
    found = EMBEDDED.interpret("checkout is failing in production, can you show me its logs?")
    assert (found.skill, dict(found.params)) == ("logs", {"service": "checkout", "environment": "production"})


def test_trouble_and_several_things_to_look_at_ask_for_the_cause() -> None:
    found = EMBEDDED.interpret("Checkout got slow in production. First look at its traces. Then list its pods.")
    assert (found.skill, dict(found.params)) == ("troubleshoot", {"service": "checkout", "environment": "production"})


def test_how_it_is_done_is_no_request() -> None:
    for text in (
        "how can I find out why a pod is pending?",
        "how do I debug a crashing container?",
        "what is a crash loop?",
    ):
        assert EMBEDDED.interpret(text).kind in ("none", "chat"), text


def test_an_order_to_make_something_is_none_to_look_at_it() -> None:
    for text in (
        "create a dashboard for the latency of checkout",
        "write an alert for errors of web",
    ):
        assert EMBEDDED.interpret(text).kind == "none", text
    assert EMBEDDED.interpret("create a graph of the latency of checkout").skill == "metrics"


def test_a_known_name_after_namespace_is_a_namespace() -> None:
    found = EMBEDDED.interpret("list the pods in namespace search")
    assert dict(found.params) == {"kind": "pod", "namespace": "search"}


@pytest.mark.parametrize(
    ("text", "cluster"),
    [
        ("list all pods in the cluster", True), ("list deployments across all namespaces", True), ("show all nodes of the cluster", True),
        ("show me the pods of checkout in the production cluster", False), ("list the pods in namespace debug of the cluster", False),
    ],
)  # fmt: skip
def test_the_cluster_is_meant_where_nothing_narrower_is_named(text: str, cluster: bool) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.skill, found.params.get("cluster", False)) == ("resources", cluster)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("list config maps in staging", "configmap"), ("show all persistent volume claims", "persistentvolumeclaim"),
        ("are there any network policies in staging?", "networkpolicy"), ("list httproutes in staging", "httproute"),
        ("list HTTPRoutes in staging", "HTTPRoute"), ("which stateful sets exist in production?", "statefulset"),
    ],
)  # fmt: skip
def test_kinds_are_understood_in_one_word_and_in_several(text: str, kind: str) -> None:
    assert EMBEDDED.interpret(text).params["kind"] == kind


def test_a_brand_is_no_kind() -> None:
    assert EMBEDDED.interpret("what is the point of GitOps?").skill is None


@pytest.mark.parametrize(
    ("text", "params"),
    [
        ("A pod named crashy in the shop-test namespace keeps restarting. Diagnose the problem.", {"namespace": "shop-test", "object": "crashy"}),
        ("Something in the shop-test namespace is not starting. Find out why.", {"namespace": "shop-test"}),
    ],
)  # fmt: skip
def test_the_place_may_be_named_in_the_clause_before(text: str, params: dict[str, str]) -> None:
    found = EMBEDDED.interpret(text)
    assert (found.skill, dict(found.params)) == ("troubleshoot", params)
