"""Objects that are told to go and stay."""

from collections.abc import Iterator
from datetime import timedelta

from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted

_PATIENCE = timedelta(minutes=2)
_OURS = frozenset(
    {"foregroundDeletion", "orphan", "kubernetes.io/pvc-protection", "kubernetes.io/pv-protection", "batch.kubernetes.io/job-tracking"}
)  # fmt: skip
_KINDS = (
    "Pod", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "Ingress", "PersistentVolumeClaim",
    "ConfigMap", "Secret",
)  # fmt: skip

FINALIZER = Code(
    name="FinalizerStuck",
    title="An object cannot be deleted because a finalizer is left",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="deletionTimestamp is long past, and metadata.finalizers names a finalizer that nobody removes",
    remedy="See that the controller that the finalizer is named after runs; remove the finalizer by hand only when what it guards is cleaned up.",
)
TERMINATING = Code(
    name="PodStuckTerminating",
    title="A pod does not end",
    severity=Severity.WARNING,
    depth=Depth.PROCESS,
    signals="a pod's deletionTimestamp plus its grace period is more than two minutes past",
    remedy="See its node and its pre-stop hook. Force its deletion only when the node is certainly gone: two pods of one identity may run otherwise.",
)
PROTECTED = Code(
    name="ClaimStillUsed",
    title="A volume claim is being deleted while a pod uses it",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="a PersistentVolumeClaim has a deletionTimestamp, and a pod that runs mounts it",
    remedy="Nothing is lost before the pod ends, and then everything is: make a copy first, or recreate the claim from its volume.",
)


@detects(FINALIZER)
def finalizer_left(scene: Scene) -> Iterator[Symptom]:
    """Deletion was asked for, and somebody's finalizer is still there."""
    for kind in _KINDS:
        for each in scene.all(kind):
            if "deletionTimestamp" not in each.metadata:
                continue
            left = [name for name in each.metadata.get("finalizers") or () if name not in _OURS]
            if each.deleted_at is not None and left and scene.age(each.deleted_at) > _PATIENCE:
                yield Symptom(
                    code=FINALIZER,
                    root=each.ref,
                    cause=f"{kind} {each.name} cannot be deleted: its finalizer {quoted(', '.join(left))} is left.",
                    evidence=[
                        evidence(
                            each.ref, "metadata.deletionTimestamp", each.metadata["deletionTimestamp"], each.deleted_at
                        ),
                        evidence(each.ref, "metadata.finalizers", ", ".join(left)),
                    ],
                    since=each.deleted_at,
                    consequence=f"{each.name} cannot be deleted",
                )


@detects(TERMINATING)
def pod_does_not_end(scene: Scene) -> Iterator[Symptom]:
    """Its grace period is over, and the kubelet has not taken it away."""
    for pod in scene.all("Pod"):
        if pod.deleted_at is None or [name for name in pod.metadata.get("finalizers") or () if name not in _OURS]:
            continue
        if scene.age(pod.deleted_at) < _PATIENCE:
            continue
        node = str(pod.spec.get("nodeName") or "")
        on = f" on node {node}" if node else ""
        yield Symptom(
            code=TERMINATING,
            root=pod.ref,
            cause=f"Pod {pod.name}{on} was told to end and has not.",
            evidence=[
                evidence(pod.ref, "metadata.deletionTimestamp", pod.metadata["deletionTimestamp"], pod.deleted_at)
            ],
            since=pod.deleted_at,
            because_of=(Ref("Node", "", node),) if node else (),
            consequence=f"{pod.name} does not end",
        )


@detects(PROTECTED)
def claim_still_used(scene: Scene) -> Iterator[Symptom]:
    """A claim that will be gone, with its data, as soon as its pod ends."""
    for claim in scene.all("PersistentVolumeClaim"):
        users = [pod for pod in scene.pods_in(claim.namespace) if _mounts(pod, claim)]
        if claim.deleted_at is not None and users and scene.age(claim.deleted_at) > _PATIENCE:
            yield Symptom(
                code=PROTECTED,
                root=claim.ref,
                cause=f"Volume claim {claim.name} is being deleted while {users[0].name} uses it: its data goes when that pod ends.",
                evidence=[
                    evidence(
                        claim.ref, "metadata.deletionTimestamp", claim.metadata["deletionTimestamp"], claim.deleted_at
                    )
                ],
                since=claim.deleted_at,
                affected=[pod.ref for pod in users],
                consequence=f"claim {claim.name} is being deleted",
            )


def _mounts(pod: Object, claim: Object) -> bool:
    ended = pod.status.get("phase") in ("Succeeded", "Failed")
    volumes = pod.spec.get("volumes") or ()
    return not ended and any((v.get("persistentVolumeClaim") or {}).get("claimName") == claim.name for v in volumes)
