"""Which image goes into which container, and what stands in the way."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from integrations.memory.cluster import MemoryCluster
from integrations.memory.releases import MemoryReleases
from integrations.memory.simulation import SimulatedEnvironment, SimulatedRelease, SimulatedService, Simulation
from integrations.unchecked_releases import UncheckedReleases
from skills.core.catalog import Catalog
from skills.core.errors import Ambiguous, BadInput, NotAllowed, NothingToDo, UnknownName
from skills.core.plan import Plan, Risk
from skills.deploy import Deploy, Params
from tests.unit.skills.conftest import a_deployment

IMAGE = "registry.example/checkout"


@pytest.fixture
def planned(cluster: MemoryCluster, catalog_of: Callable[..., Catalog]) -> Callable[..., object]:
    """Plan the deployment of a release, with these facts about the service in the catalog."""

    async def plan(release: str, *, container: str | None = None, **facts: str) -> Plan:
        deploy = Deploy(catalog_of(**facts), cluster, cluster, cluster, UncheckedReleases())
        return await deploy.plan(
            Params(service="checkout", environment="production", release=release, container=container)
        )

    return plan


async def test_without_a_word_in_the_catalog_images_come_from_where_the_present_one_did(cluster, planned) -> None:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production")
    plan = await planned("v2")
    assert (plan.steps[0].before, plan.steps[0].after) == (f"{IMAGE}:v1", f"{IMAGE}:v2")
    assert plan.summary == "Deploy checkout v2 to production (from v1)"
    assert plan.risk is Risk.MEDIUM


async def test_the_container_of_the_repository_carries_the_release(cluster, planned) -> None:
    await cluster.create(a_deployment(proxy="registry.example/proxy:v9", app=f"{IMAGE}:v1"), environment="production")
    for plan in (await planned("v2", image=IMAGE), await planned(f"{IMAGE}:v2")):
        assert plan.steps[0].edit["container"] == "app"


async def test_a_container_named_like_the_service_carries_the_release(cluster, planned) -> None:
    await cluster.create(a_deployment(proxy="envoy:v9", checkout=f"{IMAGE}:v1"), environment="production")
    assert (await planned("v2")).steps[0].after == f"{IMAGE}:v2"


async def test_among_several_containers_a_person_has_to_choose(cluster, planned) -> None:
    await cluster.create(a_deployment(one=f"{IMAGE}:v1", two=f"{IMAGE}:v1"), environment="production")
    with pytest.raises(Ambiguous, match=r"checkout has 2 containers\. Say which: one, two\."):
        await planned("v2", image=IMAGE)
    assert (await planned("v2", container="two")).steps[0].edit["container"] == "two"


async def test_a_container_that_is_not_there_is_unknown(cluster, planned) -> None:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production")
    with pytest.raises(UnknownName, match="I know no container called “web”"):
        await planned("v2", container="web")


async def test_what_already_runs_is_nothing_to_do(cluster, planned) -> None:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production")
    with pytest.raises(NothingToDo, match="checkout"):
        await planned("v1")


async def test_another_repository_is_refused(cluster, planned) -> None:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production")
    with pytest.raises(BadInput, match=r"other\.example/evil is not where the images of checkout come from"):
        await planned("other.example/evil:v2")


async def test_a_paused_deployment_is_refused_with_the_way_to_resume_it(cluster, planned) -> None:
    manifest = a_deployment(app=f"{IMAGE}:v1")
    manifest["spec"]["paused"] = True
    await cluster.create(manifest, environment="production")
    with pytest.raises(NotAllowed, match="kubectl rollout resume deployment/checkout -n shop"):
        await planned("v2")


async def test_what_argo_owns_is_refused_with_its_name(cluster, planned) -> None:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production", manager="argocd-controller")
    with pytest.raises(NotAllowed, match="belongs to Argo CD"):
        await planned("v2")


async def test_helm_is_named_on_the_card(cluster, planned) -> None:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production", manager="helm")
    assert any("Helm" in note for note in (await planned("v2")).notes)


async def test_the_latest_release_has_to_be_named_and_the_newest_are_offered(cluster, catalog_of) -> None:
    await cluster.create(a_deployment(app=f"{IMAGE}:v1"), environment="production")
    began = datetime(2026, 11, 1, tzinfo=UTC)
    listed = SimulatedService(
        image=IMAGE,
        replicas={"production": 1},
        history=("v1",),
        releases={f"v{number}": SimulatedRelease(created_at=began + timedelta(days=number)) for number in range(1, 6)},
    )
    world = Simulation(
        environments={"production": SimulatedEnvironment(namespace="shop")}, services={"checkout": listed}
    )
    deploy = Deploy(catalog_of(), cluster, cluster, cluster, MemoryReleases(world))
    with pytest.raises(Ambiguous, match=r"“latest” does not name one image for good.*\. Say which: v5, v4, v3\."):
        await deploy.plan(Params(service="checkout", environment="production", release="latest"))
