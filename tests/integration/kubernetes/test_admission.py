"""The second lock: what the shipped admission policy lets the bot's account do, asked with its own CEL expressions.

A CEL library stands for the API server's; a real server has the last word on the file.
"""

from typing import Any

import pytest

from integrations.kubernetes.editing import manager
from skills.core.names import Digest
from skills.core.ports.workloads import ImageEdit, ReplicasEdit, ResourcesEdit, RestartEdit, TemplateEdit
from tests.support.admission import ACCOUNT, Admission, Object, edited, request
from tests.support.kubernetes_api import ApiServer
from tests.support.labs import Lab

DIGEST = Digest("3fa9c1" + "0" * 58)
IMAGE, REPLICAS, RESOURCES, RESTART, TEMPLATE = (
    manager(edit, DIGEST)
    for edit in (
        ImageEdit(container="app", before="a:1", after="a:2"),
        ReplicasEdit(before=2, after=3),
        ResourcesEdit(container="app", before="", after="cpu=250m"),
        RestartEdit(before=None, after="1"),
        TemplateEdit(before="x", after="y"),
    )
)
NAMELESS = "A change by Countersign names its kind and the digest of the approved plan as its field manager."
DEPLOYMENT: Object = {
    "metadata": {"name": "checkout", "namespace": "shop", "labels": {"app": "checkout"}, "annotations": {"owner": "shop"}},
    "spec": {
        "replicas": 2,
        "paused": False,
        "selector": {"matchLabels": {"app": "checkout"}},
        "strategy": {"type": "RollingUpdate"},
        "template": {
            "metadata": {"labels": {"app": "checkout"}, "annotations": {"team": "shop"}},
            "spec": {
                "serviceAccountName": "shop",
                "containers": [
                    {"name": "app", "image": "a:1", "env": [{"name": "A", "value": "1"}]},
                    {"name": "proxy", "image": "p:1", "resources": {"limits": {"memory": "1Gi"}}},
                ],
            },
        },
    },
}  # fmt: skip
POD = "spec/template/spec"
MARKS = "spec/template/metadata/annotations"


@pytest.fixture(scope="module")
def admission() -> Admission:
    return Admission()


@pytest.mark.parametrize(
    ("name", "path", "value"),
    [
        (IMAGE, f"{POD}/containers/0/image", "a:2"),
        (REPLICAS, "spec/replicas", 3),
        (RESOURCES, f"{POD}/containers/0/resources", {"requests": {"cpu": "250m"}}),
        (RESOURCES, f"{POD}/containers/1/resources", None),
        (RESTART, f"{MARKS}/countersign.dev~restart", "1"),
        (TEMPLATE, f"{POD}/containers/0/env", [{"name": "A", "value": "0"}]),
        (TEMPLATE, f"{POD}/containers", [{"name": "app", "image": "a:0"}]),
        (TEMPLATE, MARKS, None),
    ],
)
def test_each_kind_of_change_may_change_its_field(admission: Admission, name: str, path: str, value: Any) -> None:
    after = changed(path, value)
    assert after != DEPLOYMENT
    assert admission.judge(request(manager=name), after, DEPLOYMENT) == []


