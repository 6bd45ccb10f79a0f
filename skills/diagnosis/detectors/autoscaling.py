"""Autoscalers that cannot scale, or that somebody works against."""

from collections.abc import Iterator, Sequence
from datetime import timedelta
from itertools import pairwise

from skills.diagnosis.objects import Condition, Object, Ref, container_specs
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Severity, Symptom, detects, evidence, quoted

_SETTLING = timedelta(minutes=2)
_FLAPPING, _TURNS = timedelta(minutes=30), 4


def _code(name: str, title: str, signals: str, remedy: str, severity: Severity = Severity.WARNING) -> Code:
    return Code(name=name, title=title, severity=severity, depth=Depth.TRAFFIC, signals=signals, remedy=remedy)


NO_TARGET = _code(
    "AutoscalerTargetMissing", "An autoscaler has nothing to scale", "scaleTargetRef names a workload that is not there",
    "Correct scaleTargetRef, or delete the autoscaler.", Severity.ERROR,
)  # fmt: skip
NO_REQUESTS = _code(
    "AutoscalerNeedsRequests", "An autoscaler cannot compute utilization, because the containers request nothing",
    "a Utilization target, and a container of the target without a request for that resource",
    "Set resources.requests on every container of the workload, or target an average value.", Severity.ERROR,
)  # fmt: skip
NO_METRICS = _code(
    "AutoscalerNoMetrics", "An autoscaler gets no metrics", "the condition ScalingActive is False with FailedGet…Metric",
    "See that the metrics API (metrics-server, or the adapter of the metric it names) runs and knows these pods.", Severity.ERROR,
)  # fmt: skip
DISABLED = _code(
    "AutoscalerDisabled", "An autoscaler does nothing, because its target is scaled to zero", "the condition ScalingActive is False with ScalingDisabled",
    "Scale the workload to at least 1: the autoscaler takes over from there.",
)  # fmt: skip
AT_MAXIMUM = _code(
    "AutoscalerAtMaximum", "An autoscaler wants more replicas than it may have", "the condition ScalingLimited is True with TooManyReplicas",
    "Raise maxReplicas if the load is real, or find out why it is so high.",
)  # fmt: skip
RIVALS = _code(
    "AutoscalersFight", "Two autoscalers scale the same workload", "two HorizontalPodAutoscalers have the same scaleTargetRef",
    "Keep one.", Severity.ERROR,
)  # fmt: skip
FLAPPING = _code(
    "ReplicasFlap", "The number of replicas goes up and down", "the Deployment was scaled up and down in turns within half an hour",
    "Do not set replicas by hand, or by a deployment tool, where an autoscaler does; lengthen its stabilization window.",
)  # fmt: skip


@detects(NO_TARGET, NO_REQUESTS, NO_METRICS, DISABLED, AT_MAXIMUM)
def autoscaler_cannot_scale(scene: Scene) -> Iterator[Symptom]:
    """One finding for each autoscaler: the first of these that holds."""
    for each in scene.all("HorizontalPodAutoscaler"):
        if scene.age(each.created_at) < _SETTLING or each.deleted_at:
            continue
        found = _first(scene, each)
        if found is not None:
            yield found


@detects(RIVALS)
def autoscalers_fight(scene: Scene) -> Iterator[Symptom]:
    """Two of them with one target."""
    by_target: dict[Ref, list[Object]] = {}
    for each in scene.all("HorizontalPodAutoscaler"):
        by_target.setdefault(_target(each), []).append(each)
    for target, rivals in by_target.items():
        if len(rivals) > 1:
            names = ", ".join(sorted(each.name for each in rivals))
            yield Symptom(
                code=RIVALS,
                root=target,
                cause=f"{target.name} is scaled by {len(rivals)} autoscalers at once: {names}.",
                evidence=[evidence(each.ref, "spec.scaleTargetRef.name", target.name) for each in rivals],
                affected=[each.ref for each in rivals],
                consequence=f"{target.name} is scaled by {len(rivals)} autoscalers",
            )


