"""A cluster without a cluster: satisfies `Workloads`, `Edits`, `Rollouts` and `Snapshots` for any number of environments.

Rollouts take time and can fail, edits are guarded, owners are respected, and what happened stays happened when the process ends.
"""

import asyncio
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

from integrations.memory.births import Births
from integrations.memory.conditions import condition, deadline
from integrations.memory.controller import Controller
from integrations.memory.differences import differences
from integrations.memory.edits import conflict, edited, restart_mark
from integrations.memory.faults import Faults
from integrations.memory.kubelet import log_of
from integrations.memory.logs import MemoryLogs
from integrations.memory.objects import catch_up, create_object, delete_objects, reconcile
from integrations.memory.owners import owners_of, setter_of_requests
from integrations.memory.past import Past, past_of
from integrations.memory.picture import Picture, picture
from integrations.memory.seed import seeded
from integrations.memory.simulation import Simulation
from integrations.memory.state import Cluster, Deployment, Effect, Pod, World, containers_of, key
from integrations.memory.state_file import StateFile
from integrations.memory.traces import MemoryTraces
from skills.core.catalog import nearest, shown
from skills.core.errors import Unavailable, Unclear, UnknownName
from skills.core.names import Digest
from skills.core.plan import FieldChange
from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope, Snapshot
from skills.core.ports.workloads import Edit, Place, ResourcesEdit, Revision, Rollout, Workload, set_by_autoscaler
from skills.costing.sizes import size_of

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]
T = TypeVar("T")

