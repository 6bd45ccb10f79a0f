"""Claims and volumes."""

from collections.abc import Iterator
from typing import Any

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import HOUR, MINUTE, Manifest, app, condition, event, named, said_of, waiting

_UNBOUND = "0/2 nodes are available: pod has unbound immediate PersistentVolumeClaims. preemption: not helpful"


def scenarios() -> Iterator[Scenario]:
    yield fault("no such class", [*_waits(), _claim("gone")], "StorageClassMissing", "PersistentVolumeClaim/data")
    yield fault(
        "no class named, and no default",
        [*_waits(), _claim(None)],
        "NoDefaultStorageClass",
        "PersistentVolumeClaim/data",
    )
    yield fault(
        "nothing provisions its class",
        [*_waits(), _claim("local"), _class("local", provisioner="kubernetes.io/no-provisioner")],
        "NoMatchingVolume",
        "PersistentVolumeClaim/data",
    )
    yield fault(
        "the volume it names is absent",
        [*_waits(), _claim("fast", volumeName="pv-7"), _class("fast")],
        "NoMatchingVolume",
        "PersistentVolumeClaim/data",
    )
    failed = event(
        _claim("fast"), "ProvisioningFailed", "rpc error: code = ResourceExhausted desc = quota exceeded for disks"
    )
    yield fault(
        "provisioning fails",
        [*_waits(), _claim("fast"), _class("fast"), failed],
        "VolumeProvisioningFailed",
        "PersistentVolumeClaim/data",
    )
    yield fault(
        "nobody binds it", [*_waits(), _claim("fast"), _class("fast")], "ClaimNotBound", "PersistentVolumeClaim/data"
    )
    yield fault(
        "its volume is lost",
        [*app(), _claim("fast", phase="Lost"), _class("fast")],
        "VolumeLost",
        "PersistentVolumeClaim/data",
    )
    missing = '0/2 nodes are available: persistentvolumeclaim "data" not found. preemption: not helpful'
    yield fault("the claim does not exist", _waits(missing), "ClaimMissing", "Deployment/checkout")
    for code, reason, message in (
        (
            "VolumeMultiAttach",
            "FailedAttachVolume",
            'Multi-Attach error for volume "pv-1" Volume is already used by pod(s) checkout-old',
        ),
        (
            "VolumeAttachFailed",
            "FailedAttachVolume",
            'AttachVolume.Attach failed for volume "pv-1": rpc error: code = Internal',
        ),
        (
            "VolumeMountFailed",
            "FailedMount",
            'MountVolume.SetUp failed for volume "data": mount failed: exit status 32, access denied by server',
        ),
    ):
        yield fault(
            code,
            [*said_of(_creating(), "Pod", reason, message, first=10 * MINUTE), _claim("fast", phase="Bound")],
            code,
            "Deployment/checkout",
        )
    yield healthy(
        "bound when its first pod comes",
        [*app(), _claim("late"), _class("late", volumeBindingMode="WaitForFirstConsumer")],
    )
    yield healthy("bound and mounted", [*app(spec=_mount()), _claim("fast", phase="Bound"), _class("fast")])
    yield healthy("asked for ten seconds ago", [*app(), _claim("fast", age=10), _class("fast")])


def _mount() -> dict[str, Any]:
    return {"volumes": [{"name": "data", "persistentVolumeClaim": {"claimName": "data"}}]}


def _waits(message: str = _UNBOUND) -> list[Manifest]:
    """A Deployment of one, whose pod is on no node because of its claim."""
    said = condition("PodScheduled", False, "Unschedulable", message, age=HOUR)
    objects = app(
        "checkout", waiting("ContainerCreating"), replicas=1, spec=_mount(),
        status={"conditions": [said], "containerStatuses": [], "phase": "Pending", "podIP": ""},
    )  # fmt: skip
    for each in objects:
        if each["kind"] == "Pod":
            del each["spec"]["nodeName"]
    return objects


def _creating() -> list[Manifest]:
    return app("checkout", waiting("ContainerCreating"), replicas=1, spec=_mount(), status={"podIP": ""})


def _claim(storage: str | None, *, phase: str = "Pending", age: float = HOUR, **spec: Any) -> Manifest:
    wish = {"accessModes": ["ReadWriteOnce"], "resources": {"requests": {"storage": "10Gi"}}, **spec}
    wish |= {"storageClassName": storage} if storage is not None else {}
    return named("PersistentVolumeClaim", "data", age=age, spec=wish, status={"phase": phase})


def _class(name: str, *, provisioner: str = "csi.example.com", **fields: Any) -> Manifest:
    return named("StorageClass", name, namespace="", provisioner=provisioner, **fields)
