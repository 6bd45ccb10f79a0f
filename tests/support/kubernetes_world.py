"""The inside of the test API server: objects with versions and owners of fields, and controllers that roll out.

Faithful where the adapter looks: generations are noticed late, conditions speak of the past for a moment, `managedFields` follow every
write, and templates that come back reuse their ReplicaSet. Fast where it does not: a second of the cluster lasts `second` seconds.
"""

import asyncio
import copy
import hashlib
import json
import time
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

Object = dict[str, Any]
EPOCH = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
NAMING = ("name", "containerPort")
CONTAINER = {
    "resources": {}, "terminationMessagePath": "/dev/termination-log", "terminationMessagePolicy": "File",
    "imagePullPolicy": "IfNotPresent",
}  # fmt: skip
POD = {
    "restartPolicy": "Always", "terminationGracePeriodSeconds": 30, "dnsPolicy": "ClusterFirst", "securityContext": {},
    "schedulerName": "default-scheduler",
}  # fmt: skip
DEPLOYMENT = {
    "replicas": 1, "revisionHistoryLimit": 10, "progressDeadlineSeconds": 600,
    "strategy": {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "25%", "maxSurge": "25%"}},
}  # fmt: skip


class World:
    """All objects of one cluster, every change of them, and the controllers' next move (`tick`)."""

    def __init__(self, *, second: float = 0.02) -> None:
        self.second = second
        self.objects: dict[tuple[str, str, str], Object] = {}
        self.events: list[tuple[int, str, str, Object]] = []
        self.version = 100
        self.oldest = 100
        self.changed = asyncio.Event()
        self.asleep = False
        self._deadlines: dict[str, tuple[tuple[int, ...], float]] = {}

    def get(self, resource: str, namespace: str, name: str) -> Object | None:
        return self.objects.get((resource, namespace, name))

    def all(self, resource: str, namespace: str) -> list[Object]:
        """In a namespace, or in all where it is ""."""
        held = (
            item for (kind, where, _), item in self.objects.items() if kind == resource and namespace in ("", where)
        )
        return sorted(held, key=lambda item: str(item["metadata"]["name"]))

    def create(self, resource: str, namespace: str, manifest: Object, *, manager: str, apply: bool = False) -> Object:
        item = copy.deepcopy(manifest)
        metadata = item.setdefault("metadata", {})
        metadata.update(namespace=namespace, uid=str(uuid.uuid4()), generation=1, creationTimestamp=self.now())
        metadata["managedFields"] = [record(manager, fields_of(item), apply=apply)]
        if resource == "deployments":
            item["spec"] = {**copy.deepcopy(DEPLOYMENT), **item["spec"]}
            pod = item["spec"]["template"]["spec"]
            pod.update({**copy.deepcopy(POD), **pod})
            pod["containers"] = [{**copy.deepcopy(CONTAINER), **container} for container in pod["containers"]]
        item.setdefault("status", {})
        self._put("ADDED", resource, item)
        return item

    def write(self, resource: str, before: Object, after: Object, *, manager: str | None) -> Object:
        """Store `after`; a person's or a program's write moves the fields that differ to `manager`."""
        if after["spec"] != before["spec"]:
            after["metadata"]["generation"] = before["metadata"]["generation"] + 1
        if manager is not None:
            after["metadata"]["managedFields"] = taken_over(before, after, manager)
        self._put("MODIFIED", resource, after)
        return after

    def delete(self, resource: str, namespace: str, name: str) -> None:
        item = self.objects.pop((resource, namespace, name))
        uid = item["metadata"]["uid"]
        self._note("DELETED", resource, item)
        for (kind, where, child), held in list(self.objects.items()):
            if any(owner["uid"] == uid for owner in held["metadata"].get("ownerReferences", ())):
                self.delete(kind, where, child)

    def compact(self) -> None:
        """Forget every past event: a watch from before now gets 410."""
        self.version += 1
        self.oldest = self.version
        self.events.clear()

    def now(self) -> str:
        return (EPOCH + timedelta(seconds=self.version)).strftime("%Y-%m-%dT%H:%M:%SZ")

    def tick(self) -> None:
        """One move of every controller."""
        if self.asleep:
            return
        for (kind, namespace, _), item in list(self.objects.items()):
            if kind == "deployments":
                self._roll(namespace, item)
            elif kind == "pods":
                self._run_pod(item)

    def _put(self, event: str, resource: str, item: Object) -> None:
        self.objects[(resource, item["metadata"]["namespace"], item["metadata"]["name"])] = item
        self._note(event, resource, item)

    def _note(self, event: str, resource: str, item: Object) -> None:
        self.version += 1
        item["metadata"]["resourceVersion"] = str(self.version)
        self.events.append((self.version, event, resource, copy.deepcopy(item)))
        self.changed.set()
        self.changed = asyncio.Event()

    def _amend(self, resource: str, item: Object, **parts: Any) -> None:
        """A controller's write: only what differs counts."""
        changed = {**copy.deepcopy(item), **copy.deepcopy(parts)}
        if changed != item:
            self._put("MODIFIED", resource, changed)

    def _roll(self, namespace: str, deployment: Object) -> None:
        name = deployment["metadata"]["name"]
        current = self._replica_set(namespace, deployment)
        if current is not None:
            self._scale(namespace, deployment, current)
        deployment = self.objects[("deployments", namespace, name)]
        self._report(namespace, deployment, current)

    def _replica_set(self, namespace: str, deployment: Object) -> Object | None:
        """The ReplicaSet of the present template, made if need be, with the newest revision."""
        template = deployment["spec"]["template"]
        mark = hashlib.sha256(json.dumps(template, sort_keys=True).encode()).hexdigest()[:10]
        mine = self._mine("replicasets", namespace, deployment)
        found = next((item for item in mine if item["metadata"]["labels"]["pod-template-hash"] == mark), None)
        newest = max((revision(item) for item in mine), default=0)
        if found is None and deployment["spec"].get("paused"):
            return None
        if found is None:
            found = self.create(
                "replicasets", namespace, child(deployment, mark, newest + 1), manager="kube-controller-manager"
            )
        elif revision(found) < newest:
            annotations = {**found["metadata"]["annotations"], "deployment.kubernetes.io/revision": str(newest + 1)}
            self._amend("replicasets", found, metadata={**found["metadata"], "annotations": annotations})
            found = self.objects[("replicasets", namespace, found["metadata"]["name"])]
        held = deployment["metadata"].get("annotations") or {}
        if held.get("deployment.kubernetes.io/revision") != str(revision(found)):
            noted = {**held, "deployment.kubernetes.io/revision": str(revision(found))}
            self._amend("deployments", deployment, metadata={**deployment["metadata"], "annotations": noted})
        return found

    def _scale(self, namespace: str, deployment: Object, current: Object) -> None:
        wanted = deployment["spec"]["replicas"]
        pods = self._mine("pods", namespace, deployment)
        fresh = [pod for pod in pods if mark_of(pod) == mark_of(current) and not leaving(pod)]
        old = [pod for pod in pods if mark_of(pod) != mark_of(current) and not leaving(pod)]
        ready = [pod for pod in fresh + old if is_ready(pod)]
        if len(fresh) > wanted:
            self._retire(fresh[-1])
        elif len(fresh) < wanted and len(fresh) + len(old) <= wanted and not self._quota(namespace):
            self.create("pods", namespace, pod_of(current), manager="kube-controller-manager")
        if old and (len(ready) > wanted or not is_ready(old[0]) or wanted == 0):
            self._retire(next((pod for pod in old if not is_ready(pod)), old[0]))
        for replica_set in self._mine("replicasets", namespace, deployment):
            mine = [pod for pod in pods if mark_of(pod) == mark_of(replica_set) and not leaving(pod)]
            status = {"replicas": len(mine), "readyReplicas": sum(map(is_ready, mine)), "observedGeneration": 1}
            scale = wanted if replica_set is current else len(mine)
            self._amend("replicasets", replica_set, spec={**replica_set["spec"], "replicas": scale}, status=status)

    def _retire(self, pod: Object) -> None:
        self._amend("pods", pod, metadata={**pod["metadata"], "deletionTimestamp": self.now()})

    def _quota(self, namespace: str) -> str:
        """The refusal of one more pod, if a quota stands in the way."""
        for quota in self.all("resourcequotas", namespace):
            limit, used = int(quota["spec"]["hard"].get("pods", 10**6)), len(self.all("pods", namespace))
            if used >= limit:
                name = quota["metadata"]["name"]
                return f'pods "x" is forbidden: exceeded quota: {name}, requested: pods=1, used: pods={used}, limited: pods={limit}'
        return ""

    def _report(self, namespace: str, deployment: Object, current: Object | None) -> None:
        pods = [pod for pod in self._mine("pods", namespace, deployment) if not leaving(pod)]
        fresh = [pod for pod in pods if current is not None and mark_of(pod) == mark_of(current)]
        ready, wanted = sum(map(is_ready, pods)), deployment["spec"]["replicas"]
        status = {
            "observedGeneration": deployment["metadata"]["generation"], "replicas": len(pods),
            "updatedReplicas": len(fresh), "readyReplicas": ready, "availableReplicas": ready,
        }  # fmt: skip
        counts = {key: value for key, value in status.items() if value}
        complete = len(fresh) == len(pods) == wanted and ready >= wanted
        counts["conditions"] = self._conditions(namespace, deployment, (len(fresh), ready), complete=complete)
        self._amend("deployments", deployment, status=counts)

    def _conditions(
        self, namespace: str, deployment: Object, counts: tuple[int, int], *, complete: bool
    ) -> list[Object]:
        uid, generation = deployment["metadata"]["uid"], deployment["metadata"]["generation"]
        progress = (generation, *counts)
        if self._deadlines.get(uid, ((), 0.0))[0] != progress:
            self._deadlines[uid] = (progress, time.monotonic())
        late = time.monotonic() - self._deadlines[uid][1] > deployment["spec"]["progressDeadlineSeconds"] * self.second
        found: list[Object] = []
        if not complete and counts[0] < deployment["spec"]["replicas"] and (refusal := self._quota(namespace)):
            found.append({"type": "ReplicaFailure", "status": "True", "reason": "FailedCreate", "message": refusal})
        if complete:
            found.append({"type": "Progressing", "status": "True", "reason": "NewReplicaSetAvailable"})
        elif late:
            found.append({"type": "Progressing", "status": "False", "reason": "ProgressDeadlineExceeded"})
        else:
            found.append({"type": "Progressing", "status": "True", "reason": "ReplicaSetUpdated"})
        return found

    def _run_pod(self, pod: Object) -> None:
        if leaving(pod):
            self.delete("pods", pod["metadata"]["namespace"], pod["metadata"]["name"])
            return
        self._amend("pods", pod, status=next_status(pod))

    def _mine(self, resource: str, namespace: str, deployment: Object) -> list[Object]:
        labels = deployment["spec"]["selector"]["matchLabels"].items()
        return [
            item for item in self.all(resource, namespace) if labels <= (item["metadata"].get("labels") or {}).items()
        ]


