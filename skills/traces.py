"""Where the requests of a service spend their time, and whose failure theirs is."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated
from skills.core.ports.logs import LogQuery, Logs
from skills.core.ports.traces import TraceQuery, Traces
from skills.core.ports.workloads import Place
from skills.core.report import Command, Finding, Part, Report, Table, Text
from skills.core.skill import Query
from skills.core.untrusted import Shown, Untrusted
from skills.core.workload_change import place
from skills.diagnosis.log_records import Record, read
from skills.diagnosis.traces import Failure, TraceStudy, study

_MOST_WORK, _MOST_LEGS, _MOST_LINES = 10, 20, 10


class Params(skill.Params):
    """Whose requests, and for how long back."""

    service: skill.Service = Field(description="The service whose requests are wanted")
    environment: skill.Environment | None = Field(
        default=None, description="The environment that it runs in; the first protected one if not given"
    )
    since: skill.Duration = Field(default=timedelta(hours=1), description="For how long back; an hour if not given")
    failed: skill.Flag = Field(default=False, description="Only requests in which something failed")


class ServiceTraces(Query[Params]):
    """Follow the requests of a service: the slowest work, the dependency that fails, and what the logs say of them."""

    name = "traces"
    aliases = ("trace",)
    examples = ("traces checkout in production", "traces checkout --since 15m", "traces checkout --failed")
    phrases = (
        "a trace|traces", "trace|traces of|for|from", "critical path", "slowest span|spans|call|calls|request|requests", "span|spans of|for|from",
        "where … time go|goes|spent", "where … spend|spends … time", "follow|trace … request|requests", "which dependency|dependencies … failing|slow|fails",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, traces: Traces, logs: Logs) -> None:
        self._catalog = catalog
        self._traces = traces
        self._logs = logs

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        service = self._catalog.service(params.service)
        environment = self._catalog.usual(params.environment)
        query = TraceQuery(environment=environment.name, service=service.name, back=params.since, failed=params.failed)
        page = await self._traces.search(query)
        seen = study(page.traces)
        parts: list[Part] = [_told(failure, self._catalog, environment.name) for failure in seen.failures[:5]]
        parts += _tables(seen)
        if wanted := _telling(seen):
            parts += await self._joined(place(service, environment), wanted, params.since)
        parts += [Text(text=sentence) for sentence in page.partial]
        title = f"Traces of {service.name} in {environment.name}"
        return Report(title=title, summary=_summary(seen, service.name), parts=tuple(parts))

    async def _joined(self, where: Place, wanted: Sequence[str], back: timedelta) -> list[Part]:
        """What the service's own logs say of these traces. Without the logs, the traces are still worth telling."""
        try:
            page = await self._logs.read(LogQuery(place=where, back=back))
        except Anticipated as problem:
            return [Text(text=f"The logs of these requests could not be read: {problem}")]
        found = [record for record in read(page.lines) if record.trace in wanted]
        return [_lines(found)] if found else []


def _telling(seen: TraceStudy) -> tuple[str, ...]:
    """The ids of the traces that say most: some that failed, and the slowest."""
    failed = [id for failure in seen.failures for id in failure.traces]
    return tuple(dict.fromkeys([*failed, seen.slowest] if seen.slowest else failed))


def _told(failure: Failure, catalog: Catalog, environment: str) -> Finding:
    """Where a failure begins, with the service by the name that the catalog has for it."""
    suspect = failure.peer or failure.service
    whom = Untrusted(suspect.partition(".")[0]).as_catalog_name(catalog)
    calls = "a call" if failure.peer else "an operation"
    called = f" → {failure.peer}" if failure.peer else ""
    evidence: list[str] = [Shown(f"{failure.service} {failure.operation}{called}")]
    evidence += [failure.problem] if failure.problem else []
    evidence += [f"trace {id}" for id in failure.traces[:2]]
    named = f" {'to' if failure.peer else 'of'} {whom}" if whom else ""
    return Finding(
        text=f"Requests fail in {calls}{named}, {failure.count} time{'' if failure.count == 1 else 's'}.",
        evidence=tuple(evidence),
        severity="error",
        since=failure.first,
        confidence="likely",
        offer=Command(text=f"logs {whom} in {environment}", does=f"read the logs of {whom}") if whom else None,
    )


def _tables(seen: TraceStudy) -> Iterator[Part]:
    if seen.work:
        rows = tuple(
            (each.service, each.operation, str(each.count), str(each.failed), _length(each.typical), _length(each.longest), _length(each.own))
            for each in seen.work[:_MOST_WORK]
        )  # fmt: skip
        columns = ("service", "operation", "calls", "failed", "typical", "longest", "own time")
        yield Table(title="Where the time goes", columns=columns, rows=rows)
    if seen.path:
        legs = tuple(
            (_length(leg.after), leg.service, leg.operation, _length(leg.took)) for leg in seen.path[:_MOST_LEGS]
        )
        title = f"What the slowest request waited for (trace {seen.slowest}, {_length(seen.lasted)})"
        yield Table(title=title, columns=("after", "service", "operation", "took"), rows=legs)


def _lines(found: Sequence[Record]) -> Table:
    rows = tuple((_time(each.at), each.trace[:8], each.pod, each.said) for each in found[-_MOST_LINES:])
    return Table(title="What the logs say of these requests", columns=("time (UTC)", "trace", "pod", "line"), rows=rows)


def _summary(seen: TraceStudy, service: str) -> str:
    if not seen.traces:
        return f"There are no traces of {service} in that time."
    counted = f"{seen.traces} trace{'' if seen.traces == 1 else 's'} of {service}"
    slowest = f"the slowest took {_length(seen.lasted)}"
    return f"{seen.failed} of {counted} failed; {slowest}." if seen.failed else f"None of {counted} failed; {slowest}."


def _length(length: timedelta) -> str:
    seconds = length.total_seconds()
    return f"{seconds:.2f} s" if seconds >= 1 else f"{seconds * 1000:.1f} ms"


def _time(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "—"
