"""Pods that no node takes. The scheduler says why, node by node; the reason that rules out most nodes is the cause."""

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from decimal import Decimal

from skills.diagnosis.objects import Object, Ref, container_specs
from skills.diagnosis.quantities import amount
from skills.diagnosis.reading import Reading, reading
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Severity, Symptom, detects, evidence, quoted

_UNNOTICED = timedelta(seconds=60)
_BY_AUTOSCALER = timedelta(minutes=10)


def _code(name: str, title: str, signals: str, remedy: str, *, depth: Depth = Depth.CONFIGURATION) -> Code:
    return Code(
        name=name,
        title=title,
        severity=Severity.ERROR,
        depth=depth,
        signals=f"a pod is Pending, and the scheduler says {signals}",
        remedy=remedy,
    )


RESOURCES = _code(
    "UnschedulableResources", "No node has the resources that are asked for", "“Insufficient cpu”, memory or another resource",
    "Ask for less, add a node that is large enough, or free room on those there are.",
)  # fmt: skip
TAINTS = _code(
    "UnschedulableTaints", "Every node has a taint that the pod does not tolerate", "“untolerated taint”",
    "Add a toleration to the pod template, or remove the taint.",
)  # fmt: skip
AFFINITY = _code(
    "UnschedulableNodeSelector", "No node has the labels that are asked for", "“didn't match Pod's node affinity/selector”",
    "Correct nodeSelector or nodeAffinity, or label a node.",
)  # fmt: skip
POD_AFFINITY = _code(
    "UnschedulablePodAffinity", "Rules on which pods may be together leave no node", "“didn't match pod (anti-)affinity rules”",
    "Loosen the rule to “preferred”, ask for fewer replicas, or add nodes.",
)  # fmt: skip
TOPOLOGY = _code(
    "UnschedulableTopology", "The spread over zones or nodes that is asked for cannot be had", "“didn't match pod topology spread constraints”",
    "Set whenUnsatisfiable to ScheduleAnyway, raise maxSkew, or add nodes in the zone that lacks them.",
)  # fmt: skip
PORTS = _code(
    "UnschedulableHostPort", "The host port is taken on every node", "“didn't have free ports”",
    "Drop hostPort in favour of a Service, or run no more replicas than there are nodes.",
)  # fmt: skip
POD_COUNT = _code(
    "UnschedulablePodCount", "Every node has as many pods as it may have", "“Too many pods”", "Add a node, or raise the kubelet's maxPods.",
)  # fmt: skip
ZONE = _code(
    "VolumeZoneConflict", "The volume is in a zone, or on a node, where the pod cannot run", "“volume node affinity conflict”",
    "Let the pod run where its volume is, or restore the data onto a volume elsewhere; bind late (WaitForFirstConsumer).",
)  # fmt: skip
VOLUME_COUNT = _code(
    "UnschedulableVolumeCount", "Every node has as many volumes as it can attach", "“exceed max volume count”", "Add a node, or use fewer volumes.",
)  # fmt: skip
CORDONED = _code(
    "UnschedulableCordoned", "The nodes are closed to new pods", "“node(s) were unschedulable”", "Uncordon a node, or add one.",
)  # fmt: skip
NO_NODES = _code("NoNodes", "There is no node", "“no nodes available”", "Add a node, or see why none joins.")
CLAIM = _code(
    "PodWaitsForClaim", "The pod waits for a volume claim", "“unbound immediate PersistentVolumeClaims”, or that a claim is not found",
    "See what keeps the claim from being bound.", depth=Depth.PROCESS,
)  # fmt: skip
OTHER = _code(
    "Unschedulable", "No node takes the pod", "something that is not known to us", "Read the scheduler's message."
)
GATED = Code(
    name="SchedulingGated",
    title="The pod is held back by a scheduling gate",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="a pod is Pending for more than a minute with reason SchedulingGated",
    remedy="Whoever set the gate has to remove it: look for the controller that it is named after.",
)
NO_SCHEDULER = Code(
    name="NoScheduler",
    title="No scheduler looks at the pod",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="a pod is Pending for more than a minute, on no node, and no scheduler has said anything about it",
    remedy="Correct schedulerName, or see that this scheduler runs.",
)

