"""OpenCost: what pods, volumes and load balancers cost by its own measurements, from its allocation and asset API.

It counts in hours of UTC and in one currency, which it does not tell. What it answers with null or NaN is not known, and said.
Sources: https://opencost.io/docs/integrations/api and https://opencost.io/docs/specification
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from integrations.web import Refusal, WebService, items, mapping, told
from skills.core.catalog import Catalog
from skills.core.errors import Unavailable
from skills.core.money import Currency
from skills.core.periods import Period
from skills.core.ports.costs import Basis, Category, Granularity, Line, Source, Statement, Wanted, Whose
from skills.costing.monthly import by_month

_IDLE = "__idle__"
_COSTS: Mapping[str, tuple[Category, str, str]] = {
    "cpuCost": (Category.COMPUTE, "core-hours", "cpuCoreHours"),
    "gpuCost": (Category.COMPUTE, "GPU-hours", "gpuHours"),
    "ramCost": (Category.MEMORY, "GiB-hours", "ramByteHours"),
    "pvCost": (Category.STORAGE, "GiB-hours", "pvByteHours"),
    "networkCost": (Category.NETWORK, "", ""),
    "loadBalancerCost": (Category.NETWORK, "", ""),
    "sharedCost": (Category.SHARED, "", ""),
    "externalCost": (Category.OTHER, "", ""),
}
"""Its fields: what they are for, in what they are counted, and which field counts them. Adjustments are added to the cost of the same name."""

_ITEMS = {"cpuCost": "cpu", "gpuCost": "gpu", "ramCost": "memory", "pvCost": "volumes", "networkCost": "traffic", "loadBalancerCost": "load balancers", "sharedCost": "shared", "externalCost": "external"}  # fmt: skip
_GIB = Decimal(2**30)
_LONGEST = 95
"""Days in one question: it computes what it answers."""


class OpenCost:
    """Satisfies `Costs`. `clusters` are its names for the clusters of environments; where none is told, namespaces tell the environment."""

    def __init__(
        self, web: WebService, *, currency: Currency, catalog: Catalog, clock: Callable[[], datetime], clusters: Mapping[str, str] | None = None,
        error: Decimal | None = None,
    ) -> None:  # fmt: skip
        self._web = web
        self._currency = currency
        self._catalog = catalog
        self._clock = clock
        self._environments = {cluster: environment for environment, cluster in (clusters or {}).items()}
        self._error = error

    async def statement(self, wanted: Wanted) -> Statement:
        """What it allocated, day by day in UTC. Raises `Unavailable` where it does not answer, or knows nothing of the period."""
        now = self._clock()
        days = tuple(Period(start=day, end=day + timedelta(days=1)) for day in wanted.period.days())
        past = [day for day in days if day.start <= now.date()]
        reading = _Reading(
            days={day.start: index for index, day in enumerate(days)}, currency=self._currency, whose=self._whose
        )
        for start in range(0, len(past), _LONGEST):
            part = past[start : start + _LONGEST]
            await self._read(Period(start=part[0].start, end=part[-1].end), reading)
        lines: tuple[Line, ...] = tuple(reading.lines(wanted.environments))
        if not reading.sets:
            raise Unavailable(
                f"OpenCost knows nothing of {wanted.period}.", hint="It keeps as much as its Prometheus does."
            )
        buckets: tuple[Period, ...] = days
        if wanted.granularity is Granularity.MONTH:
            buckets, lines = by_month(days, lines)
        return Statement(
            source=Source(name="OpenCost", basis=Basis.ALLOCATION, zone="UTC", read_at=now, error=self._error),
            period=wanted.period, granularity=wanted.granularity, buckets=buckets, lines=lines, final_until=now.date() - timedelta(days=1),
            partial=tuple(reading.partial()),
        )  # fmt: skip

    async def check(self) -> str:
        """A sentence for `doctor`. Raises `Unavailable`."""
        day = self._clock().date() - timedelta(days=1)
        found = await self.statement(Wanted(period=Period(start=day, end=day + timedelta(days=1))))
        return f"answers, with {len(found.lines)} amounts of yesterday"

    async def _read(self, period: Period, reading: "_Reading") -> None:
        window = f"{period.start.isoformat()}T00:00:00Z,{period.end.isoformat()}T00:00:00Z"
        asked: dict[str, str | int] = {"window": window, "step": "1d", "accumulate": "false"}
        allocated = await self._asked(
            "/allocation", {**asked, "aggregate": "cluster,namespace,controllerKind,controller", "includeIdle": "true", "shareIdle": "false"}
        )  # fmt: skip
        for each in items(allocated):
            reading.take(mapping(each))
        try:
            assets = await self._asked("/assets", {"window": window, "step": "1d", "accumulate": "false"})
        except Unavailable as problem:
            reading.missing.append(
                f"OpenCost did not tell its assets, so what the control plane costs is missing: {problem.text}"
            )
            return
        for each in items(assets):
            reading.take_assets(mapping(each))

    async def _asked(self, path: str, query: Mapping[str, str | int]) -> Any:
        """The data of its envelope, in which errors may come with HTTP 200."""
        try:
            answer = mapping(await self._web.get(path, query))
        except Refusal as refusal:
            said = mapping(refusal.body).get("message", refusal.body)
            raise Unavailable(f"OpenCost refuses ({refusal.status}){told(said)}.", hint="Check its address.") from None
        code = answer.get("code", 200)
        if code != 200:
            raise Unavailable(f"OpenCost failed ({code}){told(answer.get('message'))}.", hint="Try again in a minute.")
        return answer.get("data")

    def _whose(self, properties: Mapping[str, Any]) -> Whose:
        """By the catalog: the service whose workload it is, and its environment by the cluster's name, else by the namespace."""
        cluster, namespace, controller = (
            str(properties.get(each) or "") for each in ("cluster", "namespace", "controller")
        )
        known = self._environments.get(cluster) or next(
            (
                each.name
                for each in self._catalog.environments
                if each.namespace == namespace and not self._environments
            ),
            "",
        )
        place = next((each for each in self._catalog.environments if each.name == known), None)
        for service in self._catalog.services if place else ():
            assert place is not None
            if service.workload_name == controller and (service.namespace or place.namespace) == namespace:
                return Whose(service=service.name, environment=place.name, team=service.owner, project=service.system)
        return Whose(environment=known)


