"""What workloads reserved and used, from a Prometheus server that has cAdvisor's and kube-state-metrics' measurements. Satisfies `Usage`.

Days are those of UTC, since a range query has steps of one length. Pods belong to workloads by their names, as everywhere here. What was
scraped counts for one scrape interval each, so that a pod that lived for an hour counts an hour.
"""

import asyncio
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from integrations.prometheus import Prometheus
from skills.core.catalog import Catalog, Environment
from skills.core.periods import Period, midnight
from skills.core.ports.costs import Wanted, Whose
from skills.core.ports.usage import Amounts, Consumption, Footprint, Measure, Need, Thing
from skills.core.ports.workloads import Workloads
from skills.core.workload_change import place

_DAY = timedelta(days=1)
_WINDOW = timedelta(days=14)
_GIB = Decimal(2**30)
_POD = re.compile(
    r"(?P<workload>.+?)(?:-(?:[a-f0-9]{7,10}|[bcdf-hj-np-tv-z2-9]{6,10}))?-(?:[bcdf-hj-np-tv-z2-9]{5}|[0-9]{1,4})"
)
_MOST_DAYS = 400
_SHARES = (("p50", "0.5"), ("p95", "0.95"), ("p99", "0.99"), ("most", "1"))
_CPU = 'rate(container_cpu_usage_seconds_total{{{scope}container!="",namespace="{namespace}"}}[5m])'
_MEMORY = 'container_memory_working_set_bytes{{{scope}container!="",namespace="{namespace}"}}'
_REQUESTS = 'kube_pod_container_resource_requests{{{scope}resource="{resource}",namespace="{namespace}"}}'

Row = tuple[Measure, str, Decimal]
"""What is counted, how it is asked for (for a day, by pod), and what an answer is divided by to be core-hours or GiB-hours."""


