"""The simulated cluster, looked at as an API server would show it."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.memory.cluster import MemoryCluster
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope
from skills.core.ports.workloads import ImageEdit, Place
from skills.diagnosis.diagnose import conclude, look
from skills.diagnosis.finding import Finding
from skills.diagnosis.scene import Scene
from tests.unit.integrations.memory.conftest import Hours

SHOP = Scope(environment="production", namespaces=("shop",))


async def released(cluster: MemoryCluster, checkout: Place, version: str) -> None:
    workload = await cluster.get(checkout)
    edit = ImageEdit(container="app", before=workload.containers[0].image, after=f"registry.example/checkout:{version}")
    await cluster.apply(checkout, edit, uid=workload.uid)


async def found(cluster: MemoryCluster) -> list[Finding]:
    return list(conclude(await look(cluster, SHOP)).findings)


async def test_the_world_as_seeded_is_healthy(cluster: MemoryCluster) -> None:
    assert await found(cluster) == []


async def test_a_rollout_that_gets_on_is_healthy_at_every_moment(
    cluster: MemoryCluster, checkout: Place, hours: Hours
) -> None:
    await released(cluster, checkout, "v42")

    for _ in range(12):
        assert await found(cluster) == []
        await hours.sleep(1)


async def test_a_release_that_crashes_is_seen_with_its_exit_code_and_its_log(
    cluster: MemoryCluster, checkout: Place, hours: Hours
) -> None:
    await released(cluster, checkout, "v43")
    await hours.sleep(60)

    seen = await look(cluster, SHOP)

    (pod,) = [each for each in Scene(seen).all("Pod") if each.status["containerStatuses"][0]["restartCount"]]
    (status,) = pod.status["containerStatuses"]
    assert status["state"]["waiting"]["reason"] == "CrashLoopBackOff"
    assert status["lastState"]["terminated"]["exitCode"] == 3
    assert status["restartCount"] == 3
    wanted = LogWanted(namespace="shop", pod=pod.name, container="app")
    assert seen.logs[wanted] == "starting\nDB_PASSWORD=hunter2 was refused\n"
    assert [event.reason for event in Scene(seen).events(pod.ref)] == ["BackOff"]


async def test_an_image_that_is_not_there_is_found(
    cluster: MemoryCluster, manifest: Callable[..., dict[str, Any]], hours: Hours
) -> None:
    await cluster.create(manifest(image="registry.example/web:absent"), environment="production")
    await hours.sleep(60)

    (finding,) = await found(cluster)

    assert (finding.code.name, str(finding.root)) == ("ImageNotFound", "Deployment shop/web")


async def test_a_quota_that_is_used_up_is_found(
    cluster: MemoryCluster, manifest: Callable[..., dict[str, Any]], hours: Hours
) -> None:
    quota = {"kind": "ResourceQuota", "metadata": {"name": "small"}, "spec": {"hard": {"pods": "4"}}}
    await cluster.create(quota, environment="production")
    await cluster.create(manifest(), environment="production")
    await hours.sleep(60)

    (finding,) = await found(cluster)

    assert (finding.code.name, str(finding.root)) == ("QuotaExceeded", "ResourceQuota shop/small")


async def test_two_looks_see_the_same_names(cluster: MemoryCluster, hours: Hours) -> None:
    names = []
    for _ in range(2):
        taken = await cluster.take(SHOP, ["Pod", "ReplicaSet"], budget=Budget())
        names.append([each["metadata"]["name"] for objects in taken.objects.values() for each in objects])
        await hours.sleep(5)

    assert names[0] == names[1]
    assert len(set(names[0])) == 5


async def test_the_whole_cluster_is_looked_at_where_no_namespace_is_named(cluster: MemoryCluster) -> None:
    taken = await cluster.take(Scope(environment="production"), ["Deployment", "Node"], budget=Budget())

    assert [each["metadata"]["name"] for objects in taken.objects.values() for each in objects] == [
        "checkout",
        "simulated",
    ]


async def test_an_unknown_namespace_is_refused_with_the_nearest(cluster: MemoryCluster) -> None:
    with pytest.raises(UnknownName, match="Did you mean shop"):
        await cluster.take(Scope(environment="production", namespaces=("shops",)), ["Pod"], budget=Budget())


async def test_objects_are_found_by_name(cluster: MemoryCluster) -> None:
    there = Named(kind="Service", namespace="shop", name="checkout")
    absent = Named(kind="Secret", namespace="shop", name="db")

    named = (await cluster.find(SHOP, [there, absent], budget=Budget())).named

    assert named[absent] is None
    assert named[there]["spec"]["selector"] == {"app.kubernetes.io/name": "checkout"}


async def test_a_cluster_that_is_down_cannot_be_looked_at(cluster: MemoryCluster) -> None:
    cluster.faults.down = True

    with pytest.raises(Unavailable):
        await look(cluster, SHOP)
