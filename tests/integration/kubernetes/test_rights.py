"""The Role that we ship grants the calls that the adapter makes: no fewer, no more."""

from pathlib import Path

import yaml

from integrations.kubernetes.api import PERMISSIONS
from skills.core.ports.workloads import ImageEdit, ReplicasEdit, TemplateEdit
from tests.support.kubernetes_api import ApiServer
from tests.support.labs import ENVIRONMENT, Lab

MANIFESTS = Path(__file__).parents[3] / "config" / "kubernetes"
FURNISHING = {("create", "deployments")}


def granted() -> set[tuple[str, str]]:
    role = yaml.safe_load((MANIFESTS / "role.yaml").read_text())
    return {(verb, resource) for rule in role["rules"] for resource in rule["resources"] for verb in rule["verbs"]}


async def test_the_role_grants_exactly_the_calls_that_are_made(lab: Lab, server: ApiServer) -> None:
    server.logs = lambda pod, container, previous: b"Traceback\n"
    workload = await lab.deploy()
    await lab.cluster.list(ENVIRONMENT)
    await lab.cluster.discovered_services(ENVIRONMENT)
    await lab.cluster.preview(workload.place, ReplicasEdit(before=2, after=3), uid=workload.uid)
    await lab.apply(workload, ImageEdit(container="app", before=lab.images.good, after=lab.images.broken))
    assert (await lab.followed(workload))[-1].log == ("Traceback",)
    newest, oldest = await lab.cluster.revisions(workload.place)
    await lab.apply(workload, TemplateEdit(before=newest.template, after=oldest.template))

    namespaced = {call for call in server.calls if call[1] not in {"version", "selfsubjectaccessreviews"}}

    assert namespaced - FURNISHING == granted()


def test_the_doctor_asks_for_exactly_what_the_role_grants() -> None:
    assert {(verb, resource) for resource, verbs in PERMISSIONS.items() for verb in verbs} == granted()


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
    assert len(checks) == 1 + len(granted())


async def test_the_doctor_names_a_right_that_is_missing_and_how_to_mend_it(lab: Lab, server: ApiServer) -> None:
    server.faults.answer = {("patch", "deployments"): 403}

    (missing,) = [check for check in await lab.cluster.check() if not check.ok]

    assert missing.what == "patch deployments in shop of lab"
    assert (
        missing.sentence
        == "Not allowed. Apply config/kubernetes/role.yaml in namespace shop and bind it to my account."
    )


async def test_the_doctor_reports_a_cluster_that_is_down(lab: Lab, server: ApiServer) -> None:
    await server.stop()

    (check,) = await lab.cluster.check()

    assert not check.ok
    assert "did not answer" in check.sentence