_REASONS: Sequence[Reading] = tuple(
    reading(code, pattern, says)
    for code, pattern, says in (
        (CLAIM, r"unbound immediate persistentvolumeclaims?|persistentvolumeclaim \S+ (not found|is being deleted)|persistentvolumeclaim \S+ bound to non-existent", "its volume claim is not bound"),
        (ZONE, r"volume node affinity conflict|didn't find available persistent volumes", "its volume is in another zone"),
        (VOLUME_COUNT, r"exceed max volume count", "no node can attach another volume"),
        (AFFINITY, r"didn't match pod's node affinity|node selector|node\(s\) didn't match nodeselector|didn't satisfy plugin.*nodeaffinity", "no node has the labels it asks for"),
        (RESOURCES, r"insufficient \S+", "no node has enough {resources} left"),
        (TAINTS, r"untolerated taint|had taints? .*that the pod didn't tolerate", "every node has a taint it does not tolerate"),
        (POD_AFFINITY, r"pod (anti-)?affinity|anti-affinity rules", "its rules on which pods may be together leave no node"),
        (TOPOLOGY, r"topology spread", "it cannot be spread as it asks for"),
        (PORTS, r"free ports", "the host port it asks for is taken on every node"),
        (POD_COUNT, r"too many pods", "every node is full of pods"),
        (CORDONED, r"were unschedulable|node\(s\) unschedulable", "the nodes are closed to new pods"),
        (NO_NODES, r"no nodes available", "there is no node"),
    )
)  # fmt: skip
_PART = re.compile(r"^\s*(?:(\d+)\s+)?(.*\S)\s*$", re.DOTALL)
_TAINT = re.compile(r"taints?\s*\{([^}]*)\}", re.IGNORECASE)
_RESOURCE = re.compile(r"insufficient (\S+?)[.,;]?$", re.IGNORECASE)
_AILING = ("node.kubernetes.io/not-ready", "node.kubernetes.io/unreachable", "node.kubernetes.io/memory-pressure",
           "node.kubernetes.io/disk-pressure", "node.kubernetes.io/pid-pressure", "node.kubernetes.io/network-unavailable")  # fmt: skip


@detects(
    RESOURCES, TAINTS, AFFINITY, POD_AFFINITY, TOPOLOGY, PORTS, POD_COUNT, ZONE, VOLUME_COUNT, CORDONED, NO_NODES, CLAIM, OTHER
)  # fmt: skip
def no_node_takes_the_pod(scene: Scene) -> Iterator[Symptom]:
    """The scheduler tried, and says why it failed."""
    for pod in _unplaced(scene):
        tried = pod.condition("PodScheduled")
        if tried is None or tried.status != "False" or tried.reason == "SchedulingGated":
            continue
        if _help_is_coming(scene, pod):
            continue
        said = evidence(pod.ref, "status.conditions[PodScheduled]", f"{tried.reason}: {tried.message}", tried.since)
        yield _unschedulable(scene, pod, tried.message, said)


@detects(GATED, NO_SCHEDULER)
def nobody_places_the_pod(scene: Scene) -> Iterator[Symptom]:
    """The scheduler has not tried: because of a gate, or because there is none of that name."""
    for pod in _unplaced(scene):
        tried = pod.condition("PodScheduled")
        root, waited = scene.workload_ref(pod), scene.age(pod.created_at)
        if waited < _UNNOTICED:
            continue
        if pod.spec.get("schedulingGates") or (tried and tried.reason == "SchedulingGated"):
            gates = ", ".join(str(gate.get("name")) for gate in pod.spec.get("schedulingGates") or ())
            yield Symptom(
                code=GATED, root=root, affected=(pod.ref,), since=pod.created_at,
                cause=f"{root.name} is held back by the scheduling gate {quoted(gates)}.",
                evidence=[evidence(pod.ref, "spec.schedulingGates", gates)], consequence=f"{root.name} is held back",
            )  # fmt: skip
        elif tried is None and not scene.events(pod.ref, "FailedScheduling"):
            name = str(pod.spec.get("schedulerName", "default-scheduler"))
            yield Symptom(
                code=NO_SCHEDULER, root=root, affected=(pod.ref,), since=pod.created_at,
                cause=f"{root.name} waits for the scheduler {quoted(name)}, and nothing of that name has looked at it.",
                evidence=[evidence(pod.ref, "spec.schedulerName", name)], consequence=f"{root.name} is on no node", confidence=0.85,
            )  # fmt: skip


def _unplaced(scene: Scene) -> Iterator[Object]:
    for pod in scene.all("Pod"):
        if pod.status.get("phase", "Pending") == "Pending" and not pod.spec.get("nodeName") and pod.deleted_at is None:
            yield pod


def _help_is_coming(scene: Scene, pod: Object) -> bool:
    """Did the cluster autoscaler order a node for it a short while ago?"""
    ordered = scene.events(pod.ref, "TriggeredScaleUp")
    return bool(ordered) and scene.age(ordered[-1].last) < _BY_AUTOSCALER


