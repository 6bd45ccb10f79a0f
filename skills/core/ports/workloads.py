"""What skills need of a cluster: read workloads, see what an edit would change, make it once, watch it roll out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Any, Protocol, TypeAlias

from skills.core.canonical import Json
from skills.core.errors import NotAllowed
from skills.core.names import Digest
from skills.core.plan import FieldChange


@dataclass(frozen=True, kw_only=True)
class Place:
    """Where one workload lives: an environment of the catalog, and the object's namespace and name in its cluster."""

    environment: str
    namespace: str
    name: str

    def __str__(self) -> str:
        return f"{self.namespace}/{self.name} in {self.environment}"


@dataclass(frozen=True, kw_only=True)
class Container:
    """A container of the pod template, the image it is to run, and what it requests, as `skills.core.resources` spells it."""

    name: str
    image: str
    resources: str = ""


@dataclass(frozen=True, kw_only=True)
class Owner:
    """Somebody who looks after a field. `reverts` says that they would put it back if we changed it.

    `field` is "template" (image and everything else of the pod template) or "replicas".
    """

    field: str
    system: str
    name: str
    reverts: bool


@dataclass(frozen=True, kw_only=True)
class Size:
    """What one replica reserves and may use at most, in cores and GiB; None where it does not say."""

    cpu: Decimal | None = None
    memory: Decimal | None = None
    cpu_limit: Decimal | None = None
    memory_limit: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class Workload:
    """A Deployment as it stands. `template` is the digest of its pod template; `restart` is our restart mark, if any.

    `replicas` are wanted; `updated`, `ready` and `available` are as last observed. `settled` is true when the latest template is fully
    rolled out. `trouble` is one sentence when it is not well.
    """

    place: Place
    uid: str
    revision: int
    containers: tuple[Container, ...]
    template: str
    replicas: int
    updated: int = 0
    ready: int = 0
    available: int = 0
    settled: bool = True
    paused: bool = False
    restart: str | None = None
    trouble: str = ""
    changed_at: datetime | None = None
    owners: tuple[Owner, ...] = ()
    labels: Mapping[str, str] = field(default_factory=dict)
    size: Size = Size()

    def container(self, name: str) -> Container | None:
        return next((container for container in self.containers if container.name == name), None)


@dataclass(frozen=True, kw_only=True)
class Revision:
    """An earlier (or the present) pod template that can be restored. `template` is its digest."""

    number: int
    containers: tuple[Container, ...]
    template: str
    created_at: datetime | None = None
    current: bool = False


@dataclass(frozen=True, kw_only=True)
class ImageEdit:
    """Set the image of one container."""

    container: str
    before: str
    after: str

    def inverse(self) -> "ImageEdit":
        return ImageEdit(container=self.container, before=self.after, after=self.before)

    def to_json(self) -> dict[str, Json]:
        return {"op": "image", "container": self.container, "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class ReplicasEdit:
    """Set how many replicas are wanted."""

    before: int
    after: int

    def inverse(self) -> "ReplicasEdit":
        return ReplicasEdit(before=self.after, after=self.before)

    def to_json(self) -> dict[str, Json]:
        return {"op": "replicas", "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class RestartEdit:
    """Put a new restart mark on the pod template, so that every pod is replaced. `None` means no mark."""

    before: str | None
    after: str | None

    def inverse(self) -> "RestartEdit":
        return RestartEdit(before=self.after, after=self.before)

    def to_json(self) -> dict[str, Json]:
        return {"op": "restart", "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class TemplateEdit:
    """Put the pod template with digest `after` in place of the one with digest `before`; both must be among the revisions."""

    before: str
    after: str

    def inverse(self) -> "TemplateEdit":
        return TemplateEdit(before=self.after, after=self.before)

    def to_json(self) -> dict[str, Json]:
        return {"op": "template", "before": self.before, "after": self.after}


@dataclass(frozen=True, kw_only=True)
class ResourcesEdit:
    """Set what one container requests and may use at most, spelled by `skills.core.resources`. Other resources stay as they are."""

    container: str
    before: str
    after: str

    def inverse(self) -> "ResourcesEdit":
        return ResourcesEdit(container=self.container, before=self.after, after=self.before)

    def to_json(self) -> dict[str, Json]:
        return {"op": "resources", "container": self.container, "before": self.before, "after": self.after}


def set_by_autoscaler(place: Place, name: str) -> NotAllowed:
    """What `preview` raises where a VerticalPodAutoscaler of this name decides what pods request."""
    return NotAllowed(
        f"What {place.name} requests in {place.environment} is set by VerticalPodAutoscaler ({name}), which would undo this change.",
        hint="Change its bounds (resourcePolicy) instead, or let it only recommend (updateMode: Off).",
    )


Edit: TypeAlias = ImageEdit | ReplicasEdit | ResourcesEdit | RestartEdit | TemplateEdit

_OPS: Mapping[str, type[Edit]] = {
    "image": ImageEdit,
    "replicas": ReplicasEdit,
    "resources": ResourcesEdit,
    "restart": RestartEdit,
    "template": TemplateEdit,
}


def edit_from_json(value: Mapping[str, Any]) -> Edit:
    """The edit that `to_json` wrote. Raises `KeyError` or `TypeError` on anything else."""
    fields = {key: item for key, item in value.items() if key != "op"}
    return _OPS[value["op"]](**fields)


@dataclass(frozen=True, kw_only=True)
class Rollout:
    """A rollout as seen just now. `done` is None while under way, True when every wanted replica runs the new template and is available,
    False when it cannot succeed; `text` says it in one sentence and `log` holds the last lines of the container at fault, redacted.
    """

    text: str
    wanted: int
    updated: int
    ready: int
    done: bool | None = None
    log: tuple[str, ...] = ()


class Workloads(Protocol):
    """Reading. Raises `UnknownName` for a workload that is not there and `Unavailable` when the cluster does not answer or forbids."""

    async def list(self, environment: str) -> Sequence[Workload]:
        """Every workload of an environment, by name."""

    async def get(self, place: Place) -> Workload:
        """One workload, with the owners of its fields."""

    async def revisions(self, place: Place) -> Sequence[Revision]:
        """The templates that can be restored, newest first, the current one included."""


class Edits(Protocol):
    """Changing. An edit is guarded by the object's uid and by its own `before`."""

    async def preview(self, place: Place, edit: Edit, *, uid: str) -> Sequence[FieldChange]:
        """The fields that would change, as the cluster itself says (a server-side dry run), secrets redacted.

        Raises `Conflict` if uid or `before` do not hold, `NotAllowed` if the cluster refuses the result or something else decides what pods request.
        """

    async def apply(self, place: Place, edit: Edit, *, uid: str, digest: Digest | None = None) -> None:
        """Make the edit, on the strength of the approved plan of this digest. Raises `Conflict` if uid or `before` do not hold (nothing was done), `NotAllowed` if the cluster refuses it,
        `Unclear` if it was sent and no answer came, `Unavailable` if it was certainly not made.
        """


class Rollouts(Protocol):
    """Watching."""

    def follow(self, place: Place, *, uid: str) -> AsyncIterator[Rollout]:
        """The rollout of what is now wanted, each time it moves, ending with `done` True or False.

        Survives expired watches and a server that goes away for a while. Raises `Unavailable` when it stays away.
        """
