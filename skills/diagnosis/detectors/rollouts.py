"""Deployments that do not get where they are told to go."""

from collections.abc import Iterator
from datetime import datetime, timedelta

from skills.diagnosis.objects import Condition, Object, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Repair, Severity, Symptom, detects, evidence
from skills.diagnosis.trouble import is_starting

_SETTLING = timedelta(seconds=90)
_UNOBSERVED = timedelta(minutes=2)

STUCK = Code(
    name="RolloutStuck",
    title="A rollout does not get on",
    severity=Severity.ERROR,
    depth=Depth.ROLLOUT,
    signals="the Deployment's condition Progressing is False with ProgressDeadlineExceeded, and nothing deeper explains it",
    remedy="Look at the new pods; roll back if the old version served.",
    repair=Repair.ROLLBACK,
)
UNAVAILABLE = Code(
    name="ReplicasUnavailable",
    title="Fewer replicas are available than are needed",
    severity=Severity.ERROR,
    depth=Depth.ROLLOUT,
    signals="the Deployment's condition Available is False for longer than a rollout takes, and nothing deeper explains it",
    remedy="Look at the pods that are not ready.",
)
HALF_DONE = Code(
    name="RolloutPaused",
    title="A rollout is paused half-way",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="spec.paused is true while the newest template runs in only some of the replicas",
    remedy="Resume the rollout, or put the old template back.",
)
ZERO = Code(
    name="ScaledToZero",
    title="It is scaled to zero",
    severity=Severity.NOTICE,
    depth=Depth.CONFIGURATION,
    signals="spec.replicas is 0",
    remedy="Scale it up, if it is meant to run.",
    repair=Repair.SCALE_UP,
)
UNOBSERVED = Code(
    name="ControllerBehind",
    title="The control plane does not act on the latest wish",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="status.observedGeneration is behind metadata.generation",
    remedy="See that the controller manager runs and is not overloaded.",
)


@detects(STUCK, UNAVAILABLE)
def rollout_does_not_get_on(scene: Scene) -> Iterator[Symptom]:
    """The controller gave up waiting, or has waited for longer than a healthy rollout takes."""
    for deployment in scene.all("Deployment"):
        if not int(deployment.spec.get("replicas", 1) or 0) or deployment.deleted_at:
            continue
        progressing, available = deployment.condition("Progressing"), deployment.condition("Available")
        if progressing is not None and progressing.status == "False":
            yield _stuck(scene, deployment, progressing)
        elif available is not None and available.status == "False" and not _settles(scene, deployment, available):
            yield _unavailable(scene, deployment, available)


@detects(HALF_DONE)
def rollout_paused(scene: Scene) -> Iterator[Symptom]:
    """Somebody paused it, and the newest template is not everywhere."""
    for deployment in scene.all("Deployment"):
        status, wanted = deployment.status, int(deployment.spec.get("replicas", 1) or 0)
        updated = int(status.get("updatedReplicas") or 0)
        if deployment.spec.get("paused") and wanted and updated < wanted:
            yield Symptom(
                code=HALF_DONE,
                root=deployment.ref,
                cause=f"The rollout of {deployment.name} is paused with {updated} of {wanted} replicas on the newest template.",
                evidence=[
                    evidence(deployment.ref, "spec.paused", "true"),
                    evidence(deployment.ref, "status.updatedReplicas", updated),
                ],
                since=_since(deployment, "Progressing"),
                consequence=f"the rollout of {deployment.name} is paused",
            )


@detects(ZERO)
def scaled_to_zero(scene: Scene) -> Iterator[Symptom]:
    """Nothing is wanted. Where a Service leads to it, that is worth a warning."""
    for kind in ("Deployment", "StatefulSet"):
        for workload in scene.all(kind):
            if workload.spec.get("replicas") != 0 or workload.deleted_at or _parked(workload):
                continue
            services = [s for s in scene.services_for(workload) if not scene.selected(s)]
            serves = f", and Service {services[0].name} has nobody else" if services else ""
            yield Symptom(
                code=ZERO,
                root=workload.ref,
                cause=f"{workload.name} is scaled to zero: nothing of it runs{serves}.",
                evidence=[evidence(workload.ref, "spec.replicas", 0)],
                affected=[service.ref for service in services],
                consequence=f"{workload.name} is scaled to zero",
                severity=Severity.WARNING if services else Severity.NOTICE,
            )


