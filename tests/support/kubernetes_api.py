"""A small API server on loopback: real HTTP, JSON patches, dry runs, watches, and switches for everything that can go wrong."""

import asyncio
import copy
import json
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import jsonpatch
import yaml
from aiohttp import web

from integrations.kubernetes import kinds
from skills.core.resources import quantity
from tests.support.kubernetes_world import Object, World, fields_of, record

ABSENT = "gateway.networking.k8s.io"

KINDS = {
    kind.resource: (f"{kind.group}/{kind.version}".lstrip("/"), kind.name)
    for kind in kinds.KINDS.values()
    if kind.group != ABSENT
}
TOKEN = "t0ken"
TICK = 0.005


@dataclass(kw_only=True)
class Faults:
    """What goes wrong next. `answer` maps (verb, resource) to a status; `times` limits how often, without end if None."""

    answer: dict[tuple[str, str], int] = field(default_factory=dict)
    times: int | None = None
    retry_after: str | None = None
    message: str | None = None
    delay: float = 0.0
    drop_before: bool = False
    drop_after: bool = False

    def status(self, verb: str, resource: str) -> int | None:
        status = self.answer.get((verb, resource)) or self.answer.get((verb, "*")) or self.answer.get(("*", "*"))
        if status is None or self.times == 0:
            return None
        if self.times is not None:
            self.times -= 1
        return status


