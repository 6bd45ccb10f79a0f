"""What an answer about costs takes: a year of 500 services by the day, from what is kept. Beside it, the bare sum of the same numbers.

Then why a month cost more than the one before it, for the same services.
"""

import asyncio
import time
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from random import Random

from bot.usecases.cost_books import Book, CostBooks
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.money import currency
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.periods import Period
from skills.core.ports.costs import Basis, Category, Line, Source, Statement, Wanted, Whose
from skills.cost import Cost, Params
from skills.cost_change import CostChange
from skills.cost_change import Params as Changed
from skills.costing.prices import NO_PRICES
from tests.bench.figures import show_times
from tests.support.books import ThePast

SERVICES, DAYS, TIMES = 500, 365, 10
TARGET = 300.0
"""Milliseconds, for a year of all services from what is kept."""

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))


class Year:
    """Satisfies `Costs`: two lines for each service, made once."""

    def __init__(self) -> None:
        rng = Random(7)
        self._lines: list[tuple[Whose, Category, list[Decimal]]] = []
        for number in range(SERVICES):
            whose = Whose(service=f"s{number}", environment="production", team=f"t{number % 20}")
            for category in (Category.COMPUTE, Category.MEMORY):
                self._lines.append((whose, category, [Decimal(rng.randrange(100, 9000)) / 100 for _ in range(DAYS)]))
        self.numbers = [amounts for _, _, amounts in self._lines]

    async def statement(self, wanted: Wanted) -> Statement:
        first = NOW.date() - timedelta(days=DAYS)
        inside = list(wanted.period.days())
        lines = tuple(
            Line(
                whose=whose, category=category, currency=currency("EUR"), item=category.value, unit="core-hours",
                amounts=tuple(_at(amounts, (day - first).days) for day in inside), quantities=tuple(_at(amounts, (day - first).days) for day in inside),
            )
            for whose, category, amounts in self._lines
        )  # fmt: skip
        return Statement(
            source=Source(name="a bench", basis=Basis.ESTIMATE, zone="UTC", read_at=NOW, error=Decimal("0.15")), period=wanted.period,
            granularity=wanted.granularity, buckets=tuple(Period(start=day, end=day + timedelta(days=1)) for day in inside), lines=lines,
            final_until=date(2026, 11, 30),
        )  # fmt: skip


def _at(amounts: list[Decimal], index: int) -> Decimal | None:
    return amounts[index] if 0 <= index < len(amounts) else None


class Days:
    zone = UTC

    def now(self) -> datetime:
        return NOW

    def today(self) -> date:
        return NOW.date()


class Nowhere:
    async def list(self, environment: str) -> Sequence[object]:
        return ()

    async def get(self, place: object) -> object:
        raise LookupError

    async def revisions(self, place: object) -> Sequence[object]:
        return ()


async def main() -> None:
    year = Year()
    catalog = Catalog(
        declared=tuple(Service(name=ServiceName(f"s{n}"), owner=f"t{n % 20}") for n in range(SERVICES)),
        environments=(Environment(name=EnvironmentName("production"), namespace="prod"),), people=(),
    )  # fmt: skip
    books = CostBooks([Book(name="a bench", costs=year)], clock=lambda: NOW)
    cost = Cost(catalog, Nowhere(), NO_PRICES, books=books, past=ThePast(), days=Days())  # type: ignore[arg-type]
    why = CostChange(catalog, books, ThePast(), Days())
    await cost.answer(Params(period="last 365 days", by="team"), asker=ASKER)
    await why.answer(Changed(period="october"), asker=ASKER)
    taken: dict[str, list[float]] = {"bare": [], "year": [], "why": []}
    for _ in range(TIMES):
        started = time.perf_counter()
        assert sum(sum(row, Decimal()) for row in year.numbers) > 0
        taken["bare"].append(time.perf_counter() - started)
        started = time.perf_counter()
        report = await cost.answer(Params(period="last 365 days", by="team"), asker=ASKER)
        taken["year"].append(time.perf_counter() - started)
        assert report.summary.startswith("Everything cost €")
        started = time.perf_counter()
        changed = await why.answer(Changed(period="october"), asker=ASKER)
        taken["why"].append(time.perf_counter() - started)
        assert "October 2026" in changed.summary
    show_times("cost: the bare sum of a year of 500 services", taken["bare"])
    show_times("cost: a year of 500 services from what is kept", taken["year"], target_ms=TARGET)
    show_times("cost: why October differs, 500 services", taken["why"])


if __name__ == "__main__":
    asyncio.run(main())
