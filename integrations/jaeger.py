"""Traces kept by Jaeger, asked by the JSON API of its query service (https://www.jaegertracing.io/docs/latest/architecture/apis/).

VictoriaTraces speaks it, too, and so does Grafana Tempo behind its query proxy.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.spans import SERVER_ERRORS, length, moment, trace_id, untrusted
from integrations.web import Refusal, WebService, items, mapping, told
from skills.core.errors import Unavailable
from skills.core.ports.traces import Span, Trace, TracePage, TraceQuery

_PEERS = ("peer.service", "server.address", "net.peer.name", "db.name", "messaging.destination.name")
_PROBLEMS = ("otel.status_description", "error.message", "exception.message", "error.object", "message")


class JaegerTraces:
    """Satisfies `Traces` for one environment. Whoever made `web` closes it."""

    def __init__(self, web: WebService, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._web = web
        self._clock = clock

    async def search(self, query: TraceQuery) -> TracePage:
        """The latest traces that a service took part in. Raises `Unavailable`."""
        until = self._clock()
        parameters: dict[str, str | int] = {
            "service": query.service,
            "start": _microseconds(until - query.back),
            "end": _microseconds(until),
            "limit": query.limit,
        }
        if query.failed:
            parameters["tags"] = '{"error":"true"}'
        try:
            body = mapping(await self._web.get("/api/traces", parameters))
        except Refusal as error:
            raise self._refused(error) from None
        if "data" not in body:
            raise Unavailable(
                f"What answers at the address of {self._web.service} is no Jaeger.",
                hint=f"Check {self._web.service.setting}.",
            )
        found = tuple(trace for each in items(body["data"]) if (trace := _trace(mapping(each))))
        return TracePage(traces=_latest(found), partial=tuple(_partial(body, len(found), query.limit)))

    async def find(self, environment: str, ids: tuple[str, ...]) -> Mapping[str, Trace]:
        """The traces of these ids that are kept. Raises `Unavailable`."""
        found = await asyncio.gather(*(self._one(each) for each in ids if trace_id(each)))
        return {trace.id: trace for trace in found if trace}

    async def _one(self, id: str) -> Trace | None:
        try:
            body = mapping(await self._web.get(f"/api/traces/{id}", {}))
        except Refusal as error:
            if error.status in (400, 404):
                return None
            raise self._refused(error) from None
        return next((trace for each in items(body.get("data")) if (trace := _trace(mapping(each)))), None)

    def _refused(self, error: Refusal) -> Unavailable:
        first = mapping(next(iter(items(mapping(error.body).get("errors"))), None))
        said = told(first.get("msg")) or told(error.body)
        return Unavailable(
            f"{self._web.service} refused the question ({error.status}){said}.",
            hint=f"Check {self._web.service.setting}.",
        )


def _partial(body: Mapping[str, Any], found: int, limit: int) -> Iterator[str]:
    if found >= limit:
        yield f"There may be more traces than these {limit}."
    for error in items(body.get("errors"))[:3]:
        yield f"Jaeger could not give everything{told(mapping(error).get('msg'))}."


def _trace(given: Mapping[str, Any]) -> Trace | None:
    id, processes = trace_id(given.get("traceID")), mapping(given.get("processes"))
    spans = tuple(span for each in items(given.get("spans")) if (span := _span(mapping(each), processes)))
    return Trace(id=id, spans=spans) if id and spans else None


def _span(given: Mapping[str, Any], processes: Mapping[str, Any]) -> Span | None:
    started = moment(given.get("startTime"))
    if started is None:
        return None
    tags = _tags(given.get("tags"))
    failed = _failed(tags)
    process = mapping(processes.get(str(given.get("processID")), given.get("process")))
    return Span(
        id=str(given.get("spanID", "")),
        parent=_parent(given),
        service=untrusted(process.get("serviceName")),
        operation=untrusted(given.get("operationName")),
        started=started,
        lasted=length(given.get("duration")),
        failed=failed,
        problem=_problem(tags, given) if failed else None,
        peer=next((untrusted(tags[name]) for name in _PEERS if tags.get(name)), None),
    )


def _parent(given: Mapping[str, Any]) -> str:
    """Whom it is a child of; what it merely follows from did not wait for it, but asked for it all the same."""
    references = [mapping(each) for each in items(given.get("references"))]
    own = [each for each in references if each.get("traceID", given.get("traceID")) == given.get("traceID")]
    own.sort(key=lambda each: each.get("refType") != "CHILD_OF")
    return str(own[0].get("spanID", "")) if own else str(given.get("parentSpanID") or "")


def _failed(tags: Mapping[str, Any]) -> bool:
    if "error" in tags:
        return str(tags["error"]).lower() not in ("false", "0", "")
    status = str(tags.get("otel.status_code", ""))
    return status == "ERROR" or any(str(tags.get(name, "")) in SERVER_ERRORS for name in ("http.status_code", "http.response.status_code"))  # fmt: skip


def _problem(tags: Mapping[str, Any], given: Mapping[str, Any]) -> Any:
    """What went wrong, by the tags of the span or of its events."""
    events = [_tags(mapping(each).get("fields")) for each in items(given.get("logs"))[-20:]]
    for held in (tags, *reversed(events)):
        for name in _PROBLEMS:
            if held.get(name):
                return untrusted(held[name])
    return None


def _tags(given: Any) -> dict[str, Any]:
    return {str(each.get("key")): each.get("value") for each in items(given) if isinstance(each, dict)}


def _latest(found: tuple[Trace, ...]) -> tuple[Trace, ...]:
    return tuple(sorted(found, key=lambda trace: min(span.started for span in trace.spans), reverse=True))


def _microseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000)
