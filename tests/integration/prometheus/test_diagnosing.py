"""What a real Prometheus measured turns into signs, in time, with the queries that were really asked."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta

import pytest

from integrations.by_environment import MetricsByEnvironment
from integrations.prometheus import Access, Prometheus
from skills.core.catalog import Environment, Service
from skills.core.names import EnvironmentName, ServiceName
from skills.diagnosis.gauging import Patience, Taken, gauge
from skills.diagnosis.measured import Gauged, signs
from skills.diagnosis.objects import Ref
from tests.support.prometheus import SCRAPE, Family, openmetrics, prometheus
from tests.support.prometheus import gauge as gauge_family

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PRODUCTION = Environment(name=EnvironmentName("production"), namespace="shop")
POD = {"namespace": "shop", "pod": "checkout-5d9c7b8f6-x2v4k", "container": "app"}
COUNT, BAD = 480, 80
"""Two hours of scrapes, of which the last twenty minutes are bad."""


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    past = openmetrics(families(), start=NOW - timedelta(hours=2))
    with prometheus(tmp_path_factory.mktemp("prometheus"), past=past) as found:
        yield found


def families() -> Sequence[Family]:
    """A service of a hundred requests a second, of which first one in a hundred and then one in four fails; and its throttling."""
    good = [(1500.0, 15.0)] * (COUNT - BAD) + [(1500.0, 375.0)] * BAD
    counts = [
        (POD | {"code": code}, summed([failed if code == "500" else total - failed for total, failed in good]))
        for code in ("200", "500")
    ]
    waits = summed([15.0] * (COUNT - BAD) + [90.0] * BAD)
    return [
        Family(name="http_requests", kind="counter", samples=[("_total", labels, values) for labels, values in counts]),
        Family(name="container_cpu_cfs_periods", kind="counter", samples=[("_total", POD, summed([150.0] * COUNT))]),
        Family(name="container_cpu_cfs_throttled_periods", kind="counter", samples=[("_total", POD, waits)]),
        gauge_family("container_memory_working_set_bytes", 5e8, COUNT, **POD),
        gauge_family("kube_pod_container_resource_limits", 1e9, COUNT, resource="memory", **POD),
    ]


def summed(steps: Sequence[float]) -> list[float]:
    total, found = 0.0, []
    for step in steps:
        total += step
        found.append(round(total, 3))
    return found


async def taken(url: str) -> tuple[Taken, float]:
    adapter = Prometheus(Access(url=url, scrape=SCRAPE), clock=lambda: NOW)
    metrics = MetricsByEnvironment({"production": adapter})
    begun = time.perf_counter()
    found = await gauge(
        metrics, metrics, Service(name=ServiceName("checkout")), PRODUCTION, length=timedelta(hours=1), patience=Patience(until=asyncio.get_running_loop().time() + 10),
    )  # fmt: skip
    spent = time.perf_counter() - begun
    await adapter.close()
    return found, spent


async def test_errors_and_throttling_that_began_twenty_minutes_ago_are_told_with_their_queries(url: str) -> None:
    found, spent = await taken(url)
    print(f"measured in {spent:.3f} s")
    assert found.missing == ()
    assert found.window is not None
    gauged = Gauged(
        name="checkout", root=Ref("Deployment", "shop", "checkout"), side=found.side(found.window), asked=found.asked
    )
    told = [each.symptom for each in signs(gauged)]
    assert [each.code.name for each in told] == ["RequestsFail", "CpuThrottled"]
    errors, waits = told
    assert errors.cause.startswith("25 % of the requests to checkout fail since 11:4")
    assert errors.since is not None
    assert abs(errors.since - (NOW - timedelta(minutes=20))) <= timedelta(minutes=1)
    assert 'http_requests_total{namespace="shop",pod=~"checkout-' in errors.evidence[0].value
    assert "have to wait in 60 % of all periods" in waits.cause
