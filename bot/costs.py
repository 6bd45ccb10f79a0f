"""What things cost and cost before: for each environment the source that there is. A part of the composition root."""

from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from datetime import date, datetime, tzinfo
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable
from zoneinfo import ZoneInfo

from bot.clusters import Clock
from bot.configuration import Configuration
from bot.configuration import KubernetesCluster as Kubernetes
from bot.configuration.budgets import WrittenBudgets
from bot.cost_sources import ESTIMATES, make_books, make_reconciler
from bot.store import Store
from bot.usages import make_usages
from bot.usecases.budget_alerts import BudgetAlerts
from bot.usecases.cost_books import Book, CostBooks
from bot.usecases.cost_recording import CostRecorder, RecordedCosts
from bot.usecases.past_changes import RecordedChanges
from bot.usecases.reconciling import Reconciler
from integrations.by_environment import Cluster
from integrations.costs_by_environment import UsageByEnvironment
from integrations.price_sheet import PriceSheetCosts
from skills.core.errors import Anticipated
from skills.core.periods import day_of
from skills.core.ports.budgets import Budgets
from skills.core.ports.costs import Books, Costs
from skills.core.ports.days import Days
from skills.core.ports.forecasting import Forecaster
from skills.core.ports.past_changes import PastChanges
from skills.core.ports.usage import Usage
from skills.core.ports.workloads import Workloads
from skills.costing.prices import PriceSheet
from skills.costing.reconciling import error

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


@dataclass(frozen=True, kw_only=True)
class CostDesk:
    """Everything about costs: the ports that answer, and what writes down what is there to be answered from."""

    ports: dict[Any, object]
    recorder: CostRecorder | None = None
    books: tuple[Book, ...] = ()
    reconciler: Reconciler | None = None
    alerts: BudgetAlerts | None = None

    async def watch_budgets(self) -> int:
        """Tell of budgets that are nearly spent, or going to be; each once."""
        return await self.alerts() if self.alerts else 0

    async def note(self) -> int:
        """Write down the present hour, where that is not done elsewhere."""
        return await self.recorder.note() if self.recorder else 0

    async def reconcile(self) -> int:
        """Compare estimates with the bills that came in, where there are both."""
        return await self.reconciler.note() if self.reconciler else 0

    async def check(self) -> list[tuple[str, bool, str]]:
        """What `doctor` wants to know: for each source what it is, whether it answers, and a sentence."""
        if not self.books:
            text = "not configured, which is fine: without prices.yaml nobody tells what anything costs"
            return [("costs", True, text)]
        return [await _checked(number, book) for number, book in enumerate(self.books, 1)]


@runtime_checkable
class _Elsewhere(Protocol):
    """A source that is asked over the network."""

    async def check(self) -> str: ...


async def _checked(number: int, book: Book) -> tuple[str, bool, str]:
    what = f"costs, source {number}: {book.name}"
    if not isinstance(book.costs, _Elsewhere):
        return what, True, "estimates by prices.yaml"
    try:
        return what, True, await book.costs.check()
    except Anticipated as problem:
        return what, False, str(problem)


async def measured_prices(sheet: PriceSheet | None, store: Store) -> PriceSheet | None:
    """The price sheet with the error that its estimates turned out to have, as far as that is known when a process starts."""
    off = error(await store.reconciliations.past(ESTIMATES)) if sheet else None
    return replace(sheet, error=off, reconciled=True) if sheet and off is not None else sheet


def make_costs(
    stack: AsyncExitStack, configuration: Configuration, *, clusters: Mapping[str, Cluster], workloads: Workloads, store: Store, clock: Clock
) -> CostDesk:  # fmt: skip
    """The price sheet over what the simulated world tells, and over our own book for everything else."""
    zone = ZoneInfo(configuration.organization.timezone_name)
    simulated = _simulated(configuration, clusters, clock)
    sources: dict[str, Costs] = {}
    recorder = None
    if sheet := configuration.prices:
        for usage in simulated.values():
            sources = dict.fromkeys(simulated, PriceSheetCosts(usage=usage, sheet=sheet, clock=clock))
        real = tuple(name for each in configuration.environments if (name := each.environment.name) not in simulated)
        if real:
            kept = RecordedCosts(environments=real, sheet=sheet, book=store.priced_days, clock=clock, zone=zone)
            sources |= dict.fromkeys(real, kept)
            recorder = CostRecorder(
                environments=real, workloads=workloads, catalog=configuration.catalog, sheet=sheet, book=store.priced_days, clock=clock, zone=zone,
            )  # fmt: skip
    books = make_books(stack, configuration, estimates=sources, store=store, clock=clock)
    ports: dict[Any, Any] = {
        Days: OrganizationDays(clock=clock, zone=configuration.organization.timezone),
        Books: CostBooks(books, clock=clock, reconciliations=store.reconciliations),
        Forecaster: _forecaster(),
        Budgets: WrittenBudgets(configuration.budgets),
        Usage: UsageByEnvironment(
            make_usages(stack, configuration, simulated=simulated, workloads=workloads, clock=clock)
        ),
        PastChanges: RecordedChanges(store, workloads, configuration.catalog, simulated),
    }
    reconciler = make_reconciler(configuration, books, store, clock)
    alerts = BudgetAlerts(
        store=store, budgets=ports[Budgets], books=ports[Books], past=ports[PastChanges], forecaster=ports[Forecaster], days=ports[Days]
    )  # fmt: skip
    return CostDesk(
        ports=ports,
        recorder=recorder,
        books=books,
        reconciler=reconciler,
        alerts=alerts if configuration.budgets and books else None,
    )


def _forecaster() -> Forecaster:
    """A structural model where its library is installed (countersign[forecasts]), else the last weeks as they were."""
    if find_spec("statsmodels"):
        from integrations.statsmodels import StatsmodelsForecaster  # noqa: PLC0415 - loaded only where it is installed

        return StatsmodelsForecaster()
    from integrations.memory.forecasts import SeasonalNaive  # noqa: PLC0415 - only who needs it pays for it

    return SeasonalNaive()


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
