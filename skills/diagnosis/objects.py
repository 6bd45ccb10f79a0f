"""Kubernetes objects as detectors read them: raw JSON behind a few names, so that absent fields are empty and times are times."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, NamedTuple

from skills.core.ports.snapshots import Raw


class Ref(NamedTuple):
    """Which object: its kind, namespace ("" for cluster-wide kinds) and name. The object need not exist."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.kind} {self.namespace}/{self.name}" if self.namespace else f"{self.kind} {self.name}"

    def to_json(self) -> dict[str, str]:
        return {"kind": self.kind, "namespace": self.namespace, "name": self.name}


@dataclass(frozen=True, kw_only=True)
class Condition:
    """One entry of `status.conditions`; `since` is when it last changed."""

    type: str
    status: str
    reason: str
    message: str
    since: datetime | None

    @property
    def true(self) -> bool:
        return self.status == "True"


class Object:
    """An object of the snapshot. Equal by identity, as there is one for each object seen."""

    def __init__(self, kind: str, raw: Raw) -> None:
        self.kind = kind
        self.raw = raw
        self.metadata: Mapping[str, Any] = raw.get("metadata") or {}
        self.spec: Mapping[str, Any] = raw.get("spec") or {}
        self.status: Mapping[str, Any] = raw.get("status") or {}
        self.name = str(self.metadata.get("name", ""))
        self.namespace = str(self.metadata.get("namespace", ""))
        self.uid = str(self.metadata.get("uid", ""))
        self.ref = Ref(kind, self.namespace, self.name)

    def __repr__(self) -> str:
        return f"<{self.ref}>"

    @property
    def labels(self) -> Mapping[str, str]:
        return self.metadata.get("labels") or {}

    @property
    def annotations(self) -> Mapping[str, str]:
        return self.metadata.get("annotations") or {}

    @cached_property
    def created_at(self) -> datetime | None:
        return moment(self.metadata.get("creationTimestamp"))

    @cached_property
    def deleted_at(self) -> datetime | None:
        """When deletion was asked for, if it was."""
        return moment(self.metadata.get("deletionTimestamp"))

    @property
    def generation_observed(self) -> bool:
        """Has the controller seen the latest wish? True where the object does not say."""
        observed = self.status.get("observedGeneration")
        return observed is None or int(observed) >= int(self.metadata.get("generation") or 0)

    @cached_property
    def controller(self) -> tuple[str, str, str] | None:
        """(kind, name, uid) of the owner that controls this object."""
        for owner in self.metadata.get("ownerReferences") or ():
            if owner.get("controller"):
                return str(owner.get("kind", "")), str(owner.get("name", "")), str(owner.get("uid", ""))
        return None

    @cached_property
    def conditions(self) -> Mapping[str, Condition]:
        """By type."""
        return {kind: _condition(raw) for kind, raw in self._conditions.items()}

    def condition(self, kind: str) -> Condition | None:
        raw = self._conditions.get(kind)
        return _condition(raw) if raw is not None else None

    @cached_property
    def _conditions(self) -> Mapping[str, Mapping[str, Any]]:
        return {str(each.get("type", "")): each for each in self.status.get("conditions") or ()}

    @property
    def template(self) -> Mapping[str, Any]:
        """The pod spec this object makes pods from; the pod's own for a Pod; empty for anything else."""
        if self.kind == "Pod":
            return self.spec
        holder = self.spec
        if self.kind == "CronJob":
            holder = (holder.get("jobTemplate") or {}).get("spec") or {}
        return (holder.get("template") or {}).get("spec") or {}

    @property
    def template_labels(self) -> Mapping[str, str]:
        """The labels its pods carry."""
        if self.kind == "Pod":
            return self.labels
        holder = self.spec
        if self.kind == "CronJob":
            holder = (holder.get("jobTemplate") or {}).get("spec") or {}
        return ((holder.get("template") or {}).get("metadata") or {}).get("labels") or {}


def _condition(raw: Mapping[str, Any]) -> Condition:
    return Condition(
        type=str(raw.get("type", "")),
        status=str(raw.get("status", "")),
        reason=str(raw.get("reason") or ""),
        message=str(raw.get("message") or ""),
        since=moment(raw.get("lastTransitionTime")),
    )


class Role(StrEnum):
    """What a container is for."""

    MAIN = "main"
    INIT = "init"
    SIDECAR = "sidecar"


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container of a pod: its spec, its status (empty before the kubelet has written one) and what it is for."""

    pod: Object
    spec: Mapping[str, Any]
    status: Mapping[str, Any]
    role: Role

    @property
    def name(self) -> str:
        return str(self.spec.get("name", ""))

    @property
    def image(self) -> str:
        return str(self.spec.get("image", ""))

    @property
    def waiting(self) -> Mapping[str, Any]:
        return (self.status.get("state") or {}).get("waiting") or {}

    @property
    def running(self) -> Mapping[str, Any]:
        return (self.status.get("state") or {}).get("running") or {}

    @property
    def terminated(self) -> Mapping[str, Any]:
        return (self.status.get("state") or {}).get("terminated") or {}

    @property
    def last(self) -> Mapping[str, Any]:
        """How the run before this one ended."""
        return (self.status.get("lastState") or {}).get("terminated") or {}

    @property
    def ended(self) -> Mapping[str, Any]:
        """How its latest finished run ended."""
        return self.terminated or self.last

    @property
    def restarts(self) -> int:
        return int(self.status.get("restartCount") or 0)

    @property
    def ready(self) -> bool:
        return bool(self.status.get("ready"))


def containers(pod: Object) -> Iterator[Container]:
    """Every container of a pod, init containers first. An init container that is always restarted is a sidecar."""
    statuses = {
        **{each.get("name"): each for each in pod.status.get("initContainerStatuses") or ()},
        **{each.get("name"): each for each in pod.status.get("containerStatuses") or ()},
    }
    for spec in pod.spec.get("initContainers") or ():
        role = Role.SIDECAR if spec.get("restartPolicy") == "Always" else Role.INIT
        yield Container(pod=pod, spec=spec, status=statuses.get(spec.get("name")) or {}, role=role)
    for spec in pod.spec.get("containers") or ():
        yield Container(pod=pod, spec=spec, status=statuses.get(spec.get("name")) or {}, role=Role.MAIN)


def container_specs(template: Mapping[str, Any]) -> Sequence[Mapping[str, Any]]:
    """The specs of all containers of a pod spec, init containers first."""
    return (*(template.get("initContainers") or ()), *(template.get("containers") or ()))


def moment(text: object) -> datetime | None:
    """An RFC 3339 time as the API server writes it, aware, in UTC; None for anything else."""
    if not isinstance(text, str) or not text:
        return None
    try:
        parsed = datetime.fromisoformat(text)
    except ValueError:
        return None
    return parsed.astimezone(UTC) if parsed.tzinfo else parsed.replace(tzinfo=UTC)
