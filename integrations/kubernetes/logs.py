"""What the pods of a Deployment wrote, asked of the kubelets through the API server: all containers, present and previous.

A container that has not started has no log, which is no failure. Bytes are bounded for all containers together, whatever they wrote.
"""

import asyncio
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from integrations.kubernetes import reading
from integrations.kubernetes.api import Api, Object, Since
from integrations.kubernetes.connection import Connection
from integrations.kubernetes.faults import Attempt, Refused, Unreachable, said, translate
from skills.core.catalog import nearest, shown
from skills.core.errors import UnknownName
from skills.core.ports.logs import LONGEST_LINE, LogLine, LogPage, LogQuery, lines_of, newest
from skills.core.ports.workloads import Place

MOST_STREAMS = 30
MOST_BYTES = 12 * 1024 * 1024
_LEAST_BYTES = 128 * 1024
_AT_ONCE = 6
_FEW_LINES = 20
_SOUGHT_LINES = 10_000
_LONG = re.compile(rf"(?s)\A.{{{LONGEST_LINE}}}")
_KINDS = (("initContainers", "initContainerStatuses"), ("containers", "containerStatuses"), ("ephemeralContainers", "ephemeralContainerStatuses"))  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class _Stream:
    """One container of one pod."""

    pod: str
    container: str


@dataclass(frozen=True, kw_only=True)
class _Read:
    """What came of reading one of them: its lines, a sentence about what is missing, or why it could not be read at all."""

    lines: tuple[LogLine, ...] = ()
    missing: str = ""
    failure: Refused | Unreachable | None = None


