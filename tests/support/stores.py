"""Stores of logs and traces on loopback that answer as their makers document it: Loki, OpenSearch, Jaeger and Zipkin, with faults to order."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable, Iterable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from aiohttp import web

from integrations.web import Service, WebLimits, WebService

Answer = Callable[[web.Request], Any]


@dataclass(frozen=True, kw_only=True)
class Written:
    """One line in a store."""

    at: datetime
    pod: str
    container: str
    text: str
    level: str = ""
    trace: str = ""


@dataclass(kw_only=True)
class Store:
    """What a server holds, how it misbehaves, and what it was asked. `status` is answered `times` times (-1: for ever), with `body`."""

    lines: list[Written] = field(default_factory=list)
    traces: list[Any] = field(default_factory=list)
    namespace: str = "shop"
    status: int = 0
    times: int = -1
    body: str | bytes = ""
    retry_after: str = ""
    delay: float = 0.0
    extra: dict[str, Any] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str], Any]] = field(default_factory=list)
    headers: list[Mapping[str, str]] = field(default_factory=list)

    async def fault(self) -> web.Response | None:
        await asyncio.sleep(self.delay)
        if not self.status or self.times == 0:
            return None
        self.times -= 1
        headers = {"Retry-After": self.retry_after} if self.retry_after else {}
        if 300 <= self.status < 400:
            headers["Location"] = "http://elsewhere.invalid/"
        raw = self.body.encode() if isinstance(self.body, str) else self.body
        return web.Response(status=self.status, body=raw, headers=headers, content_type="application/json")


def loki(store: Store, query: Mapping[str, str]) -> Any:
    """As /loki/api/v1/query_range does, for the queries that the adapter makes."""
    selector, _, rest = query["query"].partition('"}')
    matchers = re.findall(r'(\w+)(=~|=)"((?:[^"\\]|\\.)*)"', selector + '"')
    sought = re.search(r'\|~ "((?:[^"\\]|\\.)*)"', rest)
    start, end = int(query["start"]), int(query["end"])
    streams: dict[tuple[str, str, str, str], list[Any]] = {}
    for line in sorted(store.lines, key=lambda each: each.at, reverse=True):
        labels = {"namespace": store.namespace, "pod": line.pod, "container": line.container, "app": "checkout"}
        stamp = int(line.at.timestamp() * 1e6) * 1000
        fits = all(re.fullmatch(unquoted(value), labels[name]) if op == "=~" else labels[name] == unquoted(value) for name, op, value in matchers)  # fmt: skip
        if fits and start <= stamp < end and (not sought or re.search(unquoted(sought[1]), line.text)):
            streams.setdefault((line.pod, line.container, line.level, line.trace), []).append([str(stamp), line.text])
            if sum(map(len, streams.values())) >= int(query["limit"]):
                break
    result = [
        {"stream": {"namespace": store.namespace, "pod": pod, "container": container, "detected_level": level or "unknown", **({"trace_id": trace} if trace else {})}, "values": values}
        for (pod, container, level, trace), values in streams.items()
    ]  # fmt: skip
    return {"status": "success", "data": {"resultType": "streams", "result": result, "stats": {}, **store.extra}}


def opensearch(store: Store, body: Mapping[str, Any]) -> Any:
    """As _search does, for the queries that the adapter makes."""
    filters = body["query"]["bool"]["filter"]
    found = [hit for line in store.lines if all(_fits(each, hit := _document(store, line)) for each in filters)]
    found.sort(key=lambda each: each["@timestamp"], reverse=True)
    hits = [
        {"_index": "logs-1", "_id": str(number), "_score": None, "_source": hit} for number, hit in enumerate(found)
    ]
    return {
        "took": 3, "timed_out": False, "_shards": {"total": 5, "successful": 5, "skipped": 0, "failed": 0},
        "hits": {"total": {"value": len(found), "relation": "eq"}, "max_score": None, "hits": hits[: body["size"]]}, **store.extra,
    }  # fmt: skip


def _document(store: Store, line: Written) -> dict[str, Any]:
    found = {
        "@timestamp": line.at.isoformat(timespec="milliseconds").replace("+00:00", "Z"),
        "message": line.text,
        "kubernetes": {"namespace": store.namespace, "pod": {"name": line.pod}, "container": {"name": line.container}},
    }
    return {**found, **({"log.level": line.level} if line.level else {}), **({"trace": {"id": line.trace}} if line.trace else {})}  # fmt: skip


def _fits(query: Mapping[str, Any], hit: Mapping[str, Any]) -> bool:
    ((kind, condition),) = query.items()
    ((name, wanted),) = condition.items()
    value = hit
    for part in name.split(".") if name not in hit else [name]:
        value = value.get(part, {})
    match kind:
        case "range":
            at = datetime.fromisoformat(str(value))
            return datetime.fromisoformat(wanted["gte"]) <= at <= datetime.fromisoformat(wanted["lte"])
        case "term":
            return bool(value == wanted)
        case "terms":
            return value in wanted
        case "regexp":
            return re.fullmatch(wanted["value"], str(value)) is not None
        case _:
            return all(word in str(value).lower() for word in re.findall(r"\w+", wanted["query"].lower()))


def unquoted(text: str) -> str:
    """A quoted string of LogQL, as Go reads it."""
    return re.sub(r"\\(.)", r"\1", text)


@asynccontextmanager
async def serving(store: Store, answers: Mapping[str, Answer]) -> AsyncIterator[str]:
    """A server that gives these answers, by path; its address."""

    async def answer(request: web.Request) -> web.StreamResponse:
        body = await request.json() if request.can_read_body else None
        store.asked.append((request.path, dict(request.query), body))
        store.headers.append(dict(request.headers))
        if fault := await store.fault():
            return fault
        given = next((each(request) for path, each in answers.items() if re.fullmatch(path, request.path)), None)
        if isinstance(given, web.StreamResponse):
            return given
        return web.json_response(given) if given is not None else web.Response(status=404, text="404 page not found")

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", answer)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.05)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"http://127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def asking(
    url: str, name: str, part: str, *, limits: WebLimits | None = None, headers: Mapping[str, str] | None = None, **service: Any
) -> AsyncIterator[WebService]:  # fmt: skip
    """A client of such a server, whose pauses pass at once."""

    async def at_once(seconds: float) -> None:
        await asyncio.sleep(0)

    described = Service(
        name=name, where="of lab", url=url, setting=f"{part} of lab in environments.yaml", **{"key": "s3cret", **service}
    )  # fmt: skip
    client = WebService(described, headers=headers, limits=limits, sleep=at_once)
    try:
        yield client
    finally:
        await client.close()


def bodies(lines: Iterable[Written], pod: str, container: str, query: Mapping[str, str]) -> bytes:
    """The log of a container as an API server gives it."""
    held = [line for line in lines if (line.pod, line.container) == (pod, container)]
    if since := query.get("sinceTime"):
        held = [line for line in held if line.at >= datetime.fromisoformat(since)]
    held = held[-int(query.get("tailLines", "100000")) :]
    text = "".join(f"{line.at:%Y-%m-%dT%H:%M:%S.%f}000Z {line.text}\n" for line in held)
    return text.encode()[: int(query.get("limitBytes", "100000000"))]
