"""How far back, and what is passed over."""

from collections.abc import Callable

import pytest

from integrations.memory.cluster import MemoryCluster
from skills.core.catalog import Catalog
from skills.core.errors import NothingToDo, UnknownName
from skills.core.plan import Plan
from skills.core.ports.workloads import ImageEdit, Place
from skills.rollback import NoEarlierRevision, Params, Rollback
from tests.unit.skills.conftest import NoPast, a_deployment

HERE = Place(environment="production", namespace="shop", name="checkout")
IMAGE = "registry.example/checkout"


@pytest.fixture
async def planned(cluster: MemoryCluster, catalog_of: Callable[..., Catalog]) -> Callable[..., object]:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production")

    async def plan(revision: int | None = None) -> Plan:
        rollback = Rollback(catalog_of(), cluster, cluster, cluster, NoPast())
        return await rollback.plan(Params(service="checkout", environment="production", revision=revision))

    return plan


async def release(cluster: MemoryCluster, before: str, after: str) -> None:
    edit = ImageEdit(container="app", before=f"{IMAGE}:{before}", after=f"{IMAGE}:{after}")
    await cluster.apply(HERE, edit, uid=(await cluster.get(HERE)).uid)


async def test_without_a_number_it_is_the_revision_before(cluster, planned) -> None:
    await release(cluster, "v1", "v2")
    await release(cluster, "v2", "v3")
    plan = await planned()
    assert plan.summary == "Roll checkout in production back to revision 2 (v2) from revision 3 (v3)"
    assert plan.params["revision"] == 2


async def test_a_number_names_the_revision(cluster, planned) -> None:
    await release(cluster, "v1", "v2")
    await release(cluster, "v2", "v3")
    assert (await planned(1)).steps[0].after == "revision 1 (v1)"


async def test_an_unknown_number_gets_the_list(cluster, planned) -> None:
    await release(cluster, "v1", "v2")
    with pytest.raises(UnknownName, match=r"checkout in production has: 2 \(v2\), 1 \(v1\)\."):
        await planned(7)


async def test_the_present_revision_is_nothing_to_do(cluster, planned) -> None:
    await release(cluster, "v1", "v2")
    with pytest.raises(NothingToDo, match=r"already is at revision 2 \(v2\)"):
        await planned(2)


async def test_without_a_past_there_is_nowhere_to_go(planned) -> None:
    with pytest.raises(NoEarlierRevision, match="There is no earlier revision of checkout in production"):
        await planned()
