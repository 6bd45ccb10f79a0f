"""Logs kept by Grafana Loki, asked by its query_range API (https://grafana.com/docs/loki/latest/reference/loki-http-api/)."""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.pods import pods_of
from integrations.web import Refusal, WebService, items, mapping, told
from skills.core.errors import Unavailable
from skills.core.ports.logs import LogLine, LogPage, LogQuery, newest, text_of

_USUAL = timedelta(hours=1)
_TOO_MANY = re.compile(r"max entries limit.*?\(\d+ > (\d+)\)", re.DOTALL)
_LEVELS = ("detected_level", "level", "severity")
_TRACES = ("trace_id", "traceID", "traceId", "traceid")


@dataclass(frozen=True, kw_only=True)
class LokiLabels:
    """What the labels of the streams are called. `workload`, where there is such a label, saves recognising pods by their names."""

    namespace: str = "namespace"
    pod: str = "pod"
    container: str = "container"
    workload: str = ""


class LokiLogs:
    """Satisfies `Logs` for one environment. Whoever made `web` closes it."""

    def __init__(
        self, web: WebService, *, labels: LokiLabels | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._web = web
        self._labels = labels or LokiLabels()
        self._clock = clock

    async def read(self, query: LogQuery) -> LogPage:
        """The last lines that the query means. Raises `Unavailable`."""
        since, until = query.span(self._clock(), usual=_USUAL)
        parameters: dict[str, str | int] = {
            "query": logql(query, self._labels),
            "start": _nanoseconds(since),
            "end": _nanoseconds(until) + 1,  # which is the first moment that is not looked at
            "limit": query.limit,
            "direction": "backward",
        }
        answer, limit = await self._ask(parameters)
        found = [line for stream in items(answer.get("result")) for line in self._lines(mapping(stream))]
        return LogPage(lines=newest(found, limit), partial=tuple(_partial(query, found, limit, answer)))

    async def _ask(self, parameters: dict[str, str | int]) -> tuple[Mapping[str, Any], int]:
        """The `data` of the answer, and how many lines were asked for in the end: Loki says if it gives fewer at once."""
        path = "/loki/api/v1/query_range"
        try:
            body = await self._web.get(path, parameters)
        except Refusal as error:
            fewer = _TOO_MANY.search(error.body) if isinstance(error.body, str) else None
            if not fewer or int(fewer[1]) >= int(parameters["limit"]):
                raise _not_understood(self._web, error) from None
            parameters = {**parameters, "limit": int(fewer[1])}
            try:
                body = await self._web.get(path, parameters)
            except Refusal as again:
                raise _not_understood(self._web, again) from None
        answer = mapping(mapping(body).get("data"))
        if answer.get("resultType") != "streams":
            raise Unavailable(
                f"What answers at the address of {self._web.service} is no Loki.",
                hint=f"Check {self._web.service.setting}.",
            )
        warnings = items(answer.get("warnings")) or items(mapping(body).get("warnings"))
        return {**answer, "warnings": warnings}, int(parameters["limit"])

    def _lines(self, stream: Mapping[str, Any]) -> Iterator[LogLine]:
        """The lines of a stream, oldest first."""
        held = mapping(stream.get("stream"))
        for value in reversed(items(stream.get("values"))):
            if not isinstance(value, list) or len(value) < 2 or not str(value[0]).isdigit():
                continue
            labels = {**held, **mapping(value[2] if len(value) > 2 else None)}
            yield LogLine(
                at=datetime.fromtimestamp(int(value[0]) / 1e9, UTC),
                pod=str(labels.get(self._labels.pod, "")),
                container=str(labels.get(self._labels.container, "")),
                text=text_of(str(value[1])),
                level=_first(labels, _LEVELS),
                trace_id=_first(labels, _TRACES),
            )


def logql(query: LogQuery, labels: LokiLabels) -> str:
    """The query in Loki's language. Whatever is not ours stands in a quoted string, and pods that are named have to be the workload's."""
    place = query.place
    selectors = [f"{labels.namespace}={json.dumps(place.namespace)}"]
    if labels.workload:
        selectors.append(f"{labels.workload}={json.dumps(place.name)}")
    else:
        selectors.append(f"{labels.pod}=~{json.dumps(pods_of(place.name))}")
    for label, names in ((labels.pod, query.pods), (labels.container, query.containers)):
        if names:
            selectors.append(f"{label}=~{json.dumps('|'.join(map(re.escape, names)))}")
    sought = f" |~ {json.dumps('(?i)' + re.escape(query.pattern), ensure_ascii=False)}" if query.pattern else ""
    return f"{{{', '.join(selectors)}}}{sought}"


def _partial(query: LogQuery, found: list[LogLine], limit: int, answer: Mapping[str, Any]) -> Iterator[str]:
    if len(found) >= limit:
        yield f"There are more lines than the last {limit}."
    if query.previous:
        yield "Loki keeps the lines of earlier containers among those of the present ones, so both are here."
    for warning in items(answer.get("warnings"))[:3]:
        yield f"Loki warns{told(warning) or ' of something without saying what'}."


def _not_understood(web: WebService, error: Refusal) -> Unavailable:
    return Unavailable(
        f"{web.service} refused the question ({error.status}){told(error.body) or told(mapping(error.body).get('message'))}.",
        hint=f"Ask for a shorter time, or check {web.service.setting}.",
    )


def _first(labels: Mapping[str, Any], names: tuple[str, ...]) -> str:
    return next((str(labels[name])[:64] for name in names if labels.get(name)), "")


def _nanoseconds(moment: datetime) -> int:
    return int(moment.timestamp() * 1_000_000) * 1000
