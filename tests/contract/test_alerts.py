"""What everything behind the port `Alerts` promises. One suite for the twin and for the adapter on a real Prometheus with a real rule."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.by_environment import MetricsByEnvironment
from integrations.prometheus import Access, Prometheus
from skills.core.errors import Unavailable
from skills.core.ports.alerts import Alert, Alerts
from skills.core.untrusted import Untrusted
from tests.support.prometheus import prometheus
from tests.support.worlds import open_office

RULES = """
groups:
  - name: shop
    rules:
      - alert: HighErrorRate
        expr: vector(0.31) > 0.05
        labels: {namespace: production, deployment: checkout, severity: page}
      - alert: HighErrorRate
        expr: vector(0.31) > 0.05
        labels: {namespace: production, deployment: elsewhere, cluster: other}
      - alert: NotYet
        expr: vector(1) > 0
        for: 1h
      - alert: Never
        expr: vector(0) > 1
"""


@dataclass(frozen=True)
class Station:
    """Where one alert fires, about checkout in production."""

    alerts: Alerts
    now: datetime


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with prometheus(tmp_path_factory.mktemp("prometheus"), rules=RULES) as url:
        yield url


@pytest.fixture(params=["twin", "prometheus"])
async def station(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Station]:
    if request.param == "twin":
        async with open_office(tmp_path) as office:
            await office.say("dev", "deploy checkout v50 to production")
            await office.say("sre", "approve 1")
            await office.run(1)
            office.time.pass_by(minutes=10)
            yield Station(office.world.metrics, office.time())
        return
    adapter = Prometheus(Access(url=request.getfixturevalue("real"), scope='cluster!="other"'), clock=utc_now)
    async with asyncio.timeout(20):
        while not await adapter.firing("production"):
            await asyncio.sleep(0.1)
    yield Station(MetricsByEnvironment({"production": adapter}), utc_now())
    await adapter.close()


def utc_now() -> datetime:
    return datetime.now(UTC)


async def test_what_fires_is_told_with_its_name_its_labels_and_since_when(station: Station) -> None:
    (alert,) = await station.alerts.firing("production")
    assert alert == Alert(
        name=Untrusted("HighErrorRate"),
        since=alert.since,
        labels={
            "namespace": Untrusted("production"),
            "deployment": Untrusted("checkout"),
            "severity": Untrusted("page"),
        },
    )
    assert alert.since.utcoffset() == timedelta(0)
    assert station.now - timedelta(minutes=15) < alert.since <= station.now


async def test_where_nothing_evaluates_rules_nothing_fires(station: Station) -> None:
    assert list(await station.alerts.firing("no-such-environment")) == []


async def test_a_server_that_is_down_is_said() -> None:
    adapter = Prometheus(Access(url="http://127.0.0.1:9", timeout=2), clock=utc_now)
    with pytest.raises(Unavailable, match=r"The metrics server 127\.0\.0\.1:9 cannot be reached"):
        await adapter.firing("production")
    await adapter.close()