def next_status(pod: Object) -> Object:
    """What the kubelet writes next: containers start on the second move, and their image says how that ends."""
    spec, status = pod["spec"], pod.get("status") or {}
    if spec.get("nodeSelector"):
        message = "0/3 nodes are available: 3 node(s) didn't match Pod's node affinity/selector."
        unscheduled = {"type": "PodScheduled", "status": "False", "reason": "Unschedulable", "message": message}
        return {"phase": "Pending", "conditions": [unscheduled]}
    if not status:
        return {"phase": "Pending", "conditions": [{"type": "PodScheduled", "status": "True"}]}
    was = {item["name"]: item for item in status.get("containerStatuses", ())}
    containers = [container_status(container, was.get(container["name"])) for container in spec["containers"]]
    ready = all(item["ready"] for item in containers)
    condition = {"type": "Ready", "status": "True" if ready else "False"}
    return {"phase": "Running", "conditions": [condition], "containerStatuses": containers}


def container_status(container: Object, was: Object | None) -> Object:
    image = container["image"]
    status: Object = {"name": container["name"], "image": image, "ready": False, "restartCount": 0, "lastState": {}}
    ended = {"terminated": {"exitCode": 1, "reason": "Error"}}
    if was is None:
        return {**status, "state": {"waiting": {"reason": "ContainerCreating"}}}
    if "crash" in image:
        if "terminated" not in was["state"] and not was["restartCount"]:
            return {**status, "state": ended}
        message = "back-off 10s restarting failed container"
        waiting = {"waiting": {"reason": "CrashLoopBackOff", "message": message}}
        return {**status, "state": waiting, "lastState": ended, "restartCount": min(was["restartCount"] + 1, 2)}
    if "absent" in image or "badimage" in image:
        message = (
            f'Back-off pulling image "{image}": ErrImagePull: failed to pull and unpack image "{image}": not found'
        )
        return {**status, "state": {"waiting": {"reason": "ImagePullBackOff", "message": message}}}
    return {**status, "state": {"running": {}}, "ready": "notready" not in image}


