"""From settings to where each environment is measured: a part of the composition root."""

from collections.abc import Callable, Mapping
from contextlib import AsyncExitStack
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from bot.configuration import Configuration, PrometheusSettings
from integrations.by_environment import Cluster, MetricsByEnvironment
from skills.core.ports.metrics import Metrics

if TYPE_CHECKING:
    from integrations.prometheus import Prometheus as Server

Clock = Callable[[], datetime]


def make_metrics(
    stack: AsyncExitStack,
    configuration: Configuration,
    *,
    clusters: Mapping[str, Cluster],
    clock: Clock,
) -> MetricsByEnvironment:
    """The port, with a server behind it for each environment that is measured. Connections are made on first use, and closed by `stack`."""
    found: dict[str, Metrics] = {}
    for each in configuration.environments:
        name = each.environment.name
        if isinstance(each.metrics, PrometheusSettings):
            found[name] = prometheus_server(stack, each.metrics, clock)
        elif each.metrics:
            found[name] = _simulated(clusters[name], configuration, clock)
    return MetricsByEnvironment(found)


def prometheus_server(stack: AsyncExitStack, wanted: PrometheusSettings, clock: Clock) -> "Server":
    """One server, as configured; it connects on first use, and `stack` closes it."""
    from integrations.prometheus import Access, Prometheus  # noqa: PLC0415 - only the world that needs it pays for it

    adapter = Prometheus(
        Access(
            url=wanted.url,
            scrape=timedelta(seconds=wanted.scrape_seconds),
            timeout=wanted.timeout_seconds,
            scope=wanted.scope,
            username=wanted.username,
            password=wanted.password.get_secret_value() if wanted.password else "",
            token=wanted.token.get_secret_value() if wanted.token else "",
            ca_file=Path(wanted.ca_file) if wanted.ca_file else None,
        ),
        clock=clock,
    )
    stack.push_async_callback(adapter.close)
    return adapter


def _simulated(cluster: Cluster, configuration: Configuration, clock: Clock) -> Metrics:
    from integrations.memory.cluster import MemoryCluster  # noqa: PLC0415 - only the world that needs it pays for it
    from integrations.memory.signals import MemoryMetrics  # noqa: PLC0415 - as above
    from integrations.memory.simulation import Simulation  # noqa: PLC0415 - as above

    assert isinstance(cluster, MemoryCluster)
    return MemoryMetrics(cluster, simulation=Simulation.load(configuration.folder / "simulation.yaml"), clock=clock)
