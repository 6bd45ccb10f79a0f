"""The organization's own book of costs: once an hour what is reserved is looked at, priced, and written down. So history grows by itself.

An hour is told by the clocks of the organization. What is found in it counts for the whole of it; an hour in which nobody looked is unknown.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import structlog

from bot.store.cost_books import PricedDay, PricedDays, PricedLine
from skills.core.catalog import Catalog, Environment
from skills.core.errors import Anticipated, Unavailable, UnknownName
from skills.core.periods import Period, day_of, midnight
from skills.core.ports.costs import Basis, Granularity, Line, Source, Statement, Wanted, Whose
from skills.core.ports.usage import Amounts, Consumption, Measure
from skills.core.ports.workloads import Workload, Workloads
from skills.core.workload_change import place
from skills.costing.monthly import by_month
from skills.costing.prices import PriceSheet, priced

log = structlog.get_logger()

NAME = "price sheet × what was reserved, looked at every hour"
_HOUR = timedelta(hours=1)
_ENOUGH = Decimal("0.5")
"""A day of which at least so much was looked at is worked out from that; of less, it is not known."""


@dataclass(frozen=True, kw_only=True)
class CostRecorder:
    """Looks at these environments. May be repeated, in any number of processes: an hour is written down once."""

    environments: tuple[str, ...]
    workloads: Workloads
    catalog: Catalog
    sheet: PriceSheet
    book: PricedDays
    clock: Callable[[], datetime]
    zone: ZoneInfo

    async def note(self) -> int:
        """Write down the present hour where nobody did; in how many environments. One that does not answer is tried again, and logged."""
        now = self.clock()
        day = day_of(now, self.zone)
        hour = int((now - midnight(day, self.zone)) / _HOUR)
        written = 0
        for name in self.environments:
            if await self.book.noted(name, day, hour):
                continue
            try:
                lines = await self._look(self.catalog.environment(name), day)
            except Anticipated as problem:
                log.warning("an hour of costs was not written down", environment=name, problem=str(problem))
                continue
            written += await self.book.note(name, day, hour, lines)
        return written

    async def _look(self, environment: Environment, day: date) -> list[PricedLine]:
        """What runs, for one hour."""
        seen = list(await self.workloads.list(environment.name))
        known = {each.place for each in seen}
        for service in self.catalog.services:
            where = place(service, environment)
            if service.namespace and where not in known:
                try:
                    seen.append(await self.workloads.get(where))
                except UnknownName:
                    continue
        period = Period(start=day, end=day + timedelta(days=1))
        amounts = tuple(amount for workload in seen for amount in self._amounts(workload, environment))
        had = Consumption(
            source="", zone=self.zone.key, read_at=self.clock(), period=period, buckets=(period,), amounts=amounts
        )
        return [
            PricedLine(
                whose=line.whose, category=line.category, currency=line.currency, item=line.item, unit=line.unit,
                quantity=line.quantities[0] or Decimal(), amount=line.amounts[0] or Decimal(),
            )
            for line in priced(had, self.sheet, zone=self.zone).lines
        ]  # fmt: skip

    def _amounts(self, workload: Workload, environment: Environment) -> Iterator[Amounts]:
        owner = next((each for each in self.catalog.services if place(each, environment) == workload.place), None)
        whose = Whose(environment=environment.name)
        if owner:
            whose = Whose(service=owner.name, environment=environment.name, team=owner.owner, project=owner.system)
        shared = workload.place.namespace in self.sheet.shared_namespaces
        for measure, each in (
            (Measure.CPU_RESERVED, workload.size.cpu),
            (Measure.MEMORY_RESERVED, workload.size.memory),
        ):
            if each is not None:
                item = "" if owner else workload.place.name
                yield Amounts(
                    whose=whose, measure=measure, amounts=(each * workload.replicas,), item=item, shared=shared and owner is None
                )  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class RecordedCosts:
    """Satisfies `Costs` from the book."""

    environments: tuple[str, ...]
    sheet: PriceSheet
    book: PricedDays
    clock: Callable[[], datetime]
    zone: ZoneInfo

    async def statement(self, wanted: Wanted) -> Statement:
        """What was written down. Raises `Unavailable` while there is nothing."""
        found = await self.book.read(wanted.environments or self.environments, wanted.period)
        today = day_of(self.clock(), self.zone)
        if not found:
            raise Unavailable(
                f"Nothing was written down of {wanted.period}.",
                hint="Costs are written down every hour from the first start on, while “countersign serve” runs.",
            )
        days = tuple(Period(start=day, end=day + timedelta(days=1)) for day in wanted.period.days())
        lines, thin = self._lines(found, days, today)
        buckets = days
        if wanted.granularity is Granularity.MONTH:
            buckets, lines = by_month(days, lines)
        source = Source(
            name=NAME, basis=Basis.ESTIMATE, zone=self.zone.key, read_at=self.clock(), error=self.sheet.error
        )
        return Statement(
            source=source, period=wanted.period, granularity=wanted.granularity, buckets=buckets, lines=lines, final_until=today,
            partial=tuple(_thinly(thin)),
        )  # fmt: skip

    def _lines(
        self, found: Sequence[PricedDay], days: Sequence[Period], today: date
    ) -> tuple[tuple[Line, ...], list[PricedDay]]:
        """A line for each thing, and the days of which not all hours were looked at."""
        places = {day.start: index for index, day in enumerate(days)}
        shares = {(each.environment, each.day): self._share(each, today) for each in found}
        nothing: dict[str, list[Decimal | None]] = {}
        for each in found:
            row = nothing.setdefault(each.environment, [None] * len(days))
            if shares[each.environment, each.day] is not None:
                row[places[each.day]] = Decimal()
        rows: dict[tuple[str, ...], tuple[PricedLine, list[Decimal | None], list[Decimal | None]]] = {}
        for each in found:
            times = shares[each.environment, each.day]
            for line in each.lines if times is not None else ():
                empty = nothing[each.environment]
                _, amounts, had = rows.setdefault(line.key, (line, list(empty), list(empty)))
                amounts[places[each.day]], had[places[each.day]] = (
                    line.amount * (times or 1),
                    line.quantity * (times or 1),
                )
        lines = tuple(
            Line(
                whose=line.whose, category=line.category, currency=line.currency, item=line.item, unit=line.unit,
                amounts=tuple(amounts), quantities=tuple(had),
            )
            for line, amounts, had in rows.values()
        )  # fmt: skip
        return lines, [each for each in found if shares[each.environment, each.day] != 1]

    def _share(self, day: PricedDay, today: date) -> Decimal | None:
        """What to multiply a day by, since some of its hours were not looked at; None where that were too many. Today is as it is."""
        if day.day >= today:
            return Decimal(1)
        whole = Period(start=day.day, end=day.day + timedelta(days=1)).hours(self.zone)
        looked = Decimal(len(day.hours))
        return Decimal(whole) / looked if looked and looked / whole >= _ENOUGH else None


def _thinly(days: Sequence[PricedDay]) -> Iterator[str]:
    """One sentence about days that were not looked at from end to end."""
    if days:
        some = ", ".join(f"{each.environment} {each.day.day} {each.day:%B} ({len(each.hours)} h)" for each in days[:4])
        more = f" and {len(days) - 4} more" if len(days) > 4 else ""
        yield f"Not every hour was looked at, so these days are worked out from those that were, or left out where that were fewer than half: {some}{more}."
