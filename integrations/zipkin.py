"""Traces kept by Zipkin, asked by its v2 API (https://zipkin.io/zipkin-api/)."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from integrations.spans import SERVER_ERRORS, length, moment, trace_id, untrusted
from integrations.web import Refusal, WebService, items, mapping, told
from skills.core.errors import Unavailable
from skills.core.ports.traces import Span, Trace, TracePage, TraceQuery


class ZipkinTraces:
    """Satisfies `Traces` for one environment. Whoever made `web` closes it."""

    def __init__(self, web: WebService, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self._web = web
        self._clock = clock

    async def search(self, query: TraceQuery) -> TracePage:
        """The latest traces that a service took part in. Raises `Unavailable`."""
        parameters: dict[str, str | int] = {
            "serviceName": query.service,
            "endTs": int(self._clock().timestamp() * 1000),
            "lookback": max(1, int(query.back.total_seconds() * 1000)),
            "limit": query.limit,
        }
        if query.failed:
            parameters["annotationQuery"] = "error"
        found = await self._ask("/api/v2/traces", parameters)
        partial = (f"There may be more traces than these {query.limit}.",) if len(found) >= query.limit else ()
        found.sort(key=lambda trace: min(span.started for span in trace.spans), reverse=True)
        return TracePage(traces=tuple(found), partial=partial)

    async def find(self, environment: str, ids: tuple[str, ...]) -> Mapping[str, Trace]:
        """The traces of these ids that are kept. Raises `Unavailable`."""
        wanted = [each for each in map(trace_id, ids) if each]
        found = await self._ask("/api/v2/traceMany", {"traceIds": ",".join(wanted)}) if wanted else []
        return {trace.id: trace for trace in found}

    async def _ask(self, path: str, parameters: dict[str, str | int]) -> list[Trace]:
        try:
            body = await self._web.get(path, parameters)
        except Refusal as error:
            raise Unavailable(
                f"{self._web.service} refused the question ({error.status}){told(error.body)}.",
                hint=f"Check {self._web.service.setting}.",
            ) from None
        if not isinstance(body, list):
            raise Unavailable(
                f"What answers at the address of {self._web.service} is no Zipkin.",
                hint=f"Check {self._web.service.setting}.",
            )
        return [trace for each in body if (trace := _trace(items(each)))]


def _trace(given: list[Any]) -> Trace | None:
    held = [mapping(each) for each in given]
    id = next((found for each in held if (found := trace_id(each.get("traceId")))), "")
    servers = {str(each.get("id")): _service(each) for each in held if each.get("shared")}
    spans = tuple(span for each in held if (span := _span(each, servers)))
    return Trace(id=id, spans=spans) if id and spans else None


def _span(given: Mapping[str, Any], servers: Mapping[str, str]) -> Span | None:
    """A span. Where caller and called report under one id (`shared`), the called one's half becomes a span of its own below the other."""
    started = moment(given.get("timestamp"))
    if started is None:
        return None
    id, parent = str(given.get("id", "")), str(given.get("parentId") or "")
    if given.get("shared"):
        id, parent = _half(id), id
    elif parent in servers and servers[parent] == _service(given):
        parent = _half(parent)
    tags = mapping(given.get("tags"))
    failed = "error" in tags or str(tags.get("http.status_code", "")) in SERVER_ERRORS
    peer = mapping(given.get("remoteEndpoint")).get("serviceName") if given.get("kind") in ("CLIENT", "PRODUCER") else None  # fmt: skip
    return Span(
        id=id,
        parent=parent,
        service=untrusted(_service(given)),
        operation=untrusted(given.get("name")),
        started=started,
        lasted=length(given.get("duration")),
        failed=failed,
        problem=untrusted(tags["error"]) if tags.get("error") not in (None, "", "true") else None,
        peer=untrusted(peer) if peer else None,
    )


def _half(id: str) -> str:
    return f"{id}/server"


def _service(given: Mapping[str, Any]) -> str:
    return str(mapping(given.get("localEndpoint")).get("serviceName") or "")
