import subprocess
import sys

import pytest

from integrations.kubernetes.discovery import discovered, repository
from integrations.kubernetes.faults import said
from integrations.kubernetes.reading import pod_template, revisions, selector, template_digest, trouble_of
from tests.support.kubernetes_objects import deployment, replica_set


def test_a_template_has_one_digest_wherever_it_is_read() -> None:
    item = deployment()
    dated = deployment()
    dated["spec"]["template"]["metadata"].update(creationTimestamp=None, annotations={})

    digests = {template_digest(pod_template(owner)) for owner in (item, dated, replica_set(item))}

    assert len(digests) == 1


def test_a_number_with_a_fraction_does_not_stop_the_fingerprint() -> None:
    item = deployment()
    item["spec"]["template"]["spec"]["odd"] = 0.5

    assert len(template_digest(pod_template(item))) == 64


def test_the_current_template_is_a_revision_before_its_replica_set_exists() -> None:
    item = deployment()
    old = replica_set(item, mark="old", number=4, image="registry.example/checkout:v0")

    assert [(revision.number, revision.current) for revision in revisions(item, [old])] == [(5, True), (4, False)]


def test_replica_sets_of_others_are_no_revisions() -> None:
    item = deployment()
    stranger = replica_set(item, mark="x", image="x")
    stranger["metadata"]["ownerReferences"] = [{"kind": "Deployment", "uid": "another"}]

    assert len(revisions(item, [stranger, replica_set(item)])) == 1


def test_a_selector_takes_the_form_of_a_query() -> None:
    item = deployment()
    item["spec"]["selector"] = {
        "matchLabels": {"b": "2", "a": "1"},
        "matchExpressions": [
            {"key": "tier", "operator": "In", "values": ["web", "api"]},
            {"key": "zone", "operator": "NotIn", "values": ["x"]},
            {"key": "app", "operator": "Exists"},
            {"key": "old", "operator": "DoesNotExist"},
        ],
    }

    assert selector(item) == "a=1,b=2,tier in (web,api),zone notin (x),app,!old"


def test_trouble_is_told_from_the_conditions() -> None:
    item = deployment()
    item["status"]["availableReplicas"] = 0
    item["status"]["conditions"] = [{"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"}]

    assert trouble_of(item) == "The rollout made no progress within its deadline."
    assert trouble_of(deployment()) == ""


@pytest.mark.parametrize(
    ("image", "plain"),
    [
        ("registry.example:5000/shop/checkout:v1", "registry.example:5000/shop/checkout"),
        ("registry.example/checkout@sha256:abc", "registry.example/checkout"),
        ("registry.example/checkout:v1@sha256:abc", "registry.example/checkout"),
        ("checkout:v1", "checkout"),
        ("checkout", "checkout"),
    ],
)
def test_a_repository_is_an_image_without_tag_and_digest(image: str, plain: str) -> None:
    assert repository(image) == plain


def test_labelled_deployments_are_services() -> None:
    named = deployment(
        "shop-checkout", labels={"app.kubernetes.io/name": "checkout", "app.kubernetes.io/part-of": "shop"}
    )
    odd = deployment("odd", labels={"app.kubernetes.io/name": "Not A Label"})

    found = discovered("production", [named, odd, deployment("plain")])

    assert [(service.name, service.workload, service.system) for service in found] == [
        ("checkout", "shop-checkout", "shop"),
        ("odd", "odd", ""),
    ]
    assert all(service.discovered and service.environments == ("production",) for service in found)
    assert found[0].image == "registry.example/checkout"


def test_two_deployments_of_one_name_go_by_their_own() -> None:
    labels = {"app.kubernetes.io/name": "checkout"}

    found = discovered(
        "production", [deployment("checkout-web", labels=labels), deployment("checkout-worker", labels=labels)]
    )

    assert [service.name for service in found] == ["checkout-web", "checkout-worker"]


def test_a_servers_sentence_is_short_and_without_secrets_and_objects() -> None:
    blob = '"' + "x" * 5000 + '"'

    assert said(f'invalid: {blob}: unknown field "replicaz"\n') == 'invalid: “…”: unknown field "replicaz"'
    assert said("token=abcdef123456 is wrong") == "token=(redacted) is wrong"
    assert len(said("word " * 200)) <= 301


def test_the_official_client_is_not_imported_before_it_is_needed() -> None:
    code = "import sys, integrations.kubernetes; print(any(name.split('.')[0] in ('kubernetes', 'aiohttp') for name in sys.modules))"

    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert told.stdout.strip() == "False"
