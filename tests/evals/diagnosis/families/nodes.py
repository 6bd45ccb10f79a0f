"""Nodes that ail."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import HOUR, MINUTE, Manifest, app, condition, node, running


def scenarios() -> Iterator[Scenario]:
    yield fault("not ready, with pods on it", [*_lost(), _unknown("node-3")], "NodeNotReady", "Node/node-3")
    yield fault(
        "not ready, with nothing on it", [*app(), node("node-3", ready=False, age=HOUR)], "NodeNotReady", "Node/node-3"
    )
    yield fault(
        "its kubelet never reported", [*app(), node("node-3", age=HOUR, status={})], "NodeNotReady", "Node/node-3"
    )
    for kind in ("Memory", "Disk", "PID"):
        yield fault(f"{kind} pressure", [*app(), _pressed(f"{kind}Pressure")], "NodePressure", "Node/node-3")
    yield fault(
        "without a pod network", [*app(), _pressed("NetworkUnavailable")], "NodeNetworkUnavailable", "Node/node-3"
    )
    yield fault("far too old", [*app(), _version("v1.30.4")], "NodeVersionSkew", "Node/node-3")
    yield healthy("one minor version behind", [*app(), _version("v1.35.1")])
    yield healthy("closed for maintenance, while nothing waits", [*app(), node("node-3", spec={"unschedulable": True})])
    yield healthy("joining just now", [*app(), node("node-3", age=10, status={})])


def _lost() -> list[Manifest]:
    """Pods whose node stopped reporting: the control plane marks them not ready and leaves their containers' state as it was."""
    objects = app("checkout", running(ready=False, seconds=HOUR), node="node-3")
    for each in objects:
        if each["kind"] == "Pod":
            each["status"]["conditions"] = [
                condition("PodScheduled", True), condition("Ready", False, "", age=10 * MINUTE), condition("ContainersReady", True),
            ]  # fmt: skip
    return objects


def _unknown(name: str) -> Manifest:
    made = node(name)
    made["status"]["conditions"] = [{**condition("Ready", False, "NodeStatusUnknown", "Kubelet stopped posting node status.", age=10 * MINUTE), "status": "Unknown"}]  # fmt: skip
    return made


def _pressed(kind: str) -> Manifest:
    made = node("node-3")
    others = [each for each in made["status"]["conditions"] if each["type"] != kind]
    made["status"]["conditions"] = [*others, condition(kind, True, "KubeletSaysSo", age=MINUTE)]
    return made


def _version(version: str) -> Manifest:
    made = node("node-3")
    made["status"]["nodeInfo"]["kubeletVersion"] = version
    return made
