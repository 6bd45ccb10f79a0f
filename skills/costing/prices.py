"""What things cost by a price sheet: the values of config/prices.yaml, and amounts of things turned into amounts of money."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import tzinfo
from decimal import Decimal
from functools import lru_cache

from skills.core.money import Currency, Money, totals
from skills.core.periods import Period, Unit, around
from skills.core.ports.costs import Category, Line, Whose
from skills.core.ports.usage import Amounts, Consumption, Measure, Thing
from skills.core.ports.workloads import Size

HOURS = Decimal(730)
"""In a month, where none in particular is meant: a twelfth of a year."""
_NONE = Decimal()
_PAID_BY_THE_HOUR = {Measure.LOAD_BALANCERS: "load-balancer-hours", Measure.TRAFFIC_OUT: "GiB"}


@dataclass(frozen=True, kw_only=True)
class PriceSheet:
    """Prices in one currency. An hour of a core and of a GiB reserved; a month of a GiB of storage, by class; an hour of a load balancer;
    a GiB that leaves; an hour of a node, by machine type. None, or a class that is not there, has no price.

    `error` is how far off sums may be, as long as no bill says better; `reconciled` that one did. `factors` are shares of these prices that an environment really pays.
    """

    currency: Currency
    cpu_hour: Decimal | None = None
    memory_hour: Decimal | None = None
    storage_month: Mapping[str, Decimal] = field(default_factory=dict)
    load_balancer_hour: Decimal | None = None
    traffic_out: Decimal | None = None
    node_hour: Mapping[str, Decimal] = field(default_factory=dict)
    error: Decimal = Decimal("0.25")
    reconciled: bool = False
    factors: Mapping[str, Decimal] = field(default_factory=dict)
    shared_namespaces: tuple[str, ...] = ()

    def factor(self, environment: str) -> Decimal:
        return self.factors.get(environment, Decimal(1))

    def storage(self, item: str) -> Decimal | None:
        """The price of a GiB-month of this class; that of “default” where the class has none."""
        return self.storage_month.get(item, self.storage_month.get("default"))

    @property
    def configured(self) -> bool:
        """Have CPU or memory a price?"""
        return self.cpu_hour is not None or self.memory_hour is not None

    def parts(self, size: Size, environment: str) -> list[tuple[Category, Money]]:
        """What a replica of this size costs in a month, by what it is for; nothing for what has no size or no price."""
        wanted = (
            (Category.COMPUTE, size.cpu, self.cpu_hour),
            (Category.MEMORY, size.memory, self.memory_hour),
        )
        return [
            (category, Money(amount=amount * price * HOURS * self.factor(environment), currency=self.currency))
            for category, amount, price in wanted
            if amount is not None and price is not None
        ]

    def thing(self, thing: Thing) -> Money | None:
        """What a volume or a load balancer costs in a month; None for what has no size or no price."""
        if thing.kind == "load balancer":
            price, much = self.load_balancer_hour, HOURS
        else:
            price, much = self.storage(thing.item) if thing.kind == "volume" else None, thing.size or _NONE
        if price is None:
            return None
        return Money(amount=price * much * self.factor(thing.whose.environment), currency=self.currency)

    def month(self, size: Size, environment: str) -> Money | None:
        """What a replica of this size costs in a month; None where it reserves nothing, or has no price."""
        return next(iter(totals(money for _, money in self.parts(size, environment))), None)


NO_PRICES = PriceSheet(currency=Currency("XXX"))
"""Where nobody wrote any down. XXX is ISO 4217's code for no currency."""


@dataclass(frozen=True, kw_only=True)
class Priced:
    """Lines, and sentences about what has no price."""

    lines: tuple[Line, ...]
    partial: tuple[str, ...]


def priced(consumption: Consumption, sheet: PriceSheet, *, zone: tzinfo) -> Priced:
    """Everything that was used, at these prices. What is reserved counts, or what was used where that is more.

    What nodes cost beyond that is idle. What belongs to nobody is unallocated, and what serves everybody is shared.
    """
    pricing = _Pricing(consumption, sheet, zone)
    lines = [line for line in pricing.lines() if any(line.amounts)]
    return Priced(lines=tuple(lines), partial=tuple(dict.fromkeys((*consumption.partial, *pricing.unpriced))))


