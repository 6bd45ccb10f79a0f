"""Places to try `Logs`: the twin, and each adapter on a server that answers as its maker documents. All hold what two pods of checkout wrote."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from integrations.kubernetes.connection import Connection, Credentials, Limits
from integrations.kubernetes.logs import KubernetesLogs
from integrations.loki import LokiLogs
from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import Simulation
from integrations.opensearch import OpenSearchLogs
from skills.core.ports.logs import LogPage, LogQuery, Logs
from skills.core.ports.workloads import Place
from tests.support.stores import Store, Written, asking, bodies, loki, opensearch, serving

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PODS = ("checkout-6d4cf56db6-bxk2p", "checkout-6d4cf56db6-zq7hm")
TEXTS = ("INFO order placed", "WARN slow [query] on table orders", "INFO basket read")
EVERY = timedelta(seconds=7)
PLACE = Place(environment="lab", namespace="shop", name="checkout")


@dataclass(kw_only=True)
class LogLab:
    """A source, and how to take it down."""

    source: Logs
    take_down: Callable[[], Awaitable[None]]
    store: Store | None = None

    async def read(self, **query: Any) -> LogPage:
        return await self.source.read(LogQuery(place=query.pop("place", PLACE), **query))


def written() -> list[Written]:
    """An hour of both pods."""
    slots = range(int((NOW - timedelta(hours=1)).timestamp()) // 7 + 1, int(NOW.timestamp()) // 7 + 1)
    return [
        Written(at=datetime.fromtimestamp(slot * 7, UTC), pod=pod, container="app", text=TEXTS[slot % 3])
        for slot in slots
        for pod in PODS
    ]


@asynccontextmanager
async def twin(_: Path) -> AsyncIterator[LogLab]:
    service = {
        "image": "registry.example/checkout", "replicas": {"lab": 2}, "history": ["v1"], "log": list(TEXTS),
        "releases": {"v1": {"created_at": "2026-10-01T00:00:00Z"}},
    }  # fmt: skip
    described = {"environments": {"lab": {"namespace": "shop"}}, "services": {"checkout": service}}
    cluster = MemoryCluster.open(simulation=Simulation.model_validate(described), clock=lambda: NOW)

    async def down() -> None:
        cluster.faults.down = True

    yield LogLab(source=cluster.pod_logs, take_down=down)


@asynccontextmanager
async def of_loki(_: Path) -> AsyncIterator[LogLab]:
    store = Store(lines=written())
    answers = {"/loki/api/v1/query_range": lambda request: loki(store, request.query)}
    async with serving(store, answers) as url, asking(url, "Loki", "logs") as client:
        yield LogLab(source=LokiLogs(client, clock=lambda: NOW), take_down=breaking(store), store=store)


@asynccontextmanager
async def of_opensearch(_: Path) -> AsyncIterator[LogLab]:
    store = Store(lines=written())
    answers = {r"/logs-\*/_search": lambda request: opensearch(store, store.asked[-1][2])}
    async with serving(store, answers) as url, asking(url, "OpenSearch", "logs", scheme="basic", key="u:p") as client:
        yield LogLab(source=OpenSearchLogs(client, clock=lambda: NOW), take_down=breaking(store), store=store)


@asynccontextmanager
async def of_kubernetes(directory: Path) -> AsyncIterator[LogLab]:
    store = Store(lines=written())
    async with kubelets(store, directory, pods=[pod(name) for name in PODS]) as source:
        yield LogLab(source=source, take_down=breaking(store), store=store)


def breaking(store: Store) -> Callable[[], Awaitable[None]]:
    async def down() -> None:
        store.status = 503

    return down


@asynccontextmanager
async def kubelets(
    store: Store, directory: Path, *, pods: list[Any], log: Callable[[web.Request, str], Any] | None = None
) -> AsyncIterator[KubernetesLogs]:
    """The adapter on an API server that knows one Deployment with these pods. `log` answers for a pod instead of the store."""

    def of_pod(request: web.Request) -> web.Response:
        name, query = request.path.split("/")[-2], request.query
        if log and (answer := log(request, name)) is not None:
            return answer if isinstance(answer, web.Response) else web.Response(body=answer)
        if query.get("previous"):
            return status(400, f'previous terminated container "{query["container"]}" in pod "{name}" not found')
        since = {"sinceTime": (NOW - timedelta(seconds=int(query["sinceSeconds"]))).isoformat()} if "sinceSeconds" in query else {}  # fmt: skip
        return web.Response(body=bodies(store.lines, name, query["container"], {**query, **since}))

    root = "/apis/apps/v1/namespaces/shop/deployments"
    deployment = {"metadata": {"name": "checkout", "namespace": "shop"}, "spec": {"selector": {"matchLabels": {"app": "checkout"}}}}  # fmt: skip
    answers = {
        f"{root}/checkout": lambda _: deployment,
        f"{root}/[^/]+": lambda _: status(404, "deployments not found"),
        root: lambda _: {"items": [deployment], "metadata": {}},
        "/api/v1/namespaces/shop/pods": lambda _: {"items": pods, "metadata": {}},
        "/api/v1/namespaces/shop/pods/[^/]+/log": of_pod,
    }
    async with serving(store, answers) as url:
        path = directory / "kubeconfig.yaml"
        path.write_text(yaml.safe_dump({
            "apiVersion": "v1", "kind": "Config", "current-context": "t", "clusters": [{"name": "t", "cluster": {"server": url}}],
            "users": [{"name": "t", "user": {"token": "t0ken"}}], "contexts": [{"name": "t", "context": {"cluster": "t", "user": "t"}}],
        }))  # fmt: skip
        limits = Limits(tries=1, answer=5.0)
        connection = Connection(Credentials(environment="lab", kubeconfig=path), limits=limits)
        try:
            yield KubernetesLogs(environment="lab", connection=connection)
        finally:
            await connection.close()


def pod(name: str, *, containers: tuple[str, ...] = ("app",), init: tuple[str, ...] = (), **states: Any) -> Any:
    """A pod whose containers run, unless `states` gives the status of one by its name."""
    running = {"state": {"running": {"startedAt": "2026-11-23T08:00:00Z"}}, "lastState": {}}

    def statuses(names: tuple[str, ...]) -> list[Any]:
        return [{"name": each, **states.get(each, running)} for each in names]

    return {
        "metadata": {"name": name, "namespace": "shop", "creationTimestamp": "2026-11-23T08:00:00Z"},
        "spec": {"containers": [{"name": each} for each in containers], "initContainers": [{"name": each} for each in init]},
        "status": {"containerStatuses": statuses(containers), "initContainerStatuses": statuses(init)},
    }  # fmt: skip


def status(code: int, message: str) -> web.Response:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return web.json_response(body, status=code)


LABS = {"twin": twin, "kubernetes": of_kubernetes, "loki": of_loki, "opensearch": of_opensearch}
