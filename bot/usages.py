"""Who knows what each environment reserves and uses. A part of the composition root; nothing is connected before it is asked."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import timedelta

from bot.clusters import Clock
from bot.configuration import Configuration, EnvironmentSettings, PrometheusSettings
from bot.measuring import prometheus_server
from skills.core.ports.usage import Usage
from skills.core.ports.workloads import Workloads


def make_usages(
    stack: AsyncExitStack, configuration: Configuration, *, simulated: Mapping[str, Usage], workloads: Workloads, clock: Clock
) -> dict[str, Usage]:  # fmt: skip
    """The simulated world where it is one; else its Prometheus server, or the cluster alone."""
    return {
        each.environment.name: simulated.get(each.environment.name)
        or _real(stack, each, configuration, workloads, clock)
        for each in configuration.environments
    }


def _real(
    stack: AsyncExitStack, each: EnvironmentSettings, configuration: Configuration, workloads: Workloads, clock: Clock
) -> Usage:  # fmt: skip
    if not isinstance(each.metrics, PrometheusSettings):
        from integrations.reserved_usage import ReservedUsage  # noqa: PLC0415 - only the world that needs it pays for it

        return ReservedUsage(environment=each.environment, workloads=workloads, catalog=configuration.catalog)
    from integrations.prometheus_usage import PrometheusUsage  # noqa: PLC0415 - as above

    return PrometheusUsage(
        server=prometheus_server(stack, each.metrics, clock),
        environment=each.environment,
        workloads=workloads,
        catalog=configuration.catalog,
        clock=clock,
        scope=each.metrics.scope,
        scrape=timedelta(seconds=each.metrics.scrape_seconds),
    )
