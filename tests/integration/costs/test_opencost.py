"""OpenCost over real HTTP, by its documented answers: whole, empty, partial, odd and wrong ones."""

from collections.abc import AsyncIterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations.opencost import OpenCost
from integrations.web import Service, WebLimits, WebService
from skills.core.catalog import Catalog
from skills.core.errors import Unavailable
from skills.core.money import currency
from skills.core.periods import Period
from skills.core.ports.costs import Basis, Category, Line, Statement, Wanted
from tests.support.cost_worlds import CATALOG
from tests.support.opencost_server import OpenCostServer, opencost

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
DAY = date(2026, 11, 2)
GIB = 2**30


@pytest.fixture
async def server() -> AsyncIterator[OpenCostServer]:
    async with opencost() as found:
        yield found


@pytest.fixture
async def costs(server: OpenCostServer) -> AsyncIterator[OpenCost]:
    web = WebService(
        Service(name="OpenCost", where="at its address", url=server.url, setting="opencost in costs.yaml"), limits=WebLimits(answer=5.0, tries=1)
    )  # fmt: skip
    yield made(web)
    await web.close()


def made(web: WebService, catalog: Catalog = CATALOG, clusters: dict[str, str] | None = None) -> OpenCost:
    return OpenCost(
        web, currency=currency("USD"), catalog=catalog, clock=lambda: NOW, clusters=clusters, error=Decimal("0.05")
    )


async def ask(costs: OpenCost, days: int = 2, **narrowed: Any) -> Statement:
    return await costs.statement(Wanted(period=Period(start=DAY, end=DAY + timedelta(days=days)), **narrowed))


def by_item(found: Statement) -> dict[tuple[str, str, str], tuple[Decimal | None, ...]]:
    return {(line.whose.service, line.category.value, line.item): line.amounts for line in found.lines}


def only(found: Statement, category: Category) -> Line:
    (line,) = [each for each in found.lines if each.category is category]
    return line


async def test_allocations_become_lines_of_their_services(server: OpenCostServer, costs: OpenCost) -> None:
    server.add(
        "one/production/deployment/checkout", DAY, namespace="production", controller="checkout", cpuCost=1.25, cpuCoreHours=36, cpuCostAdjustment=-0.25,
        ramCost=0.5, ramByteHours=72 * GIB, pvCost=0.1, pvByteHours=960 * GIB, networkCost=0.2,
    )  # fmt: skip
    server.add(
        "one/production/deployment/checkout",
        DAY + timedelta(days=1),
        namespace="production",
        controller="checkout",
        cpuCost=2,
        cpuCoreHours=72,
    )
    found = await ask(costs)
    assert by_item(found) == {
        ("checkout", "compute", "cpu"): (Decimal("1.00"), Decimal(2)),
        ("checkout", "memory", "memory"): (Decimal("0.5"), Decimal(0)),
        ("checkout", "storage", "volumes"): (Decimal("0.1"), Decimal(0)),
        ("checkout", "network", "traffic"): (Decimal("0.2"), Decimal(0)),
    }
    compute = only(found, Category.COMPUTE)
    assert (compute.whose.team, compute.whose.environment, compute.currency) == ("shop", "production", "USD")
    assert (compute.unit, compute.quantities) == ("core-hours", (Decimal(36), Decimal(72)))
    assert only(found, Category.MEMORY).quantities == (Decimal(72), Decimal(0))
    assert (found.source.basis, found.source.error, found.final_until) == (
        Basis.ALLOCATION,
        Decimal("0.05"),
        date(2026, 11, 4),
    )
    assert found.partial == ()


async def test_idle_unallocated_and_the_control_plane_are_told_apart(server: OpenCostServer, costs: OpenCost) -> None:
    server.add("one/__idle__", DAY, namespace="", cpuCost=3, ramCost=1)
    server.add("one/production/__unallocated__", DAY, namespace="production", cpuCost=0.7)
    server.add("one/kube-system/daemonset/proxy", DAY, namespace="kube-system", controller="proxy", sharedCost=0.4)
    start = f"{DAY.isoformat()}T00:00:00Z"
    plane = {
        "type": "ClusterManagement",
        "properties": {"cluster": "one"},
        "window": {"start": start},
        "totalCost": 2.4,
    }
    server.assets[DAY] = {"plane": plane, "node": {**plane, "type": "Node", "totalCost": 99}}
    found = await ask(costs, days=1)
    assert by_item(found) == {
        ("", "idle", "nodes"): (Decimal(4),),
        ("", "unallocated", "one/production/__unallocated__ cpu"): (Decimal("0.7"),),
        ("", "shared", "shared"): (Decimal("0.4"),),
        ("", "shared", "control plane"): (Decimal("2.4"),),
    }


