"""Objects as a real cluster holds them, for scenes: workloads with everything that follows from them, each consistent with the rest.

`deployment(...)` gives the Deployment, its ReplicaSet and its pods with owner references, uids and the status that controllers and
kubelets would have written. Times are said as seconds ago. Everything is in the namespace `shop` unless it says otherwise.
"""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tests.support.scenes import NOW

Manifest = dict[str, Any]
NAMESPACE = "shop"
IMAGE = "registry.example/{}:v1"
MINUTE, HOUR, DAY = 60, 3600, 86400


def ago(seconds: float) -> str:
    """The moment so many seconds before the snapshot was taken, as the API server writes it."""
    return (NOW - timedelta(seconds=seconds)).strftime("%Y-%m-%dT%H:%M:%SZ")


def named(kind: str, name: str, *, namespace: str = NAMESPACE, age: float = DAY, **fields: Any) -> Manifest:
    """An object of any kind. `labels`, `annotations` and `owner` go to its metadata, other fields stay at the top."""
    metadata: Manifest = {"name": name, "uid": f"{kind}/{namespace}/{name}", "creationTimestamp": ago(age)}
    if namespace:
        metadata["namespace"] = namespace
    for field in ("labels", "annotations", "finalizers", "deletionTimestamp", "generation"):
        if field in fields:
            metadata[field] = fields.pop(field)
    owner = fields.pop("owner", None)
    if owner:
        metadata["ownerReferences"] = [owned_by(owner)]
    return {"kind": kind, "metadata": metadata, **fields}


def owned_by(owner: Manifest) -> Manifest:
    meta = owner["metadata"]
    return {"kind": owner["kind"], "name": meta["name"], "uid": meta["uid"], "controller": True}


def container(name: str = "app", **fields: Any) -> Manifest:
    """A container's spec; it listens on 8080 and has memory, unless told otherwise."""
    return {
        "name": name,
        "image": IMAGE.format(name),
        "ports": [{"name": "http", "containerPort": 8080, "protocol": "TCP"}],
        "resources": {"requests": {"cpu": "50m", "memory": "64Mi"}, "limits": {"memory": "128Mi"}},
        **fields,
    }


def ended(code: int = 1, reason: str = "", *, seconds_ago: float = 20, lasted: float = 2, **fields: Any) -> Manifest:
    """How a run ended: the value of `terminated`."""
    return {
        "exitCode": code,
        "reason": reason or ("Completed" if code == 0 else "Error"),
        "startedAt": ago(seconds_ago + lasted),
        "finishedAt": ago(seconds_ago),
        **fields,
    }


def running(*, ready: bool = True, seconds: float = HOUR, restarts: int = 0, last: Manifest | None = None) -> Manifest:
    """The state of a container that runs since so many seconds; `last` is how the run before ended."""
    return _state({"running": {"startedAt": ago(seconds)}}, restarts=restarts, last=last, ready=ready)


def waiting(reason: str, message: str = "", *, restarts: int = 0, last: Manifest | None = None) -> Manifest:
    """The state of a container that waits."""
    said = {"reason": reason, **({"message": message} if message else {})}
    return _state({"waiting": said}, restarts=restarts, last=last)


def crashing(code: int = 1, reason: str = "", *, restarts: int = 6, **fields: Any) -> Manifest:
    """The state of a container in back-off after a run that ended so."""
    message = "back-off 5m0s restarting failed container"
    return waiting("CrashLoopBackOff", message, restarts=restarts, last=ended(code, reason, **fields))


def terminated(code: int = 1, reason: str = "", *, restarts: int = 0, **fields: Any) -> Manifest:
    """The state of a container that ended and was not started again."""
    return _state({"terminated": ended(code, reason, **fields)}, restarts=restarts)


def _state(state: Manifest, *, restarts: int, last: Manifest | None = None, ready: bool = False) -> Manifest:
    return {
        "state": state,
        "lastState": {"terminated": last} if last else {},
        "ready": ready,
        "started": "running" in state,
        "restartCount": restarts,
    }


