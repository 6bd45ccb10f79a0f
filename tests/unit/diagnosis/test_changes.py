"""Which change did it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from skills.diagnosis.changes import Change, in_cluster, joined, suspect
from skills.diagnosis.diagnose import conclude
from skills.diagnosis.finding import Finding
from skills.diagnosis.objects import Ref
from skills.diagnosis.scene import Scene
from tests.support.manifests import HOUR, MINUTE, ago, app, config_map, named, owned_by, waiting
from tests.support.scenes import NOW, scene, snapshot

WEB = Ref("Deployment", "shop", "web")


def world() -> tuple[Scene, Finding]:
    """A Deployment whose image cannot be pulled since an hour ago."""
    objects = app(
        "web",
        waiting("ImagePullBackOff", "not found"),
        spec={"volumes": [{"name": "c", "configMap": {"name": "conf"}}]},
    )
    return scene(*objects), conclude(snapshot(*objects)).findings[0]


def change(minutes_before: float, about: Ref, what: str = "a change") -> Change:
    return Change(at=NOW - timedelta(hours=1, minutes=minutes_before), about=about, what=what)


def test_the_change_of_the_thing_itself_just_before_is_suspected() -> None:
    seen, finding = world()
    found = suspect(finding, [change(300, WEB, "old"), change(2, WEB, "v1 → v2")], seen)
    assert found is not None
    assert (found.what, found.why) == ("v1 → v2", "it changed web itself, 2 min before the first symptom")


def test_what_changed_after_the_first_symptom_did_not_do_it() -> None:
    seen, finding = world()
    assert suspect(finding, [change(-10, WEB)], seen) is None


def test_a_configuration_that_the_pods_read_is_suspected_and_says_so() -> None:
    seen, finding = world()
    found = suspect(finding, [change(5, Ref("ConfigMap", "shop", "conf"), "ConfigMap conf changed")], seen)
    assert found is not None
    assert found.why == "web uses ConfigMap conf, 5 min before the first symptom"


def test_the_nearer_relation_wins_over_the_nearer_time() -> None:
    seen, finding = world()
    elsewhere = change(1, Ref("ConfigMap", "shop", "other"), "other")
    assert (found := suspect(finding, [elsewhere, change(8, WEB, "own")], seen)) is not None
    assert found.what == "own"


def test_a_change_in_another_namespace_is_nobodys_suspect() -> None:
    seen, finding = world()
    assert suspect(finding, [change(1, Ref("Deployment", "other", "web"))], seen) is None


def test_nothing_is_suspected_where_nobody_knows_since_when() -> None:
    seen, finding = world()
    assert suspect(replace(finding, since=None), [change(1, WEB)], seen) is None


def test_revisions_tell_which_image_came_when() -> None:
    objects = app("web")
    whole = objects[0]
    newer = _revision(whole, "web-7c9f", image="registry.example/app:v2", number=2, age=10 * MINUTE)
    assert [(c.about, c.what) for c in in_cluster(scene(*objects, newer))] == [
        (WEB, "web revision 2: registry.example/app:v1 → registry.example/app:v2")
    ]


def test_a_config_map_that_was_written_since_is_a_change_and_its_creation_is_called_one() -> None:
    written = config_map("conf")
    written["metadata"]["managedFields"] = [{"manager": "kubectl-edit", "operation": "Update", "time": ago(5 * MINUTE)}]
    fresh = named("ConfigMap", "new", age=HOUR)
    fresh["metadata"]["managedFields"] = [{"manager": "helm", "operation": "Update", "time": ago(HOUR)}]
    told = [c.what for c in in_cluster(scene(written, fresh))]
    assert told == ["ConfigMap new created with helm", "ConfigMap conf changed with kubectl-edit"]


def test_what_the_ledger_knows_takes_the_place_of_what_the_cluster_tells_of_it() -> None:
    cluster = [change(5, WEB, "web revision 2"), change(60, WEB, "web revision 1")]
    own = [replace(change(6, WEB, "#7 by Dev: set image"), proposal=7)]
    assert [c.what for c in joined(cluster, own)] == ["web revision 1", "#7 by Dev: set image"]


def _revision(whole: Mapping[str, Any], name: str, *, image: str, number: int, age: float) -> dict[str, Any]:
    containers: Sequence[Mapping[str, Any]] = [{"name": "app", "image": image}]
    made = named(
        "ReplicaSet", name, age=age, annotations={"deployment.kubernetes.io/revision": str(number)},
        spec={"replicas": 0, "template": {"spec": {"containers": containers}}}, status={},
    )  # fmt: skip
    made["metadata"]["ownerReferences"] = [owned_by(dict(whole))]
    return made


def test_what_was_written_elsewhere_in_the_namespace_is_suspected_only_where_it_acts_on_all_of_it() -> None:
    seen, finding = world()
    assert suspect(finding, [change(1, Ref("Service", "shop", "search"))], seen) is None
    found = suspect(finding, [change(2, Ref("NetworkPolicy", "shop", "deny-all"))], seen)
    assert found is not None
    assert found.why == "it is in the same namespace, 2 min before the first symptom"


def test_what_the_control_plane_puts_into_every_namespace_is_no_change() -> None:
    kept = config_map("kube-root-ca.crt")
    kept["metadata"]["managedFields"] = [
        {"manager": "kube-controller-manager", "operation": "Update", "time": ago(MINUTE)}
    ]
    assert in_cluster(scene(kept)) == ()
