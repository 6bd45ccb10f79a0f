"""How many replicas, within which bounds, at what risk."""

from collections.abc import Callable

import pytest

from integrations.memory.cluster import MemoryCluster
from skills.core.catalog import Catalog
from skills.core.errors import NotAllowed, NothingToDo
from skills.core.plan import Plan, Risk
from skills.scale import OutOfBounds, Params, Scale
from tests.unit.skills.conftest import a_deployment

AUTOSCALER = {
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "checkout", "namespace": "shop"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}, "maxReplicas": 9},
}  # fmt: skip


@pytest.fixture
async def planned(cluster: MemoryCluster, catalog_of: Callable[..., Catalog]) -> Callable[..., object]:
    await cluster.create(a_deployment(app="registry.example/checkout:v1"), environment="production")

    async def plan(replicas: int, **facts: int) -> Plan:
        scale = Scale(catalog_of(**facts), cluster, cluster, cluster)
        return await scale.plan(Params(service="checkout", environment="production", replicas=replicas))

    return plan


@pytest.mark.parametrize(("replicas", "risk"), [(4, Risk.MEDIUM), (9, Risk.MEDIUM), (1, Risk.MEDIUM)])
async def test_a_plan_says_from_how_many_to_how_many(planned, replicas: int, risk: Risk) -> None:
    plan = await planned(replicas)
    assert plan.steps[0].edit == {"op": "replicas", "before": 3, "after": replicas}
    assert plan.on_failure[0].edit == {"op": "replicas", "before": replicas, "after": 3}
    assert plan.risk is risk


@pytest.mark.parametrize("replicas", [0, -1, 21, 10**9])
async def test_out_of_bounds_is_refused_with_the_bounds(planned, replicas: int) -> None:
    with pytest.raises(OutOfBounds, match="Between 1 and 20 are allowed"):
        await planned(replicas)


async def test_the_bounds_are_the_catalogs(planned) -> None:
    assert (await planned(0, min_replicas=0)).steps[0].after == "0 replicas"


async def test_as_many_as_there_are_is_nothing_to_do(planned) -> None:
    with pytest.raises(NothingToDo, match="checkout already has 3 replicas in production"):
        await planned(3)


async def test_an_autoscaler_that_looks_after_the_replicas_is_named(planned, cluster: MemoryCluster) -> None:
    await cluster.create(AUTOSCALER, environment="production")
    with pytest.raises(NotAllowed, match=r"belongs to HorizontalPodAutoscaler .*bounds instead"):
        await planned(5)