@detects(UNOBSERVED)
def controller_is_behind(scene: Scene) -> Iterator[Symptom]:
    """Controllers see a new generation within moments; a creation that nobody has looked at for minutes is certain."""
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet"):
        for each in scene.all(kind):
            never = "observedGeneration" not in each.status and scene.age(each.created_at) > _UNOBSERVED
            if each.controller is None and (never or not each.generation_observed):
                seen = each.status.get("observedGeneration", "none")
                yield Symptom(
                    code=UNOBSERVED,
                    root=each.ref,
                    cause=f"The control plane has not acted on the latest change of {each.name}.",
                    evidence=[
                        evidence(each.ref, "metadata.generation", each.metadata.get("generation")),
                        evidence(each.ref, "status.observedGeneration", seen),
                    ],
                    consequence=f"nobody acts on {each.name}",
                    confidence=0.8 if never else 0.5,
                )


def _stuck(scene: Scene, deployment: Object, progressing: Condition) -> Symptom:
    said = evidence(
        deployment.ref,
        "status.conditions[Progressing]",
        f"{progressing.reason}: {progressing.message}",
        progressing.since,
    )
    return Symptom(
        code=STUCK,
        root=deployment.ref,
        cause=f"The rollout of {deployment.name} does not get on: {_counts(deployment)}.",
        evidence=[said, *_numbers(deployment)],
        since=progressing.since,
        affected=_services(scene, deployment),
        because_of=_parts(scene, deployment),
        consequence=f"the rollout of {deployment.name} is stuck",
        severity=Severity.CRITICAL if not deployment.status.get("availableReplicas") else Severity.ERROR,
        confidence=0.6,
    )


def _unavailable(scene: Scene, deployment: Object, available: Condition) -> Symptom:
    return Symptom(
        code=UNAVAILABLE,
        root=deployment.ref,
        cause=f"{deployment.name} has too few replicas that are available: {_counts(deployment)}.",
        evidence=[
            evidence(deployment.ref, "status.conditions[Available]", available.reason, available.since),
            *_numbers(deployment),
        ],
        since=available.since,
        affected=_services(scene, deployment),
        because_of=_parts(scene, deployment),
        consequence=f"{deployment.name} has too few available replicas",
        severity=Severity.CRITICAL if not deployment.status.get("availableReplicas") else Severity.ERROR,
        confidence=0.6,
    )


def _settles(scene: Scene, deployment: Object, available: Condition) -> bool:
    """Is it only just not available, or are its pods on their way?"""
    pods = [pod for pod in scene.current_pods(deployment) if not _is_ready(pod)]
    coming = bool(pods) and all(is_starting(scene, pod) for pod in pods)
    return coming or scene.age(available.since) <= _SETTLING


def _is_ready(pod: Object) -> bool:
    ready = pod.condition("Ready")
    return ready is not None and ready.true


def _parts(scene: Scene, deployment: Object) -> tuple[Ref, ...]:
    """What a rollout is made of: if one of these ails, that explains it."""
    owned = scene.children(deployment, "ReplicaSet")
    pods = scene.current_pods(deployment)
    return (deployment.ref, *(each.ref for each in owned), *(pod.ref for pod in pods))


def _services(scene: Scene, deployment: Object) -> tuple[Ref, ...]:
    """Whom it hurts if nothing is available at all."""
    if deployment.status.get("availableReplicas"):
        return ()
    return tuple(service.ref for service in scene.services_for(deployment))


def _counts(deployment: Object) -> str:
    wanted = int(deployment.spec.get("replicas", 1) or 0)
    updated, available = (int(deployment.status.get(f"{what}Replicas") or 0) for what in ("updated", "available"))
    return f"{wanted} wanted, {updated} updated, {available} available"


def _numbers(deployment: Object) -> tuple[Evidence, ...]:
    return tuple(
        evidence(deployment.ref, f"status.{field}", deployment.status.get(field, 0))
        for field in ("updatedReplicas", "availableReplicas")
    )


def _since(deployment: Object, kind: str) -> datetime | None:
    condition = deployment.condition(kind)
    return condition.since if condition else None


def _parked(workload: Object) -> bool:
    """Things that scale to zero by themselves when nothing is asked of them."""
    telling = ("serving.knative.dev/", "scaledobject.keda.sh/", "autoscaling.keda.sh/")
    return any(key.startswith(telling) for key in (*workload.labels, *workload.annotations))
