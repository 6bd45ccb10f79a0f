"""Pods that no node takes, and some that only look like it."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import Manifest, app, condition, container, node, said_of, waiting

_SAYS = {
    "UnschedulableTaints": "0/2 nodes are available: 2 node(s) had untolerated taint {dedicated: gpu}. preemption: 0/2 nodes are available: 2 Preemption is not helpful for scheduling.",
    "UnschedulableNodeSelector": "0/2 nodes are available: 2 node(s) didn't match Pod's node affinity/selector. preemption: not eligible",
    "UnschedulablePodAffinity": "0/2 nodes are available: 2 node(s) didn't match pod anti-affinity rules. preemption: 0/2 nodes are available: 2 No preemption victims found for incoming pod.",
    "UnschedulableTopology": "0/2 nodes are available: 2 node(s) didn't match pod topology spread constraints.",
    "UnschedulableHostPort": "0/2 nodes are available: 2 node(s) didn't have free ports for the requested pod ports.",
    "UnschedulablePodCount": "0/2 nodes are available: 2 Too many pods.",
    "VolumeZoneConflict": "0/2 nodes are available: 2 node(s) had volume node affinity conflict.",
    "UnschedulableVolumeCount": "0/2 nodes are available: 2 node(s) exceed max volume count.",
    "NoNodes": "no nodes available to schedule pods",
    "Unschedulable": "0/2 nodes are available: 2 the stars are wrong.",
}


def scenarios() -> Iterator[Scenario]:
    for code, message in _SAYS.items():
        yield fault(f"{code} from the scheduler's words", _unplaced(message), code, "Deployment/checkout")
    yield fault(
        "more CPU than any node has", _unplaced("0/2 nodes are available: 2 Insufficient cpu.", cpu="64"), "UnschedulableResources", "Deployment/checkout",
    )  # fmt: skip
    yield fault(
        "the nodes are full", _unplaced("0/2 nodes are available: 1 Insufficient memory, 2 Insufficient cpu."), "UnschedulableResources", "Deployment/checkout",
    )  # fmt: skip
    yield fault(
        "most nodes lack room and one has a taint",
        _unplaced("0/5 nodes are available: 1 node(s) had untolerated taint {a: b}, 4 Insufficient nvidia.com/gpu."),
        "UnschedulableResources", "Deployment/checkout",
    )  # fmt: skip
    yield fault(
        "every node is closed",
        [*_unplaced("0/2 nodes are available: 2 node(s) were unschedulable."), *(node(f"node-{i}", spec={"unschedulable": True}) for i in (1, 2))],
        "NodeCordoned", "Node/node-1", "NodeCordoned", "Node/node-2",
    )  # fmt: skip
    yield fault(
        "the only node for it is not ready",
        [*_unplaced("0/2 nodes are available: 2 node(s) had untolerated taint {node.kubernetes.io/unreachable: }."), node("node-1", ready=False)],
        "NodeNotReady", "Node/node-1",
    )  # fmt: skip
    yield fault("held back by a gate", _gated(), "SchedulingGated", "Deployment/checkout")
    yield fault(
        "a scheduler that there is not",
        _never_tried(age=600, schedulerName="fancy"),
        "NoScheduler",
        "Deployment/checkout",
    )
    yield healthy("a pod that was created a moment ago", _never_tried(age=3))
    yield healthy(
        "a node is on its way",
        said_of(_unplaced("0/2 nodes are available: 2 Insufficient cpu.", age=25), "Pod", "TriggeredScaleUp", "pod triggered scale-up", warning=False),
    )  # fmt: skip


def _unplaced(message: str, *, cpu: str = "50m", age: float = 300) -> list[Manifest]:
    """A Deployment of two, whose pods are on no node, because of what the scheduler says."""
    said = condition("PodScheduled", False, "Unschedulable", message, age=age)
    spec = container(resources={"requests": {"cpu": cpu}})
    objects = app("checkout", waiting("ContainerCreating"), containers=[spec], age=age, status={"conditions": [said], "containerStatuses": [], "phase": "Pending", "podIP": ""})  # fmt: skip
    return _off_nodes(objects)


def _gated() -> list[Manifest]:
    said = condition(
        "PodScheduled", False, "SchedulingGated", "Scheduling is blocked due to non-empty scheduling gates", age=300
    )
    objects = app(
        "checkout", waiting("ContainerCreating"), age=300, spec={"schedulingGates": [{"name": "example.com/budget"}]},
        status={"conditions": [said], "containerStatuses": [], "phase": "Pending", "podIP": ""},
    )  # fmt: skip
    return _off_nodes(objects)


def _never_tried(*, age: float, **spec: object) -> list[Manifest]:
    objects = app(
        "checkout", waiting("ContainerCreating"), age=age, spec=spec, status={"conditions": [], "containerStatuses": [], "phase": "Pending", "podIP": ""},
    )  # fmt: skip
    return _off_nodes(objects)


def _off_nodes(objects: list[Manifest]) -> list[Manifest]:
    for each in objects:
        if each["kind"] == "Pod":
            del each["spec"]["nodeName"]
    return objects
