"""What every metrics server behind the port `Metrics` promises. One suite for the twin and for the adapter on a real Prometheus."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from integrations.memory.cluster import MemoryCluster
from integrations.memory.signals import MemoryMetrics
from integrations.memory.simulation import Simulation
from integrations.prometheus import Access, Prometheus
from skills.core.catalog import Environment, Service
from skills.core.names import EnvironmentName, ServiceName
from skills.core.ports.metrics import Measured, Metrics, Query, Signal, Window
from skills.signals.golden import golden
from tests.support.prometheus import SCRAPE, counter, gauge, openmetrics, prometheus, requests
from tests.support.worlds import CONFIG

NOW = datetime(2026, 11, 23, 12, 0, 7, tzinfo=UTC)
PRODUCTION = Environment(name=EnvironmentName("production"), namespace="production")
CHECKOUT = Service(name=ServiceName("checkout"))
HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Station:
    """A server that knows checkout in production: 200 requests a second, of which 2 in 1000 fail."""

    metrics: Metrics

    async def ask(self, window: Window, *, service: str = "checkout") -> dict[Signal, Measured]:
        queries = golden(Service(name=ServiceName(service)), PRODUCTION)
        return {each.query.signal: each for each in await self.metrics.measure(queries, window)}

    def hour(self) -> Window:
        window = self.metrics.latest("production", HOUR)
        assert window is not None
        return window


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    start, count = NOW - timedelta(hours=2), 480
    pod = {"namespace": "production", "pod": "checkout-5d9c7b8f6-x2v4k", "container": "app"}
    families = [
        requests(count, rate=200.0, failing=0.002, seconds=0.2, **pod),
        counter("container_cpu_usage_seconds", 0.4, count, **pod),
        counter("container_cpu_cfs_periods", 10.0, count, **pod),
        counter("container_cpu_cfs_throttled_periods", 1.0, count, **pod),
        gauge("container_memory_working_set_bytes", 5e8, count, **pod),
        gauge("kube_pod_container_resource_limits", 1.0, count, resource="cpu", **pod),
        gauge("kube_pod_container_resource_limits", 1e9, count, resource="memory", **pod),
    ]
    limits = families.pop()
    families[-1] = type(limits)(name=limits.name, kind="gauge", samples=[*families[-1].samples, *limits.samples])
    with prometheus(tmp_path_factory.mktemp("prometheus"), past=openmetrics(families, start=start)) as url:
        yield url


@pytest.fixture(params=["twin", "prometheus"])
async def station(request: pytest.FixtureRequest) -> AsyncIterator[Station]:
    if request.param == "twin":
        simulation = Simulation.load(CONFIG / "simulation.yaml")
        cluster = MemoryCluster.open(simulation=simulation, clock=lambda: NOW)
        yield Station(MemoryMetrics(cluster, simulation=simulation, clock=lambda: NOW))
        return
    adapter = Prometheus(Access(url=request.getfixturevalue("real"), scrape=SCRAPE), clock=lambda: NOW)
    yield Station(adapter)
    await adapter.close()


async def test_every_moment_of_the_window_has_its_place(station: Station) -> None:
    window = station.hour()
    for signal, measured in (await station.ask(window)).items():
        assert measured.series is not None, signal
        assert [at for at, _ in measured.series.points] == list(window.moments())
        assert all(at.utcoffset() == timedelta(0) for at, _ in measured.series.points)
        assert len(measured.series.values) == len(measured.series.points), signal
        assert measured.partial == ()


async def test_the_signals_are_those_of_the_service_in_their_units(station: Station) -> None:
    found = {signal: each.series for signal, each in (await station.ask(station.hour())).items()}
    assert set(found) == set(Signal) - {Signal.SATURATION}
    values = {signal: series.values for signal, series in found.items() if series}
    assert all(150 < value < 300 for value in values[Signal.TRAFFIC])
    assert all(0.0015 < value < 0.0025 for value in values[Signal.ERRORS])
    assert all(0.1 < value < 0.3 for value in values[Signal.LATENCY])
    assert all(half <= most for half, most in zip(values[Signal.TYPICAL], values[Signal.LATENCY], strict=True))
    assert all(0 < value < 1 for signal in (Signal.CPU, Signal.MEMORY) for value in values[signal])


async def test_the_latest_window_ends_on_its_grid_and_not_in_the_future(station: Station) -> None:
    window = station.hour()
    assert NOW - window.step < window.end <= NOW
    assert window.end.timestamp() % window.step.total_seconds() == 0
    assert abs(window.length - HOUR) < window.step
    finest = station.metrics.finest("production")
    assert finest is not None
    assert window.step >= finest > timedelta(0)


async def test_asking_twice_gives_the_same(station: Station) -> None:
    assert await station.ask(station.hour()) == await station.ask(station.hour())


async def test_a_service_that_is_not_there_has_no_series(station: Station) -> None:
    found = await station.ask(station.hour(), service="no-such-service")
    assert [each.series for each in found.values()] == [None] * len(found)
    assert [each.partial for each in found.values()] == [()] * len(found)


async def test_nothing_is_known_of_what_is_still_to_come(station: Station) -> None:
    later = Window(start=NOW + HOUR, end=NOW + 2 * HOUR, step=timedelta(minutes=1))
    assert [each.series.values if each.series else () for each in (await station.ask(later)).values()] == [()] * 7


async def test_answers_come_in_the_order_of_the_queries(station: Station) -> None:
    queries: list[Query] = list(reversed(golden(CHECKOUT, PRODUCTION)))
    assert [each.query for each in await station.metrics.measure(queries, station.hour())] == queries


async def test_asking_for_nothing_gives_nothing(station: Station) -> None:
    assert list(await station.metrics.measure([], station.hour())) == []
