"""What the embedded world reserves, uses and has, on every day of the year before it was made and since: satisfies `Usage`.

It follows from the description, from what was changed, and from a draw that is the same whenever one asks.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from hashlib import sha256
from math import ceil
from zoneinfo import ZoneInfo

from integrations.memory.cluster import MemoryCluster
from integrations.memory.economy import DAYS, ServicePast
from integrations.memory.simulation import SimulatedService
from integrations.memory.wanted import Steps, Wish, described_changes, hours_of, wishes
from skills.core.catalog import Catalog, nearest, shown
from skills.core.errors import UnknownName
from skills.core.periods import Period, day_of, midnight
from skills.core.ports.costs import Wanted, Whose
from skills.core.ports.past_changes import PastChange
from skills.core.ports.usage import Amounts, Consumption, Footprint, Measure, Need, Thing
from skills.core.ports.workloads import Place, Size

_WINDOW = timedelta(days=14)
_SAMPLES = 4032
_FINE = Decimal("0.000001")
_JITTER = 0.05
_WEEKEND = 0.55
_YEAR = 365
_SPREAD = {"p50": 1.0, "p95": 1.25, "p99": 1.4, "most": 1.6}
"""What a replica needs at its busiest, against what it usually needs."""


class MemoryUsage:
    """Days are those of `zone`. `catalog` says which team a service belongs to."""

    def __init__(
        self, cluster: MemoryCluster, *, catalog: Catalog, clock: Callable[[], datetime], zone: ZoneInfo
    ) -> None:
        self._zone = zone
        self._cluster = cluster
        self._simulation = cluster.simulation
        self._catalog = catalog
        self._clock = clock

    async def consumption(self, wanted: Wanted) -> Consumption:
        """What was had on each day of a period; nothing for days in the future. Raises `UnknownName` or `Unavailable`."""
        now, founded = self._clock(), self._cluster.founded_at
        days = tuple(_day(day) for day in wanted.period.days())
        span = _Span(days=days, zone=self._zone, now=now, founded=founded)
        amounts: list[Amounts] = []
        for environment in wanted.environments or tuple(self._simulation.environments):
            self._known(environment)
            here = [each async for each in self._of_services(environment, span)]
            here += self._of_nobody(environment, span)
            amounts += [*here, *self._nodes(environment, span, here)]
        return Consumption(
            source="the simulated cluster", zone=self._zone.key, read_at=now, period=wanted.period, buckets=days, amounts=tuple(amounts)
        )  # fmt: skip

    async def footprints(self, environment: str) -> Sequence[Footprint]:
        """The workloads of an environment as they stand, by service. Raises `UnknownName` or `Unavailable`."""
        self._known(environment)
        found = []
        for workload in await self._cluster.list(environment):
            name = workload.place.name
            service = self._simulation.services.get(name)
            needs = tuple(_needs(service, workload.size)) if service else ()
            found.append(
                Footprint(
                    whose=self._whose(name, environment), size=workload.size, replicas=workload.replicas, needs=needs
                )
            )
        return found

    async def things(self, environment: str) -> Sequence[Thing]:
        """Volumes, load balancers and the like of an environment. Raises `UnknownName`."""
        self._known(environment)
        namespace, founded = self._simulation.namespace(environment), self._cluster.founded_at
        found = []
        for name, service in self._simulation.services.items():
            whose, past = self._whose(name, environment), service.past
            if environment in service.replicas and past.storage:
                size = Decimal(str(past.storage.gib))
                found.append(
                    Thing(kind="volume", name=f"{name}-data", namespace=namespace, whose=whose, used=True, size=size, item=past.storage.item)
                )  # fmt: skip
            if environment in past.load_balancers:
                found.append(Thing(kind="load balancer", name=name, namespace=namespace, whose=whose, used=True))
        found.extend(
            Thing(
                kind=left.kind, name=left.name, namespace=namespace, whose=Whose(environment=environment), used=False,
                size=Decimal(str(left.gib)) if left.gib else None, item=left.item, since=founded - timedelta(days=left.days),
            )
            for left in self._simulation.environments[environment].economy.leftovers
        )  # fmt: skip
        return found

    async def changes(self, environment: str) -> Sequence[PastChange]:
        """What was scaled and resized before the world was made, oldest first."""
        found = [
            change
            for name, service in self._simulation.services.items()
            if environment in service.replicas
            for change in described_changes(name, service, environment, founded=self._cluster.founded_at)
        ]
        return sorted(found, key=lambda each: each.at)

    async def _of_services(self, environment: str, span: "_Span") -> AsyncIterator[Amounts]:
        place_in = self._simulation.namespace(environment)
        for name, service in self._simulation.services.items():
            if environment not in service.replicas:
                continue
            place = Place(environment=environment, namespace=place_in, name=name)
            try:
                workload = await self._cluster.get(place)
                past = await self._cluster.past(place)
            except UnknownName:
                continue
            steps = wishes(service, environment, past, workload.size, founded=span.founded)
            here = _Here(name=name, service=service, environment=environment, steps=steps)
            for each in _had(self._whose(name, environment), here, span):
                yield each

    def _of_nobody(self, environment: str, span: "_Span") -> Iterator[Amounts]:
        """What serves everybody, and what belongs to nobody."""
        economy, whose = self._simulation.environments[environment].economy, Whose(environment=environment)
        for namespace, shared in economy.shared.items():
            for measure, much in ((Measure.CPU_RESERVED, shared.cpu), (Measure.MEMORY_RESERVED, shared.memory)):
                yield _constant(whose, measure, much, DAYS, span, item=namespace, shared=True)
        for stray in economy.strays:
            for measure, much in ((Measure.CPU_RESERVED, stray.cpu), (Measure.MEMORY_RESERVED, stray.memory)):
                yield _constant(whose, measure, much, stray.days, span, item=stray.name)
        for left in economy.leftovers:
            if left.kind == "volume":
                yield _constant(whose, Measure.STORAGE, left.gib, left.days, span, item=left.item)
            elif left.kind == "load balancer":
                yield _constant(whose, Measure.LOAD_BALANCERS, 1, left.days, span, item=left.name)

    def _nodes(self, environment: str, span: "_Span", here: Sequence[Amounts]) -> Iterator[Amounts]:
        """As many as are described, and more where more is reserved than they have."""
        economy, whose = self._simulation.environments[environment].economy, Whose(environment=environment)
        reserved = [each for each in here if each.measure is Measure.CPU_RESERVED]
        counts: list[Decimal | None] = []
        for index, (start, end) in enumerate(span.bounds):
            hours = span.hours(start, end, DAYS)
            if hours is None:
                counts.append(None)
                continue
            cores = sum((each.amounts[index] or Decimal() for each in reserved), Decimal()) / (hours or 1)
            counts.append(max(economy.nodes, ceil(cores / Decimal(str(economy.node_cpu)))) * hours)
        had = {Measure.NODES: 1.0, Measure.NODE_CPU: economy.node_cpu, Measure.NODE_MEMORY: economy.node_memory}
        for measure, each in had.items():
            amounts = tuple(None if count is None else count * Decimal(str(each)) for count in counts)
            yield Amounts(whose=whose, measure=measure, amounts=amounts, item=economy.node)

    def _whose(self, name: str, environment: str) -> Whose:
        known = next((each for each in self._catalog.services if each.workload_name == name), None)
        if known is None:
            return Whose(environment=environment)
        return Whose(service=known.name, environment=environment, team=known.owner, project=known.system)

    def _known(self, environment: str) -> None:
        if environment not in self._simulation.environments:
            near = nearest(environment, self._simulation.environments)
            raise UnknownName("environment", shown(environment), near)


@dataclass(frozen=True, kw_only=True)
class _Span:
    """The days that are asked for, as far as they are over or under way."""

    days: tuple[Period, ...]
    zone: ZoneInfo
    now: datetime
    founded: datetime

    @property
    def bounds(self) -> Sequence[tuple[datetime, datetime]]:
        return _bounds(self.days, self.zone)

    def hours(self, start: datetime, end: datetime, since: int) -> Decimal | None:
        """How many hours of a day there was something that there is since so many days; None where nobody knows."""
        begun = self.founded - timedelta(days=since)
        if start >= self.now or end <= self.founded - timedelta(days=DAYS):
            return None
        seconds = (min(end, self.now) - max(start, begun)).total_seconds()
        return Decimal(max(0.0, seconds)) / 3600


@lru_cache(maxsize=64)
def _bounds(days: tuple[Period, ...], zone: ZoneInfo) -> Sequence[tuple[datetime, datetime]]:
    return [(midnight(day.start, zone), midnight(day.end, zone)) for day in days]


def _day(day: date) -> Period:
    return Period(start=day, end=day + timedelta(days=1))


@dataclass(frozen=True, kw_only=True)
class _Here:
    """A service in one environment."""

    name: str
    service: SimulatedService
    environment: str
    steps: Steps[Wish]

    @property
    def traffic(self) -> float:
        """The share of its requests that comes here: the environment with the most replicas has the customers."""
        counts = self.service.replicas
        return 1.0 if counts[self.environment] == max(counts.values()) else 0.1


def _had(whose: Whose, it: _Here, span: _Span) -> Iterator[Amounts]:
    """Everything that one service had in one environment."""
    service = it.service
    rows: dict[Measure, list[Decimal | None]] = {
        measure: []
        for measure in (
            Measure.CPU_RESERVED, Measure.MEMORY_RESERVED, Measure.CPU_USED, Measure.MEMORY_USED, Measure.TRAFFIC_OUT,
        )
    }  # fmt: skip
    for day, (start, end) in zip(span.days, span.bounds, strict=True):
        hours = span.hours(start, end, service.past.born or DAYS)
        if hours is None:
            for row in rows.values():
                row.append(None)
            continue
        until = min(end, span.now)
        cpu = hours_of(it.steps, start, until, lambda wish: wish.cpu)
        memory = hours_of(it.steps, start, until, lambda wish: wish.memory)
        busy = _busy(it, day.start, founded=day_of(span.founded, span.zone))
        rows[Measure.CPU_RESERVED].append(cpu)
        rows[Measure.MEMORY_RESERVED].append(memory)
        rows[Measure.CPU_USED].append(_fine(cpu * Decimal(service.signals.cpu * busy)))
        rows[Measure.MEMORY_USED].append(_fine(memory * Decimal(service.signals.memory)))
        sent = service.signals.requests * 3600 * float(hours) * service.past.kib_per_request / 2**20
        rows[Measure.TRAFFIC_OUT].append(_fine(Decimal(sent * busy * it.traffic)))
    for measure, row in rows.items():
        yield Amounts(whose=whose, measure=measure, amounts=tuple(row))
    yield from _kept(whose, service.past, it.environment, span)


def _kept(whose: Whose, past: ServicePast, environment: str, span: _Span) -> Iterator[Amounts]:
    """Volumes, which grow, and load balancers, which do not."""
    since = past.born or DAYS
    if volume := past.storage:
        amounts = []
        for start, end in span.bounds:
            hours = span.hours(start, end, since)
            years = max(0.0, (span.founded - start) / timedelta(days=_YEAR))
            size = Decimal(round(volume.gib * max(0.0, 1 - volume.growth * years), 1))
            amounts.append(None if hours is None else size * hours)
        yield Amounts(whose=whose, measure=Measure.STORAGE, amounts=tuple(amounts), item=volume.item)
    if environment in past.load_balancers:
        yield _constant(whose, Measure.LOAD_BALANCERS, 1, since, span)


def _constant(
    whose: Whose, measure: Measure, much: float, since: int, span: _Span, *, item: str = "", shared: bool = False
) -> Amounts:  # fmt: skip
    had = (span.hours(start, end, since) for start, end in span.bounds)
    amounts = tuple(None if hours is None else hours * Decimal(str(much)) for hours in had)
    return Amounts(whose=whose, measure=measure, amounts=amounts, item=item, shared=shared)


def _busy(it: _Here, day: date, *, founded: date) -> float:
    """How much traffic a day has against a usual one of today: less on weekends and in the past, more in a surge."""
    back, past = (founded - day).days, it.service.past
    grown = max(0.05, 1 - past.growth * back / _YEAR) if back > 0 else 1.0
    week = _WEEKEND if day.weekday() >= 5 else 1.0
    surge = next((each.times for each in past.surges if each.days - each.length < back <= each.days), 1.0)
    return grown * week * surge * _draw(f"{it.name} {it.environment} {day.isoformat()}")


def _needs(service: SimulatedService, each: Size) -> Iterator[Need]:
    """What a replica needed lately, as its signals say it is used."""
    usual = (
        (Measure.CPU_USED, each.cpu, service.signals.cpu),
        (Measure.MEMORY_USED, each.memory, service.signals.memory),
    )
    for measure, size, share in usual:
        if size is not None:
            spread = {name: _fine(size * Decimal(share * times)) for name, times in _SPREAD.items()}
            yield Need(measure=measure, samples=_SAMPLES, window=_WINDOW, **spread)


def _fine(amount: Decimal) -> Decimal:
    return amount.quantize(_FINE)


def _draw(seed: str) -> float:
    """A number near 1 that looks accidental and is always the same."""
    draw = int.from_bytes(sha256(seed.encode()).digest()[:8], "big") / 2**64
    return 1 + _JITTER * (2 * draw - 1)
