"""The traces of the simulated services: a twin of a store of traces."""

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime, timedelta

from integrations.memory.pods import slot_time, slots, trace_id
from integrations.memory.simulation import Simulation
from skills.core.errors import UnknownName
from skills.core.ports.traces import Span, Trace, TracePage, TraceQuery
from skills.core.ports.workloads import Place, Workloads
from skills.core.untrusted import Untrusted

_KEPT = timedelta(hours=1)
_BROKEN = "connect: connection refused"


class MemoryTraces:
    """Satisfies `Traces` for all environments of a simulated cluster, which keeps the last hour. A service without ready pods fails its callers."""

    def __init__(
        self, cluster: Workloads, simulation: Simulation, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)
    ) -> None:  # fmt: skip
        self._cluster = cluster
        self._simulation = simulation
        self._clock = clock

    async def search(self, query: TraceQuery) -> TracePage:
        """The latest traces that a service took part in. Raises `Unavailable`."""
        now = self._clock()
        down = await self._down(query.environment)
        found = [
            trace
            for root in self._callers(query.service)
            for slot in self._slots(query, now)
            if (trace := self._trace(root, slot, down)) and (not query.failed or any(span.failed for span in trace.spans))
        ]  # fmt: skip
        found.sort(key=lambda trace: (trace.spans[0].started, trace.id), reverse=True)
        more = (f"There are more traces than these {query.limit}.",) if len(found) > query.limit else ()
        return TracePage(traces=tuple(found[: query.limit]), partial=more)

    async def find(self, environment: str, ids: tuple[str, ...]) -> Mapping[str, Trace]:
        """The traces of these ids that are kept. Raises `Unavailable`."""
        now, down = self._clock(), await self._down(environment)
        return {
            id: trace
            for root in self._simulation.services
            for slot in slots(now - _KEPT, now)
            if (id := trace_id(root, slot)) in ids and (trace := self._trace(root, slot, down))
        }

    def _slots(self, query: TraceQuery, now: datetime) -> Iterator[int]:
        return iter(slots(now - min(query.back, _KEPT), now))

    def _callers(self, service: str) -> list[str]:
        """The services whose requests reach this one, itself included."""
        found = [service] if service in self._simulation.services else []
        for name in found:
            found += [other for other, each in self._simulation.services.items() if name in each.calls and other not in found]  # fmt: skip
        return found

    async def _down(self, environment: str) -> frozenset[str]:
        """The services of an environment that answer nobody."""
        namespace = self._simulation.namespace(environment)
        down = set()
        for name in self._simulation.services:
            try:
                workload = await self._cluster.get(Place(environment=environment, namespace=namespace, name=name))
            except UnknownName:
                down.add(name)
                continue
            if not workload.ready:
                down.add(name)
        return frozenset(down)

    def _trace(self, root: str, slot: int, down: frozenset[str]) -> Trace | None:
        if root in down or not self._simulation.services[root].operation:
            return None
        spans = tuple(self._spans(root, "", slot_time(slot), slot, down))
        return Trace(id=trace_id(root, slot), spans=spans)

    def _spans(self, service: str, parent: str, began: datetime, slot: int, down: frozenset[str]) -> list[Span]:
        """The span of a service and those of whom it calls, one after the other. The first is the service's own."""
        described = self._simulation.services[service]
        id = f"{parent}{len(parent) // 2:02x}{list(self._simulation.services).index(service):02x}"
        own = timedelta(milliseconds=described.milliseconds * (1 + slot % 5 / 10))
        inner: list[Span] = []
        moment, failed = began + own / 2, service in down
        for called in () if failed else described.calls:
            spans = self._spans(called, id, moment, slot, down)
            inner += spans
            moment, failed = spans[0].ended, failed or spans[0].failed
        span = Span(
            id=id,
            parent=parent,
            service=Untrusted(service),
            operation=Untrusted(described.operation or service),
            started=began,
            lasted=moment + own / 2 - began,
            failed=failed,
            problem=Untrusted(_BROKEN) if service in down else None,
        )
        return [span, *inner]