@dataclass(frozen=True, kw_only=True)
class PrometheusUsage:
    """One environment, measured by one server; `scope` are its label matchers, as in PromQL, and `scrape` how often it looks."""

    server: Prometheus
    environment: Environment
    workloads: Workloads
    catalog: Catalog
    clock: Callable[[], datetime]
    scope: str
    scrape: timedelta

    async def consumption(self, wanted: Wanted) -> Consumption:
        """What was had on each day of UTC. Raises `Unavailable` where the server does not answer."""
        now = self.clock()
        days = tuple(Period(start=day, end=day + _DAY) for day in wanted.period.days())
        over = [index for index, day in enumerate(days) if midnight(day.start, UTC) < now][-_MOST_DAYS:]
        found = await asyncio.gather(*(self._by_workload(row, days, over, now) for row in self._rows())) if over else []
        amounts = tuple(
            Amounts(whose=self._whose(workload), measure=measure, amounts=tuple(values), item="" if self._whose(workload).known else workload)
            for (measure, _, _), rows in zip(self._rows(), found, strict=False)
            for workload, values in sorted(rows.items())
        )  # fmt: skip
        return Consumption(
            source="Prometheus", zone="UTC", read_at=now, period=wanted.period, buckets=days, amounts=amounts,
            partial=() if any(found) else (f"Prometheus has no measurements of {self.environment.name} in {wanted.period}.",),
        )  # fmt: skip

    async def footprints(self, environment: str) -> Sequence[Footprint]:
        """Workloads as they stand, each with what the busiest of its replicas needed in the last two weeks, as far as it was measured."""
        here = await self.workloads.list(environment)
        cpu, memory = await asyncio.gather(
            self._needs(Measure.CPU_USED, _CPU, Decimal(1)), self._needs(Measure.MEMORY_USED, _MEMORY, _GIB)
        )
        return [
            Footprint(
                whose=self._whose(each.place.name), size=each.size, replicas=each.replicas,
                needs=tuple(need for found in (cpu, memory) if (need := found.get(each.place.name))),
            )
            for each in here
        ]  # fmt: skip

    async def things(self, environment: str) -> Sequence[Thing]:
        """Nothing: what lies around unused is no measurement."""
        return ()

    def _rows(self) -> Sequence[Row]:
        """What was scraped in a day, summed; counters by what they grew."""
        names = {"scope": f"{self.scope}," if self.scope else "", "namespace": self.environment.namespace}
        counter = _CPU.format(**names).removeprefix("rate(").removesuffix("[5m])")
        each = Decimal(3600) / Decimal(str(self.scrape.total_seconds()))
        return (
            (Measure.CPU_USED, f"sum by (pod) (increase({counter}[1d]))", Decimal(3600)),
            (Measure.MEMORY_USED, f"sum by (pod) (sum_over_time({_MEMORY.format(**names)}[1d]))", each * _GIB),
            (Measure.CPU_RESERVED, f"sum by (pod) (sum_over_time({_REQUESTS.format(resource='cpu', **names)}[1d]))", each),
            (Measure.MEMORY_RESERVED, f"sum by (pod) (sum_over_time({_REQUESTS.format(resource='memory', **names)}[1d]))", each * _GIB),
        )  # fmt: skip

    async def _by_workload(
        self, row: Row, days: Sequence[Period], over: Sequence[int], now: datetime
    ) -> Mapping[str, list[Decimal | None]]:
        """Each workload's amounts. A day is asked for at its end; today at its end, too, since nothing is scraped before it happens."""
        _, asked, unit = row
        start, end = midnight(days[over[0]].end, UTC), midnight(days[over[-1]].end, UTC)
        nothing: list[Decimal | None] = [Decimal() if index in set(over) else None for index in range(len(days))]
        found: dict[str, list[Decimal | None]] = {}
        for labels, values in await self.server.ranges(asked, start=start, end=end, step=_DAY):
            amounts = found.setdefault(_workload(labels.get("pod", "")), list(nothing))
            for place_, at in zip(over, (start + _DAY * index for index in range(len(over))), strict=True):
                if (value := values.get(at)) is not None:
                    amounts[place_] = (amounts[place_] or Decimal()) + Decimal(repr(value)) / unit
        return found

    async def _needs(self, measure: Measure, asked: str, unit: Decimal) -> Mapping[str, Need]:
        """Percentiles of each pod, of which the busiest pod of a workload counts."""
        names = {"scope": f"{self.scope}," if self.scope else "", "namespace": self.environment.namespace}
        inner = f"sum by (pod) ({asked.format(**names)})[{_WINDOW.days}d:5m]"
        questions = [*(f"quantile_over_time({share}, {inner})" for _, share in _SHARES), f"count_over_time({inner})"]
        answers = await asyncio.gather(*(self._busiest(question) for question in questions))
        *shares, counts = answers
        return {
            workload: Need(
                measure=measure, samples=int(count), window=_WINDOW,
                **{name: found.get(workload, Decimal()) / unit for (name, _), found in zip(_SHARES, shares, strict=True)},
            )
            for workload, count in counts.items()
        }  # fmt: skip

    async def _busiest(self, question: str) -> Mapping[str, Decimal]:
        now = self.clock()
        found: dict[str, Decimal] = {}
        for labels, values in await self.server.ranges(question, start=now, end=now, step=_DAY):
            workload = _workload(labels.get("pod", ""))
            most = max((Decimal(repr(value)) for value in values.values()), default=Decimal())
            found[workload] = max(found.get(workload, Decimal()), most)
        return found

    def _whose(self, workload: str) -> Whose:
        name = self.environment.name
        for each in self.catalog.services:
            where = place(each, self.environment)
            if (where.namespace, where.name) == (self.environment.namespace, workload):
                return Whose(service=each.name, environment=name, team=each.owner, project=each.system)
        return Whose(environment=name)


def _workload(pod: str) -> str:
    """“checkout” of checkout-5d9c7b66f4-x2v4k, “db” of db-0; the name as it is where it is of no such form."""
    match = _POD.fullmatch(pod)
    return match["workload"] if match else pod
