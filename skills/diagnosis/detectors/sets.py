"""StatefulSets and DaemonSets that are not complete."""

from collections.abc import Iterator
from datetime import timedelta

from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted

_SETTLING = timedelta(seconds=90)

STUCK = Code(
    name="StatefulSetStuck",
    title="A StatefulSet waits for one of its pods",
    severity=Severity.ERROR,
    depth=Depth.ROLLOUT,
    signals="fewer pods are ready than are wanted, and the lowest that is not ready keeps the others waiting",
    remedy="Mend that pod. After a bad update it may have to be deleted by hand: a StatefulSet does not replace a broken pod of the old revision by itself.",
)
NO_SERVICE = Code(
    name="HeadlessServiceMissing",
    title="The Service that gives a StatefulSet's pods their names does not exist",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="spec.serviceName names a Service that is not there",
    remedy="Create the Service with clusterIP: None, or correct serviceName.",
)
INCOMPLETE = Code(
    name="DaemonSetIncomplete",
    title="A DaemonSet does not run on every node that it should",
    severity=Severity.ERROR,
    depth=Depth.ROLLOUT,
    signals="status.numberUnavailable is above 0, or fewer pods are scheduled than desired, for longer than a rollout takes",
    remedy="See the pods on the nodes that lack it.",
)
MISPLACED = Code(
    name="DaemonSetMisscheduled",
    title="A DaemonSet runs where it should not",
    severity=Severity.WARNING,
    depth=Depth.ROLLOUT,
    signals="status.numberMisscheduled is above 0",
    remedy="Delete the pods on nodes that its selector no longer matches.",
)


@detects(STUCK, NO_SERVICE)
def stateful_set_waits(scene: Scene) -> Iterator[Symptom]:
    """Not all of its ordinals are ready; or the Service that they are named by is missing."""
    for each in scene.all("StatefulSet"):
        name = str(each.spec.get("serviceName") or "")
        if name and scene.absent("Service", each.namespace, name):
            yield Symptom(
                code=NO_SERVICE,
                root=each.ref,
                cause=f"The pods of {each.name} have no names in DNS: its Service {quoted(name)} does not exist.",
                evidence=[evidence(each.ref, "spec.serviceName", name)],
                since=each.created_at,
                consequence=f"the pods of {each.name} have no names in DNS",
            )
        wanted, ready = int(each.spec.get("replicas", 1) or 0), int(each.status.get("readyReplicas") or 0)
        if ready < wanted and each.deleted_at is None:
            yield from _stuck(scene, each, wanted, ready)


@detects(INCOMPLETE, MISPLACED)
def daemon_set_incomplete(scene: Scene) -> Iterator[Symptom]:
    """Nodes without it, or with it against its own selector."""
    for each in scene.all("DaemonSet"):
        status = each.status
        wanted, ready = int(status.get("desiredNumberScheduled") or 0), int(status.get("numberReady") or 0)
        waiting = [pod for pod in scene.pods(each) if not _ready(pod)]
        fresh = any(scene.age(pod.created_at) < _SETTLING for pod in waiting)
        if ready < wanted and not fresh:
            yield Symptom(
                code=INCOMPLETE,
                root=each.ref,
                cause=f"{each.name} is ready on {ready} of the {wanted} nodes that it should run on.",
                evidence=[
                    evidence(each.ref, "status.numberReady", ready),
                    evidence(each.ref, "status.desiredNumberScheduled", wanted),
                ],
                because_of=(each.ref, *(pod.ref for pod in waiting), *_nodes(scene, waiting)),
                consequence=f"{each.name} is missing on {_nodes_said(wanted - ready)}",
                confidence=0.6,
            )
        misplaced = int(status.get("numberMisscheduled") or 0)
        if misplaced:
            yield Symptom(
                code=MISPLACED,
                root=each.ref,
                cause=f"{each.name} runs on {_nodes_said(misplaced)} where it should not run.",
                evidence=[evidence(each.ref, "status.numberMisscheduled", misplaced)],
                consequence=f"{each.name} runs where it should not",
            )


def _stuck(scene: Scene, whole: Object, wanted: int, ready: int) -> Iterator[Symptom]:
    waiting = sorted((pod for pod in scene.pods(whole) if not _ready(pod)), key=_ordinal)
    first = waiting[0] if waiting else None
    since = first.created_at if first else whole.created_at
    if scene.age(since) < _SETTLING:
        return
    for_whom = f"it waits for {first.name}" if first else "its next pod is not created"
    yield Symptom(
        code=STUCK,
        root=whole.ref,
        cause=f"{whole.name} has {ready} of {wanted} replicas ready: {for_whom}.",
        evidence=[
            evidence(whole.ref, "status.readyReplicas", ready),
            *([evidence(first.ref, "status.phase", first.status.get("phase"))] if first else []),
        ],
        since=since,
        affected=[pod.ref for pod in waiting],
        because_of=(whole.ref, *(pod.ref for pod in waiting), *_claims(scene, whole)),
        consequence=f"{whole.name} has {ready} of {wanted} replicas ready",
        severity=Severity.CRITICAL if not ready else Severity.ERROR,
        confidence=0.6,
    )


def _claims(scene: Scene, whole: Object) -> tuple[Ref, ...]:
    """The claims made from its templates."""
    prefixes = tuple(
        f"{(template.get('metadata') or {}).get('name')}-{whole.name}-"
        for template in whole.spec.get("volumeClaimTemplates") or ()
    )
    return tuple(
        claim.ref
        for claim in scene.all("PersistentVolumeClaim", whole.namespace)
        if prefixes and claim.name.startswith(prefixes)
    )


def _nodes(scene: Scene, pods: list[Object]) -> tuple[Ref, ...]:
    names = {pod.spec.get("nodeName") for pod in pods}
    return tuple(node.ref for node in scene.all("Node") if node.name in names)


def _nodes_said(count: int) -> str:
    return "1 node" if count == 1 else f"{count} nodes"


def _ordinal(pod: Object) -> tuple[int, str]:
    number = pod.name.rpartition("-")[2]
    return (int(number) if number.isdecimal() else 0, pod.name)


def _ready(pod: Object) -> bool:
    ready = pod.condition("Ready")
    return ready is not None and ready.true
