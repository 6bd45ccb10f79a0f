"""A look at some kinds of objects in one environment, narrowed to a service or a name, for the skills that only show."""

from collections.abc import Sequence
from dataclasses import dataclass

from skills.core.catalog import Environment, Service
from skills.core.errors import UnknownName
from skills.core.ports.snapshots import Budget, Scope, Snapshots
from skills.diagnosis.concerns import around, named
from skills.diagnosis.objects import Ref
from skills.diagnosis.scene import CLUSTER_WIDE, Scene

_TO_FIND = ("Deployment", "ReplicaSet", "StatefulSet", "DaemonSet", "Job", "CronJob", "Pod", "Service")
"""What it takes to know what belongs to a service."""


@dataclass(frozen=True, kw_only=True)
class Wanted:
    """What somebody wants to see: these kinds, of a service, or of the object of that name, or of a whole namespace, or `everywhere`."""

    kinds: tuple[str, ...]
    service: Service | None = None
    object: str = ""
    namespace: str = ""
    everywhere: bool = False


@dataclass(frozen=True, kw_only=True)
class Survey:
    """What was seen. `concerned` are the objects that were asked about, None for all of them."""

    environment: Environment
    namespace: str
    scene: Scene
    concerned: frozenset[Ref] | None

    def concerns(self, ref: Ref) -> bool:
        return self.concerned is None or ref in self.concerned


async def survey(snapshots: Snapshots, environment: Environment, wanted: Wanted) -> Survey:
    """Look. Raises `UnknownName` where the service or the object is not there, and what `Snapshots.take` raises."""
    own = wanted.service.namespace if wanted.service else ""
    namespace = wanted.namespace or own or environment.namespace
    narrowed = bool(wanted.service or wanted.object)
    kinds: Sequence[str] = tuple(dict.fromkeys((*wanted.kinds, *(_TO_FIND if narrowed else ()))))
    scope = Scope(environment=environment.name, namespaces=() if wanted.everywhere else (namespace,))
    seen = await snapshots.take(scope, kinds, budget=Budget())
    scene = Scene(seen)
    return Survey(
        environment=environment, namespace=namespace, scene=scene, concerned=_concerned(scene, wanted, namespace)
    )


def _concerned(scene: Scene, wanted: Wanted, namespace: str) -> frozenset[Ref] | None:
    if wanted.object:
        found = [ref for kind in wanted.kinds for ref in _by_name(scene, kind, namespace, wanted.object)]
        found = found or list(named(scene, wanted.object, namespace))
        if not found:
            raise UnknownName(
                "object", wanted.object, hint=f"Nothing that I looked at in namespace {namespace} has that name."
            )
        return frozenset(found)
    if wanted.service is None:
        return None
    found = list(named(scene, wanted.service.workload_name, namespace))
    if not found:
        raise UnknownName(
            "workload", wanted.service.workload_name, hint=f"Namespace {namespace} has nothing of that name."
        )
    return frozenset((*around(scene, found), *_owned(scene, found)))


def _by_name(scene: Scene, kind: str, namespace: str, name: str) -> Sequence[Ref]:
    found = scene.get(kind, "" if kind in CLUSTER_WIDE else namespace, name)
    return [found.ref] if found is not None else []


def _owned(scene: Scene, refs: Sequence[Ref]) -> Sequence[Ref]:
    """What they control directly, such as replica sets."""
    return [
        child.ref
        for ref in refs
        if (owner := scene.get(ref.kind, ref.namespace, ref.name)) is not None
        for child in scene.children(owner)
    ]