class ApiServer:
    """Start with `serving`. `calls` counts (verb, resource) as RBAC names them."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.faults = Faults()
        self.calls: Counter[tuple[str, str]] = Counter()
        self.token = TOKEN
        self.logs: Callable[[str, str, bool], bytes] = lambda pod, container, previous: b""
        self.admission: Callable[[Object, Object, str, bool], list[str]] = lambda before, after, manager, dry_run: []
        self.port = 0
        self._runner: web.AppRunner | None = None
        self._ticker: asyncio.Task[None] | None = None
        self._streams: set[asyncio.Transport] = set()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> None:
        """Listen, on the same port as before if there was one."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._serve)
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        site = web.TCPSite(self._runner, "127.0.0.1", self.port, reuse_address=True)
        await site.start()
        self.port = self._runner.addresses[0][1]
        self._ticker = self._ticker or asyncio.create_task(self._tick())

    async def stop(self) -> None:
        """Go down, connections and all. The cluster goes on without its API."""
        self.cut_watches()
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def end(self) -> None:
        await self.stop()
        if self._ticker is not None:
            self._ticker.cancel()
            await asyncio.gather(self._ticker, return_exceptions=True)

    def cut_watches(self) -> int:
        """Break every watch in the middle. Returns how many there were."""
        streams, self._streams = self._streams, set()
        for transport in streams:
            transport.abort()
        return len(streams)

    def kubeconfig(self, directory: Path, *, token: str = TOKEN) -> Path:
        path = directory / "kubeconfig.yaml"
        content = {
            "apiVersion": "v1", "kind": "Config", "current-context": "test",
            "clusters": [{"name": "test", "cluster": {"server": self.url}}],
            "users": [{"name": "test", "user": {"token": token}}],
            "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test"}}],
        }  # fmt: skip
        path.write_text(yaml.safe_dump(content))
        return path

    async def _tick(self) -> None:
        while True:
            self.world.tick()
            await asyncio.sleep(TICK)

    async def _serve(self, request: web.Request) -> web.StreamResponse:
        resource, namespace, name, tail = route(request.path)
        verb = verb_of(request, name)
        plain = f"{resource}/{tail}" if tail else resource
        self.calls[(verb, plain)] += 1
        if self.faults.delay:
            await asyncio.sleep(self.faults.delay)
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return failure(401, "Unauthorized", "Unauthorized")
        if status := self.faults.status(verb, plain):
            return self._fault(status, verb, plain, namespace, name)
        if request.method == "PATCH" and "dryRun" not in request.query and self.faults.drop_before:
            return drop(request)
        response = await self._answer(request, verb, resource, namespace, name, tail)
        if request.method == "PATCH" and "dryRun" not in request.query and self.faults.drop_after:
            return drop(request)
        return response

    def _fault(self, status: int, verb: str, resource: str, namespace: str, name: str) -> web.Response:
        reasons = {401: "Unauthorized", 403: "Forbidden", 404: "NotFound", 429: "TooManyRequests"}
        said = f'{resource} "{name}" is forbidden: User "system:serviceaccount:shop:x" cannot {verb} resource "{resource}" in API group "apps" in the namespace "{namespace}"'
        message = self.faults.message or (said if status == 403 else "the server is not well")
        headers = {"Retry-After": self.faults.retry_after} if self.faults.retry_after else {}
        return failure(status, reasons.get(status, "InternalError"), message, headers=headers)

    async def _answer(
        self, request: web.Request, verb: str, resource: str, namespace: str, name: str, tail: str
    ) -> web.StreamResponse:
        match verb:
            case _ if resource == "version":
                return web.json_response({"major": "1", "minor": "36", "gitVersion": "v1.36.2"})
            case _ if resource == "selfsubjectaccessreviews":
                return self._review(await request.json())
            case _ if resource not in KINDS:
                return failure(404, "NotFound", "the server could not find the requested resource")
            case "get" if tail == "log":
                return self._log(request, name)
            case "get":
                return self._one(resource, namespace, name)
            case "list":
                return self._list(request, resource, namespace)
            case "watch":
                return await self._watch(request, resource, namespace)
            case "create":
                return self._create(request, resource, namespace, await request.json())
            case "delete":
                return self._delete(resource, namespace, name)
            case _:
                return await self._patch(request, resource, namespace, name)

    def _one(self, resource: str, namespace: str, name: str) -> web.Response:
        if resource == "namespaces":
            there = name == "shop" or any(where == name for _, where, _ in self.world.objects)
            item: Object | None = {"metadata": {"name": name}} if there else None
        else:
            item = self.world.get(resource, namespace, name)
        return web.json_response(dressed(resource, item)) if item else not_found(resource, name)

    def _review(self, review: Object) -> web.Response:
        wanted = review["spec"]["resourceAttributes"]
        resource = "/".join(filter(None, (wanted["resource"], wanted.get("subresource"))))
        allowed = self.faults.answer.get((wanted["verb"], resource)) != 403
        return web.json_response({**review, "status": {"allowed": allowed}}, status=201)

    def _log(self, request: web.Request, pod: str) -> web.Response:
        previous = request.query.get("previous") == "true"
        return web.Response(body=self.logs(pod, request.query["container"], previous), content_type="text/plain")

    def _list(self, request: web.Request, resource: str, namespace: str) -> web.Response:
        found = [item for item in self.world.all(resource, namespace) if fits(item, request)]
        start, size = int(request.query.get("continue") or 0), int(request.query.get("limit") or 500)
        metadata = {"resourceVersion": str(self.world.version)}
        if start + size < len(found):
            metadata["continue"] = str(start + size)
        version, kind = KINDS[resource]
        items = found[start : start + size]
        return web.json_response({"kind": f"{kind}List", "apiVersion": version, "metadata": metadata, "items": items})

    async def _watch(self, request: web.Request, resource: str, namespace: str) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        assert request.transport is not None
        transport = request.transport
        self._streams.add(transport)
        try:
            async with asyncio.timeout(float(request.query.get("timeoutSeconds", "50"))):
                async for event in self._events(request, resource, namespace):
                    await response.write(json.dumps(event).encode() + b"\n")
        except (TimeoutError, ConnectionResetError):
            pass
        finally:
            self._streams.discard(transport)
        return response

    async def _events(self, request: web.Request, resource: str, namespace: str) -> AsyncIterator[Object]:
        seen = int(request.query["resourceVersion"])
        while True:
            if seen < self.world.oldest:
                yield {"type": "ERROR", "object": status_body(410, "Expired", f"too old resource version: {seen}")}
                return
            changed = self.world.changed
            for version, kind, of, item in list(self.world.events):
                if (
                    version > seen
                    and of == resource
                    and item["metadata"]["namespace"] == namespace
                    and fits(item, request)
                ):
                    yield {"type": kind, "object": dressed(resource, item)}
            if self.world.version > seen:
                seen = self.world.version
                api, kind = KINDS[resource]
                yield {
                    "type": "BOOKMARK",
                    "object": {"kind": kind, "apiVersion": api, "metadata": {"resourceVersion": str(seen)}},
                }
            await changed.wait()

    def _create(self, request: web.Request, resource: str, namespace: str, manifest: Object) -> web.Response:
        name = manifest["metadata"]["name"]
        if self.world.get(resource, namespace, name):
            return failure(409, "AlreadyExists", f'{resource} "{name}" already exists', name=name)
        manager = request.query.get("fieldManager", "kubectl-client-side-apply")
        return web.json_response(self.world.create(resource, namespace, manifest, manager=manager), status=201)

    def _delete(self, resource: str, namespace: str, name: str) -> web.Response:
        if not self.world.get(resource, namespace, name):
            return not_found(resource, name)
        self.world.delete(resource, namespace, name)
        return web.json_response(status_body(200, "", "", status="Success"))

    async def _patch(self, request: web.Request, resource: str, namespace: str, name: str) -> web.Response:
        item = self.world.get(resource, namespace, name)
        manager = request.query["fieldManager"]
        if request.content_type == "application/apply-patch+yaml":
            return self._apply(resource, namespace, item, yaml.safe_load(await request.text()), manager)
        if item is None:
            return not_found(resource, name)
        before = copy.deepcopy(dressed(resource, item))
        try:
            after = jsonpatch.apply_patch(before, await request.json(), in_place=False)
        except jsonpatch.JsonPatchException:
            return failure(422, "Invalid", "the server rejected our request due to an error in our request", details={})
        if refused := invalid(after):
            return refused
        drop_empty(after)
        if said := self.admission(before, after, manager, "dryRun" in request.query):
            return failure(403, "Forbidden", f'{resource} "{name}" is forbidden: denied request: {said[0]}')
        if "dryRun" in request.query:
            return web.json_response(after)
        return web.json_response(self.world.write(resource, item, after, manager=manager))

    def _apply(
        self, resource: str, namespace: str, item: Object | None, manifest: Object, manager: str
    ) -> web.Response:
        """Creation by apply, or a forced take-over of top-level fields of the spec: as much as the tests use."""
        if item is None:
            return web.json_response(
                self.world.create(resource, namespace, manifest, manager=manager, apply=True), status=201
            )
        after = copy.deepcopy(item)
        after["spec"].update(manifest.get("spec", {}))
        written = self.world.write(resource, item, after, manager=manager)
        written["metadata"]["managedFields"].append(record(manager, fields_of(manifest), apply=True))
        return web.json_response(written)


