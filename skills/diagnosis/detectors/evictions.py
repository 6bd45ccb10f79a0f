"""Pods that a node threw out or would not take, lately. What is left of older ones hurts nobody."""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta

from skills.diagnosis.objects import Condition, Object, Ref, moment
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Severity, Symptom, detects, evidence

PRESSURE = Code(
    name="EvictedByNodePressure",
    title="A node runs short and throws pods out",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="a pod of the last half hour has reason Evicted, and its message says that the node was low on a resource",
    remedy="Find who uses more than they request on that node; true requests keep pods off nodes without room.",
)
OWN_STORAGE = Code(
    name="EphemeralStorageExceeded",
    title="The pod writes more to its node than it may",
    severity=Severity.ERROR,
    depth=Depth.PROCESS,
    signals="a pod of the last half hour has reason Evicted, and its message names a limit of ephemeral storage or of an emptyDir volume",
    remedy="Write less to the container's own file system (logs, caches, uploads), or raise the ephemeral-storage limit or the volume's sizeLimit.",
)
PREEMPTED = Code(
    name="PodPreempted",
    title="A pod had to make room for one of higher priority",
    severity=Severity.WARNING,
    depth=Depth.ROLLOUT,
    signals="an event Preempted or a condition DisruptionTarget with reason PreemptionByScheduler, and the workload is short of replicas since",
    remedy="Add capacity, or give the workload a priority class that suits it.",
)
REJECTED = Code(
    name="PodRejectedByNode",
    title="A node would not take a pod that was given to it",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="a pod of the last half hour failed with reason UnexpectedAdmissionError, NodeAffinity, OutOfcpu, OutOfmemory, OutOfpods or the like",
    remedy="Delete the pod; see which pods are placed there past the scheduler (static pods, nodeName).",
)
SHUT_DOWN = Code(
    name="NodeShutDown",
    title="A node was shut down, and its pods with it",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="a pod of the last half hour failed with reason NodeShutdown or Terminated at the shutdown of its node",
    remedy="Drain nodes before they go; see who shut this one down.",
)
_LATELY = timedelta(minutes=30)
_LOW_ON = re.compile(r"low on resource: (?P<resource>[\w-]+)|condition:? \[?(?P<condition>\w+)Pressure", re.IGNORECASE)
_OWN = re.compile(r"exceed|usage of emptydir", re.IGNORECASE)
_NAMES = {
    "memory": "memory", "ephemeral-storage": "disk space", "disk": "disk space", "inodes": "inodes", "pids": "process ids", "pid": "process ids",
}  # fmt: skip
_BY_SCHEDULER = "PreemptionByScheduler"
_REFUSED = (
    "UnexpectedAdmissionError",
    "NodeAffinity",
    "NodeName",
    "NodePorts",
    "InvalidNodeInfo",
    "PodFeatureUnsupported",
)


@detects(PRESSURE, OWN_STORAGE, REJECTED, SHUT_DOWN)
def thrown_out(scene: Scene) -> Iterator[Symptom]:
    """A pod failed lately, and its own status says that the node did it."""
    for pod in scene.all("Pod"):
        reason = str(pod.status.get("reason") or "")
        if pod.status.get("phase") != "Failed" or not reason or scene.age(_ended(scene, pod)) > _LATELY:
            continue
        said, node = str(pod.status.get("message") or ""), Ref("Node", "", str(pod.spec.get("nodeName") or ""))
        if reason == "Evicted" and _OWN.search(said) and not _LOW_ON.search(said):
            yield _own_storage(scene, pod, said)
        elif reason == "Evicted":
            short = _short_of(said)
            cause = f"Node {node.name} ran out of {short} and threw out {scene.workload_ref(pod).name}."
            yield _by_node(scene, pod, PRESSURE, node, cause, about=short)
        elif reason in ("NodeShutdown", "Terminated", "Shutdown"):
            yield _by_node(scene, pod, SHUT_DOWN, node, f"Node {node.name} was shut down, and its pods with it.")
        elif reason in _REFUSED or reason.startswith("OutOf"):
            name = scene.workload_ref(pod).name
            cause = f"Node {node.name} would not take a pod of {name} that was given to it ({reason})."
            yield _by_node(scene, pod, REJECTED, scene.workload_ref(pod), cause, about=reason)


