"""Which object satisfies which port of the skills."""

from typing import Any

from bot.clusters import Clock
from bot.configuration import Configuration
from bot.incidents import incident_ports
from bot.on_call import Standby
from bot.settings import Settings
from bot.store import Store
from bot.telemetry import Telemetry
from bot.usecases.ask import PolicyGuide
from bot.usecases.glass_reviews import GlassReviews
from bot.usecases.trail import AuditTrail
from integrations.by_environment import ByEnvironment, MetricsByEnvironment
from skills.core.catalog import Catalog
from skills.core.policy import Policy
from skills.core.ports.access import AccessReviews
from skills.core.ports.alerts import Alerts
from skills.core.ports.glasses import Glasses
from skills.core.ports.grants import Grants
from skills.core.ports.guide import Guide
from skills.core.ports.ledger import Ledger
from skills.core.ports.locks import Locks
from skills.core.ports.logs import Logs
from skills.core.ports.metrics import Metrics
from skills.core.ports.prices import Prices
from skills.core.ports.releases import Releases
from skills.core.ports.snapshots import Snapshots
from skills.core.ports.traces import Traces
from skills.core.ports.trail import Trail
from skills.core.ports.workloads import Edits, Rollouts, Workloads
from skills.costing.prices import NO_PRICES


def make_ports(
    configuration: Configuration,
    *,
    policy: Policy,
    store: Store,
    workloads: ByEnvironment,
    metrics: MetricsByEnvironment,
    types: tuple[type[Any], ...],
    releases: Releases,
    telemetry: Telemetry,
    locks: Locks,
    grants: Grants,
    standby: Standby,
    reviews: AccessReviews,
    clock: Clock,
) -> dict[Any, object]:
    """Which object satisfies which port."""
    return {
        Catalog: configuration.catalog,
        Workloads: workloads,
        Edits: workloads,
        Rollouts: workloads,
        Snapshots: workloads,
        Ledger: store,
        Locks: locks,
        Grants: grants,
        Glasses: GlassReviews(store=store, clock=clock),
        AccessReviews: reviews,
        **incident_ports(store, clock=clock),
        **standby.ports,
        Trail: AuditTrail(store),
        Metrics: metrics,
        Alerts: metrics,
        Releases: releases,
        Prices: configuration.prices or NO_PRICES,
        Logs: telemetry.logs,
        Traces: telemetry.traces,
        Guide: PolicyGuide(types, policy),
    }


def make_releases(configuration: Configuration, settings: Settings) -> Releases:
    """What knows which releases there are: the simulation, or nobody."""
    if any(each.releases == "simulated" for each in configuration.environments):
        from integrations.memory.releases import MemoryReleases  # noqa: PLC0415 - only the world that needs it pays for it
        from integrations.memory.simulation import Simulation  # noqa: PLC0415

        return MemoryReleases(Simulation.load(settings.config / "simulation.yaml"))
    from integrations.unchecked_releases import UncheckedReleases  # noqa: PLC0415

    return UncheckedReleases()
