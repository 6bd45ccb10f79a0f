"""What the simulated pods wrote: a twin of the logs of a cluster."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import Protocol

from integrations.memory.pods import chatter, crashed, pod_names
from integrations.memory.state import Deployment, Pod, containers_of
from skills.core.ports.logs import LogLine, LogPage, LogQuery, newest, text_of
from skills.core.ports.workloads import Place

_KEPT = timedelta(hours=1)


class Running(Protocol):
    """What runs: a deployment, its pods and the moment; and what its healthy pods write, over and over."""

    async def pods(self, place: Place) -> tuple[Deployment, Sequence[Pod], datetime]: ...

    def written_by(self, deployment: Deployment) -> tuple[str, ...]: ...


class MemoryLogs:
    """Satisfies `Logs` for all environments of a simulated cluster, which keeps the lines of the last hour."""

    def __init__(self, cluster: Running) -> None:
        self._cluster = cluster

    async def read(self, query: LogQuery) -> LogPage:
        """The last lines that the query means. Raises `UnknownName` or `Unavailable`."""
        deployment, pods, now = await self._cluster.pods(query.place)
        named = list(pod_names(deployment, pods))
        found = [line for name, pod in named for line in self._lines(query, deployment, name, pod, now)]
        return LogPage(lines=newest(found, query.limit), partial=tuple(_partial(query, deployment, named, found)))

    def _lines(self, query: LogQuery, deployment: Deployment, name: str, pod: Pod, now: datetime) -> Iterator[LogLine]:
        if query.pods and name not in query.pods:
            return
        since, until = query.span(now, usual=_KEPT)
        since = max(since, now - _KEPT)
        log = self._cluster.written_by(deployment)
        for line in (*crashed(pod, now), *chatter(deployment, pod, log, since, now)):
            meant = line.previous == query.previous and since <= line.at <= until
            narrow = not query.containers or line.container in query.containers
            if meant and narrow and query.pattern.lower() in line.text.lower():
                yield LogLine(at=line.at, pod=name, container=line.container, text=text_of(line.text))


def _partial(
    query: LogQuery, deployment: Deployment, named: list[tuple[str, Pod]], found: list[LogLine]
) -> Iterator[str]:
    if len(found) > query.limit:
        yield f"There are more lines than the last {query.limit}."
    names = {name for name, _ in named}
    for pod in query.pods:
        if pod not in names:
            yield f"Pod {pod} is not there (any more)."
    held = {container.name for container in containers_of(deployment.current.template)}
    for container in query.containers:
        if container not in held:
            yield f"There is no container {container}; there are {', '.join(sorted(held))}."
    if query.previous and not found:
        yield "No container ran before the present ones, as far as the cluster remembers."
