"""Usage from a real Prometheus with a recorded past: core-hours and GiB-hours by the day, and what the busiest replica needed."""

from collections.abc import AsyncIterator, Iterator, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from integrations.prometheus import Access, Prometheus
from integrations.prometheus_usage import PrometheusUsage
from skills.core.errors import Unavailable
from skills.core.periods import Period
from skills.core.ports.costs import Wanted
from skills.core.ports.usage import Measure
from skills.core.ports.workloads import Place, Size, Workload
from tests.support.cost_worlds import CATALOG
from tests.support.prometheus import Family, openmetrics, prometheus

EVERY = timedelta(minutes=5)
START = datetime(2026, 11, 2, tzinfo=UTC)
NOW = START + timedelta(days=2, hours=12)
COUNT = int((NOW - START) / EVERY) + 1
GIB = float(2**30)


class Running:
    """A cluster with one workload."""

    async def list(self, environment: str) -> Sequence[Workload]:
        place = Place(environment=environment, namespace="production", name="checkout")
        size = Size(cpu=Decimal(1), memory=Decimal(2))
        return [Workload(place=place, uid="u", revision=1, containers=(), template="t", replicas=1, size=size)]


def recorded() -> str:
    """One pod that uses half a core and a GiB of the core and the two GiB that it requests; a stray one that requests a core on the second day."""
    labels = {"namespace": "production", "pod": "checkout-5d9c7b66f4-x2v4k", "container": "app", "cluster": "one"}
    elsewhere = {**labels, "cluster": "two"}
    stray = {**labels, "pod": "debug-0"}
    day = int(timedelta(days=1) / EVERY)
    cpu = [0.5 * EVERY.total_seconds() * index for index in range(COUNT)]
    requests = [
        ("", {**labels, "resource": "cpu"}, [1.0] * COUNT),
        ("", {**labels, "resource": "memory"}, [2 * GIB] * COUNT),
        ("", {**stray, "resource": "cpu"}, [None] * (day + 1) + [1.0] * day + [None] * (COUNT - 2 * day - 1)),
    ]
    return openmetrics(
        [
            Family(name="container_cpu_usage_seconds", kind="counter", samples=[("_total", labels, cpu), ("_total", elsewhere, cpu)]),
            Family(name="container_memory_working_set_bytes", kind="gauge", samples=[("", labels, [GIB] * COUNT)]),
            Family(name="kube_pod_container_resource_requests", kind="gauge", samples=requests),
        ],
        start=START, scrape=EVERY,
    )  # fmt: skip


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus(tmp_path_factory.mktemp("usage"), past=recorded()) as url:
        yield url


@pytest.fixture
async def usage(server: str) -> AsyncIterator[PrometheusUsage]:
    adapter = Prometheus(Access(url=server, scrape=EVERY), clock=lambda: NOW)
    yield measured(adapter)
    await adapter.close()


def measured(adapter: Prometheus) -> PrometheusUsage:
    return PrometheusUsage(
        server=adapter, environment=CATALOG.environment("production"), workloads=Running(), catalog=CATALOG, clock=lambda: NOW,  # type: ignore[arg-type]
        scope='cluster="one"', scrape=EVERY,
    )  # fmt: skip


def wanted(days: int) -> Wanted:
    return Wanted(period=Period(start=START.date(), end=START.date() + timedelta(days=days)))


async def test_days_have_the_hours_that_were_scraped_and_days_to_come_have_none(usage: PrometheusUsage) -> None:
    found = await usage.consumption(wanted(4))
    rows = {(each.whose.service or each.item, each.measure): each.amounts for each in found.amounts}

    def near(name: str, measure: Measure) -> list[int | None]:
        # Both midnights belong to a day in the servers that we know, so that a day has one measurement too many.
        return [None if each is None else round(float(each)) for each in rows[name, measure]]

    assert near("checkout", Measure.CPU_RESERVED) == [24, 24, 12, None]
    assert near("checkout", Measure.MEMORY_RESERVED) == [48, 48, 24, None]
    assert near("checkout", Measure.MEMORY_USED) == [24, 24, 12, None]
    assert near("checkout", Measure.CPU_USED)[:2] == [12, 12]
    assert near("debug", Measure.CPU_RESERVED) == [0, 24, 0, None]
    assert [each.whose.team for each in found.amounts if each.whose.service] == ["shop"] * 4


async def test_the_scope_keeps_other_clusters_out(usage: PrometheusUsage) -> None:
    (cpu,) = [each for each in (await usage.consumption(wanted(1))).amounts if each.measure is Measure.CPU_USED]
    assert round(float(cpu.amounts[0] or 0)) == 12


async def test_what_the_busiest_replica_needed_comes_with_its_number_of_measurements(usage: PrometheusUsage) -> None:
    (checkout,) = await usage.footprints("production")
    cpu, memory = checkout.need(Measure.CPU_USED), checkout.need(Measure.MEMORY_USED)
    assert cpu is not None
    assert memory is not None
    assert [round(float(each), 2) for each in (cpu.p50, cpu.p95, cpu.most)] == [0.5, 0.5, 0.5]
    assert (round(float(memory.p99), 3), memory.window) == (1.0, timedelta(days=14))
    assert cpu.samples > 600


async def test_a_period_of_which_nothing_was_scraped_says_so(usage: PrometheusUsage) -> None:
    period = Period(start=date(2026, 9, 1), end=date(2026, 9, 3))
    found = await usage.consumption(Wanted(period=period))
    assert found.amounts == ()
    assert found.partial == ("Prometheus has no measurements of production in 1 to 2 September 2026.",)


async def test_a_server_that_is_not_there_is_a_sentence(tmp_path: Path) -> None:
    adapter = Prometheus(Access(url="http://127.0.0.1:1"), clock=lambda: NOW)
    with pytest.raises(Unavailable, match="cannot be reached"):
        await measured(adapter).consumption(wanted(1))
    await adapter.close()
