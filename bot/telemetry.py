"""Logs and traces, put together: for each environment the adapter that its configuration asks for. Nothing is connected before it is asked."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from bot.configuration import EnvironmentSettings, LokiSettings, OpenSearchSettings, TracesSettings
from integrations.by_environment import Cluster, LogsByEnvironment, TracesByEnvironment
from integrations.web import Service, WebService
from skills.core.ports.logs import Logs
from skills.core.ports.traces import Traces

Clock = Callable[[], datetime]


@dataclass(frozen=True, kw_only=True)
class Telemetry:
    """What is known of the inside of services, over all environments."""

    logs: Logs
    traces: Traces


@runtime_checkable
class _KeepsLogs(Protocol):
    """A cluster that can be asked for the logs of its pods."""

    @property
    def pod_logs(self) -> Logs: ...


@runtime_checkable
class _KeepsTraces(Protocol):
    """The simulated cluster, which has traces of its own."""

    @property
    def request_traces(self) -> Traces: ...


def connect(
    stack: AsyncExitStack, environments: Sequence[EnvironmentSettings], clusters: Mapping[str, Cluster], *, clock: Clock
) -> Telemetry:
    """The sources of every environment; what has to be closed is left to `stack`."""
    logs: dict[str, Logs] = {}
    traces: dict[str, Traces] = {}
    for each in environments:
        name, cluster = each.environment.name, clusters[each.environment.name]
        if each.logs:
            logs[name] = _logs(stack, name, each.logs, clock)
        elif isinstance(cluster, _KeepsLogs):
            logs[name] = cluster.pod_logs
        if each.traces:
            traces[name] = _traces(stack, name, each.traces, clock)
        elif isinstance(cluster, _KeepsTraces):
            traces[name] = cluster.request_traces
    return Telemetry(logs=LogsByEnvironment(logs), traces=TracesByEnvironment(traces))


def _logs(stack: AsyncExitStack, environment: str, settings: LokiSettings | OpenSearchSettings, clock: Clock) -> Logs:
    if isinstance(settings, LokiSettings):
        from integrations.loki import LokiLabels, LokiLogs  # noqa: PLC0415 - only the world that needs it pays for it

        headers = {"X-Scope-OrgID": settings.tenant} if settings.tenant else {}
        web = _web(stack, _service("Loki", environment, "logs", settings), headers)
        return LokiLogs(web, labels=LokiLabels(**settings.labels), clock=clock)
    from integrations.opensearch import LogFields, OpenSearchLogs  # noqa: PLC0415

    web = _web(stack, _service("OpenSearch", environment, "logs", settings))
    return OpenSearchLogs(web, index=settings.index, fields=LogFields(**settings.fields), clock=clock)


def _traces(stack: AsyncExitStack, environment: str, settings: TracesSettings, clock: Clock) -> Traces:
    if settings.kind == "jaeger":
        from integrations.jaeger import JaegerTraces  # noqa: PLC0415 - only the world that needs it pays for it

        return JaegerTraces(_web(stack, _service("Jaeger", environment, "traces", settings)), clock=clock)
    from integrations.zipkin import ZipkinTraces  # noqa: PLC0415

    return ZipkinTraces(_web(stack, _service("Zipkin", environment, "traces", settings)), clock=clock)


def _service(
    name: str, environment: str, part: str, settings: LokiSettings | OpenSearchSettings | TracesSettings
) -> Service:
    return Service(
        name=name,
        where=f"of {environment}",
        url=settings.url,
        setting=f"{part} of {environment} in environments.yaml",
        key=settings.key.get_secret_value() if settings.key else "",
        scheme=settings.auth,
    )


def _web(stack: AsyncExitStack, service: Service, headers: Mapping[str, str] | None = None) -> WebService:
    web = WebService(service, headers=headers)
    stack.push_async_callback(web.close)
    return web
