"""An API server that is only looked at: real HTTP over objects that were made beforehand, with everything that can go wrong on the way.

The same in a test's own loop (`serving`) and in a process of its own (`python -m tests.bench.look_server`).
"""

import asyncio
import json
from collections import Counter
from collections.abc import AsyncIterator, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from aiohttp import web

from integrations.kubernetes.kinds import KINDS, Kind

Object = Mapping[str, Any]
TOKEN = "t0ken"
_BY_RESOURCE = {kind.resource: kind for kind in KINDS.values()}


@dataclass(kw_only=True)
class Trouble:
    """What goes wrong with one resource (“*”: with all that have none of their own). `times` limits how often a status is given."""

    status: int = 0
    times: int | None = None
    retry_after: str = ""
    delay: float = 0.0
    body: bytes | None = None
    cut: bool = False
    only_whole_cluster: bool = False


@dataclass(kw_only=True)
class LookServer:
    """`troubles` are by resource (“pods”, “pods/log”). `lists` and `calls` count requests; `date` is the server's clock if it is wrong."""

    objects: Mapping[str, list[bytes]]
    places: Mapping[str, list[tuple[str, str]]]
    absent: frozenset[str] = frozenset({"gateway.networking.k8s.io"})
    logs: dict[tuple[str, str, bool], bytes] = field(default_factory=dict)
    troubles: dict[str, Trouble] = field(default_factory=dict)
    latency: float = 0.0
    date: str = ""
    expire_after: int | None = None
    calls: Counter[str] = field(default_factory=Counter)
    lists: Counter[str] = field(default_factory=Counter)
    accepted: dict[str, str] = field(default_factory=dict)
    pages: dict[tuple[str, str, int, int], bytes] = field(default_factory=dict)
    port: int = 0

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/{path:.*}", self._serve)
        return app

    def kubeconfig(self, directory: Path) -> Path:
        path = directory / "kubeconfig.yaml"
        content = {
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{self.port}"}}],
            "users": [{"name": "test", "user": {"token": TOKEN}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }  # fmt: skip
        path.write_text(yaml.safe_dump(content))
        return path

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        group, namespace, resource, name, tail = route(request.path)
        plain = f"{resource}/{tail}" if tail else resource
        self.calls[plain] += 1
        self.accepted[plain] = request.headers["Accept"]
        if request.path != "/version" and resource and not name:
            self.lists[plain] += 1
        trouble = self.troubles.get(plain) or self.troubles.get("*") or Trouble()
        await asyncio.sleep(self.latency + trouble.delay)
        refused = self._refusal(trouble, group, namespace, plain)
        answer = refused or self._answer(request, namespace, resource, name, tail)
        if trouble.body is not None:
            answer = web.Response(body=trouble.body, content_type="application/json")
        if trouble.cut:
            return await _cut(request, answer)
        if self.date:
            answer.headers["Date"] = self.date
        return answer

    def _refusal(self, trouble: Trouble, group: str, namespace: str, resource: str) -> web.Response | None:
        if group in self.absent:
            return status(404, "the server could not find the requested resource")
        if not trouble.status or trouble.times == 0 or (trouble.only_whole_cluster and namespace):
            return None
        if trouble.times is not None:
            trouble.times -= 1
        headers = {"Retry-After": trouble.retry_after} if trouble.retry_after else {}
        return status(trouble.status, f'User "x" cannot list resource "{resource}"', headers)

    def _answer(self, request: web.Request, namespace: str, resource: str, name: str, tail: str) -> web.Response:
        if not resource:
            return web.json_response({"kind": "APIResourceList"})
        if tail == "log":
            return self._log(request, name)
        if resource not in _BY_RESOURCE:
            return status(404, "the server could not find the requested resource")
        if not name:
            return self._list(request, _BY_RESOURCE[resource], namespace)
        for place, body in zip(self.places.get(resource, ()), self.objects.get(resource, ()), strict=True):
            if place == (namespace, name):
                return web.Response(body=body, content_type="application/json")
        return status(404, f'{resource} "{name}" not found')

    def _list(self, request: web.Request, kind: Kind, namespace: str) -> web.Response:
        start, size = int(request.query.get("continue") or 0), int(request.query["limit"])
        if start and self.expire_after is not None and start >= self.expire_after:
            self.expire_after = None
            return status(410, "The provided continue parameter is too old")
        page = (kind.name, namespace, start, size)
        if page not in self.pages:
            self.pages[page] = self._page(kind, namespace, start, size)
        return web.Response(body=self.pages[page], content_type="application/json")

    def _page(self, kind: Kind, namespace: str, start: int, size: int) -> bytes:
        bodies = self.objects.get(kind.resource, [])
        if namespace:
            places = self.places.get(kind.resource, [])
            bodies = [body for body, (where, _) in zip(bodies, places, strict=True) if where == namespace]
        more = f',"continue":"{start + size}"' if start + size < len(bodies) else ""
        head = f'{{"kind":"{kind.name}List","apiVersion":"v1","metadata":{{"resourceVersion":"7"{more}}},"items":['
        return b"%s%s]}" % (head.encode(), b",".join(bodies[start : start + size]))

    def _log(self, request: web.Request, pod: str) -> web.Response:
        previous = request.query.get("previous") == "true"
        body = self.logs.get((pod, request.query["container"], previous))
        if body is None:
            return status(400, f'container "{request.query["container"]}" in pod "{pod}" is waiting to start')
        return web.Response(body=body, content_type="text/plain")


def look_server(objects: Iterable[Object], **settings: Any) -> LookServer:
    """A server of these objects, each with its `kind`, which it leaves out of lists as a real one does."""
    bodies: dict[str, list[bytes]] = {}
    places: dict[str, list[tuple[str, str]]] = {}
    for each in objects:
        resource = KINDS[each["kind"]].resource
        plain = {key: value for key, value in each.items() if key not in ("kind", "apiVersion")}
        bodies.setdefault(resource, []).append(json.dumps(plain).encode())
        places.setdefault(resource, []).append((each["metadata"].get("namespace", ""), each["metadata"]["name"]))
    return LookServer(objects=bodies, places=places, **settings)


@asynccontextmanager
async def serving(server: LookServer) -> AsyncIterator[LookServer]:
    """The server on a free port."""
    runner = web.AppRunner(server.app(), access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    server.port = runner.addresses[0][1]
    try:
        yield server
    finally:
        await runner.cleanup()


def route(path: str) -> tuple[str, str, str, str, str]:
    """(group, namespace, resource, name, subresource) of a path; a group's own path has no resource."""
    parts = path.strip("/").split("/")
    group, rest = ("", parts[2:]) if parts[0] == "api" else (parts[1] if len(parts) > 1 else "", parts[3:])
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    resource, name, tail, *_ = [*rest, "", "", ""]
    return group, namespace, resource, name, tail


def status(code: int, message: str, headers: Mapping[str, str] | None = None) -> web.Response:
    body = {"kind": "Status", "apiVersion": "v1", "status": "Failure", "message": message, "code": code}
    return web.json_response(body, status=code, headers=headers)


async def _cut(request: web.Request, answer: web.Response) -> web.StreamResponse:
    """Half of the answer, and then nothing."""
    whole = answer.body if isinstance(answer.body, bytes) else b""
    response = web.StreamResponse(headers={"Content-Length": str(len(whole) + 10)})
    await response.prepare(request)
    await response.write(whole[: len(whole) // 2])
    assert request.transport is not None
    request.transport.close()
    return response
