"""Logs kept by OpenSearch or Elasticsearch, asked by the _search API that both have in common."""

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import quote

from integrations.pods import pods_of
from integrations.web import Refusal, WebService, items, mapping, told
from skills.core.errors import Unavailable
from skills.core.ports.logs import LogLine, LogPage, LogQuery, newest, text_of

_USUAL = timedelta(hours=1)
_SECONDS = 8
_MOST = 10_000
"""What `index.max_result_window` allows where nobody changed it."""


@dataclass(frozen=True, kw_only=True)
class LogFields:
    """What the fields of a document are called; those of the Elastic Common Schema, unless one's own are given."""

    time: str = "@timestamp"
    message: str = "message"
    namespace: str = "kubernetes.namespace"
    pod: str = "kubernetes.pod.name"
    container: str = "kubernetes.container.name"
    level: str = "log.level"
    trace: str = "trace.id"


class OpenSearchLogs:
    """Satisfies `Logs` for one environment. A pattern is sought by whole words there, of which the last may be a beginning.

    Whoever made `web` closes it.
    """

    def __init__(
        self, web: WebService, *, index: str = "logs-*", fields: LogFields | None = None,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:  # fmt: skip
        self._web = web
        self._index = index
        self._fields = fields or LogFields()
        self._clock = clock

    async def read(self, query: LogQuery) -> LogPage:
        """The last lines that the query means. Raises `Unavailable`."""
        since, until = query.span(self._clock(), usual=_USUAL)
        path = f"/{quote(self._index, safe='*,-_.')}/_search"
        try:
            body = await self._web.post(path, {"ignore_unavailable": "true"}, self._body(query, since, until))
        except Refusal as error:
            raise self._refused(error) from None
        answer = mapping(body)
        if "hits" not in answer:
            raise Unavailable(
                f"What answers at the address of {self._web.service} is neither OpenSearch nor Elasticsearch.",
                hint=f"Check {self._web.service.setting}.",
            )
        hits = items(mapping(answer["hits"]).get("hits"))
        found = [line for hit in reversed(hits) if (line := self._line(mapping(mapping(hit).get("_source"))))]
        return LogPage(lines=newest(found, query.limit), partial=tuple(_partial(query, answer, len(hits))))

    def _body(self, query: LogQuery, since: datetime, until: datetime) -> dict[str, Any]:
        names, place = self._fields, query.place
        own = {"regexp": {names.pod: {"value": pods_of(place.name)}}}
        pods = [own, {"terms": {names.pod: list(query.pods)}}] if query.pods else [own]
        containers = [{"terms": {names.container: list(query.containers)}}] if query.containers else []
        sought = [{"match_phrase_prefix": {names.message: {"query": query.pattern}}}] if query.pattern else []
        span = {"gte": since.isoformat(), "lte": until.isoformat(), "format": "strict_date_optional_time"}
        filters = [{"range": {names.time: span}}, {"term": {names.namespace: place.namespace}}]
        return {
            "size": min(query.limit, _MOST),
            "timeout": f"{_SECONDS}s",
            "track_total_hits": True,
            "sort": [{names.time: {"order": "desc", "unmapped_type": "date"}}],
            "query": {"bool": {"filter": [*filters, *pods, *containers, *sought]}},
        }

    def _line(self, source: Mapping[str, Any]) -> LogLine | None:
        names = self._fields
        text = _field(source, names.message)
        if text is None:
            return None
        return LogLine(
            at=_moment(_field(source, names.time)),
            pod=str(_field(source, names.pod) or ""),
            container=str(_field(source, names.container) or ""),
            text=text_of(text if isinstance(text, str) else json.dumps(text)),
            level=str(_field(source, names.level) or "")[:64],
            trace_id=str(_field(source, names.trace) or "")[:64],
        )

    def _refused(self, error: Refusal) -> Unavailable:
        reason = mapping(mapping(error.body).get("error"))
        if error.status == 404:
            return Unavailable(f"{self._web.service} has no index {self._index}.", hint=f"Check {self._web.service.setting}.")  # fmt: skip
        first = mapping(next(iter(items(reason.get("root_cause"))), None))
        said = told(first.get("reason")) or told(reason.get("reason"))
        return Unavailable(
            f"{self._web.service} refused the question ({error.status}){said}.",
            hint=f"Check {self._web.service.setting}: the fields may be called otherwise there.",
        )


def _partial(query: LogQuery, answer: Mapping[str, Any], shown: int) -> Iterator[str]:
    total = mapping(mapping(answer["hits"]).get("total")).get("value")
    if isinstance(total, int) and total > shown:
        yield f"There are {total} lines; these are the last {shown}."
    if answer.get("timed_out"):
        yield f"The search was broken off after {_SECONDS} seconds, so lines may be missing."
    shards = mapping(answer.get("_shards"))
    if shards.get("failed"):
        reason = mapping(mapping(next(iter(items(shards.get("failures"))), None)).get("reason")).get("reason")
        yield f"{shards['failed']} of {shards.get('total', '?')} shards failed, so lines may be missing{told(reason)}."
    if query.previous:
        yield "The lines of earlier containers are kept among those of the present ones, so both are here."


def _field(source: Mapping[str, Any], name: str) -> Any:
    """A field by its dotted name: objects within objects, or one key with dots. `.keyword` is how it is indexed, not where it stands."""
    plain = name.removesuffix(".keyword")
    if plain in source:
        return source[plain]
    head, dot, rest = plain.partition(".")
    while dot:
        if isinstance(source.get(head), Mapping):
            return _field(source[head], rest)
        more, dot, rest = rest.partition(".")
        head = f"{head}.{more}"
    return None


def _moment(value: Any) -> datetime | None:
    """A time as documents have it: ISO 8601, or milliseconds since 1970. Without a zone it is UTC."""
    try:
        if isinstance(value, int | float):
            return datetime.fromtimestamp(value / 1000, UTC)
        moment = datetime.fromisoformat(str(value))
    except (ValueError, OverflowError, OSError):
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