@pytest.mark.parametrize(
    ("name", "path", "value", "said"),
    [
        (IMAGE, "spec/replicas", 3, "Only a change of replicas changes the replicas."),
        (TEMPLATE, "spec/replicas", 0, "Only a change of replicas changes the replicas."),
        (REPLICAS, f"{POD}/containers/0/image", "a:2", "A change of replicas changes nothing else."),
        (IMAGE, f"{POD}/containers/0/env", [], "A change of an image changes images of containers and nothing else."),
        (IMAGE, f"{POD}/containers/0/command", ["sh"], "A change of an image changes images of containers and nothing else."),
        (IMAGE, f"{POD}/hostNetwork", True, "A change of an image changes images of containers and nothing else."),
        (IMAGE, f"{POD}/serviceAccountName", None, "A change of an image changes images of containers and nothing else."),
        (IMAGE, f"{POD}/containers", [{"name": "app", "image": "a:1"}], "A change of an image changes images of containers and nothing else."),
        (IMAGE, f"{MARKS}/team", "other", "A change of an image changes images of containers and nothing else."),
        (RESOURCES, "spec/replicas", 3, "Only a change of replicas changes the replicas."),
        (RESOURCES, f"{POD}/containers/0/image", "a:2", "A change of requests changes resources of containers and nothing else."),
        (RESOURCES, f"{POD}/containers/0/env", None, "A change of requests changes resources of containers and nothing else."),
        (RESOURCES, f"{POD}/containers/0/securityContext", {"privileged": True}, "A change of requests changes resources of containers and nothing else."),
        (RESOURCES, f"{POD}/containers", [{"name": "app", "image": "a:1", "env": [{"name": "A", "value": "1"}]}], "A change of requests changes resources of containers and nothing else."),
        (RESOURCES, f"{POD}/initContainers", [{"name": "x", "image": "x:1"}], "A change of requests changes resources of containers and nothing else."),
        (RESOURCES, f"{POD}/resources", {"requests": {"cpu": "1"}}, "A change of requests changes resources of containers and nothing else."),
        (RESOURCES, f"{POD}/hostNetwork", True, "A change of requests changes resources of containers and nothing else."),
        (RESOURCES, f"{MARKS}/team", "other", "A change of requests changes resources of containers and nothing else."),
        (IMAGE, f"{POD}/containers/0/resources", {"requests": {"cpu": "1"}}, "A change of an image changes images of containers and nothing else."),
        (RESTART, f"{MARKS}/team", None, "A restart changes the restart mark and nothing else."),
        (RESTART, f"{POD}/containers/0/image", "a:2", "A restart changes the restart mark and nothing else."),
        (TEMPLATE, f"{POD}/serviceAccountName", "admin", "Going back does not change the service account or the host namespaces of pods; that is done by hand."),
        (TEMPLATE, f"{POD}/hostPID", True, "Going back does not change the service account or the host namespaces of pods; that is done by hand."),
        (IMAGE, "spec/paused", True, "Countersign changes the replicas or the pod template of a Deployment, and no other field of its spec."),
        (IMAGE, "spec/strategy", None, "Countersign changes the replicas or the pod template of a Deployment, and no other field of its spec."),
        (IMAGE, "spec/minReadySeconds", 5, "Countersign changes the replicas or the pod template of a Deployment, and no other field of its spec."),
        (IMAGE, "metadata/labels/app", "other", "Countersign does not change the metadata of a Deployment."),
        (IMAGE, "metadata/annotations/owner", None, "Countersign does not change the metadata of a Deployment."),
        (IMAGE, "metadata/ownerReferences", [{"name": "x"}], "Countersign does not change the metadata of a Deployment."),
    ],
)  # fmt: skip
def test_no_kind_of_change_may_change_anything_else(
    admission: Admission, name: str, path: str, value: Any, said: str
) -> None:
    assert admission.judge(request(manager=name), changed(path, value), DEPLOYMENT) == [said]


@pytest.mark.parametrize("name", ["", "countersign", "countersign-image", "kubectl-edit", IMAGE[:-1], f"{IMAGE}0"])
def test_a_change_that_does_not_name_its_plan_is_refused(admission: Admission, name: str) -> None:
    after = changed(f"{POD}/containers/0/image", "a:2")
    assert NAMELESS in admission.judge(request(manager=name), after, DEPLOYMENT)


def test_a_dry_run_is_of_no_plan_yet(admission: Admission) -> None:
    after = changed(f"{POD}/containers/0/image", "a:2")
    assert admission.judge(request(manager="countersign-image", dry_run=True), after, DEPLOYMENT) == []
    assert NAMELESS in admission.judge(request(manager="kubectl", dry_run=True), after, DEPLOYMENT)


