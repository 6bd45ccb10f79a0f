"""The simulated cluster as an API server would show it: raw objects, made from the state when somebody looks.

Names and uids of what the simulation does not keep one by one (replica sets, pods) are derived, so that two looks agree.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

from integrations.memory.conditions import Condition, condition, deadline
from integrations.memory.controller import Controller
from integrations.memory.kubelet import container_status, pod_conditions, said_of
from integrations.memory.pods import mark, pod_name, replica_set_name
from integrations.memory.state import Cluster, Deployment, Pod, TemplateRevision, key

Raw = dict[str, Any]
NODE = "simulated"
_SIZES = {"cpu": "16", "memory": "64Gi", "pods": "250"}
_REVISION = "deployment.kubernetes.io/revision"


@dataclass(frozen=True, kw_only=True)
class Picture:
    """Everything there is, by kind, and the pods behind it by namespace and name."""

    objects: Mapping[str, Sequence[Raw]]
    pods: Mapping[str, Pod]


def picture(cluster: Cluster, controller: Controller) -> Picture:
    """The cluster at the moment that the controller stands at."""
    objects: dict[str, list[Raw]] = {}
    pods: dict[str, Pod] = {}
    for name, deployment in cluster.deployments.items():
        for kind, raw, pod in _of_deployment(name, deployment, controller):
            objects.setdefault(kind, []).append(raw)
            if pod is not None:
                pods[key(deployment.namespace, raw["metadata"]["name"])] = pod
    objects["ResourceQuota"] = [_quota(each.name, each.namespace, each.pods, controller) for each in cluster.quotas]
    objects["HorizontalPodAutoscaler"] = [
        {
            "metadata": _metadata("HorizontalPodAutoscaler", each.name, each.namespace),
            "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": each.target}},
        }
        for each in cluster.autoscalers
    ]
    objects["Node"] = [_node(controller.as_of)]
    spaces = dict.fromkeys(each.namespace for each in cluster.deployments.values())
    objects["Namespace"] = [
        {"metadata": _metadata("Namespace", each, ""), "spec": {}, "status": {"phase": "Active"}} for each in spaces
    ]
    return Picture(objects=objects, pods=pods)


_Made = tuple[str, Raw, Pod | None]


def _of_deployment(name: str, deployment: Deployment, controller: Controller) -> Iterator[_Made]:
    seen, pods = condition(name, deployment, controller), controller.pods[name]
    owner = _deployment(name, deployment, controller, seen)
    yield "Deployment", owner, None
    serving = []
    for revision in deployment.revisions:
        mine = [pod for pod in pods if pod.template == revision.digest]
        replica_set = _replica_set(owner, deployment, revision, mine, controller.as_of)
        refusal = _refusal(name, deployment, controller) if revision is deployment.current else ""
        if refusal:
            failure = {"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refusal}
            replica_set["status"]["conditions"] = [failure]
            yield (
                "Event",
                _event(
                    "ReplicaSet", replica_set, "FailedCreate", refusal, since=deployment.changed_at, at=controller.as_of
                ),
                None,
            )
        yield "ReplicaSet", replica_set, None
        for number, pod in enumerate(mine):
            raw = _pod(replica_set, revision, pod, number, controller.as_of)
            serving.append((raw, pod))
            yield "Pod", raw, pod
            for reason, message, since in said_of(pod, controller.as_of):
                yield "Event", _event("Pod", raw, reason, message, since=since, at=controller.as_of), None
    if any(container.get("ports") for container in deployment.spec["template"]["spec"]["containers"]):
        service = _service(deployment)
        yield "Service", service, None
        yield "EndpointSlice", _endpoints(service, serving, controller.as_of), None


def _deployment(name: str, deployment: Deployment, controller: Controller, seen: Condition) -> Raw:
    at = controller.as_of
    late = seen.done is not True and at >= deadline(deployment, controller.pods[name], at)
    progress = {
        "type": "Progressing", "status": "False" if late else "True", "lastUpdateTime": _time(at),
        "lastTransitionTime": _time(deployment.changed_at),
        "reason": "ProgressDeadlineExceeded" if late else "NewReplicaSetAvailable" if seen.done else "ReplicaSetUpdated",
    }  # fmt: skip
    enough = {
        "type": "Available", "status": "True" if seen.available or not seen.wanted else "False",
        "lastTransitionTime": _time(deployment.changed_at),
        "reason": "MinimumReplicasAvailable" if seen.available or not seen.wanted else "MinimumReplicasUnavailable",
    }  # fmt: skip
    metadata = _metadata(
        "Deployment", deployment.name, deployment.namespace, uid=deployment.uid, at=deployment.revisions[0].created_at,
        labels=deployment.manifest["metadata"].get("labels"), generation=deployment.generation,
        annotations={_REVISION: str(deployment.current.number)},
    )  # fmt: skip
    counts = {
        "observedGeneration": deployment.generation, "replicas": len(controller.pods[name]), "updatedReplicas": seen.updated,
        "readyReplicas": seen.ready, "availableReplicas": seen.available,
        "unavailableReplicas": max(0, seen.wanted - seen.available),
    }  # fmt: skip
    spec = {"progressDeadlineSeconds": 600, **deployment.spec}
    return {"metadata": metadata, "spec": spec, "status": {**counts, "conditions": [enough, progress]}}


def _replica_set(
    owner: Raw, deployment: Deployment, revision: TemplateRevision, pods: Sequence[Pod], at: datetime
) -> Raw:
    labels = {**_labels(revision), "pod-template-hash": mark(revision.digest)}
    metadata = _metadata(
        "ReplicaSet", replica_set_name(deployment.name, revision.digest), deployment.namespace, at=revision.created_at, labels=labels, generation=1,
        annotations={_REVISION: str(revision.number)}, owner=("Deployment", owner),
    )  # fmt: skip
    wanted = deployment.replicas if revision is deployment.current else len(pods)
    ready = sum(pod.ready(at) for pod in pods)
    status = {"observedGeneration": 1, "replicas": len(pods), "readyReplicas": ready, "availableReplicas": ready}
    template = {**revision.template, "metadata": {"labels": labels}}
    return {
        "metadata": metadata,
        "spec": {"replicas": wanted, "selector": {"matchLabels": labels}, "template": template},
        "status": status,
    }


def _pod(replica_set: Raw, revision: TemplateRevision, pod: Pod, number: int, at: datetime) -> Raw:
    metadata = _metadata(
        "Pod", pod_name(replica_set["metadata"]["name"], pod, number), replica_set["metadata"]["namespace"], at=pod.born_at,
        labels=replica_set["metadata"]["labels"], owner=("ReplicaSet", replica_set),
    )  # fmt: skip
    spec = {"nodeName": NODE, "restartPolicy": "Always", **revision.template["spec"]}
    states = [container_status(container, pod, at) for container in spec["containers"]]
    pulled = all("running" in each["state"] or each["restartCount"] or "terminated" in each["state"] for each in states)
    status = {
        "phase": "Running" if pulled else "Pending", "startTime": _time(pod.born_at), "containerStatuses": states,
        "conditions": pod_conditions(pod, at),
    }  # fmt: skip
    return {"metadata": metadata, "spec": spec, "status": status}


def _service(deployment: Deployment) -> Raw:
    """Every workload that listens is found under its own name."""
    container = next(each for each in deployment.spec["template"]["spec"]["containers"] if each.get("ports"))
    ports = [
        {"name": each.get("name", ""), "port": 80, "targetPort": each.get("name") or each["containerPort"]}
        for each in container["ports"]
    ]
    metadata = _metadata("Service", deployment.name, deployment.namespace, at=deployment.revisions[0].created_at)
    selector = (deployment.spec.get("selector") or {}).get("matchLabels") or {}
    return {"metadata": metadata, "spec": {"type": "ClusterIP", "selector": selector, "ports": ports}}


def _endpoints(service: Raw, pods: Sequence[tuple[Raw, Pod]], at: datetime) -> Raw:
    name, namespace = service["metadata"]["name"], service["metadata"]["namespace"]
    endpoints = [
        {"conditions": {"ready": pod.ready(at)}, "targetRef": {"kind": "Pod", "name": raw["metadata"]["name"]}}
        for raw, pod in pods
    ]
    labels = {"kubernetes.io/service-name": name}
    return {
        "metadata": _metadata("EndpointSlice", f"{name}-endpoints", namespace, labels=labels),
        "endpoints": endpoints,
    }


def _refusal(name: str, deployment: Deployment, controller: Controller) -> str:
    """What the API server says to one pod more, where a quota stands in the way."""
    quota = controller.blocking(name)
    if quota is None:
        return ""
    used = controller.used(quota.namespace)
    return f'pods "{deployment.name}" is forbidden: exceeded quota: {quota.name}, requested: pods=1, used: pods={used}, limited: pods={quota.pods}'


def _quota(name: str, namespace: str, pods: int, controller: Controller) -> Raw:
    status = {"hard": {"pods": str(pods)}, "used": {"pods": str(controller.used(namespace))}}
    return {
        "metadata": _metadata("ResourceQuota", name, namespace),
        "spec": {"hard": {"pods": str(pods)}},
        "status": status,
    }


def _node(at: datetime) -> Raw:
    ready = {"type": "Ready", "status": "True", "reason": "KubeletReady", "lastHeartbeatTime": _time(at)}
    return {
        "metadata": _metadata("Node", NODE, ""),
        "spec": {},
        "status": {"conditions": [ready], "capacity": _SIZES, "allocatable": _SIZES},
    }


def _event(kind: str, about: Raw, reason: str, message: str, *, since: datetime, at: datetime) -> Raw:
    name, namespace = about["metadata"]["name"], about["metadata"]["namespace"]
    return {
        "metadata": _metadata("Event", f"{name}.{reason.lower()}", namespace, at=since),
        "involvedObject": {"kind": kind, "namespace": namespace, "name": name, "uid": about["metadata"]["uid"]},
        "reason": reason, "message": message, "type": "Warning", "count": 1, "firstTimestamp": _time(since), "lastTimestamp": _time(at),
    }  # fmt: skip


def _metadata(
    kind: str, name: str, namespace: str, *, uid: str = "", at: datetime | None = None, owner: tuple[str, Raw] | None = None, **more: Any
) -> Raw:  # fmt: skip
    metadata = {"name": name, "uid": uid or sha256(f"{kind}/{namespace}/{name}".encode()).hexdigest()[:32]}
    if namespace:
        metadata["namespace"] = namespace
    if at is not None:
        metadata["creationTimestamp"] = _time(at)
    found: Raw = {**metadata, **{field: value for field, value in more.items() if value}}
    if owner is not None:
        above, raw = owner
        reference = {"kind": above, "name": raw["metadata"]["name"], "uid": raw["metadata"]["uid"], "controller": True}
        found["ownerReferences"] = [reference]
    return found


def _labels(revision: TemplateRevision) -> Mapping[str, str]:
    return (revision.template.get("metadata") or {}).get("labels") or {}


def _time(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")
