"""The manifests of Countersign itself: as little as it takes, consistent with each other, and nothing that our own diagnosis would find."""

import re
from pathlib import Path
from typing import Any

import yaml

from skills.core.ports.snapshots import Snapshot
from skills.diagnosis.diagnose import conclude
from tests.support.manifests import Manifest, deployment, is_ready, named, world
from tests.support.scenes import snapshot

ROOT = Path(__file__).parents[3]
KUBERNETES = ROOT / "config" / "kubernetes"


def manifests() -> dict[str, Manifest]:
    """What is deployed, by kind."""
    files = ("namespace", "service-account", "deployment", "disruption-budget", "network-policy")
    found = [yaml.safe_load((KUBERNETES / f"{file}.yaml").read_text()) for file in files]
    return {each["kind"]: each for each in found}


SHIPPED = manifests()
TEMPLATE = SHIPPED["Deployment"]["spec"]["template"]
(CONTAINER,) = TEMPLATE["spec"]["containers"]


def test_the_pod_has_no_right_that_it_does_not_need() -> None:
    assert TEMPLATE["spec"]["securityContext"] == {
        "runAsNonRoot": True, "runAsUser": 10001, "runAsGroup": 10001, "fsGroup": 10001,
        "seccompProfile": {"type": "RuntimeDefault"},
    }  # fmt: skip
    assert CONTAINER["securityContext"] == {
        "allowPrivilegeEscalation": False, "readOnlyRootFilesystem": True, "capabilities": {"drop": ["ALL"]},
    }  # fmt: skip
    assert not {"hostNetwork", "hostPID", "hostIPC"} & set(TEMPLATE["spec"])
    assert SHIPPED["Namespace"]["metadata"]["labels"]["pod-security.kubernetes.io/enforce"] == "restricted"


def test_the_pod_runs_as_the_user_of_the_image_and_writes_where_the_image_may() -> None:
    dockerfile = (ROOT / "Dockerfile").read_text()
    assert f"USER {TEMPLATE['spec']['securityContext']['runAsUser']}\n" in dockerfile
    (port,) = CONTAINER["ports"]
    assert f"COUNTERSIGN_LISTEN=0.0.0.0:{port['containerPort']}" in dockerfile
    writable = {mount["mountPath"] for mount in CONTAINER["volumeMounts"] if not mount.get("readOnly")}
    assert writable == {"/data", "/tmp"}
    assert re.search(r"^VOLUME /data$", dockerfile, re.MULTILINE)


def test_secrets_come_as_files_and_not_as_values() -> None:
    secrets = [each for each in CONTAINER["env"] if re.search("TOKEN|SECRET|KEY|URL", each["name"])]
    assert secrets
    for each in secrets:
        assert each["name"].endswith("_FILE")
        assert each["value"] == f"/run/secrets/countersign/{each['name'].removesuffix('_FILE')}"


def test_everything_lives_in_one_namespace_under_one_account() -> None:
    home = SHIPPED["Namespace"]["metadata"]["name"]
    for kind in ("ServiceAccount", "Deployment", "PodDisruptionBudget", "NetworkPolicy"):
        assert SHIPPED[kind]["metadata"]["namespace"] == home
    assert TEMPLATE["spec"]["serviceAccountName"] == SHIPPED["ServiceAccount"]["metadata"]["name"]


def test_nothing_comes_in_unasked_and_the_way_out_spares_the_metadata_service() -> None:
    spec = SHIPPED["NetworkPolicy"]["spec"]
    assert sorted(spec["policyTypes"]) == ["Egress", "Ingress"]
    assert all(rule["from"] and rule["ports"] for rule in spec["ingress"])
    assert all(rule["to"] and rule["ports"] for rule in spec["egress"])
    blocks = [peer["ipBlock"] for rule in spec["egress"] for peer in rule["to"] if "ipBlock" in peer]
    assert all("169.254.0.0/16" in block["except"] for block in blocks)


def running() -> Snapshot:
    """The shipped objects in a cluster that has made pods of them and holds what they refer to."""
    spec = TEMPLATE["spec"]
    parts = {key: value for key, value in spec.items() if key != "containers"}
    made = deployment(
        "countersign", replicas=SHIPPED["Deployment"]["spec"]["replicas"], containers=[CONTAINER], spec=parts
    )
    for each in made:
        each["metadata"]["namespace"] = "countersign"
        each["metadata"]["labels"] = {**each["metadata"]["labels"], **TEMPLATE["metadata"]["labels"]}
        if "template" in each["spec"]:
            each["spec"]["template"]["metadata"] = TEMPLATE["metadata"]
    pods = [each for each in made if each["kind"] == "Pod"]
    ready = sum(map(is_ready, pods))
    assert ready == len(pods) == 2
    budget = named(
        "PodDisruptionBudget", "countersign", namespace="countersign", spec=SHIPPED["PodDisruptionBudget"]["spec"]
    )
    budget["status"] = {"expectedPods": 2, "currentHealthy": ready, "desiredHealthy": 1, "disruptionsAllowed": 1}
    keys = [item["key"] for volume in spec["volumes"] if "configMap" in volume for item in volume["configMap"]["items"]]
    referred: list[Any] = [
        named("ServiceAccount", "countersign", namespace="countersign"),
        named("ConfigMap", "countersign-config", namespace="countersign", data=dict.fromkeys(keys, "-")),
        named("Secret", "countersign", namespace="countersign", type="Opaque", data={}),
        named("NetworkPolicy", "countersign", namespace="countersign", spec=SHIPPED["NetworkPolicy"]["spec"]),
    ]
    return snapshot(*world(*made, budget, *referred))


def test_our_own_diagnosis_finds_nothing_wrong_with_them() -> None:
    assert conclude(running()).findings == ()


def test_it_would_say_so_if_the_way_to_names_were_missing() -> None:
    seen = running()
    (policy,) = seen.objects["NetworkPolicy"]
    mute = {**policy, "spec": {**policy["spec"], "egress": policy["spec"]["egress"][1:]}}
    broken = Snapshot(
        scope=seen.scope, taken_at=seen.taken_at, objects={**seen.objects, "NetworkPolicy": (mute,)}, logs=seen.logs
    )
    (finding,) = conclude(broken).findings
    assert "keeps countersign from asking for names" in finding.cause
