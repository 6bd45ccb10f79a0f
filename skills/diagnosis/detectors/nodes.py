"""Nodes that ail, and what runs on them."""

import re
from collections.abc import Iterator
from datetime import timedelta

from skills.diagnosis.objects import Object
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence

_JOINING = timedelta(seconds=30)
_OLDEST_MINORS = 3

NOT_READY = Code(
    name="NodeNotReady",
    title="A node is not ready",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="the node's condition Ready is False or Unknown, or its kubelet never reported",
    remedy="Look at the node: is it up, does its kubelet run, can it reach the API server? Drain it if it does not come back.",
)
PRESSURE = Code(
    name="NodePressure",
    title="A node runs out of memory, disk or process ids",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="the node's condition MemoryPressure, DiskPressure or PIDPressure is True",
    remedy="Free room on the node, or move pods away; see which pod grows.",
)
NETWORK = Code(
    name="NodeNetworkUnavailable",
    title="A node's pod network is not set up",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="the node's condition NetworkUnavailable is True",
    remedy="See that the network plugin's pod runs on this node.",
)
CORDONED = Code(
    name="NodeCordoned",
    title="A node is closed to new pods",
    severity=Severity.NOTICE,
    depth=Depth.CLUSTER,
    signals="spec.unschedulable is true",
    remedy="Uncordon it when the work on it is done.",
)
SKEW = Code(
    name="NodeVersionSkew",
    title="A node's kubelet is too old for the others",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="a kubelet is more than three minor versions behind the newest one in the cluster",
    remedy="Upgrade the node.",
)
_PRESSURES = {"MemoryPressure": "memory", "DiskPressure": "disk space", "PIDPressure": "process ids"}
_VERSION = re.compile(r"v?1\.(\d+)")


@detects(NOT_READY)
def node_not_ready(scene: Scene) -> Iterator[Symptom]:
    """The control plane has not heard of a node, or hears that it is not well."""
    for node in scene.all("Node"):
        ready = node.condition("Ready")
        if ready is not None and ready.true:
            continue
        if ready is None and scene.age(node.created_at) < _JOINING:
            continue
        pods = _on(scene, node)
        if ready is None:
            why, proof = "its kubelet has never reported", evidence(node.ref, "status.conditions[Ready]", "absent")
        else:
            why = "its kubelet stopped reporting" if ready.status == "Unknown" else "its kubelet says so"
            said = f"{ready.status}: {ready.reason} {ready.message}"
            proof = evidence(node.ref, "status.conditions[Ready]", said, ready.since)
        yield Symptom(
            code=NOT_READY,
            root=node.ref,
            cause=f"Node {node.name} is not ready: {why}{_hit(pods)}.",
            evidence=[proof],
            since=ready.since if ready else node.created_at,
            affected=[pod.ref for pod in pods],
            consequence=f"node {node.name} is not ready",
            severity=Severity.ERROR if pods else Severity.WARNING,
        )


@detects(PRESSURE, NETWORK)
def node_under_pressure(scene: Scene) -> Iterator[Symptom]:
    """A ready node that says it runs short of something."""
    for node in scene.all("Node"):
        for kind, what in _PRESSURES.items():
            condition = node.condition(kind)
            if condition is not None and condition.true:
                yield Symptom(
                    code=PRESSURE,
                    root=node.ref,
                    about=kind,
                    cause=f"Node {node.name} runs out of {what}, so its kubelet evicts pods.",
                    evidence=[evidence(node.ref, f"status.conditions[{kind}]", condition.reason, condition.since)],
                    since=condition.since,
                    affected=[pod.ref for pod in _on(scene, node)],
                    consequence=f"node {node.name} runs out of {what}",
                )
        network = node.condition("NetworkUnavailable")
        if network is not None and network.true:
            yield Symptom(
                code=NETWORK,
                root=node.ref,
                cause=f"Node {node.name} has no pod network.",
                evidence=[evidence(node.ref, "status.conditions[NetworkUnavailable]", network.reason, network.since)],
                since=network.since,
                affected=[pod.ref for pod in _on(scene, node)],
                consequence=f"node {node.name} has no pod network",
            )


@detects(CORDONED)
def node_closed(scene: Scene) -> Iterator[Symptom]:
    """Somebody closed a node, and it matters: a pod could not be placed."""
    waiting = [pod for pod in scene.all("Pod") if _unplaced(pod)]
    for node in scene.all("Node"):
        if node.spec.get("unschedulable") and waiting:
            yield Symptom(
                code=CORDONED,
                root=node.ref,
                cause=f"Node {node.name} is closed to new pods, while pods wait for a node.",
                evidence=[evidence(node.ref, "spec.unschedulable", "true")],
                consequence=f"node {node.name} is closed to new pods",
                severity=Severity.WARNING,
            )


@detects(SKEW)
def node_too_old(scene: Scene) -> Iterator[Symptom]:
    """Kubelets may be three minor versions older than the API server, which is at least as new as the newest of them.

    Source: https://kubernetes.io/releases/version-skew-policy/#kubelet
    """
    versions = {node.ref: (node, minor) for node in scene.all("Node") if (minor := _minor(node)) is not None}
    newest = max((minor for _, minor in versions.values()), default=0)
    for node, minor in versions.values():
        if newest - minor > _OLDEST_MINORS:
            shown = (node.status.get("nodeInfo") or {}).get("kubeletVersion")
            yield Symptom(
                code=SKEW,
                root=node.ref,
                cause=f"Node {node.name} runs a kubelet 1.{minor}, and others run 1.{newest}: that is further apart than is supported.",
                evidence=[evidence(node.ref, "status.nodeInfo.kubeletVersion", shown)],
                consequence=f"node {node.name} is too old",
                confidence=0.8,
            )


def _on(scene: Scene, node: Object) -> list[Object]:
    """The pods of the scene that are to run there."""
    ended = ("Succeeded", "Failed")
    return [p for p in scene.all("Pod") if p.spec.get("nodeName") == node.name and p.status.get("phase") not in ended]


def _hit(pods: list[Object]) -> str:
    if not pods:
        return "; nothing that I looked at runs there"
    return f"; {len(pods)} pod{'s' if len(pods) > 1 else ''} that I looked at should run there"


def _unplaced(pod: Object) -> bool:
    if pod.spec.get("nodeName"):
        return False
    tried = pod.condition("PodScheduled")
    return (
        tried is not None and tried.status == "False" and "unschedulable" in tried.message.replace("Unschedulable", "")
    )


def _minor(node: Object) -> int | None:
    found = _VERSION.match(str((node.status.get("nodeInfo") or {}).get("kubeletVersion") or ""))
    return int(found[1]) if found else None
