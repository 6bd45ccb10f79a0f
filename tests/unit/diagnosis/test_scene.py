"""What a scene knows of its objects."""

from datetime import timedelta

from skills.core.ports.snapshots import Scope, Snapshot, Unseen
from skills.diagnosis.objects import Ref, containers, moment
from skills.diagnosis.quantities import amount
from skills.diagnosis.scene import Scene
from skills.diagnosis.selectors import matches
from tests.support.manifests import app, event, job, named, pod
from tests.support.scenes import NOW, scene


def test_the_owner_of_a_pod_is_what_somebody_would_edit() -> None:
    seen = scene(*app("web"))
    assert {seen.workload_ref(one) for one in seen.all("Pod")} == {Ref("Deployment", "shop", "web")}


def test_the_owner_is_named_even_where_it_was_not_seen() -> None:
    orphan = next(each for each in app("web") if each["kind"] == "Pod")
    seen = scene(orphan)
    assert seen.workload_ref(seen.all("Pod")[0]) == Ref("ReplicaSet", "shop", "web-5d4f")


def test_pods_are_found_from_a_cron_job_down() -> None:
    cron = named("CronJob", "nightly", spec={})
    seen = scene(cron, *job("nightly-1", pod("nightly-1-x"), owner=cron))
    assert [one.name for one in seen.pods(seen.all("CronJob")[0])] == ["nightly-1-x"]


def test_only_what_was_looked_at_completely_may_be_called_absent() -> None:
    snapshot = Snapshot(
        scope=Scope(environment="test"), taken_at=NOW, objects={"Service": [], "Secret": []},
        unseen=(Unseen(kind="Secret", namespace="shop", why="forbidden"),),
    )  # fmt: skip
    seen = Scene(snapshot)
    assert seen.absent("Service", "shop", "web")
    assert not seen.absent("Secret", "shop", "web")
    assert not seen.absent("ConfigMap", "shop", "web")


def test_ages_are_by_the_clock_of_the_api_server_and_never_negative() -> None:
    seen = scene()
    assert seen.age(NOW - timedelta(minutes=3)) == timedelta(minutes=3)
    assert seen.age(NOW + timedelta(hours=1)) == timedelta(0)


def test_events_of_both_shapes_are_understood() -> None:
    old = event(named("Pod", "a"), "Failed", "no", count=3, first=600, seconds_ago=5)
    new = {
        "kind": "Event", "metadata": {"name": "x", "namespace": "shop", "uid": "x"}, "regarding": {"kind": "Pod", "namespace": "shop", "name": "a"},
        "reason": "FailedScheduling", "note": "nowhere", "type": "Warning", "eventTime": "2026-11-23T11:00:00.123456Z",
        "series": {"count": 4, "lastObservedTime": "2026-11-23T11:30:00.000000Z"},
    }  # fmt: skip
    told = scene(old, new).events(Ref("Pod", "shop", "a"))
    assert [(e.reason, e.count, e.message) for e in told] == [("FailedScheduling", 4, "nowhere"), ("Failed", 3, "no")]


def test_an_init_container_that_is_always_restarted_is_a_sidecar() -> None:
    spec = {
        "initContainers": [{"name": "proxy", "restartPolicy": "Always"}, {"name": "migrate"}],
        "containers": [{"name": "app"}],
    }
    one = scene(named("Pod", "a", spec=spec, status={})).all("Pod")[0]
    assert [(c.name, str(c.role)) for c in containers(one)] == [
        ("proxy", "sidecar"),
        ("migrate", "init"),
        ("app", "main"),
    ]


def test_selectors_match_as_kubernetes_does() -> None:
    labels = {"app": "web", "tier": "front"}
    assert matches({}, labels)
    assert not matches(None, labels)
    assert matches({"matchExpressions": [{"key": "tier", "operator": "In", "values": ["front", "back"]}]}, labels)
    assert not matches({"matchExpressions": [{"key": "app", "operator": "DoesNotExist"}]}, labels)


def test_quantities_are_plain_numbers() -> None:
    told = [amount(text) for text in ("250m", "1.5Gi", "2e3", 4, "much", None)]
    assert [None if value is None else float(value) for value in told] == [0.25, 1610612736.0, 2000.0, 4.0, None, None]


def test_times_that_are_none_are_none() -> None:
    assert moment("yesterday") is None
    assert moment(None) is None
    assert moment("2026-11-23T11:00:00Z") == NOW - timedelta(hours=1)
