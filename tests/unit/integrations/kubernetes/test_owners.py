from typing import Any

import pytest

from integrations.kubernetes.owners import owners
from tests.support.kubernetes_objects import deployment
from tests.support.labs import autoscaler

IMAGE = {"f:spec": {"f:template": {"f:spec": {"f:containers": {'k:{"name":"app"}': {".": {}, "f:image": {}}}}}}}
REPLICAS = {"f:spec": {"f:replicas": {}}}
NOTE = {"f:metadata": {"f:annotations": {"f:team": {}}}}


def wrote(manager: str, fields: dict[str, Any], **more: str) -> dict[str, Any]:
    return {"manager": manager, "operation": "Update", "fieldsV1": fields, **more}


def told(item: dict[str, Any], *autoscalers: dict[str, Any]) -> list[tuple[str, str, str, bool]]:
    return [(owner.field, owner.system, owner.name, owner.reverts) for owner in owners(item, autoscalers)]


@pytest.mark.parametrize(
    ("manager", "system", "reverts"),
    [
        ("argocd-controller", "Argo CD", True),
        ("argocd-application-controller", "Argo CD", True),
        ("argocd-server", "Argo CD", True),
        ("kustomize-controller", "Flux", True),
        ("helm-controller", "Flux", True),
        ("flux", "Flux", True),
        ("fluxcd", "Flux", True),
        ("helm", "Helm", False),
        ("Helm", "Helm", False),
    ],
)
def test_a_known_manager_owns_the_field_it_wrote(manager: str, system: str, reverts: bool) -> None:
    assert told(deployment(managed=[wrote(manager, IMAGE)])) == [("template", system, manager, reverts)]
    assert told(deployment(managed=[wrote(manager, REPLICAS)])) == [("replicas", system, manager, reverts)]


@pytest.mark.parametrize(
    "manager", ["kubectl", "kubectl-client-side-apply", "kubectl-edit", "countersign", "kube-controller-manager"]
)
def test_people_and_ourselves_own_nothing(manager: str) -> None:
    assert told(deployment(managed=[wrote(manager, IMAGE), wrote(manager, REPLICAS)])) == []


def test_a_manager_of_unrelated_fields_is_no_obstacle() -> None:
    restarted = {"f:spec": {"f:template": {"f:metadata": {"f:annotations": {"f:restartedAt": {}}}}}}

    assert told(deployment(managed=[wrote("argocd-controller", NOTE), wrote("argocd-server", restarted)])) == []


def test_a_write_of_the_status_is_no_ownership() -> None:
    assert told(deployment(managed=[wrote("argocd-controller", REPLICAS, subresource="status")])) == []


@pytest.mark.parametrize(
    ("marks", "system", "name"),
    [
        ({"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/checkout"}}, "Argo CD", "shop"),
        ({"labels": {"argocd.argoproj.io/instance": "shop"}}, "Argo CD", "shop"),
        ({"annotations": {"argocd.argoproj.io/instance": "shop"}}, "Argo CD", "shop"),
        ({"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}}, "Flux", "apps"),
        ({"labels": {"helm.toolkit.fluxcd.io/name": "checkout"}}, "Flux", "checkout"),
    ],
)
def test_a_mark_of_gitops_owns_everything(marks: dict[str, dict[str, str]], system: str, name: str) -> None:
    assert told(deployment(**marks)) == [("replicas", system, name, True), ("template", system, name, True)]


def test_replicas_that_a_marked_application_leaves_out_are_free() -> None:
    item = deployment(labels={"argocd.argoproj.io/instance": "shop"}, managed=[wrote("argocd-controller", IMAGE)])

    assert told(item) == [("template", "Argo CD", "shop", True)]


def test_a_helm_release_is_named_and_does_not_revert() -> None:
    labels = {"app.kubernetes.io/managed-by": "Helm"}
    item = deployment(labels=labels, annotations={"meta.helm.sh/release-name": "shop"})

    assert told(item) == [("replicas", "Helm", "shop", False), ("template", "Helm", "shop", False)]


def test_those_who_revert_come_first() -> None:
    labels = {"app.kubernetes.io/managed-by": "Helm", "helm.toolkit.fluxcd.io/name": "shop"}

    assert [owner[1] for owner in told(deployment(labels=labels))] == ["Flux", "Helm", "Flux", "Helm"]


def test_an_autoscaler_owns_the_replicas_of_its_target_only() -> None:
    stranger = autoscaler("other", "search")
    stateful = autoscaler("sets", "checkout")
    stateful["spec"]["scaleTargetRef"]["kind"] = "StatefulSet"

    assert told(deployment(), stranger, stateful, autoscaler("ours", "checkout")) == [
        ("replicas", "HorizontalPodAutoscaler", "ours", True)
    ]