@dataclass(kw_only=True)
class _Reading:
    """Its answers, put together. `sets` is how many days had anything at all."""

    days: Mapping[Any, int]
    currency: Currency
    whose: Callable[[Mapping[str, Any]], Whose]
    sets: int = 0
    missing: list[str] = field(default_factory=list)
    _seen: set[int] = field(default_factory=set)
    _odd: set[str] = field(default_factory=set)
    _rows: dict[tuple[Whose, Category, str, str], tuple[list[Decimal | None], list[Decimal | None]]] = field(
        default_factory=dict
    )

    def take(self, allocations: Mapping[str, Any]) -> None:
        """One day: everything that was allocated, by name."""
        for name, each in allocations.items():
            entry = mapping(each)
            index = self._day(entry)
            if index is None:
                continue
            self.sets += index not in self._seen
            self._seen.add(index)
            for cost, (category, unit, counted) in _COSTS.items():
                self._note(str(name), entry, index, cost, category=category, unit=unit, counted=counted)

    def take_assets(self, assets: Mapping[str, Any]) -> None:
        """One day of assets, of which only what is in no allocation counts: the control plane."""
        for each in assets.values():
            asset = mapping(each)
            index, cost = self._day(asset), _number(asset.get("totalCost"))
            if asset.get("type") != "ClusterManagement" or index is None or not cost:
                continue
            whose = Whose(environment=self.whose(mapping(asset.get("properties"))).environment)
            self._add((whose, Category.SHARED, "control plane", ""), index, cost, None)

    def lines(self, environments: Sequence[str]) -> Iterator[Line]:
        for (whose, category, item, unit), (amounts, had) in self._rows.items():
            if not environments or whose.environment in environments:
                quantities = tuple(self._known(had)) if unit else ()
                yield Line(
                    whose=whose, category=category, currency=self.currency, amounts=tuple(self._known(amounts)), item=item, unit=unit, quantities=quantities
                )  # fmt: skip

    def partial(self) -> Iterator[str]:
        yield from self.missing
        if self._odd:
            some = ", ".join(sorted(self._odd)[:3]) + (f" and {len(self._odd) - 3} more" if len(self._odd) > 3 else "")
            yield f"OpenCost gave no price (null or NaN) for {some}, so these sums lack it."

    def _known(self, amounts: Sequence[Decimal | None]) -> Iterator[Decimal | None]:
        """A thing that a day does not mention cost nothing on that day, if the day was answered at all."""
        return (Decimal() if amount is None and index in self._seen else amount for index, amount in enumerate(amounts))

    def _day(self, entry: Mapping[str, Any]) -> int | None:
        start = str(mapping(entry.get("window")).get("start") or entry.get("start") or "")[:10]
        return next((index for day, index in self.days.items() if day.isoformat() == start), None)

    def _note(
        self, name: str, entry: Mapping[str, Any], index: int, cost: str, *, category: Category, unit: str, counted: str
    ) -> None:  # fmt: skip
        if cost not in entry:
            return
        amount, adjusted = _number(entry[cost]), entry.get(f"{cost}Adjustment", 0)
        more = _number(adjusted)
        if amount is None or more is None:
            self._odd.add(f"{_ITEMS[cost]} of {_plain(name)}")
            return
        if not amount + more:
            return
        whose, item = self.whose(mapping(entry.get("properties"))), _ITEMS[cost]
        if name.endswith(_IDLE):
            category, item, unit = Category.IDLE, "nodes", ""
        elif not whose.known and category is not Category.SHARED:
            category, item = Category.UNALLOCATED, f"{_plain(name)} {item}"
        had = _number(entry.get(counted)) if counted else None
        quantity = had / _GIB if had is not None and "Byte" in counted else had
        self._add((whose, category, item, unit if quantity is not None else ""), index, amount + more, quantity)

    def _add(
        self, key: tuple[Whose, Category, str, str], index: int, cost: Decimal, quantity: Decimal | None
    ) -> None:  # fmt: skip
        amounts, had = self._rows.setdefault(key, ([None] * len(self.days), [None] * len(self.days)))
        amounts[index] = (amounts[index] or Decimal()) + cost
        if quantity is not None:
            had[index] = (had[index] or Decimal()) + quantity


def _number(said: object) -> Decimal | None:
    """The number as it was written: its shortest spelling. None for null, NaN and what is none."""
    if isinstance(said, bool) or not isinstance(said, int | float) or not math.isfinite(said):
        return None
    return Decimal(repr(said))


def _plain(name: str) -> str:
    """A name of name characters, from a name that anybody may have chosen."""
    return "".join(c for c in name if c.isascii() and (c.isalnum() or c in "-_./"))[-80:] or "something without a name"
