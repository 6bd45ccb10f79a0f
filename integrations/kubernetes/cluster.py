"""One environment's cluster: what runs there, what an edit would change, the edit itself, and how it rolls out."""

import time
from collections.abc import AsyncGenerator, Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path

from integrations.kubernetes import checks, diff, discovery, editing, reading
from integrations.kubernetes.api import Api, Object
from integrations.kubernetes.connection import Connection, Credentials, Limits
from integrations.kubernetes.faults import Attempt, Refused, Unreachable, translate, translate_change
from integrations.kubernetes.kinds import GRANT
from integrations.kubernetes.logs import KubernetesLogs
from integrations.kubernetes.owners import owners, setter_of_requests
from integrations.kubernetes.rollout import Watch
from integrations.kubernetes.snapshot import Looking
from integrations.kubernetes.verdict import Patience, Scene, ailments
from skills.core.catalog import Service, nearest, shown
from skills.core.errors import Conflict, Unavailable, UnknownName
from skills.core.names import Digest
from skills.core.plan import FieldChange
from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope, Snapshot
from skills.core.ports.workloads import (
    Edit,
    Place,
    ReplicasEdit,
    ResourcesEdit,
    Revision,
    Rollout,
    TemplateEdit,
    Workload,
    set_by_autoscaler,
)


def _utc_now() -> datetime:
    return datetime.now(UTC)