def pod(
    name: str = "checkout-1",
    *states: Manifest,
    containers: Sequence[Manifest] = (),
    inits: Sequence[tuple[Manifest, Manifest]] = (),
    age: float = HOUR,
    node: str = "node-1",
    phase: str = "",
    status: Mapping[str, Any] | None = None,
    spec: Mapping[str, Any] | None = None,
    **fields: Any,
) -> Manifest:
    """A pod whose containers are in these states (running, if none is given). `inits` are specs with their states."""
    specs = list(containers) or [container(f"app{i}" if i else "app") for i in range(len(states) or 1)]
    now = list(states) or [running(seconds=age) for _ in specs]
    whole = {
        "containers": specs, "nodeName": node, "restartPolicy": "Always", "serviceAccountName": "default",
        "terminationGracePeriodSeconds": 30, **({"initContainers": [each for each, _ in inits]} if inits else {}), **(spec or {}),
    }  # fmt: skip
    said = _pod_status(specs, now, inits, phase or _phase(now, inits), age)
    return named("Pod", name, age=age, spec=whole, status={**said, **(status or {})}, **fields)


def _phase(states: Sequence[Manifest], inits: Sequence[tuple[Manifest, Manifest]]) -> str:
    if any("terminated" not in state["state"] and not state["started"] for _, state in inits):
        return "Pending"
    started = any(
        "running" in each["state"] or each["restartCount"] or "terminated" in each["state"] for each in states
    )
    return "Running" if started else "Pending"


def _pod_status(
    specs: Sequence[Manifest], states: Sequence[Manifest], inits: Sequence[tuple[Manifest, Manifest]], phase: str, age: float
) -> Manifest:  # fmt: skip
    ready = all(state["ready"] for state in states) and phase == "Running"
    initialized = all(
        (state["state"].get("terminated") or {}).get("exitCode") == 0 or state["started"] for _, state in inits
    )
    return {
        "phase": phase,
        "startTime": ago(age),
        "podIP": "10.244.0.7",
        "conditions": [
            condition("PodScheduled", True, age=age),
            condition("Initialized", initialized, age=age),
            condition("ContainersReady", ready, "" if ready else "ContainersNotReady", age=age),
            condition("Ready", ready, "" if ready else "ContainersNotReady", age=age),
        ],
        "initContainerStatuses": [{"name": spec["name"], "image": spec["image"], **state} for spec, state in inits],
        "containerStatuses": [
            {"name": spec["name"], "image": spec["image"], **state} for spec, state in zip(specs, states, strict=True)
        ],
    }


def condition(kind: str, holds: bool, reason: str = "", message: str = "", *, age: float = HOUR) -> Manifest:
    """One entry of `status.conditions`."""
    said = {"type": kind, "status": "True" if holds else "False", "lastTransitionTime": ago(age)}
    return {**said, **({"reason": reason} if reason else {}), **({"message": message} if message else {})}


def is_ready(one: Manifest) -> bool:
    """Does this pod's status say that it is ready?"""
    return any(c["type"] == "Ready" and c["status"] == "True" for c in one["status"].get("conditions") or ())


