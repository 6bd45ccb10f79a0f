"""What things cost and cost before: for each environment the source that there is. A part of the composition root."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, tzinfo
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from bot.clusters import Clock
from bot.configuration import Configuration
from bot.configuration import KubernetesCluster as Kubernetes
from bot.usecases.cost_books import Book, CostBooks
from bot.usecases.past_changes import RecordedChanges
from integrations.by_environment import Cluster
from integrations.costs_by_environment import CostsByEnvironment, UsageByEnvironment
from integrations.price_sheet import PriceSheetCosts
from skills.core.periods import day_of
from skills.core.ports.costs import Books, Costs
from skills.core.ports.days import Days
from skills.core.ports.ledger import Ledger
from skills.core.ports.past_changes import PastChanges
from skills.core.ports.usage import Usage
from skills.core.ports.workloads import Workloads

if TYPE_CHECKING:
    from integrations.memory.usage import MemoryUsage


@dataclass(frozen=True, kw_only=True)
class OrganizationDays:
    """Satisfies `Days`."""

    clock: Clock
    zone: tzinfo

    def now(self) -> datetime:
        return self.clock()

    def today(self) -> date:
        return day_of(self.clock(), self.zone)


def cost_ports(
    configuration: Configuration,
    *,
    clusters: Mapping[str, Cluster],
    workloads: Workloads,
    ledger: Ledger,
    clock: Clock,
) -> dict[Any, object]:
    """Which object satisfies which of the ports that answer about costs."""
    simulated = _simulated(configuration, clusters, clock)
    books = []
    if configuration.prices and simulated:
        costs: Costs = PriceSheetCosts(usage=next(iter(simulated.values())), sheet=configuration.prices, clock=clock)
        books.append(Book(name="The price sheet", costs=CostsByEnvironment(dict.fromkeys(simulated, costs))))
    return {
        Days: OrganizationDays(clock=clock, zone=configuration.organization.timezone),
        Books: CostBooks(books, clock=clock),
        Usage: UsageByEnvironment(simulated),
        PastChanges: RecordedChanges(ledger, workloads, configuration.catalog, simulated),
    }


def _simulated(configuration: Configuration, clusters: Mapping[str, Cluster], clock: Clock) -> "dict[str, MemoryUsage]":
    """The twin, for each environment that is simulated."""
    names = [each.environment.name for each in configuration.environments if not isinstance(each.cluster, Kubernetes)]
    if not names:
        return {}
    from integrations.memory.cluster import MemoryCluster  # noqa: PLC0415 - only the world that needs it pays for it
    from integrations.memory.usage import MemoryUsage  # noqa: PLC0415 - as above

    cluster = clusters[names[0]]
    if not isinstance(cluster, MemoryCluster):
        return {}
    zone = ZoneInfo(configuration.organization.timezone_name)
    usage = MemoryUsage(cluster, catalog=configuration.catalog, clock=clock, zone=zone)
    return dict.fromkeys(names, usage)