class KubernetesCluster:
    """Satisfies `Workloads`, `Edits`, `Rollouts` and `Snapshots` for one environment. Connects on the first call; `close` when done."""

    def __init__(
        self, *, environment: str, namespace: str, connection: Connection, patience: Patience | None = None,
        clock: Callable[[], datetime] = _utc_now, monotonic: Callable[[], float] = time.monotonic,
    ) -> None:  # fmt: skip
        self._environment = environment
        self._namespace = namespace
        self._connection = connection
        self._patience = patience or Patience()
        self._clock = clock
        self._monotonic = monotonic
        self._looking = Looking(connection, environment=environment, clock=clock)

    @classmethod
    def connect(
        cls, *, environment: str, namespace: str, kubeconfig: Path | None = None, context: str | None = None,
        in_cluster: bool = False, clock: Callable[[], datetime] = _utc_now, patience: Patience | None = None,
        limits: Limits | None = None,
    ) -> "KubernetesCluster":  # fmt: skip
        """A cluster reached by a kubeconfig (without one: the usual places) or as a pod inside it. Does no I/O yet."""
        credentials = Credentials(
            environment=environment, kubeconfig=kubeconfig, context=context, in_cluster=in_cluster
        )
        connection = Connection(credentials, limits=limits)
        return cls(environment=environment, namespace=namespace, connection=connection, patience=patience, clock=clock)

    async def close(self) -> None:
        """Let go of the sockets. The next call would open them again."""
        await self._connection.close()

    @property
    def pod_logs(self) -> KubernetesLogs:
        """What its pods wrote, over the same connection."""
        return KubernetesLogs(environment=self._environment, connection=self._connection)

    async def list(self, environment: str) -> Sequence[Workload]:
        """Every Deployment of the environment's namespace, by name; none if there is no such namespace."""
        api = self._api(self._namespace)
        deployments = await self._read(api, "deployments")
        if not deployments:
            return []
        replica_sets = reading.by_controller(await self._read(api, "replicasets"))
        autoscalers = await self._autoscalers(api) or ()
        found = [
            reading.workload(
                self._place(item), item, replica_sets.get(item["metadata"]["uid"], ()), owners=owners(item, autoscalers)
            )
            for item in deployments
        ]
        return sorted(found, key=lambda workload: workload.place.name)

    async def get(self, place: Place) -> Workload:
        """One Deployment with the owners of its fields and, if it is not well, why."""
        api = self._api(place.namespace)
        deployment = await self._deployment(api, place)
        labels = reading.selector(deployment)
        replica_sets = await self._read(api, "replicasets", labels=labels)
        autoscalers = await self._autoscalers(api)
        trouble = ""
        if not reading.is_settled(deployment):
            pods = await self._read(api, "pods", labels=labels)
            scene = Scene(deployment=deployment, replica_sets=replica_sets, pods=pods)
            trouble = next((symptom.text for symptom in ailments(scene)), "")
        return reading.workload(
            place, deployment, replica_sets, owners=owners(deployment, autoscalers or ()), trouble=trouble
        )

    async def revisions(self, place: Place) -> Sequence[Revision]:
        """The templates that can be restored, newest first."""
        api = self._api(place.namespace)
        deployment = await self._deployment(api, place)
        replica_sets = await self._read(api, "replicasets", labels=reading.selector(deployment))
        return reading.revisions(deployment, replica_sets)

    async def preview(self, place: Place, edit: Edit, *, uid: str) -> Sequence[FieldChange]:
        """What the server says would change, sorted by path: a dry run of the very patch that `apply` sends."""
        api = self._api(place.namespace)
        deployment = await self._deployment(api, place)
        if isinstance(edit, ReplicasEdit) and await self._autoscalers(api) is None:
            raise Unavailable(
                f"I may not look at autoscalers in namespace {place.namespace} of {place.environment}, so I cannot tell whether one of them sets the replicas of {place.name}.",
                hint=f"The Role in {GRANT} grants it.",
            )
        if isinstance(edit, ResourcesEdit):
            await self._refuse_set_requests(api, place, deployment)
        return diff.changes(
            deployment, await self._patch(api, place, edit, uid=uid, deployment=deployment, dry_run=True)
        )

    async def apply(self, place: Place, edit: Edit, *, uid: str, digest: Digest | None = None) -> None:
        """Send the edit once, in the name of the plan of this digest, guarded by what was just read. A repetition finds that `before` no longer holds: `Conflict`."""
        api = self._api(place.namespace)
        try:
            deployment = await self._deployment(api, place)
        except UnknownName:
            raise Conflict(f"{place.name} is no longer in {place.environment}; nothing was done.") from None
        await self._patch(api, place, edit, uid=uid, deployment=deployment, digest=digest, dry_run=False)

    def follow(self, place: Place, *, uid: str) -> AsyncGenerator[Rollout, None]:
        """The rollout of what is now wanted, each time it moves, ending with `done` True or False."""
        api = self._api(place.namespace)

        async def absent() -> UnknownName:
            return await self._unknown(api, place)

        watch = Watch(api, place, uid, patience=self._patience, now=self._monotonic, clock=self._clock)
        return watch.follow(absent)

    async def discovered_services(self, environment: str) -> Sequence[Service]:
        """Services found by the recommended labels, by name."""
        return discovery.discovered(self._environment, await self._read(self._api(self._namespace), "deployments"))

    async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
        """All objects of these kinds."""
        return await self._looking.take(scope, kinds, budget=budget)

    async def find(self, scope: Scope, wanted: Sequence[Named], *, budget: Budget) -> Snapshot:
        """These objects, by name."""
        return await self._looking.find(scope, wanted, budget=budget)

    async def logs(self, scope: Scope, wanted: Sequence[LogWanted], *, budget: Budget) -> Snapshot:
        """The last lines of these containers."""
        return await self._looking.logs(scope, wanted, budget=budget)

    async def open(self) -> None:
        """Load client and credentials now rather than with the first call. Raises `Unavailable`."""
        await self._connection.open()

    async def check(self) -> Sequence[checks.Check]:
        """For `countersign doctor`: reachability, version, and each right that is needed. Never raises."""
        return await checks.check(self._api(self._namespace), self._environment)

    def _api(self, namespace: str) -> Api:
        return Api(self._connection, namespace)

    def _place(self, deployment: Object) -> Place:
        metadata = deployment["metadata"]
        return Place(environment=self._environment, namespace=metadata["namespace"], name=metadata["name"])

    def _attempt(self, verb: str, resource: str, namespace: str, name: str = "") -> Attempt:
        return Attempt(verb=verb, resource=resource, environment=self._environment, namespace=namespace, name=name)

    async def _read(self, api: Api, resource: str, *, labels: str = "") -> Sequence[Object]:
        try:
            return await api.everything(resource, labels=labels)
        except (Refused, Unreachable) as error:
            raise translate(error, self._attempt("list", resource, api.namespace)) from None

    async def _refuse_set_requests(self, api: Api, place: Place, deployment: Object) -> None:
        """Raises `NotAllowed` where something else decides what pods request, `Unavailable` where that cannot be seen."""
        setters = await self._autoscalers(api, "verticalpodautoscalers")
        if setters is None:
            raise Unavailable(
                f"I may not look at vertical autoscalers in namespace {place.namespace} of {place.environment}, so I cannot tell whether one of them sets what {place.name} requests.",
                hint=f"The Role in {GRANT} grants it.",
            )
        if name := setter_of_requests(deployment, setters):
            raise set_by_autoscaler(place, name)

    async def _autoscalers(self, api: Api, resource: str = "horizontalpodautoscalers") -> Sequence[Object] | None:
        """All autoscalers of a kind; none where the cluster has no such thing; None where we may not look."""
        try:
            return await api.everything(resource)
        except (Refused, Unreachable) as error:
            if isinstance(error, Refused) and error.status == 404:
                return []
            if isinstance(error, Refused) and error.status == 403:
                return None
            raise translate(error, self._attempt("list", resource, api.namespace)) from None

    async def _deployment(self, api: Api, place: Place) -> Object:
        try:
            return await api.deployment(place.name)
        except Refused as error:
            if error.status == 404:
                raise await self._unknown(api, place) from None
            raise translate(error, self._attempt("get", "deployments", place.namespace, place.name)) from None
        except Unreachable as error:
            raise translate(error, self._attempt("get", "deployments", place.namespace, place.name)) from None

    async def _unknown(self, api: Api, place: Place) -> UnknownName:
        try:
            names = [item["metadata"]["name"] for item in await api.everything("deployments")]
        except (Refused, Unreachable):
            names = []
        close = nearest(place.name, names)
        where = f"Namespace {place.namespace} of {place.environment} has no Deployment of that name"
        instead = f"; the nearest {'are' if len(close) > 1 else 'is'} {', '.join(close)}." if close else "."
        return UnknownName("workload", shown(place.name), close, hint=where + instead)

    async def _patch(
        self,
        api: Api,
        place: Place,
        edit: Edit,
        *,
        uid: str,
        deployment: Object,
        dry_run: bool,
        digest: Digest | None = None,
    ) -> Object:
        needed = isinstance(edit, TemplateEdit)
        replica_sets = await self._read(api, "replicasets", labels=reading.selector(deployment)) if needed else ()
        operations = editing.operations(place, edit, uid=uid, deployment=deployment, replica_sets=replica_sets)
        try:
            return await api.patch(place.name, operations, manager=editing.manager(edit, digest), dry_run=dry_run)
        except (Refused, Unreachable) as error:
            attempt = self._attempt("patch", "deployments", place.namespace, place.name)
            raise translate_change(error, attempt, dry_run=dry_run) from None
