"""Volume claims that are not bound, and volumes that cannot be attached or mounted."""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.reading import Reading, reading
from skills.diagnosis.scene import Scene, uses
from skills.diagnosis.symptom import Code, Depth, Evidence, Severity, Symptom, detects, evidence, quoted

_PROVISIONING = timedelta(seconds=30)
_MOUNTING = timedelta(minutes=2)
_DEFAULT = ("storageclass.kubernetes.io/is-default-class", "storageclass.beta.kubernetes.io/is-default-class")


def _code(name: str, title: str, signals: str, remedy: str, *, depth: Depth = Depth.CONFIGURATION) -> Code:
    return Code(name=name, title=title, severity=Severity.ERROR, depth=depth, signals=signals, remedy=remedy)


NO_CLASS = _code(
    "StorageClassMissing", "The storage class does not exist", "a claim is Pending, and there is no StorageClass of the name that it asks for",
    "Create the class, or name one that exists (storageClassName cannot be changed: the claim has to be made anew).",
)  # fmt: skip
NO_DEFAULT = _code(
    "NoDefaultStorageClass", "The claim names no class, and there is no default", "a claim without storageClassName is Pending, and no StorageClass is the default",
    "Name a class in the claim, or mark one as the default.",
)  # fmt: skip
NO_VOLUME = _code(
    "NoMatchingVolume", "No volume fits the claim", "a claim is Pending, and nothing provisions volumes of its class, or the volume it names is absent or taken",
    "Create a volume of that class, size and access mode, or use a class that provisions volumes.",
)  # fmt: skip
PROVISIONING = _code(
    "VolumeProvisioningFailed", "The volume cannot be provisioned", "a claim is Pending with an event ProvisioningFailed",
    "Read what the provisioner says; its quota, its credentials and its own pods are the usual reasons.",
)  # fmt: skip
UNBOUND = _code(
    "ClaimNotBound", "The claim is not bound", "a claim is Pending for more than half a minute, a pod wants it, and the reason is not known",
    "See the provisioner's pods and the events of the claim.",
)  # fmt: skip
LOST = _code(
    "VolumeLost", "The volume behind a claim is gone", "the claim's phase is Lost",
    "Restore the data onto a new claim: what was on the volume is lost to the cluster.",
)  # fmt: skip
NO_CLAIM = _code(
    "ClaimMissing", "The claim does not exist", "a pod names a PersistentVolumeClaim that is not there", "Create the claim, or name one that exists.",
)  # fmt: skip
MULTI_ATTACH = _code(
    "VolumeMultiAttach", "The volume is still attached to another node", "an event FailedAttachVolume says “Multi-Attach error”",
    "Delete the pod that still holds it, or let its node detach it; for volumes of one node at a time, use the Recreate strategy or a StatefulSet.",
)  # fmt: skip
ATTACH = _code(
    "VolumeAttachFailed", "The volume cannot be attached to the node", "an event FailedAttachVolume or FailedMapVolume",
    "Read what the storage driver says; see its pods on that node.", depth=Depth.CLUSTER,
)  # fmt: skip
MOUNT = _code(
    "VolumeMountFailed", "The volume cannot be mounted", "a pod waits in ContainerCreating with events FailedMount for a volume that is neither a ConfigMap nor a Secret",
    "Read what the kubelet says: file system, permissions and the storage server are the usual reasons.",
)  # fmt: skip


@detects(NO_CLASS, NO_DEFAULT, NO_VOLUME, PROVISIONING, UNBOUND, LOST)
def claim_not_bound(scene: Scene) -> Iterator[Symptom]:
    """A claim that waits although somebody waits for it, or that lost its volume."""
    for claim in scene.all("PersistentVolumeClaim"):
        if claim.status.get("phase") == "Lost":
            yield _claim(
                scene, claim, LOST, "the volume behind it is gone", [evidence(claim.ref, "status.phase", "Lost")]
            )
        elif claim.status.get("phase", "Pending") == "Pending" and claim.deleted_at is None:
            reason = _why_pending(scene, claim)
            if reason is not None:
                yield _claim(scene, claim, *reason)


@detects(NO_CLAIM)
def claim_missing(scene: Scene) -> Iterator[Symptom]:
    """A pod that waits for a claim that nobody made."""
    for pod in scene.all("Pod"):
        if pod.status.get("phase") != "Pending":
            continue
        for use in uses(pod.template):
            if use.kind == "PersistentVolumeClaim" and scene.absent(use.kind, pod.namespace, use.name):
                root = scene.workload_ref(pod)
                yield Symptom(
                    code=NO_CLAIM,
                    root=root,
                    about=use.name,
                    cause=f"{root.name} cannot start: its volume claim {quoted(use.name)} does not exist.",
                    evidence=[evidence(pod.ref, f"spec.{use.how}", f"persistentVolumeClaim {use.name}")],
                    since=pod.created_at,
                    affected=(pod.ref, Ref("PersistentVolumeClaim", pod.namespace, use.name)),
                    consequence=f"{root.name} waits for claim {use.name}",
                )


_TROUBLES: Sequence[Reading] = (
    reading(MULTI_ATTACH, r"multi-attach error", "a volume of it is still attached to another node"),
    reading(ATTACH, r"attachvolume|mapvolume|attach", "a volume of it cannot be attached"),
    reading(MOUNT, r".", "a volume of it cannot be mounted"),
)  # fmt: skip
_NAMED_ELSEWHERE = re.compile(
    r"(configmap|secret|serviceaccount)s? \"?\S+\"? not found|references non-existent|object \"[^\"]+\" not registered",
    re.IGNORECASE,
)


