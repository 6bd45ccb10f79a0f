"""What the simulated clusters remember, in the form in which it is written to the state file. All times are UTC."""

import copy
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, TypeAlias

from pydantic import BaseModel, ConfigDict, Field

from skills.core.canonical import digest
from skills.core.ports.workloads import Container
from skills.core.resources import spelled

FORMAT = 1
RESTART_MARK = "countersign.dev/restart"
EFFECTS_KEPT = 1000
_DERIVED_LABEL = "pod-template-hash"

Manifest: TypeAlias = dict[str, Any]
"""An object as a person writes it for `kubectl apply`, in built-in types."""


class _Record(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Fault(_Record, frozen=True):
    """Why a pod will never be ready. It shows at `shows_at` and is beyond doubt (a crash loop, a pull back-off) at `certain_at`.

    `exit_code` is None for an image that cannot be pulled.
    """

    container: str
    image: str
    shows_at: datetime
    certain_at: datetime
    exit_code: int | None = None
    log: tuple[str, ...] = ()


class Pod(_Record, frozen=True):
    """A pod and its fate, settled at birth. `template` is the digest of the template that it was made from."""

    template: str
    born_at: datetime
    ready_at: datetime | None = None
    available_at: datetime | None = None
    fault: Fault | None = None

    def ready(self, at: datetime) -> bool:
        return self.ready_at is not None and self.ready_at <= at

    def available(self, at: datetime) -> bool:
        return self.available_at is not None and self.available_at <= at

    def moments(self) -> Iterator[datetime]:
        """When something about it changes."""
        if self.fault:
            yield self.fault.shows_at
            yield self.fault.certain_at
        if self.ready_at and self.available_at:
            yield self.ready_at
            yield self.available_at


class TemplateRevision(_Record):
    """What a replica set is for: a pod template, its digest, and the number it got when it was last the wanted one."""

    number: int
    digest: str
    template: Manifest
    created_at: datetime


class Deployment(_Record):
    """One Deployment. `manifest` carries what is wanted; `changed_at` is when its present template was put in place.

    `written_by` is the field manager that created it, and `wrote_replicas` says whether that one set the replicas too.
    """

    uid: str
    generation: int = 1
    manifest: Manifest
    written_by: str
    wrote_replicas: bool = True
    changed_at: datetime
    revisions: list[TemplateRevision] = Field(min_length=1)
    pods: list[Pod] = Field(default_factory=list)

    @property
    def name(self) -> str:
        return str(self.manifest["metadata"]["name"])

    @property
    def namespace(self) -> str:
        return str(self.manifest["metadata"]["namespace"])

    @property
    def spec(self) -> Manifest:
        spec: Manifest = self.manifest["spec"]
        return spec

    @property
    def replicas(self) -> int:
        return int(self.spec.get("replicas", 1))

    @property
    def paused(self) -> bool:
        return bool(self.spec.get("paused", False))

    @property
    def current(self) -> TemplateRevision:
        """The revision that is wanted: always the one with the highest number."""
        return max(self.revisions, key=lambda revision: revision.number)

    def put(self, manifest: Manifest, *, at: datetime) -> None:
        """Take `manifest` as what is wanted from `at` on. A template seen before is renumbered, like a replica set that is used again."""
        if manifest["spec"] == self.manifest["spec"]:
            return
        self.generation += 1
        self.manifest = manifest
        fingerprint = template_digest(manifest["spec"]["template"])
        if self.current.digest != fingerprint:
            self._renumber(fingerprint, manifest["spec"]["template"], at)
            self.changed_at = at

    def _renumber(self, fingerprint: str, template: Manifest, at: datetime) -> None:
        number = self.current.number + 1
        known = next((revision for revision in self.revisions if revision.digest == fingerprint), None)
        if known:
            known.number = number
        else:
            kept = copy.deepcopy(template)
            self.revisions.append(TemplateRevision(number=number, digest=fingerprint, template=kept, created_at=at))
        self.revisions.sort(key=lambda revision: revision.number)
        limit = int(self.spec.get("revisionHistoryLimit", 10))
        self.revisions = self.revisions[-(limit + 1) :]


class Autoscaler(_Record):
    """A HorizontalPodAutoscaler, as far as it matters here: whose replicas it owns."""

    name: str
    namespace: str
    target: str


class VerticalAutoscaler(_Record):
    """A VerticalPodAutoscaler: of which Deployment, and whether it decides what is requested or only recommends."""

    name: str
    namespace: str
    target: str
    decides: bool


class Quota(_Record):
    """A ResourceQuota on the number of pods."""

    name: str
    namespace: str
    pods: int


class Cluster(_Record):
    """One environment's cluster, as it stood at `as_of`. Deployments are keyed "namespace/name"."""

    as_of: datetime
    deployments: dict[str, Deployment] = Field(default_factory=dict)
    autoscalers: list[Autoscaler] = Field(default_factory=list)
    vertical_autoscalers: list[VerticalAutoscaler] = Field(default_factory=list)
    quotas: list[Quota] = Field(default_factory=list)


class Effect(_Record, frozen=True):
    """One edit that took effect. `digest` is that of the approved plan; empty where somebody else made it."""

    at: datetime
    environment: str
    name: str
    edit: Mapping[str, str | int | None]
    digest: str = ""


class World(_Record):
    """Everything: a cluster for each environment, and the latest thousand edits that took effect, oldest first.

    `founded_at` is when it was made; None in files of earlier releases.
    """

    format: int = FORMAT
    founded_at: datetime | None = None
    clusters: dict[str, Cluster] = Field(default_factory=dict)
    effects: list[Effect] = Field(default_factory=list)

    def cluster(self, environment: str, *, at: datetime) -> Cluster:
        """The cluster of an environment, empty if nothing was ever put there."""
        return self.clusters.setdefault(environment, Cluster(as_of=at))

    def note(self, effect: Effect) -> None:
        self.effects = [*self.effects, effect][-EFFECTS_KEPT:]


def key(namespace: str, name: str) -> str:
    return f"{namespace}/{name}"


def template_digest(template: Manifest) -> str:
    """The digest of a pod template, without the label that the Deployment controller adds to it."""
    labels = template.get("metadata", {}).get("labels", {})
    if _DERIVED_LABEL in labels:
        kept = {label: value for label, value in labels.items() if label != _DERIVED_LABEL}
        template = {**template, "metadata": {**template["metadata"], "labels": kept}}
    return digest(template)


def containers_of(template: Manifest) -> tuple[Container, ...]:
    return tuple(
        Container(
            name=container["name"], image=container.get("image", ""), resources=spelled(container.get("resources"))
        )
        for container in template["spec"]["containers"]
    )