def child(deployment: Object, mark: str, number: int) -> Object:
    template = copy.deepcopy(deployment["spec"]["template"])
    labels = {**template["metadata"]["labels"], "pod-template-hash": mark}
    template["metadata"]["labels"] = labels
    metadata = deployment["metadata"]
    return {
        "metadata": {
            "name": f"{metadata['name']}-{mark}", "labels": labels, "ownerReferences": [_owner("Deployment", metadata)],
            "annotations": {"deployment.kubernetes.io/revision": str(number)},
        },
        "spec": {"replicas": 0, "selector": {"matchLabels": labels}, "template": template},
    }  # fmt: skip


def pod_of(replica_set: Object) -> Object:
    metadata, template = replica_set["metadata"], replica_set["spec"]["template"]
    name = f"{metadata['name']}-{uuid.uuid4().hex[:5]}"
    owners = [_owner("ReplicaSet", metadata)]
    return {
        "metadata": {"name": name, "labels": dict(template["metadata"]["labels"]), "ownerReferences": owners},
        "spec": copy.deepcopy(template["spec"]),
    }


def _owner(kind: str, metadata: Object) -> Object:
    return {"apiVersion": "apps/v1", "kind": kind, "name": metadata["name"], "uid": metadata["uid"], "controller": True}


def revision(owner: Object) -> int:
    return int(owner["metadata"]["annotations"]["deployment.kubernetes.io/revision"])