@asynccontextmanager
async def serving(world: World | None = None) -> AsyncIterator[ApiServer]:
    """A running server on a free port, ended afterwards."""
    server = ApiServer(world or World())
    await server.start()
    try:
        yield server
    finally:
        await server.end()


def route(path: str) -> tuple[str, str, str, str]:
    """(resource, namespace, name, subresource) of a path; the path of a whole group names no resource."""
    parts = path.strip("/").split("/")
    rest = parts if parts == ["version"] else parts[2:] if parts[0] == "api" else parts[3:]
    namespace = ""
    if len(rest) > 2 and rest[0] == "namespaces":
        namespace, rest = rest[1], rest[2:]
    resource, name, tail = [*rest, "", "", ""][:3]
    return resource, namespace, name, tail


def verb_of(request: web.Request, name: str) -> str:
    if request.method == "GET":
        return "watch" if request.query.get("watch") == "true" else "get" if name else "list"
    return {"POST": "create", "PATCH": "patch", "DELETE": "delete"}[request.method]


def fits(item: Object, request: web.Request) -> bool:
    labels = item["metadata"].get("labels") or {}
    wanted = [rule.split("=", 1) for rule in request.query.get("labelSelector", "").split(",") if rule]
    field = request.query.get("fieldSelector", "").partition("metadata.name=")[2]
    return all(labels.get(key) == value for key, value in wanted) and field in {"", item["metadata"]["name"]}


def dressed(resource: str, item: Object) -> Object:
    version, kind = KINDS[resource]
    return {"kind": kind, "apiVersion": version, **item}


def invalid(deployment: Object) -> web.Response | None:
    """The refusal of the validation that the tests meet."""
    name, replicas = deployment["metadata"]["name"], deployment["spec"]["replicas"]
    if replicas < 0:
        what = f"Invalid value: {replicas}: must be greater than or equal to 0"
        return invalid_value(name, "spec.replicas", what)
    for index, container in enumerate(deployment["spec"]["template"]["spec"]["containers"]):
        resources = container.get("resources") or {}
        for resource, limit in (resources.get("limits") or {}).items():
            request = (resources.get("requests") or {}).get(resource, limit)
            if (quantity(request) or 0) > (quantity(limit) or 0):
                field = f"spec.template.spec.containers[{index}].resources.requests"
                what = f'Invalid value: "{request}": must be less than or equal to {resource} limit of {limit}'
                return invalid_value(name, field, what)
    return None


def invalid_value(name: str, field: str, what: str) -> web.Response:
    details = {"name": name, "causes": [{"reason": "FieldValueInvalid", "message": what, "field": field}]}
    return failure(422, "Invalid", f'Deployment.apps "{name}" is invalid: {field}: {what}', details=details)


def drop_empty(deployment: Object) -> None:
    """The server leaves empty maps out of what it stores."""
    metadata = deployment["spec"]["template"]["metadata"]
    if metadata.get("annotations") == {}:
        del metadata["annotations"]


def drop(request: web.Request) -> web.StreamResponse:
    assert request.transport is not None
    request.transport.abort()
    return web.Response()


def status_body(code: int, reason: str, message: str, *, status: str = "Failure", details: Any = None) -> Object:
    body: Object = {
        "kind": "Status", "apiVersion": "v1", "metadata": {}, "status": status, "message": message, "reason": reason, "code": code,
    }  # fmt: skip
    return body if details is None else {**body, "details": details}


def failure(
    code: int, reason: str, message: str, *, name: str = "", details: Any = None, headers: dict[str, str] | None = None
) -> web.Response:
    details = {"name": name} if name else details
    return web.json_response(status_body(code, reason, message, details=details), status=code, headers=headers)


def not_found(resource: str, name: str) -> web.Response:
    return failure(404, "NotFound", f'{resource} "{name}" not found', name=name)
