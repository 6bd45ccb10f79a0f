"""Places to try `Traces`: the twin, and each adapter on a server that answers as its maker documents. All hold requests to checkout that call
payments-api.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from aiohttp import web

from integrations.jaeger import JaegerTraces
from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import Simulation
from integrations.zipkin import ZipkinTraces
from skills.core.ports.traces import TracePage, TraceQuery, Traces
from tests.support.log_labs import breaking
from tests.support.stores import Store, asking, serving

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
REFUSED = "connect: connection refused"


@dataclass(kw_only=True)
class TraceLab:
    """A source, and how to take it down."""

    source: Traces
    take_down: Callable[[], Awaitable[None]]
    store: Store | None = None

    async def search(self, **query: Any) -> TracePage:
        return await self.source.search(TraceQuery(**{"environment": "lab", "service": "checkout", **query}))


def moments() -> list[datetime]:
    """Every seven seconds of the last hour, on the grid of the twin."""
    first, last = int((NOW - timedelta(hours=1)).timestamp()) // 7 + 1, int(NOW.timestamp()) // 7
    return [datetime.fromtimestamp(slot * 7, UTC) for slot in range(first, last + 1)]


def micros(at: datetime) -> int:
    return int(at.timestamp() * 1_000_000)


def jaeger_trace(at: datetime, *, failed: bool = True) -> dict[str, Any]:
    """A trace as Jaeger has it: checkout waits for payments-api, which fails."""
    id = f"{micros(at):032x}"

    def span(number: int, parent: int, operation: str, process: str, after: int, duration: int) -> dict[str, Any]:
        references = [{"refType": "CHILD_OF", "traceID": id, "spanID": f"{parent:016x}"}] if parent else []
        tags = [{"key": "span.kind", "type": "string", "value": "server"}]
        if failed:
            tags += [{"key": "error", "type": "bool", "value": True}]
        logs = [{"timestamp": micros(at), "fields": [{"key": "event", "type": "string", "value": "exception"}, {"key": "exception.message", "type": "string", "value": REFUSED}]}]  # fmt: skip
        return {
            "traceID": id, "spanID": f"{number:016x}", "operationName": operation, "references": references, "startTime": micros(at) + after,
            "duration": duration, "tags": tags, "logs": logs if failed and number == 2 else [], "processID": process, "warnings": None,
        }  # fmt: skip

    return {
        "traceID": id, "spans": [span(1, 0, "POST /orders", "p1", 0, 90_000), span(2, 1, "POST /charges", "p2", 20_000, 50_000)],
        "processes": {"p1": {"serviceName": "checkout", "tags": []}, "p2": {"serviceName": "payments-api", "tags": []}}, "warnings": None,
    }  # fmt: skip


def zipkin_trace(at: datetime, *, failed: bool = True) -> list[dict[str, Any]]:
    """The same as Zipkin has it, with the call to payments-api as one span that both sides report."""
    id = f"{micros(at):032x}"
    error = {"error": REFUSED} if failed else {}

    def span(number: int, kind: str, name: str, service: str, after: int, duration: int, **more: Any) -> dict[str, Any]:
        return {
            "traceId": id, "id": f"{number:016x}", "kind": kind, "name": name, "timestamp": micros(at) + after, "duration": duration,
            "localEndpoint": {"serviceName": service, "ipv4": "10.0.0.1"}, "tags": {"http.method": "POST", **error}, **more,
        }  # fmt: skip

    return [
        span(1, "SERVER", "post /orders", "checkout", 0, 90_000),
        span(2, "CLIENT", "post", "checkout", 19_000, 52_000, parentId=f"{1:016x}", remoteEndpoint={"serviceName": "payments-api"}),
        span(2, "SERVER", "post /charges", "payments-api", 20_000, 50_000, parentId=f"{1:016x}", shared=True),
    ]  # fmt: skip


@asynccontextmanager
async def twin() -> AsyncIterator[TraceLab]:
    release = {"releases": {"v1": {"created_at": "2026-10-01T00:00:00Z"}}, "history": ["v1"]}
    down = {
        "releases": {"v1-crash": {"created_at": "2026-10-01T00:00:00Z", "conduct": "crash"}},
        "history": ["v1-crash"],
    }
    services = {
        "checkout": {"image": "registry.example/checkout", "replicas": {"lab": 1}, "operation": "POST /orders", "calls": ["payments-api"], **release},
        "payments-api": {"image": "registry.example/payments-api", "replicas": {"lab": 1}, "operation": "POST /charges", **down},
    }  # fmt: skip
    described = {"environments": {"lab": {"namespace": "shop"}}, "services": services}
    cluster = MemoryCluster.open(simulation=Simulation.model_validate(described), clock=lambda: NOW)

    async def take_down() -> None:
        cluster.faults.down = True

    yield TraceLab(source=cluster.request_traces, take_down=take_down)


@asynccontextmanager
async def of_jaeger() -> AsyncIterator[TraceLab]:
    store = Store(traces=[jaeger_trace(at) for at in moments()])

    def search(request: Any) -> Any:
        query = request.query
        held = [
            each for each in store.traces if int(query["start"]) <= each["spans"][0]["startTime"] <= int(query["end"])
        ]
        services = {"checkout", "payments-api"}
        found = held[-int(query["limit"]) :] if query["service"] in services else []
        return {"data": found, "total": 0, "limit": 0, "offset": 0, "errors": None, **store.extra}

    def one(request: Any) -> Any:
        found = [each for each in store.traces if each["traceID"] == request.path.rpartition("/")[2]]
        body = {"data": found or None, "errors": None if found else [{"code": 404, "msg": "trace not found"}]}
        return web.json_response(body, status=200 if found else 404)

    async with serving(store, {"/api/traces": search, "/api/traces/[^/]+": one}) as url, asking(url, "Jaeger", "traces") as client:  # fmt: skip
        yield TraceLab(source=JaegerTraces(client, clock=lambda: NOW), take_down=breaking(store), store=store)


@asynccontextmanager
async def of_zipkin() -> AsyncIterator[TraceLab]:
    store = Store(traces=[zipkin_trace(at) for at in moments()])

    def search(request: Any) -> Any:
        query = request.query
        end, lookback = int(query["endTs"]) * 1000, int(query["lookback"]) * 1000
        held = [each for each in store.traces if end - lookback <= each[0]["timestamp"] <= end]
        return held[-int(query["limit"]) :] if query["serviceName"] in {"checkout", "payments-api"} else []

    def many(request: Any) -> Any:
        wanted = request.query["traceIds"].split(",")
        return [each for each in store.traces if each[0]["traceId"] in wanted]

    async with serving(store, {"/api/v2/traces": search, "/api/v2/traceMany": many}) as url, asking(url, "Zipkin", "traces") as client:  # fmt: skip
        yield TraceLab(source=ZipkinTraces(client, clock=lambda: NOW), take_down=breaking(store), store=store)


LABS = {"twin": twin, "jaeger": of_jaeger, "zipkin": of_zipkin}
