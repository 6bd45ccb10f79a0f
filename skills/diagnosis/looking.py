"""Where to look: at what first, at what else when something there calls for it, and whose logs are worth reading."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from skills.core.ports.snapshots import LogWanted
from skills.diagnosis.objects import Container, Object, Role, moment
from skills.diagnosis.scene import Scene, uses

FIRST: tuple[str, ...] = (
    "Pod", "Event", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "EndpointSlice", "Ingress",
    "NetworkPolicy", "HorizontalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim", "Node",
)  # fmt: skip
"""What every diagnosis lists."""

_MOST_LOGS = 24
_LOGS_OF_ONE_WORKLOAD = 2
_RECENTLY = timedelta(minutes=30)


def more_kinds(scene: Scene) -> Sequence[str]:
    """What else has to be seen because of what was seen."""
    wanted: list[str] = []
    refused = any(event.reason in ("FailedCreate", "FailedCreatePodTemplate") for event in scene.warnings())
    if refused or any(each.condition("ReplicaFailure") for each in scene.all("ReplicaSet")):
        wanted += ["ResourceQuota", "LimitRange"]
    named = {use.kind for pod in scene.all("Pod") if _stuck(pod) for use in uses(pod.template)}
    wanted += [kind for kind in ("ConfigMap", "Secret", "ServiceAccount") if kind in named]
    claims = scene.all("PersistentVolumeClaim")
    if any(claim.status.get("phase") != "Bound" for claim in claims):
        wanted += ["StorageClass", "PersistentVolume"]
    if scene.all("Ingress"):
        wanted += ["IngressClass"]
    return tuple(dict.fromkeys(wanted))


def suspects(scene: Scene) -> Sequence[LogWanted]:
    """The containers whose logs may say why: those that ended badly, restart, or run without getting ready."""
    wanted: list[LogWanted] = []
    taken: dict[object, int] = {}
    for pod in scene.all("Pod"):
        workload = scene.workload_ref(pod)
        for container, previous in _telling(scene, pod):
            if taken.get(workload, 0) < _LOGS_OF_ONE_WORKLOAD and len(wanted) < _MOST_LOGS:
                taken[workload] = taken.get(workload, 0) + 1
                wanted.append(
                    LogWanted(namespace=pod.namespace, pod=pod.name, container=container.name, previous=previous)
                )
    return tuple(wanted)


def _telling(scene: Scene, pod: Object) -> Iterator[tuple[Container, bool]]:
    """Containers of a pod with something to say, and whether it was said before the last restart."""
    for container in scene.containers([pod]):
        ended = container.ended
        badly = bool(ended) and int(ended.get("exitCode") or 0) != 0
        if (container.terminated and badly) or (container.waiting and container.restarts and ended):
            yield container, False
        elif container.running and badly and container.restarts and not _long_ago(scene, ended):
            yield container, True
        elif container.running and not container.ready and container.role is Role.MAIN:
            yield container, False


def _long_ago(scene: Scene, ended: object) -> bool:

    finished = moment(ended.get("finishedAt")) if isinstance(ended, dict) else None
    return scene.age(finished) > _RECENTLY


def _stuck(pod: Object) -> bool:
    return pod.status.get("phase") == "Pending" and pod.deleted_at is None
