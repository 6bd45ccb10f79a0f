"""Sources of costs and usage to be tried: the twin in a world of its own, at noon of a certain day."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import Simulation
from integrations.memory.usage import MemoryUsage
from integrations.price_sheet import PriceSheetCosts
from skills.core.catalog import Catalog, Environment, Service
from skills.core.money import currency
from skills.core.names import EnvironmentName, ServiceName
from skills.core.periods import Period
from skills.costing.prices import PriceSheet

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
TODAY = NOW.date()
SHEET = PriceSheet(
    currency=currency("EUR"), cpu_hour=Decimal("0.03"), memory_hour=Decimal("0.004"), storage_month={"default": Decimal("0.1")},
    load_balancer_hour=Decimal("0.025"), traffic_out=Decimal("0.08"), node_hour={"standard-4": Decimal("0.186")},
    error=Decimal("0.15"), factors={"staging": Decimal("0.5")},
)  # fmt: skip
CATALOG = Catalog(
    declared=tuple(
        Service(name=ServiceName(name), owner=team, system="storefront")
        for name, team in (("checkout", "shop"), ("payments-api", "payments"), ("search", "shop"), ("web", "shop"))
    ),
    environments=(
        Environment(name=EnvironmentName("staging"), namespace="staging"),
        Environment(name=EnvironmentName("production"), namespace="production", protected=True),
    ),
    people=(),
)


def simulated(clock: Callable[[], datetime] = lambda: NOW, *, zone: str = "UTC") -> tuple[MemoryCluster, MemoryUsage]:
    """The demo's world, made at this moment."""
    simulation = Simulation.load(Path("config/simulation.yaml"))
    cluster = MemoryCluster.open(simulation=simulation, clock=clock)
    return cluster, MemoryUsage(cluster, catalog=CATALOG, clock=clock, zone=ZoneInfo(zone))


def simulated_costs(clock: Callable[[], datetime] = lambda: NOW, *, zone: str = "UTC") -> PriceSheetCosts:
    """What that costs by a price sheet."""
    return PriceSheetCosts(usage=simulated(clock, zone=zone)[1], sheet=SHEET, clock=clock)


def days(start: date, count: int) -> Period:
    return Period(start=start, end=start + timedelta(days=count))
