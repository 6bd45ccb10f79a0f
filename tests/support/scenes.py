"""Scenes for the tests of diagnosis: from recorded states of a real control plane, and from objects written in a test."""

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope, Snapshot
from skills.diagnosis.objects import moment
from skills.diagnosis.scene import Scene

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_KINDS = {
    "pods": "Pod", "events": "Event", "services": "Service", "persistentvolumeclaims": "PersistentVolumeClaim",
    "resourcequotas": "ResourceQuota", "configmaps": "ConfigMap", "serviceaccounts": "ServiceAccount", "deployments": "Deployment",
    "replicasets": "ReplicaSet", "statefulsets": "StatefulSet", "endpointslices": "EndpointSlice", "ingresses": "Ingress",
    "networkpolicies": "NetworkPolicy", "horizontalpodautoscalers": "HorizontalPodAutoscaler", "poddisruptionbudgets": "PodDisruptionBudget",
    "cronjobs": "CronJob", "jobs": "Job", "nodes": "Node",
}  # fmt: skip


def recorded(path: Path) -> Snapshot:
    """The snapshot of a recorded state, taken at the latest moment that anything in it speaks of."""
    lists = json.loads(path.read_text())
    objects = {_KINDS[name]: body["items"] for name, body in lists.items() if name in _KINDS}
    pods = {pod["metadata"]["name"]: pod for pod in objects["Pod"]}
    logs = {}
    for name, answer in lists.get("logs", {}).items():
        pod_name, _, previous = name.partition("?")
        pod = pods.get(pod_name)
        if pod and answer["status"] == 200:
            container = pod["spec"]["containers"][0]["name"]
            wanted = LogWanted(
                namespace=pod["metadata"]["namespace"], pod=pod_name, container=container, previous=bool(previous)
            )
            logs[wanted] = answer["body"]
    return Snapshot(scope=Scope(environment="recorded"), taken_at=_latest(lists), objects=objects, logs=logs)


def scene(*objects: Mapping[str, Any], now: datetime = NOW, logs: Mapping[LogWanted, str] | None = None) -> Scene:
    """A scene of these objects, each with its `kind`. Every kind counts as looked at."""
    return Scene(snapshot(*objects, now=now, logs=logs))


def snapshot(*objects: Mapping[str, Any], now: datetime = NOW, logs: Mapping[LogWanted, str] | None = None) -> Snapshot:
    """A snapshot of these objects, in which every kind was looked at."""
    by_kind: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for kind in ALL_KINDS:
        by_kind[kind] = []
    for each in objects:
        by_kind[each["kind"]].append(each)
    return Snapshot(scope=Scope(environment="test"), taken_at=now, objects=by_kind, logs=logs or {})


ALL_KINDS: Sequence[str] = (
    *_KINDS.values(), "Secret", "Namespace", "Role", "RoleBinding", "LimitRange", "StorageClass", "PersistentVolume", "IngressClass", "Gateway", "HTTPRoute", "GatewayClass",
    "ValidatingWebhookConfiguration", "MutatingWebhookConfiguration", "PriorityClass", "CertificateSigningRequest",
)  # fmt: skip


def _latest(value: object) -> datetime:
    found = [datetime.min.replace(tzinfo=UTC)]

    def walk(each: object) -> None:
        if isinstance(each, Mapping):
            for item in each.values():
                walk(item)
        elif isinstance(each, list):
            for item in each:
                walk(item)
        elif isinstance(each, str) and len(each) < 40 and (at := moment(each)):
            found.append(at)

    walk(value)
    return max(found)


class Recorded:
    """Satisfies `Snapshots` with what one snapshot holds, whatever the scope."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._snapshot = snapshot

    async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
        found = {kind: self._snapshot.objects.get(kind, ()) for kind in kinds}
        return self._part(scope, objects=found, unseen=self._snapshot.unseen)

    async def find(self, scope: Scope, wanted: Sequence[Named], *, budget: Budget) -> Snapshot:
        held = {(kind, _place(raw)): raw for kind, raws in self._snapshot.objects.items() for raw in raws}
        return self._part(scope, named={each: held.get((each.kind, (each.namespace, each.name))) for each in wanted})

    async def logs(self, scope: Scope, wanted: Sequence[LogWanted], *, budget: Budget) -> Snapshot:
        return self._part(scope, logs={each: self._snapshot.logs.get(each, "") for each in wanted})

    def _part(self, scope: Scope, **parts: Any) -> Snapshot:
        return Snapshot(scope=scope, taken_at=self._snapshot.taken_at, **{"objects": {}, **parts})


def _place(raw: Mapping[str, Any]) -> tuple[str, str]:
    return raw["metadata"].get("namespace", ""), raw["metadata"]["name"]