@detects(FLAPPING)
def replicas_flap(scene: Scene) -> Iterator[Symptom]:
    """Up, down, up, down: two parties that want different numbers."""
    for deployment in scene.all("Deployment"):
        recent = [e for e in scene.events(deployment.ref, "ScalingReplicaSet") if scene.age(e.last) < _FLAPPING]
        same = [e for e in recent if f"{deployment.name}-" in e.message]
        directions = [e.message.startswith("Scaled up") for e in same for _ in range(min(e.count, 4))]
        turns = sum(before != after for before, after in pairwise(directions))
        alone = len({_replica_set(e.message) for e in same}) == 1
        repeated = alone and len(same) >= 2 and all(e.count >= 3 for e in same[-2:])
        if alone and (turns >= _TURNS or repeated):
            yield Symptom(
                code=FLAPPING,
                root=deployment.ref,
                cause=f"The number of replicas of {deployment.name} goes up and down: somebody sets it against its autoscaler.",
                evidence=[evidence(deployment.ref, "event ScalingReplicaSet", e.message, e.last) for e in same[-3:]],
                since=same[0].first,
                consequence=f"the replicas of {deployment.name} go up and down",
                confidence=0.7,
            )


def _first(scene: Scene, each: Object) -> Symptom | None:
    """The deepest thing that is wrong with it."""
    target = _target(each)
    active, limited = each.condition("ScalingActive"), each.condition("ScalingLimited")
    if scene.absent(target.kind, target.namespace, target.name) or _unreadable(each):
        proof = evidence(each.ref, "spec.scaleTargetRef", f"{target.kind} {target.name}")
        why = f"its target {quoted(f'{target.kind} {target.name}')} does not exist or cannot be scaled"
        return _symptom(each, NO_TARGET, why, proof)
    if active is not None and active.status == "False":
        return _inactive(scene, each, active)
    if limited is not None and limited.true and limited.reason == "TooManyReplicas" and _at_maximum(each):
        proof = evidence(
            each.ref, "status.conditions[ScalingLimited]", f"{limited.reason}: {limited.message}", limited.since
        )
        why = f"it is at its maximum of {each.spec.get('maxReplicas')} replicas and wants more"
        return _symptom(each, AT_MAXIMUM, why, proof, because_of=(target, *_pods(scene, target)))
    return None


def _inactive(scene: Scene, each: Object, active: Condition) -> Symptom:
    """It says itself that it does not scale."""
    target, lacking = _target(each), _lacking(scene, each)
    proof = evidence(each.ref, "status.conditions[ScalingActive]", f"{active.reason}: {active.message}", active.since)
    if active.reason == "ScalingDisabled":
        return _symptom(each, DISABLED, f"{target.name} is scaled to zero", proof, because_of=(target,))
    if lacking or "missing request" in active.message:
        why = f"{target.name} requests no {lacking or 'amount'}, of which it is to use a share"
        return _symptom(each, NO_REQUESTS, why, proof)
    why = f"it gets no metrics ({quoted(active.reason)})"
    return _symptom(each, NO_METRICS, why, proof, because_of=(target, *_pods(scene, target)))


def _unreadable(each: Object) -> bool:
    able = each.condition("AbleToScale")
    return able is not None and able.status == "False" and able.reason == "FailedGetScale"


def _symptom(each: Object, code: Code, why: str, proof: Evidence, *, because_of: Sequence[Ref] = ()) -> Symptom:
    return Symptom(
        code=code,
        root=each.ref,
        cause=f"Autoscaler {each.name} does not scale {_target(each).name}: {why}.",
        evidence=[proof],
        since=proof.at,
        because_of=because_of,
        consequence=f"autoscaler {each.name} does not scale",
    )


def _target(each: Object) -> Ref:
    target = each.spec.get("scaleTargetRef") or {}
    return Ref(str(target.get("kind", "")), each.namespace, str(target.get("name", "")))


def _lacking(scene: Scene, each: Object) -> str:
    """The resource of which a share is to be used, and of which a container of the target requests nothing."""
    target = _target(each)
    workload = scene.get(target.kind, target.namespace, target.name)
    shares = [
        str(source["name"])
        for metric in each.spec.get("metrics") or ()
        if (source := metric.get("resource")) and (source.get("target") or {}).get("type") == "Utilization"
    ]
    for resource in shares:
        specs = container_specs(workload.template) if workload else ()
        if any(resource not in ((spec.get("resources") or {}).get("requests") or {}) for spec in specs):
            return resource
    return ""


def _pods(scene: Scene, target: Ref) -> tuple[Ref, ...]:
    workload = scene.get(target.kind, target.namespace, target.name)
    return tuple(pod.ref for pod in scene.pods(workload)) if workload else ()


def _at_maximum(each: Object) -> bool:
    return int(each.status.get("currentReplicas") or 0) >= int(each.spec.get("maxReplicas") or 0)


def _replica_set(message: str) -> str:
    """The replica set's name out of “Scaled up replica set web-5d4f from 2 to 6”."""
    _, _, rest = message.partition("replica set ")
    return rest.split(" ", 1)[0]