def deployment(
    name: str = "checkout",
    *states: Manifest,
    replicas: int = 2,
    age: float = HOUR,
    annotations: Mapping[str, str] | None = None,
    **template: Any,
) -> list[Manifest]:
    """A Deployment, its ReplicaSet and its pods, all of whose containers are in these states.

    `template` is what `pod` takes: `containers`, `inits`, `spec`, `status`, `phase`, `node`. A rollout that has not come to its end
    in ten minutes is stuck, as the controller would say.
    """
    labels = {"app": name}
    pods = [
        pod(f"{name}-5d4f-{i}", *states, age=age, labels={**labels, "pod-template-hash": "5d4f"}, **template)
        for i in range(replicas)
    ]
    made = pods or [pod(f"{name}-none", *states, **template)]
    spec = _template(made[0], labels)
    ready = sum(is_ready(each) for each in pods)
    whole = named(
        "Deployment", name, age=age, labels=labels, annotations={"deployment.kubernetes.io/revision": "1", **(annotations or {})}, generation=1,
        spec={"replicas": replicas, "selector": {"matchLabels": labels}, "template": spec, "progressDeadlineSeconds": 600},
        status={
            "observedGeneration": 1, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": ready, "availableReplicas": ready,
            "unavailableReplicas": replicas - ready, "conditions": _progress(f"{name}-5d4f", ready == replicas, age),
        },
    )  # fmt: skip
    behind = named(
        "ReplicaSet", f"{name}-5d4f", age=age, owner=whole, labels=labels, annotations={"deployment.kubernetes.io/revision": "1"},
        spec={"replicas": replicas, "selector": {"matchLabels": labels}, "template": spec},
        status={"replicas": replicas, "readyReplicas": ready, "availableReplicas": ready, "observedGeneration": 1},
    )  # fmt: skip
    for each in pods:
        each["metadata"]["ownerReferences"] = [owned_by(behind)]
    return [whole, behind, *pods]


def _template(made: Manifest, labels: Mapping[str, str]) -> Manifest:
    """What a pod was made from: without what scheduler and kubelet added."""
    return {"metadata": {"labels": labels}, "spec": {k: v for k, v in made["spec"].items() if k != "nodeName"}}


def _progress(replica_set: str, done: bool, age: float) -> list[Manifest]:
    available = condition("Available", done, f"MinimumReplicas{'A' if done else 'Una'}vailable", age=age)
    if done:
        return [available, condition("Progressing", True, "NewReplicaSetAvailable", age=age)]
    if age > 600:
        said = f'ReplicaSet "{replica_set}" has timed out progressing.'
        return [available, condition("Progressing", False, "ProgressDeadlineExceeded", said, age=age - 600)]
    return [available, condition("Progressing", True, "ReplicaSetUpdated", age=age)]


def app(name: str = "checkout", *states: Manifest, **parts: Any) -> list[Manifest]:
    """A Deployment with everything under it, and the Service in front of it with its endpoints."""
    made = deployment(name, *states, **parts)
    return [*made, *service(name, [each for each in made if each["kind"] == "Pod"], age=parts.get("age", HOUR))]


def service(
    name: str, pods: Sequence[Manifest] = (), *, selector: Mapping[str, str] | None = None, port: Any = "http", age: float = DAY,
    **spec: Any,
) -> list[Manifest]:  # fmt: skip
    """A Service and its endpoint slice, in which these pods stand as ready as they are."""
    ports = [{"name": "http", "port": 80, "targetPort": port, "protocol": "TCP"}]
    front = named(
        "Service", name, age=age,
        spec={"type": "ClusterIP", "clusterIP": "10.0.0.7", "selector": dict(selector or {"app": name}), "ports": ports, **spec},
    )  # fmt: skip
    endpoints = [
        {
            "addresses": [each["status"].get("podIP", "10.244.0.7")],
            "conditions": {"ready": is_ready(each), "serving": is_ready(each), "terminating": False},
            "targetRef": {"kind": "Pod", "namespace": NAMESPACE, "name": each["metadata"]["name"]},
        }
        for each in pods
        if each["status"].get("podIP") and each["status"]["phase"] == "Running"
    ]
    behind = named(
        "EndpointSlice", f"{name}-x7k2p", age=age, owner=front, labels={"kubernetes.io/service-name": name}, addressType="IPv4",
        endpoints=endpoints, ports=[{"name": "http", "port": 8080, "protocol": "TCP"}],
    )  # fmt: skip
    return [front, behind]


