import pytest

from integrations.kubernetes.editing import operations
from integrations.kubernetes.reading import pod_template, template_digest
from skills.core.errors import Conflict
from skills.core.ports.workloads import Edit, ImageEdit, Place, ReplicasEdit, RestartEdit, TemplateEdit
from tests.support.kubernetes_objects import deployment, replica_set

PLACE = Place(environment="production", namespace="shop", name="checkout")
UID = {"op": "test", "path": "/metadata/uid", "value": "d-1"}
MARK = "/spec/template/metadata/annotations/countersign.dev~1restart"


def patch(edit: Edit, item: dict[str, object], *sets: dict[str, object]) -> list[dict[str, object]]:
    return operations(PLACE, edit, uid="d-1", deployment=item, replica_sets=sets)


def test_an_image_is_replaced_in_the_container_of_that_name_only() -> None:
    item = deployment(containers=[{"name": "proxy", "image": "p"}, {"name": "app", "image": "a"}])

    assert patch(ImageEdit(container="app", before="a", after="b"), item) == [
        UID,
        {"op": "test", "path": "/spec/template/spec/containers/1/name", "value": "app"},
        {"op": "test", "path": "/spec/template/spec/containers/1/image", "value": "a"},
        {"op": "replace", "path": "/spec/template/spec/containers/1/image", "value": "b"},
    ]


def test_replicas_are_replaced_if_they_are_as_seen() -> None:
    assert patch(ReplicasEdit(before=2, after=5), deployment()) == [
        UID,
        {"op": "test", "path": "/spec/replicas", "value": 2},
        {"op": "replace", "path": "/spec/replicas", "value": 5},
    ]


def test_a_first_restart_is_guarded_by_the_absence_of_annotations() -> None:
    assert patch(RestartEdit(before=None, after="7"), deployment()) == [
        UID,
        {"op": "test", "path": "/spec/template/metadata", "value": {"labels": {"app": "checkout"}}},
        {"op": "add", "path": "/spec/template/metadata/annotations", "value": {"countersign.dev/restart": "7"}},
    ]


def test_a_first_restart_keeps_the_annotations_of_others() -> None:
    marks = {"team": "payments"}

    assert patch(RestartEdit(before=None, after="7"), deployment(marks=marks))[1:] == [
        {"op": "test", "path": "/spec/template/metadata/annotations", "value": marks},
        {
            "op": "add",
            "path": "/spec/template/metadata/annotations",
            "value": {**marks, "countersign.dev/restart": "7"},
        },
    ]


def test_a_further_restart_replaces_the_mark_and_taking_back_removes_it() -> None:
    item = deployment(marks={"countersign.dev/restart": "7"})

    assert patch(RestartEdit(before="7", after="8"), item)[1:] == [
        {"op": "test", "path": MARK, "value": "7"},
        {"op": "replace", "path": MARK, "value": "8"},
    ]
    assert patch(RestartEdit(before="7", after=None), item)[2] == {"op": "remove", "path": MARK}


def test_a_template_is_restored_without_the_label_of_its_replica_set() -> None:
    item = deployment()
    old = replica_set(item, mark="old", image="registry.example/checkout:v0")
    edit = TemplateEdit(before=template_digest(pod_template(item)), after=template_digest(pod_template(old)))

    _, guard, change = patch(edit, item, replica_set(item), old)

    assert guard == {"op": "test", "path": "/spec/template", "value": item["spec"]["template"]}
    assert change["value"] == {
        "metadata": {"labels": {"app": "checkout"}},
        "spec": {"containers": [{"name": "app", "image": "registry.example/checkout:v0"}]},
    }


@pytest.mark.parametrize(
    ("edit", "text"),
    [
        (
            ImageEdit(container="app", before="x", after="y"),
            "now runs registry.example/checkout:v1 in container app, not x",
        ),
        (ImageEdit(container="web", before="x", after="y"), "has no container called web any more"),
        (ReplicasEdit(before=3, after=4), "now wants 2 replicas, not 3"),
        (RestartEdit(before="7", after="8"), "was restarted meanwhile"),
        (TemplateEdit(before="0", after="1"), "has another pod template than the one that was looked at"),
    ],
)
def test_what_no_longer_holds_is_a_conflict_that_says_what_is(edit: Edit, text: str) -> None:
    with pytest.raises(Conflict) as raised:
        patch(edit, deployment())

    assert raised.value.text == f"checkout in production {text}; nothing was done."


def test_a_namesake_is_a_conflict() -> None:
    with pytest.raises(Conflict, match="was deleted and created again"):
        operations(PLACE, ReplicasEdit(before=2, after=3), uid="other", deployment=deployment())
