"""Where to look: at what first, at what else when something there calls for it, and whose logs are worth reading.

Lists are what a look costs, so that there are sixteen of them (and two more where the Gateway API is served). Whatever a suspect refers
to is asked for by its name.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta

from skills.core.ports.snapshots import LogWanted, Named
from skills.diagnosis.objects import Container, Object, Role, moment
from skills.diagnosis.scene import Scene, uses

FIRST: tuple[str, ...] = (
    "Pod", "Event", "Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Service", "EndpointSlice", "Ingress",
    "NetworkPolicy", "HorizontalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim", "Node", "Gateway", "HTTPRoute",
)  # fmt: skip
"""What every diagnosis lists."""

_MOST_NAMES = 64
_MOST_LOGS = 24
_LOGS_OF_ONE_WORKLOAD = 2
_RECENTLY = timedelta(minutes=30)
_QUOTA = re.compile(r"(?:exceeded|failed) quota: ([\w.-]+)")
_CLASS = "kubernetes.io/ingress.class"
_EVERYWHERE = frozenset({("ConfigMap", "kube-root-ca.crt"), ("ServiceAccount", "default")})
"""What Kubernetes itself keeps in every namespace."""


def more_kinds(scene: Scene) -> Sequence[str]:
    """What else has to be listed because of what was seen: things that are used without being named."""
    wanted: list[str] = []
    claims = tuple(_unbound(scene))
    if any(claim.spec.get("storageClassName") is None for claim in claims):
        wanted.append("StorageClass")
    if any(not claim.spec.get("volumeName") and not _complained(scene, claim) for claim in claims):
        wanted.append("PersistentVolume")
    if any(not _ingress_class(each) for each in scene.all("Ingress")):
        wanted.append("IngressClass")
    return wanted


def named(scene: Scene) -> Sequence[Named]:
    """What suspects refer to by name, so that it can be seen whether it is there."""
    found = dict.fromkeys((*_of_pods(scene), *_of_claims(scene), *_of_traffic(scene), *_of_refusals(scene)))
    return tuple(found)[:_MOST_NAMES]


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


def _of_pods(scene: Scene) -> Iterator[Named]:
    """What pods that do not get ready take their configuration from."""
    for pod in scene.all("Pod"):
        for use in uses(pod.template) if _ails(scene, pod) else ():
            if use.kind != "PersistentVolumeClaim" and not use.optional and (use.kind, use.name) not in _EVERYWHERE:
                yield Named(kind=use.kind, namespace=pod.namespace, name=use.name)


def _of_claims(scene: Scene) -> Iterator[Named]:
    for claim in _unbound(scene):
        for field, kind in (("storageClassName", "StorageClass"), ("volumeName", "PersistentVolume")):
            if claim.spec.get(field):
                yield Named(kind=kind, namespace="", name=str(claim.spec[field]))


def _of_traffic(scene: Scene) -> Iterator[Named]:
    """Classes, and the secrets with certificates."""
    for ingress in scene.all("Ingress"):
        if _ingress_class(ingress):
            yield Named(kind="IngressClass", namespace="", name=_ingress_class(ingress))
        for tls in ingress.spec.get("tls") or ():
            if tls.get("secretName"):
                yield Named(kind="Secret", namespace=ingress.namespace, name=str(tls["secretName"]))
    for gateway in scene.all("Gateway"):
        if gateway.spec.get("gatewayClassName"):
            yield Named(kind="GatewayClass", namespace="", name=str(gateway.spec["gatewayClassName"]))


def _of_refusals(scene: Scene) -> Iterator[Named]:
    """The quotas that kept pods from being created."""
    said = [(event.about.namespace, event.message) for event in scene.warnings() if event.reason == "FailedCreate"]
    for replica_set in scene.all("ReplicaSet"):
        failure = replica_set.condition("ReplicaFailure")
        said += [(replica_set.namespace, failure.message)] if failure else []
    for namespace, message in said:
        for name in _QUOTA.findall(message):
            yield Named(kind="ResourceQuota", namespace=namespace, name=name)


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


def _ails(scene: Scene, pod: Object) -> bool:
    """Is it, or one of its containers, not as it should be by now?"""
    if pod.deleted_at is not None or pod.status.get("phase") in ("Succeeded", "Failed"):
        return False
    return any(not container.ready for container in scene.containers([pod]) if container.role is Role.MAIN)


def _unbound(scene: Scene) -> Iterator[Object]:
    return (claim for claim in scene.all("PersistentVolumeClaim") if claim.status.get("phase") != "Bound")


def _complained(scene: Scene, claim: Object) -> bool:
    return any(event.warning for event in scene.events(claim.ref))


def _ingress_class(ingress: Object) -> str:
    return str(ingress.spec.get("ingressClassName") or ingress.annotations.get(_CLASS) or "")