def job(
    name: str = "report", *pods: Manifest, owner: Manifest | None = None, age: float = HOUR, **parts: Any
) -> list[Manifest]:
    """A Job and these pods, which become its own. `parts` are `spec` and `status`, over what follows from the pods."""
    failed = sum(each["status"]["phase"] == "Failed" for each in pods)
    succeeded = sum(each["status"]["phase"] == "Succeeded" for each in pods)
    done = [condition("Complete", True, age=age / 2)] if succeeded else []
    template = _template(pods[0], {"job-name": name}) if pods else {"spec": {"containers": [container()]}}
    whole = named(
        "Job", name, age=age, **({"owner": owner} if owner else {}),
        spec={"completions": 1, "parallelism": 1, "backoffLimit": 6, "template": template, **parts.get("spec", {})},
        status={
            "startTime": ago(age), "failed": failed, "succeeded": succeeded, "active": len(pods) - failed - succeeded,
            "conditions": done, **parts.get("status", {}),
        },
    )  # fmt: skip
    for each in pods:
        each["metadata"]["ownerReferences"] = [owned_by(whole)]
    return [whole, *pods]


def event(
    about: Manifest,
    reason: str,
    message: str,
    *,
    seconds_ago: float = 20,
    count: int = 1,
    first: float = 0,
    warning: bool = True,
) -> Manifest:
    """What was said about an object: first so many seconds ago (as `seconds_ago` if 0), last `seconds_ago`."""
    meta = about["metadata"]
    where = {"kind": about["kind"], "name": meta["name"], "uid": meta["uid"]}
    namespace = meta.get("namespace", "")
    return named(
        "Event", f"{meta['name']}.{reason}.{_sum_of(message)}", namespace=namespace or "default",
        involvedObject={**where, **({"namespace": namespace} if namespace else {})}, reason=reason, message=message,
        type="Warning" if warning else "Normal", count=count, firstTimestamp=ago(first or seconds_ago), lastTimestamp=ago(seconds_ago),
    )  # fmt: skip


def _sum_of(text: str) -> int:
    """A number that is the same in every run."""
    return sum((i + 1) * ord(c) for i, c in enumerate(text))


def said_of(objects: Sequence[Manifest], kind: str, reason: str, message: str, **how: Any) -> list[Manifest]:
    """These objects, and the same event about each of them that is of a kind."""
    return [*objects, *(event(each, reason, message, **how) for each in objects if each["kind"] == kind)]


def node(name: str = "node-1", *, ready: bool = True, age: float = 30 * DAY, **fields: Any) -> Manifest:
    """A node with room, on which nothing presses."""
    conditions = [
        condition("Ready", ready, "KubeletReady" if ready else "KubeletNotReady", age=age),
        *(condition(f"{what}Pressure", False, age=age) for what in ("Memory", "Disk", "PID")),
    ]
    room = {"cpu": "8", "memory": "32Gi", "pods": "110", "ephemeral-storage": "100Gi"}
    info = {"kubeletVersion": "v1.36.2", "architecture": "amd64", "operatingSystem": "linux"}
    status = {"conditions": conditions, "capacity": room, "allocatable": room, "nodeInfo": info}
    labels = {"kubernetes.io/hostname": name, "kubernetes.io/os": "linux", "kubernetes.io/arch": "amd64"}
    return named("Node", name, namespace="", age=age, **{"labels": labels, "spec": {}, "status": status, **fields})


def config_map(name: str, **keys: str) -> Manifest:
    return named("ConfigMap", name, data={key.replace("__", "."): value for key, value in keys.items()})


def secret(name: str, *keys: str) -> Manifest:
    return named("Secret", name, type="Opaque", data=dict.fromkeys(keys, "aGlkZGVu"))


def world(*objects: Manifest) -> list[Manifest]:
    """These objects in a cluster that is otherwise well: two nodes, and in each namespace what every namespace has."""
    have = {each["metadata"]["uid"] for each in objects}
    always = [node("node-1"), node("node-2")]
    for namespace in sorted({each["metadata"].get("namespace") or "" for each in objects} - {""}):
        always.append(named("ServiceAccount", "default", namespace=namespace))
        always.append(named("ConfigMap", "kube-root-ca.crt", namespace=namespace, data={"ca.crt": "-"}))
    return [*objects, *(each for each in always if each["metadata"]["uid"] not in have)]