def mark_of(item: Object) -> str:
    return str(item["metadata"]["labels"]["pod-template-hash"])


def leaving(pod: Object) -> bool:
    return "deletionTimestamp" in pod["metadata"]


def is_ready(pod: Object) -> bool:
    return any(c["type"] == "Ready" and c["status"] == "True" for c in pod.get("status", {}).get("conditions", ()))


Path = tuple[str, ...]


def fields_of(item: Object) -> dict[Path, Any]:
    """Every leaf that somebody can own, by its path in the notation of `managedFields`."""
    metadata = {key: item["metadata"][key] for key in ("labels", "annotations") if item["metadata"].get(key)}
    return dict(_leaves({"metadata": metadata, "spec": item.get("spec", {})}, ()))


def _leaves(value: Any, path: Path) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, dict) and value:
        for key, item in value.items():
            yield from _leaves(item, (*path, f"f:{key}"))
    elif isinstance(value, list) and value and all(isinstance(item, dict) and "name" in item for item in value):
        for item in value:
            yield from _leaves(item, (*path, "k:" + json.dumps({"name": item["name"]}, separators=(",", ":"))))
    else:
        yield path, value


def record(manager: str, fields: dict[Path, Any], *, apply: bool) -> Object:
    tree: Object = {}
    for path in fields:
        node = tree
        for step in path:
            node = node.setdefault(step, {})
    operation = "Apply" if apply else "Update"
    return {
        "manager": manager,
        "operation": operation,
        "apiVersion": "apps/v1",
        "fieldsType": "FieldsV1",
        "fieldsV1": tree,
    }


def taken_over(before: Object, after: Object, manager: str) -> list[Object]:
    """`managedFields` after `manager` wrote `after` over `before`: it owns what differs, and nobody else does any more."""
    old, new = fields_of(before), fields_of(after)
    moved = {path: value for path, value in new.items() if old.get(path) != value}
    kept: list[Object] = []
    for entry in before["metadata"].get("managedFields", ()):
        mine = entry["manager"] == manager and entry["operation"] == "Update"
        held = {path: None for path in _paths(entry["fieldsV1"], ()) if path in new and (mine or path not in moved)}
        if mine:
            moved = {**held, **moved}
        elif held:
            kept.append(record(entry["manager"], held, apply=entry["operation"] == "Apply"))
    return [*kept, record(manager, moved, apply=False)] if moved else kept


def _paths(tree: Object, path: Path) -> Iterator[Path]:
    for key, below in tree.items():
        if below:
            yield from _paths(below, (*path, key))
        else:
            yield (*path, key)
