"""Which cluster is behind each environment. A part of the composition root."""

from collections.abc import Awaitable, Callable, Iterable
from contextlib import AsyncExitStack
from datetime import datetime
from pathlib import Path

from bot.configuration import EnvironmentSettings
from bot.configuration import KubernetesCluster as KubernetesSettings
from bot.settings import Settings
from integrations.by_environment import Cluster
from skills.core.errors import NotAllowed

Clock = Callable[[], datetime]
Sleep = Callable[[float], Awaitable[None]]


def connected(
    stack: AsyncExitStack,
    environments: Iterable[EnvironmentSettings],
    settings: Settings,
    *,
    clock: Clock,
    sleep: Sleep,
) -> dict[str, Cluster]:
    """An adapter for each environment; connections are made on first use."""
    found: dict[str, Cluster] = {}
    simulated: Cluster | None = None
    for each in environments:
        name = each.environment.name
        if isinstance(each.cluster, KubernetesSettings):
            found[name] = _kubernetes(stack, each, each.cluster)
        else:
            simulated = simulated or _simulated(settings, clock=clock, sleep=sleep)
            found[name] = simulated
    return found


def _kubernetes(stack: AsyncExitStack, each: EnvironmentSettings, cluster: KubernetesSettings) -> Cluster:
    from integrations.kubernetes import KubernetesCluster  # noqa: PLC0415 - only the world that needs it pays for it

    adapter = KubernetesCluster.connect(
        environment=each.environment.name,
        namespace=each.environment.namespace,
        kubeconfig=Path(cluster.kubeconfig) if cluster.kubeconfig else None,
        context=cluster.context or None,
        in_cluster=cluster.in_cluster,
    )
    stack.push_async_callback(adapter.close)
    return adapter


def _simulated(settings: Settings, *, clock: Clock, sleep: Sleep) -> Cluster:
    from integrations.memory.cluster import MemoryCluster  # noqa: PLC0415 - only the world that needs it pays for it
    from integrations.memory.simulation import Simulation  # noqa: PLC0415

    description = settings.config / "simulation.yaml"
    if not description.exists():
        raise NotAllowed(f"{description} is missing, and an environment is configured to be simulated.")
    settings.data.mkdir(mode=0o700, parents=True, exist_ok=True)
    return MemoryCluster.open(
        settings.data / "cluster.json", simulation=Simulation.load(description), clock=clock, sleep=sleep
    )
