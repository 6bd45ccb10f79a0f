"""The Role that we ship grants the calls that the adapter makes: no fewer, no more."""

from pathlib import Path

import yaml

from integrations.kubernetes.api import PERMISSIONS
from integrations.kubernetes.kinds import KINDS
from skills.core.ports.snapshots import Budget, Named, Scope
from skills.core.ports.workloads import ImageEdit, ReplicasEdit, ResourcesEdit, TemplateEdit
from skills.diagnosis.looking import FIRST
from tests.support.kubernetes_api import ApiServer
from tests.support.labs import ENVIRONMENT, Lab

MANIFESTS = Path(__file__).parents[3] / "config" / "kubernetes"
FURNISHING = {("create", "deployments")}
SCOPE = Scope(environment=ENVIRONMENT, namespaces=("shop",))
ROLE, REFERENCES, CLUSTER = "role.yaml", "role-references.yaml", "cluster-role.yaml"


def granted(file: str = ROLE, name: str = "countersign") -> set[tuple[str, str]]:
    documents = yaml.safe_load_all((MANIFESTS / file).read_text())
    (role,) = [each for each in documents if each["metadata"]["name"] == name and "rules" in each]
    return {(verb, resource) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]}


def seen(grant: str) -> set[tuple[str, str]]:
    """What a diagnosis asks for, of all that a file grants."""
    return {(verb, kind.resource) for kind in KINDS.values() for verb in kind.verbs if kind.grant.endswith(f"/{grant}")}


async def test_the_role_grants_exactly_the_calls_that_are_made(lab: Lab, server: ApiServer) -> None:
    server.logs = lambda pod, container, previous: b"Traceback\n"
    workload = await lab.deploy()
    await lab.cluster.list(ENVIRONMENT)
    await lab.cluster.discovered_services(ENVIRONMENT)
    await lab.cluster.preview(workload.place, ReplicasEdit(before=2, after=3), uid=workload.uid)
    requests = ResourcesEdit(container="app", before="", after="cpu=250m")
    await lab.cluster.preview(workload.place, requests, uid=workload.uid)
    await lab.apply(workload, ImageEdit(container="app", before=lab.images.good, after=lab.images.broken))
    assert (await lab.followed(workload))[-1].log == ("Traceback",)
    newest, oldest = await lab.cluster.revisions(workload.place)
    await lab.apply(workload, TemplateEdit(before=newest.template, after=oldest.template))

    namespaced = {call for call in server.calls if call[1] not in {"version", "selfsubjectaccessreviews"}}

    assert namespaced - FURNISHING == worked_with()
    assert granted() == worked_with() | seen(ROLE)


async def test_a_diagnosis_makes_exactly_the_calls_that_the_three_files_grant(lab: Lab, server: ApiServer) -> None:
    names = [
        Named(kind=kind.name, namespace="shop" if kind.namespaced else "", name="x")
        for kind in KINDS.values()
        if "get" in kind.verbs
    ]
    lists = [kind.name for kind in KINDS.values() if "list" in kind.verbs and not kind.addition]
    await lab.deploy()
    server.calls.clear()
    await lab.cluster.take(SCOPE, lists, budget=Budget())
    await lab.cluster.find(SCOPE, names, budget=Budget())

    expected = seen(ROLE) | seen(REFERENCES) | seen(CLUSTER)

    assert {call for call in server.calls if call[1] not in ("", "gatewayclasses")} <= expected
    assert granted(REFERENCES, "countersign-references") == seen(REFERENCES)
    assert granted(CLUSTER, "countersign-shared") == seen(CLUSTER)
    assert granted(CLUSTER, "countersign-everywhere") == seen(ROLE) | {("get", "pods/log")}
    assert set(FIRST) <= {kind.name for kind in KINDS.values() if "list" in kind.verbs}


def worked_with() -> set[tuple[str, str]]:
    return {(verb, resource) for resource, verbs in PERMISSIONS.items() for verb in verbs}


def test_the_binding_gives_the_role_to_the_account() -> None:
    account, role, binding = (
        yaml.safe_load((MANIFESTS / name).read_text())
        for name in ("service-account.yaml", "role.yaml", "role-binding.yaml")
    )

    assert (binding["roleRef"]["kind"], binding["roleRef"]["name"]) == ("Role", role["metadata"]["name"])
    (subject,) = binding["subjects"]
    assert (subject["kind"], subject["name"]) == ("ServiceAccount", account["metadata"]["name"])
    assert subject["namespace"] == account["metadata"]["namespace"]


async def test_the_doctor_finds_a_well_connected_cluster_in_order(lab: Lab) -> None:
    checks = await lab.cluster.check()

    assert checks[0].sentence == "It answers, and runs Kubernetes v1.36.2."
    assert all(check.ok for check in checks)
    assert len(checks) == 1 + len(worked_with()) + 3


async def test_the_doctor_names_a_right_that_is_missing_and_how_to_mend_it(lab: Lab, server: ApiServer) -> None:
    server.faults.answer = {("patch", "deployments"): 403}

    (missing,) = [check for check in await lab.cluster.check() if not check.ok]

    assert missing.what == "patch deployments in shop of lab"
    assert (
        missing.sentence
        == "Not allowed. Apply config/kubernetes/role.yaml in namespace shop and bind it to my account."
    )


async def test_the_doctor_says_what_a_diagnosis_cannot_see(lab: Lab, server: ApiServer) -> None:
    server.faults.answer = {
        ("list", "nodes"): 403,
        ("get", "secrets"): 403,
        ("list", "jobs"): 403,
        ("list", "cronjobs"): 403,
    }

    checks = (await lab.cluster.check())[-3:]

    assert [(check.ok, check.sentence) for check in checks] == [
        (False, "A diagnosis cannot see jobs, cronjobs; config/kubernetes/role.yaml grants it."),
        (True, "A diagnosis cannot see secrets; config/kubernetes/role-references.yaml grants it. That is optional."),
        (True, "A diagnosis cannot see nodes; config/kubernetes/cluster-role.yaml grants it. That is optional."),
    ]


async def test_the_doctor_reports_a_cluster_that_is_down(lab: Lab, server: ApiServer) -> None:
    await server.stop()

    (check,) = await lab.cluster.check()

    assert not check.ok
    assert "did not answer" in check.sentence