def _unschedulable(scene: Scene, pod: Object, message: str, said: Evidence) -> Symptom:
    root = scene.workload_ref(pod)
    reason = _dominant(message)
    code, says, detail = reason or (OTHER, "no node takes it", "")
    proof: list[Evidence] = [said]
    remedy = ""
    if code is RESOURCES:
        says = says.format(resources=detail)
        impossible = _larger_than_any_node(scene, pod, detail)
        if impossible:
            wanted, largest, about = impossible
            says = f"it asks for {wanted} {detail}, and the largest node has {largest}"
            proof.append(about)
            remedy = f"Ask for less {detail} than {largest}, or add a node that has {wanted}."
    elif detail:
        says = f"{says} ({quoted(detail)})"
    elif code is AFFINITY:
        says = f"{says} ({quoted(_asked_labels(pod))})" if _asked_labels(pod) else says
    return Symptom(
        code=code,
        root=root,
        cause=f"{root.name} is on no node: {says}.",
        evidence=proof,
        since=pod.created_at,
        affected=(pod.ref,),
        because_of=_explained_by(scene, pod, code, detail),
        consequence=f"{root.name} is on no node",
        confidence=0.6 if code is OTHER else 0.95,
        remedy=remedy,
    )


def _dominant(message: str) -> tuple[Code, str, str] | None:
    """The reason that rules out most nodes: its code, how it reads, and the taint or resource it names.

    The message reads “0/3 nodes are available: 1 Too many pods, 2 Insufficient cpu. preemption: …”.
    """
    head = re.split(r"\bpreemption:", message, maxsplit=1)[0]
    _, _, listed = head.partition(":")
    best: tuple[int, int, tuple[Code, str, str]] | None = None
    for part in re.split(r",(?![^{]*\})|\.\s", listed or head):
        found = _PART.match(part)
        if not found or not found[2]:
            continue
        nodes = int(found[1] or 1_000_000)
        for order, reason in enumerate(_REASONS):
            if reason.pattern.search(found[2]):
                rank = (nodes, -order)
                if best is None or rank > best[:2]:
                    best = (*rank, (reason.code, reason.says, _detail(reason.code, found[2])))
                break
    return best[2] if best else None


def _detail(code: Code, part: str) -> str:
    pattern = {RESOURCES.name: _RESOURCE, TAINTS.name: _TAINT}.get(code.name)
    found = pattern.search(part) if pattern else None
    return found[1].strip().rstrip(".:") if found else ""


def _explained_by(scene: Scene, pod: Object, code: Code, detail: str) -> tuple[Ref, ...]:
    """Claims that are not bound; nodes that are tainted because they ail."""
    if code in (CLAIM, ZONE):
        volumes = pod.spec.get("volumes") or ()
        claims = [(volume.get("persistentVolumeClaim") or {}).get("claimName") for volume in volumes]
        return tuple(Ref("PersistentVolumeClaim", pod.namespace, name) for name in claims if name)
    if code is NO_NODES or (code is TAINTS and detail.startswith(_AILING)):
        return tuple(node.ref for node in scene.all("Node"))
    return tuple(node.ref for node in scene.all("Node") if node.spec.get("unschedulable")) if code is CORDONED else ()


def _larger_than_any_node(scene: Scene, pod: Object, resource: str) -> tuple[str, str, Evidence] | None:
    """(asked for, the most any node has, evidence) where no empty node would do."""
    asked = _asked(pod.spec, resource)
    nodes = [(amount((node.status.get("allocatable") or {}).get(resource)), node) for node in scene.all("Node")]
    sizes = [(size, node) for size, node in nodes if size is not None]
    if not asked or not sizes or not scene.known("Node"):
        return None
    size, node = max(sizes, key=lambda each: (each[0], each[1].name))
    if asked <= size:
        return None
    largest = str(node.status["allocatable"][resource])
    return _plain(asked, resource), largest, evidence(node.ref, f"status.allocatable.{resource}", largest)


def _asked(spec: Mapping[str, object], resource: str) -> Decimal:
    """What a pod asks for: the sum over its containers, or its largest init container if that is more."""

    def of(container: Mapping[str, object]) -> Decimal:
        resources = container.get("resources")
        requests = resources.get("requests") if isinstance(resources, Mapping) else None
        return (amount(requests.get(resource)) if isinstance(requests, Mapping) else None) or Decimal(0)

    main = [each for each in container_specs(spec) if each in (spec.get("containers") or ())]  # type: ignore[operator]
    inits = [of(each) for each in container_specs(spec) if each not in main]
    return max([sum(map(of, main), Decimal(0)), *inits])


def _plain(number: Decimal, resource: str) -> str:
    """Cores as they are, bytes as GiB."""
    if resource in ("memory", "ephemeral-storage"):
        return f"{(number / 2**30).quantize(Decimal('0.1')).normalize():f}Gi"
    return f"{number.normalize():f}"


def _asked_labels(pod: Object) -> str:
    selector = pod.spec.get("nodeSelector") or {}
    return ", ".join(f"{key}={value}" for key, value in sorted(selector.items()))