async def test_null_and_nan_are_said_and_in_no_sum(server: OpenCostServer, costs: OpenCost) -> None:
    server.add(
        "one/production/deployment/web",
        DAY,
        namespace="production",
        controller="web",
        cpuCost=None,
        ramCost=float("nan"),
        pvCost=0.3,
    )
    found = await ask(costs, days=1)
    assert by_item(found) == {("web", "storage", "volumes"): (Decimal("0.3"),)}
    assert found.partial == (
        "OpenCost gave no price (null or NaN) for cpu of one/production/deployment/web, memory of one/production/deployment/web, so these sums lack it.",
    )


async def test_days_that_it_says_nothing_of_are_not_known_and_the_future_is_not_asked(
    server: OpenCostServer, costs: OpenCost
) -> None:
    server.add("one/production/deployment/web", DAY, namespace="production", controller="web", cpuCost=1)
    found = await ask(costs, days=10)
    assert only(found, Category.COMPUTE).amounts == (Decimal(1), *[None] * 9)
    assert server.asked[0][1]["window"] == "2026-11-02T00:00:00Z,2026-11-06T00:00:00Z"


async def test_clusters_by_name_tell_environments_with_equal_namespaces_apart(
    server: OpenCostServer, costs: OpenCost
) -> None:
    for cluster in ("blue", "green"):
        server.add(
            f"{cluster}/x",
            DAY,
            namespace="production" if cluster == "blue" else "staging",
            controller="web",
            cluster=cluster,
            cpuCost=1,
        )
    web = WebService(Service(name="OpenCost", where="", url=server.url, setting=""))
    found = await ask(made(web, clusters={"production": "blue", "staging": "green"}), days=1)
    await web.close()
    assert {line.whose.environment for line in found.lines} == {"production", "staging"}
    narrowed = await ask(costs, days=1, environments=("staging",))
    assert {line.whose.environment for line in narrowed.lines} == {"staging"}


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ((200, {"code": 200, "data": []}), "OpenCost knows nothing of 2 to 3 November 2026"),
        ((200, {"code": 200, "data": None}), "OpenCost knows nothing of 2 to 3 November 2026"),
        ((200, {"code": 200, "data": [None, {}]}), "OpenCost knows nothing of 2 to 3 November 2026"),
        ((200, {"code": 500, "message": "boundary error: requested [...]"}), r"OpenCost failed \(500\): boundary error"),
        ((400, {"code": 400, "message": "Invalid 'window' parameter"}), r"OpenCost refuses \(400\): Invalid 'window' parameter"),
        ((401, "no"), "does not let me read"),
        ((429, "slow down"), "has too much to do"),
        ((500, "boom"), r"failed \(500\): boom"),
        ((200, "<html>"), "does not speak its language"),
    ],
)  # fmt: skip
async def test_whatever_goes_wrong_is_a_sentence(
    server: OpenCostServer, costs: OpenCost, answer: tuple[int, Any], said: str
) -> None:
    server.answer = answer
    with pytest.raises(Unavailable, match=said):
        await ask(costs)


async def test_without_its_assets_the_rest_is_told(server: OpenCostServer, costs: OpenCost) -> None:
    server.add("one/production/deployment/web", DAY, namespace="production", controller="web", cpuCost=1)
    server.assets_answer = (500, "no assets")
    (said,) = (await ask(costs, days=1)).partial
    assert said.startswith("OpenCost did not tell its assets, so what the control plane costs is missing")


async def test_a_server_that_is_not_there_is_a_sentence(costs: OpenCost) -> None:
    web = WebService(
        Service(name="OpenCost", where="at its address", url="http://127.0.0.1:1", setting="opencost in costs.yaml")
    )
    with pytest.raises(Unavailable, match="OpenCost at its address did not answer: the connection was refused"):
        await ask(made(web))
    await web.close()


async def test_doctor_is_told_what_it_knows(server: OpenCostServer, costs: OpenCost) -> None:
    server.add("one/production/deployment/web", date(2026, 11, 4), namespace="production", controller="web", cpuCost=1)
    assert await costs.check() == "answers, with 1 amounts of yesterday"