@detects(MULTI_ATTACH, ATTACH, MOUNT)
def volume_not_there(scene: Scene) -> Iterator[Symptom]:
    """The kubelet or the attach controller says that a volume does not come. Absent ConfigMaps and Secrets are told elsewhere."""
    for pod in scene.all("Pod"):
        if pod.status.get("phase") != "Pending" or pod.deleted_at:
            continue
        events = scene.events(pod.ref, "FailedMount", "FailedAttachVolume", "FailedMapVolume")
        said = [e for e in events if not _NAMED_ELSEWHERE.search(e.message) and scene.age(e.last) < _MOUNTING * 5]
        if not said:
            continue
        last = next((e for e in reversed(said) if e.reason != "FailedMount"), said[-1])
        trouble = next(
            t
            for t in _TROUBLES
            if t.pattern.search(f"{last.reason} {last.message}" if t.code is not ATTACH else last.reason)
        )
        root = scene.workload_ref(pod)
        claims = [use.name for use in uses(pod.template) if use.kind == "PersistentVolumeClaim"]
        yield Symptom(
            code=trouble.code,
            root=root,
            cause=f"{root.name} cannot start: {trouble.says}: {quoted(last.message)}",
            evidence=[evidence(pod.ref, f"event {last.reason}", last.message, last.last)],
            since=last.first,
            affected=(pod.ref,),
            because_of=tuple(Ref("PersistentVolumeClaim", pod.namespace, name) for name in claims),
            consequence=f"{root.name} waits for its volume",
        )


_Reason = tuple[Code, str, list[Evidence]]


def _why_pending(scene: Scene, claim: Object) -> _Reason | None:
    """Why a claim is not bound, or None where that is as it should be."""
    name = claim.spec.get("storageClassName")
    failed = scene.events(claim.ref, "ProvisioningFailed")
    asked = evidence(claim.ref, "spec.storageClassName", name or "not set")
    if name and scene.absent("StorageClass", "", name):
        return NO_CLASS, f"there is no storage class {quoted(name)}", [asked]
    if name and failed and re.search(r"storageclass\S* \S+ not found", failed[-1].message, re.IGNORECASE):
        said = evidence(claim.ref, "event ProvisioningFailed", failed[-1].message, failed[-1].last)
        return NO_CLASS, f"there is no storage class {quoted(name)}", [asked, said]
    if failed:
        said = evidence(claim.ref, "event ProvisioningFailed", failed[-1].message, failed[-1].last)
        return PROVISIONING, f"its volume cannot be provisioned: {quoted(failed[-1].message)}", [said]
    named = claim.spec.get("volumeName")
    if named and scene.absent("PersistentVolume", "", named):
        return (
            NO_VOLUME,
            f"the volume {quoted(named)} that it names does not exist",
            [evidence(claim.ref, "spec.volumeName", named)],
        )
    if name is None and scene.known("StorageClass") and not any(map(_is_default, scene.all("StorageClass"))):
        return NO_DEFAULT, "it names no storage class, and there is no default", [asked]
    return _why_waiting(scene, claim, name, asked)


def _why_waiting(scene: Scene, claim: Object, name: str | None, asked: Evidence) -> _Reason | None:
    storage = scene.get("StorageClass", "", name) if name else None
    wanted = any(_wants(pod, claim) for pod in scene.pods_in(claim.namespace))
    late = storage is not None and storage.raw.get("volumeBindingMode") == "WaitForFirstConsumer"
    if late and not wanted:
        return None
    static = name == "" or (storage is not None and storage.raw.get("provisioner") == "kubernetes.io/no-provisioner")
    if static and scene.known("PersistentVolume"):
        return NO_VOLUME, "no volume fits it, and nothing provisions one", [asked]
    if scene.age(claim.created_at) < _PROVISIONING or (late and _placed_nowhere(scene, claim)):
        return None
    return UNBOUND, "nothing has bound it", [evidence(claim.ref, "status.phase", "Pending", claim.created_at)]


def _claim(scene: Scene, claim: Object, code: Code, why: str, proof: list[Evidence]) -> Symptom:
    waiting = [pod for pod in scene.pods_in(claim.namespace) if _wants(pod, claim)]
    workloads = dict.fromkeys(scene.workload_ref(pod) for pod in waiting)
    return Symptom(
        code=code,
        root=claim.ref,
        cause=f"Volume claim {claim.name} is not bound: {why}.".replace("..", "."),
        evidence=proof,
        since=claim.created_at,
        affected=(*(pod.ref for pod in waiting), *workloads),
        consequence=f"claim {claim.name} is not bound",
        confidence=0.6 if code is UNBOUND else 0.95,
    )


def _wants(pod: Object, claim: Object) -> bool:
    return any(
        (volume.get("persistentVolumeClaim") or {}).get("claimName") == claim.name
        for volume in pod.spec.get("volumes") or ()
    )


def _placed_nowhere(scene: Scene, claim: Object) -> bool:
    """A claim that is bound late waits for the scheduler, which says itself why it places none of its pods."""
    return not any(pod.spec.get("nodeName") for pod in scene.pods_in(claim.namespace) if _wants(pod, claim))


def _is_default(storage: Object) -> bool:
    return any(storage.annotations.get(key) == "true" for key in _DEFAULT)
