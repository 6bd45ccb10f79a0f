"""What is looked at more closely because of what was seen."""

import gc

import pytest

from skills.core.ports.snapshots import Budget, LogWanted, Named, NothingSeen, Scope, Snapshot, Unseen
from skills.diagnosis.diagnose import look
from skills.diagnosis.looking import more_kinds, named, suspects
from skills.diagnosis.resting import collector_at_rest
from tests.support.manifests import app, condition, container, crashing, deployment, event, running, waiting
from tests.support.manifests import named as made
from tests.support.scenes import Recorded, scene, snapshot

SHOP = Scope(environment="test", namespaces=("shop",))
REFERS = container(envFrom=[{"configMapRef": {"name": "settings"}}, {"secretRef": {"name": "maybe", "optional": True}}])


def test_what_is_well_calls_for_no_closer_look() -> None:
    well = scene(*app("checkout", containers=[REFERS]))

    assert (more_kinds(well), named(well), suspects(well)) == ([], (), ())


def test_what_a_pod_that_does_not_start_must_have_is_asked_for() -> None:
    stuck = scene(*deployment("checkout", waiting("CreateContainerConfigError"), containers=[REFERS]))

    assert named(stuck) == (Named(kind="ConfigMap", namespace="shop", name="settings"),)


def test_the_configuration_of_a_pod_that_crashes_is_asked_for_because_it_may_have_changed() -> None:
    assert len(named(scene(*deployment("checkout", crashing(), containers=[REFERS])))) == 1


def test_an_unbound_claim_has_its_class_and_volume_asked_for() -> None:
    claim = made(
        "PersistentVolumeClaim",
        "data",
        spec={"storageClassName": "fast", "volumeName": "v1"},
        status={"phase": "Pending"},
    )

    assert named(scene(claim)) == (
        Named(kind="StorageClass", namespace="", name="fast"),
        Named(kind="PersistentVolume", namespace="", name="v1"),
    )
    assert more_kinds(scene(claim)) == []


def test_a_claim_without_a_class_has_the_classes_and_volumes_listed() -> None:
    claim = made("PersistentVolumeClaim", "data", spec={}, status={"phase": "Pending"})

    assert more_kinds(scene(claim)) == ["StorageClass", "PersistentVolume"]


def test_an_ingress_has_its_class_and_its_certificate_asked_for() -> None:
    ingress = made("Ingress", "front", spec={"ingressClassName": "nginx", "tls": [{"secretName": "front-tls"}]})

    assert named(scene(ingress)) == (
        Named(kind="IngressClass", namespace="", name="nginx"),
        Named(kind="Secret", namespace="shop", name="front-tls"),
    )
    assert more_kinds(scene(made("Ingress", "front", spec={}))) == ["IngressClass"]


@pytest.mark.parametrize("how", ["event", "condition"])
def test_a_quota_that_refused_pods_is_asked_for(how: str) -> None:
    said = 'pods "x" is forbidden: exceeded quota: compute, requested: pods=1, used: pods=2, limited: pods=2'
    whole, replica_set, *_ = deployment(replicas=2)
    if how == "condition":
        replica_set["status"]["conditions"] = [condition("ReplicaFailure", True, "FailedCreate", said)]
    events = [event(replica_set, "FailedCreate", f"Error creating: {said}")] if how == "event" else []

    assert named(scene(whole, replica_set, *events)) == (Named(kind="ResourceQuota", namespace="shop", name="compute"),)


def test_at_most_two_logs_of_a_workload_are_read() -> None:
    crashed = scene(*deployment("a", crashing(), replicas=5), *deployment("b", running(ready=False), replicas=1))

    wanted = suspects(crashed)

    assert sorted(each.pod for each in wanted) == ["a-5d4f-0", "a-5d4f-1", "b-5d4f-0"]


async def test_a_whole_look_holds_logs_and_what_was_asked_for_by_name() -> None:
    objects = deployment("checkout", crashing(), containers=[REFERS], replicas=1)
    wanted = LogWanted(namespace="shop", pod="checkout-5d4f-0", container="app")

    seen = await look(Recorded(snapshot(*objects, logs={wanted: "boom\n"})), SHOP)

    assert seen.logs == {wanted: "boom\n"}
    assert seen.named == {Named(kind="ConfigMap", namespace="shop", name="settings"): None}


async def test_a_closer_look_that_sees_nothing_is_told_and_no_more() -> None:
    why = Unseen(kind="ConfigMap", namespace="shop", why="I could not look.")

    class Blind(Recorded):
        async def find(self, scope: Scope, wanted: object, *, budget: Budget) -> Snapshot:
            raise NothingSeen("I could not look at anything.", unseen=[why])

    objects = deployment("checkout", crashing(), containers=[REFERS])

    seen = await look(Blind(snapshot(*objects)), SHOP)

    assert seen.unseen == (why,)
    assert len(seen.objects["Pod"]) == 2


def test_the_collector_rests_until_the_last_is_done() -> None:
    first, second = collector_at_rest(), collector_at_rest()
    first.__enter__()
    second.__enter__()
    first.__exit__(None, None, None)
    assert not gc.isenabled()

    second.__exit__(None, None, None)

    assert gc.isenabled()
