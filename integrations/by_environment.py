"""Each environment has its own cluster, and perhaps a metrics server; this finds them by its name and passes the call on."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import timedelta
from typing import Protocol, TypeVar, runtime_checkable

from skills.core.catalog import nearest
from skills.core.errors import Unavailable, UnknownName
from skills.core.names import Digest
from skills.core.plan import FieldChange
from skills.core.ports.alerts import Alert, Alerts
from skills.core.ports.logs import LogPage, LogQuery, Logs
from skills.core.ports.metrics import Measured, Metrics, Query, Window
from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope, Snapshot, Snapshots
from skills.core.ports.traces import Trace, TracePage, TraceQuery, Traces
from skills.core.ports.workloads import Edit, Edits, Place, Revision, Rollout, Rollouts, Workload, Workloads

_MOST_SEEN = 2000


class Cluster(Workloads, Edits, Rollouts, Snapshots, Protocol):
    """All four ports at once."""


class ByEnvironment:
    """Satisfies `Workloads`, `Edits`, `Rollouts` and `Snapshots` by asking the cluster of the environment that a place or a scope names."""

    def __init__(self, clusters: Mapping[str, Cluster]) -> None:
        self._clusters = clusters
        self._seen: dict[Place, Workload] = {}

    def seen(self, place: Place) -> Workload | None:
        """What a workload looked like when it was last read by itself, for whoever cannot wait for a cluster; None where it was not."""
        return self._seen.get(place)

    async def list(self, environment: str) -> Sequence[Workload]:
        return await self._of(environment).list(environment)

    async def get(self, place: Place) -> Workload:
        found = await self._of(place.environment).get(place)
        if len(self._seen) >= _MOST_SEEN:
            self._seen.clear()
        self._seen[place] = found
        return found

    async def revisions(self, place: Place) -> Sequence[Revision]:
        return await self._of(place.environment).revisions(place)

    async def preview(self, place: Place, edit: Edit, *, uid: str) -> Sequence[FieldChange]:
        return await self._of(place.environment).preview(place, edit, uid=uid)

    async def apply(self, place: Place, edit: Edit, *, uid: str, digest: Digest | None = None) -> None:
        await self._of(place.environment).apply(place, edit, uid=uid, digest=digest)

    async def follow(self, place: Place, *, uid: str) -> AsyncIterator[Rollout]:
        async for seen in self._of(place.environment).follow(place, uid=uid):
            yield seen

    async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
        return await self._of(scope.environment).take(scope, kinds, budget=budget)

    async def find(self, scope: Scope, wanted: Sequence[Named], *, budget: Budget) -> Snapshot:
        return await self._of(scope.environment).find(scope, wanted, budget=budget)

    async def logs(self, scope: Scope, wanted: Sequence[LogWanted], *, budget: Budget) -> Snapshot:
        return await self._of(scope.environment).logs(scope, wanted, budget=budget)

    def _of(self, environment: str) -> Cluster:
        if environment not in self._clusters:
            raise UnknownName("environment", environment, nearest(environment, self._clusters))
        return self._clusters[environment]


class LogsByEnvironment:
    """Satisfies `Logs` by asking the source of the environment that a place names."""

    def __init__(self, sources: Mapping[str, Logs]) -> None:
        self._sources = sources

    async def read(self, query: LogQuery) -> LogPage:
        return await _source(self._sources, query.place.environment, "logs").read(query)


class TracesByEnvironment:
    """Satisfies `Traces` by asking the source of the environment that is named."""

    def __init__(self, sources: Mapping[str, Traces]) -> None:
        self._sources = sources

    async def search(self, query: TraceQuery) -> TracePage:
        return await _source(self._sources, query.environment, "traces").search(query)

    async def find(self, environment: str, ids: tuple[str, ...]) -> Mapping[str, Trace]:
        return await _source(self._sources, environment, "traces").find(environment, ids)


S = TypeVar("S")


def _source(sources: Mapping[str, S], environment: str, what: str) -> S:
    if environment not in sources:
        raise Unavailable(
            f"I do not know where {environment} keeps its {what}.", hint=f"Set {what} for it in environments.yaml."
        )
    return sources[environment]


@runtime_checkable
class Checked(Protocol):
    """A server that is somewhere else."""

    async def check(self) -> str: ...


@runtime_checkable
class Evaluating(Alerts, Protocol):
    """A metrics server that evaluates rules, too."""


class MetricsByEnvironment:
    """Satisfies `Metrics` and `Alerts` by asking the server of the environment that the queries are of; there need not be one."""

    def __init__(self, servers: Mapping[str, Metrics]) -> None:
        self._servers = servers

    def finest(self, environment: str) -> timedelta | None:
        server = self._servers.get(environment)
        return server.finest(environment) if server else None

    def latest(self, environment: str, length: timedelta) -> Window | None:
        server = self._servers.get(environment)
        return server.latest(environment, length) if server else None

    async def check(self, environment: str) -> str:
        """A sentence on the server of an environment. Raises `Unavailable` where it does not answer."""
        server = self._servers.get(environment)
        if server is None:
            return "not configured, which is fine: there are no curves, and verdicts rest on the pods alone"
        return await server.check() if isinstance(server, Checked) else "simulated"

    async def firing(self, environment: str) -> Sequence[Alert]:
        server = self._servers.get(environment)
        return await server.firing(environment) if isinstance(server, Evaluating) else ()

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        return await self._servers[queries[0].place.environment].measure(queries, window) if queries else ()