_GLANCE = 1.0
"""Seconds after which a watcher looks again in any case, since another process may have changed what is wanted."""
_PATIENCE = 60.0
"""Seconds for which a watcher puts up with a cluster that does not answer."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


class MemoryCluster:
    """Simulated clusters, one for each environment. Make one with `open`. `faults` are switches for tests and demonstrations."""

    def __init__(
        self, state: StateFile, *, simulation: Simulation, clock: Clock, sleep: Sleep, new_uid: Callable[[], str]
    ) -> None:
        self.faults = Faults()
        self._state = state
        self.simulation = simulation
        self._births = Births(simulation)
        self._clock = clock
        self._sleep = sleep
        self._new_uid = new_uid

    @classmethod
    def open(
        cls,
        path: Path | None = None,
        *,
        simulation: Simulation | None = None,
        clock: Clock = _utc_now,
        sleep: Sleep = asyncio.sleep,
        new_uid: Callable[[], str] = lambda: str(uuid.uuid4()),
    ) -> "MemoryCluster":
        """The clusters whose state is in the file at `path`, or in this process alone if it is None.

        Reads nothing yet: a file that is not there is made on first use, with what `simulation` describes. `clock` gives aware UTC.
        """
        world = simulation or Simulation()
        seed = partial(_seed, world, new_uid, clock)
        return cls(StateFile(path, seed=seed), simulation=world, clock=clock, sleep=sleep, new_uid=new_uid)

    @property
    def effects(self) -> Sequence[Effect]:
        """The latest thousand edits that took effect, by whichever process, oldest first."""
        return tuple(self._state.read().effects)

    @property
    def founded_at(self) -> datetime:
        """When this world was made (UTC), as far as anybody knows."""
        world = self._state.read()
        return world.founded_at or next((each.at for each in world.effects), self._clock())

    @property
    def pod_logs(self) -> MemoryLogs:
        """What the pods wrote."""
        return MemoryLogs(self)

    @property
    def request_traces(self) -> MemoryTraces:
        """Who called whom."""
        return MemoryTraces(self, self.simulation, clock=self._clock)

    async def past(self, place: Place) -> Sequence[Past]:
        """What was wanted of a workload, newest first, back to before anything was known. Raises `UnknownName` or `Unavailable`."""
        await self._answer("get", str(place))
        world = self._state.read()
        deployment = _deployment(self._now(place.environment)[0], place)
        return past_of(
            deployment,
            [each for each in world.effects if (each.environment, each.name) == (place.environment, place.name)],
        )

    async def create(
        self, manifest: Mapping[str, Any], *, environment: str, manager: str = "kubectl-client-side-apply"
    ) -> str:
        """Create a Deployment, an autoscaler (horizontal or vertical) or a ResourceQuota on pods, as written by `manager`. Returns its uid.

        Raises `Conflict` if there is one of that name, `BadInput` for a manifest of another kind or one that makes no sense.
        """
        uid = self._new_uid()
        await self._change(partial(self._create, manifest, environment, manager, uid))
        return uid

    async def delete(self, kind: str, name: str, *, environment: str) -> None:
        """Delete objects of this kind and name, in any namespace; none may be left, so it may be repeated."""
        await self._change(partial(self._delete, kind, name, environment))

    async def list(self, environment: str) -> Sequence[Workload]:
        """Every workload of an environment, by name. Raises `Unavailable`."""
        await self._answer("list", environment)
        cluster, controller = self._now(environment)
        found = [_workload(environment, cluster, controller, name) for name in cluster.deployments]
        return sorted(found, key=lambda workload: (workload.place.name, workload.place.namespace))

    async def get(self, place: Place) -> Workload:
        """One workload, with the owners of its fields. Raises `UnknownName` or `Unavailable`."""
        await self._answer("get", str(place))
        cluster, controller = self._now(place.environment)
        _deployment(cluster, place)
        return _workload(place.environment, cluster, controller, key(place.namespace, place.name))

    async def revisions(self, place: Place) -> Sequence[Revision]:
        """The templates that can be restored, newest first, the current one included. Raises `UnknownName` or `Unavailable`."""
        await self._answer("list", f"the revisions of {place}")
        deployment = _deployment(self._now(place.environment)[0], place)
        return [
            Revision(
                number=revision.number,
                containers=containers_of(revision.template),
                template=revision.digest,
                created_at=revision.created_at,
                current=revision is deployment.current,
            )
            for revision in reversed(deployment.revisions)
        ]

    async def pods(self, place: Place) -> tuple[Deployment, Sequence[Pod], datetime]:
        """A deployment, its pods, and the moment at which they are as they are. None is to be modified. Raises as `get` does."""
        await self._answer("get", f"the pods of {place}")
        cluster, controller = self._now(place.environment)
        return _deployment(cluster, place), controller.pods[key(place.namespace, place.name)], controller.as_of

    def written_by(self, deployment: Deployment) -> tuple[str, ...]:
        """The lines that a healthy pod of this deployment writes, over and over."""
        service = self.simulation.services.get(deployment.name)
        return service.log if service else ()

    async def preview(self, place: Place, edit: Edit, *, uid: str) -> Sequence[FieldChange]:
        """The fields that `edit` would change, secrets redacted. Raises `UnknownName`, `Conflict`, `NotAllowed` or `Unavailable`."""
        await self._answer("patch", str(place))
        cluster, _ = self._now(place.environment)
        deployment = _deployment(cluster, place)
        after = edited(deployment, place, edit, uid=uid)
        setter = setter_of_requests(deployment, cluster.vertical_autoscalers)
        if isinstance(edit, ResourcesEdit) and setter:
            raise set_by_autoscaler(place, setter)
        return differences({"spec": deployment.spec}, {"spec": after["spec"]})

    async def apply(self, place: Place, edit: Edit, *, uid: str, digest: Digest | None = None) -> None:
        """Make the edit and note it in `effects` with the digest, atomically.

        Raises `Conflict` or `NotAllowed` (nothing was done), `Unavailable` (certainly not made), `Unclear` by fault switch.
        """
        await self._answer("patch", str(place))
        if not self.faults.lose_request:
            await self._change(partial(self._apply, place, edit, uid, digest))
        if self.faults.lose_request or self.faults.lose_answer:
            raise Unclear(f"The change to {place} was sent to the simulated cluster, and no answer came back.")

    async def follow(self, place: Place, *, uid: str) -> AsyncIterator[Rollout]:
        """The rollout of what is now wanted, each time it moves, ending with `done` True or False.

        Raises `UnknownName` if there is no such workload to begin with. Puts up with a cluster that does not answer for a minute, then
        raises `Unavailable`.
        """
        last: Rollout | None = None
        heard_at = self._clock()
        while last is None or last.done is None:
            try:
                await self._answer("watch", str(place))
                seen, moment = self._observe(place, uid, last)
                heard_at = self._clock()
            except Unavailable:
                if (self._clock() - heard_at).total_seconds() >= _PATIENCE:
                    raise
                await self._sleep(_GLANCE)
                continue
            if seen != last:
                yield seen
            last = seen
            if seen.done is None:
                await self._sleep(self._pause(moment))

    async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
        """All objects of these kinds. Looking costs nothing here. Raises `UnknownName` or `Unavailable`."""
        await self._answer("list", f"everything of {scope.environment}")
        cluster, controller = self._now(scope.environment)
        known = {
            self.simulation.namespace(scope.environment),
            *(each.namespace for each in cluster.deployments.values()),
        }
        for namespace in scope.namespaces:
            if namespace not in known:
                raise UnknownName("namespace", shown(namespace), nearest(namespace, sorted(known)))
        there = picture(cluster, controller).objects
        found = {kind: [each for each in there.get(kind, ()) if _within(scope, each)] for kind in kinds}
        return Snapshot(scope=scope, taken_at=controller.as_of, objects=found)

    async def find(self, scope: Scope, wanted: Sequence[Named], *, budget: Budget) -> Snapshot:
        """These objects, None for those that are not there. Raises `Unavailable`."""
        await self._answer("get", f"objects of {scope.environment}")
        at, there = self._picture(scope)
        found = {
            each: next((raw for raw in there.objects.get(each.kind, ()) if _is(raw, each)), None) for each in wanted
        }
        return Snapshot(scope=scope, taken_at=at, objects={}, named=found)

    async def logs(self, scope: Scope, wanted: Sequence[LogWanted], *, budget: Budget) -> Snapshot:
        """What these containers said before they crashed. Raises `Unavailable`."""
        await self._answer("get", f"logs of {scope.environment}")
        at, there = self._picture(scope)
        pods = {each: there.pods.get(key(each.namespace, each.pod)) for each in wanted}
        found = {each: log_of(pod, each.container, at) if pod else "" for each, pod in pods.items()}
        return Snapshot(scope=scope, taken_at=at, objects={}, logs=found)

    def _picture(self, scope: Scope) -> tuple[datetime, Picture]:
        cluster, controller = self._now(scope.environment)
        return controller.as_of, picture(cluster, controller)

    def _observe(self, place: Place, uid: str, last: Rollout | None) -> tuple[Rollout, datetime | None]:
        """The rollout now, and when it next changes by itself."""
        cluster, controller = self._now(place.environment)
        name = key(place.namespace, place.name)
        deployment = cluster.deployments.get(name) if last else _deployment(cluster, place)
        if deployment is None or deployment.uid != uid:
            return _gone(place, last, again=deployment is not None), None
        limit = deadline(deployment, controller.pods[name], controller.as_of)
        moments = [limit] if limit > controller.as_of else []
        return condition(name, deployment, controller).rollout(), min(
            [*moments, *controller.pending(name)], default=None
        )

    def _pause(self, until: datetime | None) -> float:
        """Seconds to sleep before looking again."""
        left = (until - self._clock()).total_seconds() if until else _GLANCE
        return min(_GLANCE, max(0.0, left))

    async def _answer(self, verb: str, what: str) -> None:
        """Behave as the fault switches say."""
        if self.faults.slow:
            await self._sleep(self.faults.slow)
        if self.faults.down:
            raise Unavailable(
                f"The simulated cluster does not answer (tried to {verb} {what}).", hint="Try again later."
            )
        if verb in self.faults.forbid:
            raise Unavailable(
                f"The simulated cluster forbids to {verb} {what}.", hint="Ask for that right to be granted."
            )

    def _now(self, environment: str) -> tuple[Cluster, Controller]:
        """A cluster as last written, and its controller played forward to this moment. Neither is to be modified."""
        cluster = self._state.read().clusters.get(environment) or Cluster(as_of=self._clock())
        controller = Controller(cluster, self._births)
        controller.advance(self._clock())
        return cluster, controller

    async def _change(self, edit: Callable[[World], T]) -> T:
        """Change the state; in a thread where it is on disk, since another process may hold the lock."""
        if self._state.shared:
            return await asyncio.to_thread(self._state.change, edit)
        return self._state.change(edit)

    def _create(self, manifest: Mapping[str, Any], environment: str, manager: str, uid: str, world: World) -> None:
        cluster = self._caught_up(world, environment)
        namespace = self.simulation.namespace(environment)
        create_object(cluster, manifest, namespace=namespace, uid=uid, manager=manager)
        reconcile(cluster, self._births)

    def _delete(self, kind: str, name: str, environment: str, world: World) -> None:
        cluster = self._caught_up(world, environment)
        delete_objects(cluster, kind, name)
        reconcile(cluster, self._births)

    def _apply(self, place: Place, edit: Edit, uid: str, digest: Digest | None, world: World) -> None:
        cluster = self._caught_up(world, place.environment)
        try:
            deployment = _deployment(cluster, place)
        except UnknownName:
            raise conflict(place, "is no longer there") from None
        deployment.put(edited(deployment, place, edit, uid=uid), at=cluster.as_of)
        reconcile(cluster, self._births)
        world.note(
            Effect(
                at=cluster.as_of,
                environment=place.environment,
                name=place.name,
                edit=edit.to_json(),
                digest=digest or "",
            )
        )

    def _caught_up(self, world: World, environment: str) -> Cluster:
        """The cluster of an environment, brought to this moment, for modification."""
        now = self._clock()
        cluster = world.cluster(environment, at=now)
        catch_up(cluster, self._births, now)
        return cluster


def _within(scope: Scope, raw: Mapping[str, Any]) -> bool:
    namespace = raw["metadata"].get("namespace", "")
    return not scope.namespaces or not namespace or namespace in scope.namespaces


def _is(raw: Mapping[str, Any], wanted: Named) -> bool:
    metadata = raw["metadata"]
    return (metadata.get("namespace", ""), metadata["name"]) == (wanted.namespace, wanted.name)


def _seed(simulation: Simulation, new_uid: Callable[[], str], clock: Clock) -> World:
    return seeded(simulation, birth=Births(simulation), new_uid=new_uid, now=clock())


def _deployment(cluster: Cluster, place: Place) -> Deployment:
    found = cluster.deployments.get(key(place.namespace, place.name))
    if found is None:
        neighbours = [other.name for other in cluster.deployments.values() if other.namespace == place.namespace]
        close = nearest(place.name, neighbours)
        where = f"Namespace {place.namespace} of {place.environment} has no Deployment of that name"
        instead = f"; the nearest {'are' if len(close) > 1 else 'is'} {', '.join(close)}." if close else "."
        raise UnknownName("workload", shown(place.name), close, hint=where + instead)
    return found


def _gone(place: Place, last: Rollout | None, *, again: bool) -> Rollout:
    """The end of a rollout whose deployment is not there any more."""
    what = "was deleted and created again" if again else "was deleted"
    text = f"{place.name} {what} by somebody else; what I followed is gone."
    return replace(last or Rollout(text="", wanted=0, updated=0, ready=0), text=text, done=False)


def _workload(environment: str, cluster: Cluster, controller: Controller, name: str) -> Workload:
    """A deployment as the port has it."""
    deployment = cluster.deployments[name]
    seen = condition(name, deployment, controller)
    template = deployment.spec["template"]
    return Workload(
        place=Place(environment=environment, namespace=deployment.namespace, name=deployment.name),
        uid=deployment.uid,
        revision=deployment.current.number,
        containers=containers_of(template),
        template=deployment.current.digest,
        replicas=deployment.replicas,
        updated=seen.updated,
        ready=seen.ready,
        available=seen.available,
        settled=seen.done is True,
        paused=deployment.paused,
        restart=restart_mark(template),
        trouble=seen.trouble,
        changed_at=deployment.changed_at,
        owners=owners_of(deployment, cluster.autoscalers),
        labels=dict(deployment.manifest["metadata"].get("labels", {})),
        size=size_of(template["spec"]),
    )