@pytest.mark.parametrize(
    "asked",
    [
        request(manager=IMAGE, operation="CREATE"),
        request(manager=IMAGE, operation="DELETE"),
        request(manager=IMAGE, subresource="scale"),
        request(manager=IMAGE, resource="statefulsets"),
        request(manager=IMAGE, group="", resource="secrets"),
        request(manager=IMAGE, group="", resource="pods", operation="CONNECT", subresource="exec"),
    ],
)
def test_nothing_but_an_update_of_a_deployment_is_let_through(admission: Admission, asked: Object) -> None:
    for new, old in ((DEPLOYMENT, DEPLOYMENT), (DEPLOYMENT, None), (None, DEPLOYMENT)):
        assert "Countersign changes Deployments and nothing else." in admission.judge(asked, new, old)


def test_nobody_else_is_held_to_it_and_questions_about_rights_pass(admission: Admission) -> None:
    assert admission.judge(request(user="alice"), None, DEPLOYMENT) == []
    review = request(operation="CREATE", group="authorization.k8s.io", resource="selfsubjectaccessreviews")
    assert admission.judge(review, {}, None) == []


def test_the_digest_of_the_plan_is_written_into_the_audit_log_of_the_server(admission: Admission) -> None:
    assert admission.annotations(request(manager=IMAGE)) == {"countersign/plan": f"countersign-image-{DIGEST}"}
    assert len(TEMPLATE) <= 128, "the server takes no longer name of a field manager"


def test_the_policy_is_bound_and_refuses_rather_than_warns(admission: Admission) -> None:
    spec = admission.binding["spec"]
    assert spec == {"policyName": admission.policy["metadata"]["name"], "validationActions": ["Deny", "Audit"]}
    assert admission.policy["spec"]["failurePolicy"] == "Fail"
    assert all(each["reason"] == "Forbidden" for each in admission.policy["spec"]["validations"])


async def test_every_change_that_the_adapter_makes_passes_the_second_lock(
    lab: Lab, server: ApiServer, admission: Admission
) -> None:
    asked: list[tuple[str, bool]] = []

    def judged(before: Object, after: Object, name: str, dry_run: bool) -> list[str]:
        asked.append((name, dry_run))
        return admission.judge(request(manager=name, dry_run=dry_run), after, before)

    server.admission = judged
    workload = await lab.deploy()
    cluster = lab.cluster
    image = ImageEdit(container="app", before=lab.images.good, after=lab.images.better)
    edits = [
        image,
        RestartEdit(before=None, after="1"),
        RestartEdit(before="1", after=None),
        ReplicasEdit(before=2, after=3),
        ResourcesEdit(container="app", before="", after="cpu=250m memory=512Mi"),
        ResourcesEdit(container="app", before="cpu=250m memory=512Mi", after=""),
    ]
    for edit in edits:
        await cluster.preview(workload.place, edit, uid=workload.uid)
        await cluster.apply(workload.place, edit, uid=workload.uid, digest=DIGEST)
    await lab.rolled_out(workload.place.name)
    newest, *_, oldest = await cluster.revisions(workload.place)
    back = TemplateEdit(before=newest.template, after=oldest.template)
    await cluster.preview(workload.place, back, uid=workload.uid)
    await cluster.apply(workload.place, back, uid=workload.uid, digest=DIGEST)

    assert [name for name, dry_run in asked if not dry_run] == [manager(edit, DIGEST) for edit in [*edits, back]]
    assert [name for name, dry_run in asked if dry_run] == [manager(edit, None) for edit in [*edits, back]]


def test_the_account_is_the_one_that_we_ship(admission: Admission) -> None:
    assert admission.matches(request(user=ACCOUNT))
    assert not admission.matches(request(user="system:serviceaccount:shop:countersign"))


def changed(path: str, value: Any) -> Object:
    """The Deployment with one field changed."""
    return edited(DEPLOYMENT, path, value)
