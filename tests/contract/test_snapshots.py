"""What every cluster behind the port `Snapshots` promises. One suite for the twin, the adapter and real clusters."""

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from skills.core.errors import UnknownName
from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope, Snapshot
from skills.diagnosis.diagnose import conclude, look
from skills.diagnosis.looking import FIRST
from skills.diagnosis.scene import Scene
from tests.support.labs import ENVIRONMENT, Lab

pytestmark = pytest.mark.timeout(300)

Raw = Mapping[str, Any]


def scope(lab: Lab) -> Scope:
    return Scope(environment=ENVIRONMENT, namespaces=(lab.namespace,))


async def seen(lab: Lab, *kinds: str) -> Snapshot:
    found: Snapshot = await lab.cluster.take(scope(lab), kinds or FIRST, budget=Budget())
    return found


def called(name: str, objects: Sequence[Raw]) -> list[Raw]:
    return [each for each in objects if each["metadata"]["name"].startswith(name)]


async def test_a_workload_is_seen_with_everything_under_it(lab: Lab) -> None:
    workload = await lab.deploy(replicas=2)

    scene = Scene(await seen(lab))

    (deployment,) = [each for each in scene.all("Deployment") if each.name == workload.place.name]
    assert deployment.uid == workload.uid
    assert len(scene.children(deployment, "ReplicaSet")) == 1
    assert len(scene.pods(deployment)) == 2
    assert {scene.workload_ref(pod) for pod in scene.pods(deployment)} == {deployment.ref}
    assert deployment.template_labels.items() >= {"app": workload.place.name}.items()


async def test_every_kind_that_is_asked_for_is_there_even_where_it_is_empty(lab: Lab) -> None:
    snapshot = await seen(lab)

    assert set(snapshot.objects) == set(FIRST)
    assert snapshot.unseen == ()


async def test_nothing_but_what_was_asked_for_is_there(lab: Lab) -> None:
    assert list((await seen(lab, "Pod")).objects) == ["Pod"]


async def test_the_time_is_aware_and_about_now(lab: Lab) -> None:
    taken_at = (await seen(lab, "Pod")).taken_at

    assert abs(taken_at - datetime.now(UTC)) < timedelta(minutes=10)


async def test_an_absent_namespace_is_unknown(lab: Lab) -> None:
    elsewhere = Scope(environment=ENVIRONMENT, namespaces=("no-such-namespace",))

    with pytest.raises(UnknownName, match="no-such-namespace"):
        await lab.cluster.take(elsewhere, FIRST, budget=Budget())


async def test_objects_are_found_by_name_and_absent_ones_are_known_to_be(lab: Lab) -> None:
    workload = await lab.deploy()
    there = Named(kind="Deployment", namespace=lab.namespace, name=workload.place.name)
    absent = Named(kind="ConfigMap", namespace=lab.namespace, name="no-such-thing")

    found = await lab.cluster.find(scope(lab), [there, absent], budget=Budget())

    assert found.named[there]["metadata"]["uid"] == workload.uid
    assert found.named[absent] is None
    assert found.objects == {}


async def test_the_log_of_a_container_that_is_not_there_is_empty(lab: Lab) -> None:
    wanted = LogWanted(namespace=lab.namespace, pod="no-such-pod", container="app")

    assert (await lab.cluster.logs(scope(lab), [wanted], budget=Budget())).logs == {wanted: ""}


async def test_a_workload_that_is_well_gives_no_finding(lab: Lab) -> None:
    workload = await lab.deploy()

    diagnosis = conclude(await look(lab.cluster, scope(lab)))

    assert [f.cause for f in diagnosis.findings if workload.place.name in f.root.name] == []


async def test_a_release_that_crashes_is_seen_to_crash(lab: Lab) -> None:
    workload = await lab.deploy(image=lab.images.broken, settle=False)
    await lab.followed(workload)

    pods = called(workload.place.name, (await seen(lab)).objects["Pod"])

    states = [status for pod in pods for status in pod["status"]["containerStatuses"]]
    assert any(
        s["state"].get("waiting", {}).get("reason") == "CrashLoopBackOff" or s["lastState"].get("terminated")
        for s in states
    )