class _Pricing:
    """One consumption on its way."""

    def __init__(self, consumption: Consumption, sheet: PriceSheet, zone: tzinfo) -> None:
        self._consumption = consumption
        self._sheet = sheet
        self._zone = zone
        self._by_measure: dict[Measure, list[Amounts]] = {}
        self.unpriced: list[str] = []
        for each in consumption.amounts:
            self._by_measure.setdefault(each.measure, []).append(each)

    def lines(self) -> Iterator[Line]:
        reserved: dict[str, list[Decimal | None]] = {}
        for category, line in (*self._cpu(), *self._memory()):
            together = reserved.setdefault(line.whose.environment, [None] * len(line.amounts))
            for index, amount in enumerate(line.amounts):
                if amount is not None:
                    together[index] = (together[index] or _NONE) + amount
            yield _booked(line, category)
        for measure, unit in _PAID_BY_THE_HOUR.items():
            balancing = measure is Measure.LOAD_BALANCERS
            price = self._sheet.load_balancer_hour if balancing else self._sheet.traffic_out
            for each in self._by_measure.get(measure, ()):
                yield from self._line(each, each.amounts, price, Category.NETWORK, unit)
        for each in self._by_measure.get(Measure.STORAGE, ()):
            yield from self._stored(each)
        yield from self._idle(reserved)

    def _cpu(self) -> Iterator[tuple[Category, Line]]:
        yield from self._had(Measure.CPU_RESERVED, Measure.CPU_USED, self._sheet.cpu_hour, Category.COMPUTE)

    def _memory(self) -> Iterator[tuple[Category, Line]]:
        yield from self._had(Measure.MEMORY_RESERVED, Measure.MEMORY_USED, self._sheet.memory_hour, Category.MEMORY)

    def _had(
        self, reserved: Measure, used: Measure, price: Decimal | None, category: Category
    ) -> Iterator[tuple[Category, Line]]:
        """Of each the larger one of what was reserved and what was used."""
        unit = "core-hours" if category is Category.COMPUTE else "GiB-hours"
        using = {(each.whose, each.item): each for each in self._by_measure.get(used, ())}
        for each in self._by_measure.get(reserved, ()):
            more = using.pop((each.whose, each.item), None)
            amounts = _larger(each.amounts, more.amounts) if more else each.amounts
            for line in self._line(each, amounts, price, category, unit, booked=False):
                yield _category(each, category), line
        for each in using.values():
            for line in self._line(each, each.amounts, price, category, unit, booked=False):
                yield _category(each, category), line

    def _line(
        self, each: Amounts, amounts: Sequence[Decimal | None], price: Decimal | None, category: Category, unit: str,
        *, booked: bool = True,
    ) -> Iterator[Line]:  # fmt: skip
        if price is None:
            self._without_price(each)
            return
        here = price * self._sheet.factor(each.whose.environment)
        line = Line(
            whose=each.whose,
            category=category,
            currency=self._sheet.currency,
            amounts=tuple([None if amount is None else amount * here for amount in amounts]),
            item=each.item or category.value,
            unit=unit,
            quantities=tuple(amounts),
        )
        yield _booked(line, _category(each, category)) if booked else line

    def _stored(self, each: Amounts) -> Iterator[Line]:
        """A GiB that is kept for a whole month costs the price of a month, however long the month is."""
        price = self._sheet.storage(each.item)
        if price is None:
            self._without_price(each)
            return
        here = price * self._sheet.factor(each.whose.environment)
        lengths = [_month_hours(bucket, self._zone) for bucket in self._consumption.buckets]
        amounts = tuple(
            None if amount is None else amount * here / hours
            for amount, hours in zip(each.amounts, lengths, strict=True)
        )
        line = Line(
            whose=each.whose, category=Category.STORAGE, currency=self._sheet.currency, amounts=amounts,
            item=each.item or "storage", unit="GiB-hours", quantities=each.amounts,
        )  # fmt: skip
        yield _booked(line, _category(each, Category.STORAGE))

    def _idle(self, reserved: Mapping[str, Sequence[Decimal | None]]) -> Iterator[Line]:
        """What nodes cost, less what was reserved or used on them."""
        by_place: dict[str, list[Decimal | None]] = {}
        for each in self._by_measure.get(Measure.NODES, ()):
            for line in self._line(each, each.amounts, self._sheet.node_hour.get(each.item), Category.IDLE, "hours"):
                place = by_place.setdefault(line.whose.environment, [None] * len(line.amounts))
                for index, amount in enumerate(line.amounts):
                    place[index] = amount if place[index] is None else (place[index] or _NONE) + (amount or _NONE)
        for environment, costs in by_place.items():
            taken = reserved.get(environment, [_NONE] * len(costs))
            left = tuple(
                None if cost is None else max(_NONE, cost - (used or _NONE))
                for cost, used in zip(costs, taken, strict=True)
            )
            yield Line(
                whose=Whose(environment=environment), category=Category.IDLE, currency=self._sheet.currency, amounts=left, item="nodes"
            )  # fmt: skip

    def _without_price(self, each: Amounts) -> None:
        what = f"{_NAMED[each.measure]}{f' of type {each.item}' if each.item else ''}"
        self.unpriced.append(f"The price sheet has no price for {what}, so it is not in these sums.")


_NAMED: Mapping[Measure, str] = {
    Measure.CPU_RESERVED: "CPU", Measure.CPU_USED: "CPU", Measure.MEMORY_RESERVED: "memory", Measure.MEMORY_USED: "memory",
    Measure.STORAGE: "storage", Measure.LOAD_BALANCERS: "load balancers", Measure.TRAFFIC_OUT: "outgoing traffic",
    Measure.NODES: "nodes", Measure.NODE_CPU: "nodes", Measure.NODE_MEMORY: "nodes",
}  # fmt: skip


def _category(each: Amounts, usual: Category) -> Category:
    if each.shared:
        return Category.SHARED
    return usual if each.whose.known else Category.UNALLOCATED


def _booked(line: Line, category: Category) -> Line:
    if line.category is category:
        return line
    return Line(
        whose=line.whose, category=category, currency=line.currency, amounts=line.amounts, item=line.item, unit=line.unit,
        quantities=line.quantities,
    )  # fmt: skip


def _larger(one: Sequence[Decimal | None], other: Sequence[Decimal | None]) -> list[Decimal | None]:
    return [
        b if a is None or (b is not None and b > a) else a for a, b in zip(one, other, strict=True)
    ]  # fmt: skip


@lru_cache(maxsize=4096)
def _month_hours(bucket: Period, zone: tzinfo) -> Decimal:
    """The hours of the month that a bucket begins in."""
    return Decimal(around(bucket.start, Unit.MONTH).hours(zone))