def _by_node(scene: Scene, pod: Object, code: Code, root: Ref, cause: str, *, about: str = "") -> Symptom:
    return Symptom(
        code=code,
        root=root,
        about=about,
        cause=cause,
        evidence=_proof(scene, pod),
        since=_ended(scene, pod),
        affected=(pod.ref, scene.workload_ref(pod)),
        because_of=(Ref("Node", "", str(pod.spec.get("nodeName") or "")),),
        consequence=f"a pod of {scene.workload_ref(pod).name} was thrown out",
    )


def _own_storage(scene: Scene, pod: Object, said: str) -> Symptom:
    root = scene.workload_ref(pod)
    what = "an emptyDir volume" if "emptydir" in said.lower() else "its node's disk"
    return Symptom(
        code=OWN_STORAGE,
        root=root,
        cause=f"{root.name} is thrown out for writing more to {what} than it may.",
        evidence=_proof(scene, pod),
        since=_ended(scene, pod),
        affected=(pod.ref,),
        consequence=f"{root.name} is thrown out",
    )


@detects(PREEMPTED)
def preempted(scene: Scene) -> Iterator[Symptom]:
    """The scheduler took a pod's place, and its workload is still short of replicas."""
    for pod in scene.all("Pod"):
        said = [event for event in scene.events(pod.ref, "Preempted") if scene.age(event.last) < _LATELY]
        target = _preemption(scene, pod)
        if not (said or target) or not _is_short(workload := scene.workload(pod)):
            continue
        proof = [evidence(pod.ref, f"event {event.reason}", event.message, event.last) for event in said[-1:]]
        if target is not None:
            proof.append(evidence(pod.ref, "status.conditions[DisruptionTarget]", target.reason, target.since))
        yield Symptom(
            code=PREEMPTED,
            root=workload.ref,
            cause=f"A pod of {workload.name} had to make room for one of higher priority.",
            evidence=proof,
            since=said[0].first if said else target.since if target else None,
            affected=(pod.ref,),
            because_of=(workload.ref, *(each.ref for each in scene.current_pods(workload))),
            consequence=f"a pod of {workload.name} was preempted",
        )


def _preemption(scene: Scene, pod: Object) -> Condition | None:
    """What the scheduler wrote into the status of a pod whose place it took lately."""
    if not any(each.get("reason") == _BY_SCHEDULER for each in pod.status.get("conditions") or ()):
        return None
    target = pod.condition("DisruptionTarget")
    return target if target is not None and target.true and scene.age(target.since) < _LATELY else None


def _is_short(workload: Object) -> bool:
    wanted = workload.spec.get("replicas")
    if workload.kind == "Pod" or wanted is None:
        return True
    return int(workload.status.get("readyReplicas") or 0) < int(wanted)


def _short_of(said: str) -> str:
    found = _LOW_ON.search(said)
    word = (found["resource"] or found["condition"] or "").lower() if found else ""
    return _NAMES.get(word, "room")


def _ended(scene: Scene, pod: Object) -> datetime | None:
    """When it was thrown out, as well as that can be known."""
    events = [event.last for event in scene.events(pod.ref, "Evicted", "Preempted", "TerminationByKubelet")]
    runs = [moment(each.ended.get("finishedAt")) for each in scene.containers([pod])]
    target = pod.condition("DisruptionTarget")
    known = [at for at in (*events, *runs, target.since if target else None) if at]
    return max(known, default=moment(pod.status.get("startTime")) or pod.created_at)


def _proof(scene: Scene, pod: Object) -> list[Evidence]:
    at = _ended(scene, pod)
    found = [evidence(pod.ref, "status.reason", pod.status.get("reason"), at)]
    if pod.status.get("message"):
        found.append(evidence(pod.ref, "status.message", pod.status["message"], at))
    return found
