"""Each source of costs that the configuration names, put together. A part of the composition root; nothing is connected before it is asked."""

from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta
from decimal import Decimal

from bot.clusters import Clock
from bot.configuration import Configuration
from bot.configuration.costs import AwsCostsSettings, CostSource, OpenCostSettings
from bot.store import Store
from bot.usecases.cost_books import Book
from bot.usecases.reconciling import Reconciler
from integrations.costs_by_environment import CostsByEnvironment
from skills.core.ports.costs import Costs

ESTIMATES = "The price sheet"
"""Under which name the errors of estimates are kept."""


def make_books(
    stack: AsyncExitStack, configuration: Configuration, *, estimates: Mapping[str, Costs], store: Store, clock: Clock
) -> tuple[Book, ...]:  # fmt: skip
    """In the order in which they are believed. `estimates` are by the price sheet, for each environment where there are any."""
    made = (
        _book(source, configuration, stack, estimates=estimates, store=store, clock=clock)
        for source in configuration.costs.sources
    )
    return tuple(book for book in made if book)


def make_reconciler(
    configuration: Configuration, books: Sequence[Book], store: Store, clock: Clock
) -> Reconciler | None:  # fmt: skip
    """What compares estimates with the bill, be that a file or AWS; None where one of the two is not there."""
    estimates = next((book.costs for book in books if book.name == ESTIMATES), None)
    bill = next((book.costs for book in books if book.name == "AWS"), None)
    if configuration.costs.bills:
        from integrations.bill_file import BillFile  # noqa: PLC0415 - only the world that needs it pays for it

        bill = BillFile(configuration.folder / configuration.costs.bills, clock=clock)
    if estimates is None or bill is None:
        return None
    return Reconciler(name=ESTIMATES, estimates=estimates, bill=bill, kept=store.reconciliations, clock=clock)


def _book(
    source: CostSource, configuration: Configuration, stack: AsyncExitStack, *, estimates: Mapping[str, Costs], store: Store, clock: Clock
) -> Book | None:  # fmt: skip
    """One source; None for a price sheet that is not there, or prices nothing."""
    if isinstance(source, AwsCostsSettings):
        return Book(name="AWS", costs=_aws(source, configuration, store, clock), fresh=timedelta(hours=1))
    if isinstance(source, OpenCostSettings):
        return Book(name="OpenCost", costs=_opencost(source, configuration, stack, clock), fresh=timedelta(minutes=30))
    return Book(name=ESTIMATES, costs=CostsByEnvironment(estimates)) if estimates else None


def _aws(source: AwsCostsSettings, configuration: Configuration, store: Store, clock: Clock) -> Costs:
    from integrations.aws_costs import Account, CostExplorer  # noqa: PLC0415 - only the world that needs it pays for it

    account = Account(
        service_tag=source.service_tag,
        environment_tag=source.environment_tag,
        environments=source.environments,
        amortized=source.amortized,
        per_day=source.per_day,
        region=source.region,
        endpoint=source.endpoint,
    )
    catalog = configuration.catalog

    def team_of(service: str) -> str:
        return next((each.owner for each in catalog.services if each.name == service), "")

    return CostExplorer(account, keep=store.kept_statements, team_of=team_of, clock=clock)


def _opencost(source: OpenCostSettings, configuration: Configuration, stack: AsyncExitStack, clock: Clock) -> Costs:
    from integrations.opencost import OpenCost  # noqa: PLC0415 - only the world that needs it pays for it
    from integrations.web import Service, WebLimits, WebService  # noqa: PLC0415 - as above

    service = Service(
        name="OpenCost",
        where="at its address",
        url=source.url,
        setting="opencost in costs.yaml",
        key=source.key.get_secret_value() if source.key else "",
        scheme=source.auth,
    )
    web = WebService(service, limits=WebLimits(answer=30.0))
    stack.push_async_callback(web.close)
    error = None if source.error_percent is None else Decimal(source.error_percent) / 100
    return OpenCost(
        web, currency=source.currency, catalog=configuration.catalog, clock=clock, clusters=source.clusters, error=error
    )