class KubernetesLogs:
    """Satisfies `Logs` for one environment. Whoever made the connection closes it."""

    def __init__(self, *, environment: str, connection: Connection) -> None:
        self._environment = environment
        self._connection = connection

    async def read(self, query: LogQuery) -> LogPage:
        """The last lines of the workload's pods. Raises `UnknownName` or `Unavailable`; what one pod cannot give is told in `partial`."""
        api = Api(self._connection, query.place.namespace)
        pods = await self._pods(api, query.place)
        wanted = [pod for pod in pods if not query.pods or pod["metadata"]["name"] in query.pods]
        partial = list(_absent(query, pods))
        streams: list[_Stream] = []
        for pod in sorted(wanted, key=_born, reverse=True):
            streams += _streams(pod, query, partial)
        if len(streams) > MOST_STREAMS:
            partial.append(f"There are {len(streams)} containers; I read the {MOST_STREAMS} of the youngest pods.")
        return await self._page(api, query, streams[:MOST_STREAMS], partial)

    async def _page(self, api: Api, query: LogQuery, streams: Sequence[_Stream], partial: list[str]) -> LogPage:
        budget = max(_LEAST_BYTES, MOST_BYTES // max(1, len(streams)))
        gate = asyncio.Semaphore(_AT_ONCE)

        async def one(stream: _Stream) -> _Read:
            async with gate:
                return await _read(api, query, stream, budget)

        found = await asyncio.gather(*(one(stream) for stream in streams))
        failures = [(stream, each.failure) for stream, each in zip(streams, found, strict=True) if each.failure]
        for stream, failure in failures:
            if len(failures) == len(streams) or (isinstance(failure, Refused) and failure.status in (401, 403)):
                raise translate(failure, self._attempt("get", "pods/log", query.place.namespace, stream.pod)) from None
        partial += [each.missing for each in found if each.missing]
        partial += [_unread(stream, failure) for stream, failure in failures]
        if query.previous and streams and not any(each.lines for each in found) and not failures:
            partial.append("No container ran before the present ones, as far as the cluster remembers.")
        lines = [line for each in found for line in each.lines]
        if len(lines) > query.limit:
            partial.append(f"There are more lines than the last {query.limit}.")
        return LogPage(lines=newest(lines, query.limit), partial=tuple(dict.fromkeys(partial)))

    async def _pods(self, api: Api, place: Place) -> list[Object]:
        attempt = self._attempt("get", "deployments", place.namespace, place.name)
        try:
            deployment = await api.deployment(place.name)
            attempt = self._attempt("list", "pods", place.namespace)
            return await api.everything("pods", labels=reading.selector(deployment))
        except Refused as error:
            if error.status == 404:
                raise await _unknown(api, place) from None
            raise translate(error, attempt) from None
        except Unreachable as error:
            raise translate(error, attempt) from None

    def _attempt(self, verb: str, resource: str, namespace: str, name: str = "") -> Attempt:
        return Attempt(verb=verb, resource=resource, environment=self._environment, namespace=namespace, name=name)


async def _read(api: Api, query: LogQuery, stream: _Stream, budget: int) -> _Read:
    """One container. Of too many bytes the server sends the first, so the newest lines are asked for again, alone."""
    since = _since(query)
    missing = ""
    try:
        for tail in (_SOUGHT_LINES if query.pattern else query.limit + 1, _FEW_LINES):
            raw = await api.lines(
                stream.pod, stream.container, previous=query.previous, since=since, tail=tail, limit=budget
            )
            if len(raw) < budget or tail <= _FEW_LINES:
                break
            missing = f"Container {stream.container} of pod {stream.pod} wrote so much that I read only its last {_FEW_LINES} lines."  # fmt: skip
    except (Refused, Unreachable) as error:
        if isinstance(error, Refused) and error.status == 404:
            return _Read(missing=f"Pod {stream.pod} is gone, and its log with it.")
        if isinstance(error, Refused) and error.status == 400:
            return _Read(missing="" if query.previous else _waiting(stream, said(error.message)))
        return _Read(failure=error)
    if len(raw) >= budget:
        missing = f"Container {stream.container} of pod {stream.pod} writes lines so long that its newest are missing."
    sought = re.compile(re.escape(query.pattern), re.IGNORECASE)
    held = lines_of(raw.decode(errors="replace"), pod=stream.pod, container=stream.container)
    found = tuple(line for line in held if _within(line.at, query) and line.text.holds(sought))
    if any(line.text.holds(_LONG) for line in found):
        missing = missing or f"Container {stream.container} of pod {stream.pod} wrote lines of which I read only the first {LONGEST_LINE // 1024} KiB."  # fmt: skip
    return _Read(lines=found, missing=missing)


def _since(query: LogQuery) -> Since:
    """The beginning as the server takes it: a moment, or seconds back by its own clock."""
    if query.since or (query.until and query.back):
        moment, _ = query.span(query.until or datetime.max.replace(tzinfo=UTC), usual=timedelta())
        return {"sinceTime": moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")}
    return {"sinceSeconds": str(max(1, int(query.back.total_seconds())))} if query.back else {}


def _within(at: datetime | None, query: LogQuery) -> bool:
    early = query.since is not None and at is not None and at < query.since
    return not early and not (query.until is not None and at is not None and at > query.until)


def _streams(pod: Object, query: LogQuery, partial: list[str]) -> Iterator[_Stream]:
    """The containers of a pod that have run; for the others a sentence goes to `partial`."""
    spec, status, name = pod.get("spec") or {}, pod.get("status") or {}, pod["metadata"]["name"]
    for kind, statuses in _KINDS:
        states = {str(each.get("name")): each for each in status.get(statuses) or ()}
        for container in spec.get(kind) or ():
            if query.containers and container["name"] not in query.containers:
                continue
            stream = _Stream(pod=name, container=container["name"])
            state = states.get(container["name"], {})
            ran = not state or state.get("lastState") or not (state.get("state") or {}).get("waiting")
            if ran or query.previous:
                yield stream
            else:
                partial.append(_waiting(stream, str(state["state"]["waiting"].get("reason") or "")))


def _waiting(stream: _Stream, why: str) -> str:
    told = f" ({said(why)})" if why else ""
    return f"Container {stream.container} of pod {stream.pod} has not started{told}, so it has no log."


def _unread(stream: _Stream, failure: Refused | Unreachable) -> str:
    why = failure.text if isinstance(failure, Unreachable) else f"the cluster failed ({failure.status})"
    return f"The log of container {stream.container} of pod {stream.pod} could not be read: {why}."


def _absent(query: LogQuery, pods: Sequence[Object]) -> Iterator[str]:
    """What was named and is not there."""
    names = {pod["metadata"]["name"] for pod in pods}
    for pod in query.pods:
        if pod not in names:
            yield f"Pod {shown(pod)} is not there (any more)."
    held = {each["name"] for pod in pods for kind, _ in _KINDS for each in (pod.get("spec") or {}).get(kind) or ()}
    for container in query.containers:
        if pods and container not in held:
            yield f"There is no container {shown(container)}; there are {', '.join(sorted(held))}."
    if not pods:
        yield f"{query.place.name} has no pods now."


async def _unknown(api: Api, place: Place) -> UnknownName:
    try:
        names = [item["metadata"]["name"] for item in await api.everything("deployments")]
    except (Refused, Unreachable):
        names = []
    where = f"Namespace {place.namespace} of {place.environment} has no Deployment of that name."
    return UnknownName("workload", shown(place.name), nearest(place.name, names), hint=where)


def _born(pod: Object) -> str:
    return str(pod["metadata"].get("creationTimestamp") or "")
