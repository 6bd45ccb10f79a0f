"""Objects as an API server would give them, made by hand for tests that need no server."""

from typing import Any

Object = dict[str, Any]


def deployment(
    name: str = "checkout", *, image: str = "registry.example/checkout:v1", replicas: int = 2, generation: int = 1,
    **parts: Any,
) -> Object:  # fmt: skip
    """A settled Deployment. `parts` replace `labels`, `annotations`, `managed`, `containers`, `status`, `marks` or `paused`."""
    template = {
        "metadata": {"labels": {"app": name}},
        "spec": {"containers": parts.get("containers") or [{"name": "app", "image": image}]},
    }
    if parts.get("marks"):
        template["metadata"]["annotations"] = parts["marks"]
    status = {
        "observedGeneration": generation, "replicas": replicas, "updatedReplicas": replicas, "readyReplicas": replicas,
        "availableReplicas": replicas,
    }  # fmt: skip
    return {
        "metadata": {
            "name": name, "namespace": "shop", "uid": "d-1", "generation": generation, "labels": parts.get("labels") or {},
            "annotations": {"deployment.kubernetes.io/revision": "1", **(parts.get("annotations") or {})},
            "managedFields": parts.get("managed") or [], "creationTimestamp": "2026-11-23T09:00:00Z",
        },
        "spec": {
            "replicas": replicas, "selector": {"matchLabels": {"app": name}}, "template": template,
            "progressDeadlineSeconds": 600, **({"paused": True} if parts.get("paused") else {}),
        },
        "status": parts.get("status") or status,
    }  # fmt: skip


def replica_set(
    of: Object, *, mark: str = "aaa", number: int = 1, image: str = "", replicas: int | None = None
) -> Object:
    """A ReplicaSet that `of` controls, with its template or the same one with another image."""
    template: Object = {"metadata": {**of["spec"]["template"]["metadata"]}, "spec": of["spec"]["template"]["spec"]}
    template["metadata"]["labels"] = {**template["metadata"]["labels"], "pod-template-hash": mark}
    if image:
        template["spec"] = {"containers": [{"name": "app", "image": image}]}
    return {
        "metadata": {
            "name": f"{of['metadata']['name']}-{mark}", "uid": f"rs-{mark}", "labels": template["metadata"]["labels"],
            "annotations": {"deployment.kubernetes.io/revision": str(number)}, "creationTimestamp": "2026-11-23T09:01:00Z",
            "ownerReferences": [{"kind": "Deployment", "uid": of["metadata"]["uid"]}],
        },
        "spec": {"replicas": of["spec"]["replicas"] if replicas is None else replicas, "template": template},
        "status": {},
    }  # fmt: skip


def pod(*states: Object, mark: str = "aaa", name: str = "checkout-aaa-1", **parts: Any) -> Object:
    """A pod whose containers app, c1, c2 … are in these states."""
    containers = [
        {"name": f"c{i}" if i else "app", "restartCount": 0, "image": "registry.example/checkout:v1", **state}
        for i, state in enumerate(states)
    ]
    metadata: Object = {"name": name, "uid": name, "labels": {"app": "checkout", "pod-template-hash": mark}}
    return {
        "metadata": {**metadata, **parts.get("metadata", {})},
        "status": {"containerStatuses": containers, **parts.get("status", {})},
    }


def waiting(reason: str, message: str = "", *, restarts: int = 0, ended: Object | None = None) -> Object:
    last = {"terminated": ended} if ended else {}
    return {"state": {"waiting": {"reason": reason, "message": message}}, "lastState": last, "restartCount": restarts}
