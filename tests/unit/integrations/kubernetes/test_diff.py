import copy
from typing import Any

from integrations.kubernetes.diff import changes
from skills.core.plan import FieldChange
from tests.support.kubernetes_objects import deployment


def edited(before: dict[str, Any], **container: Any) -> dict[str, Any]:
    after = copy.deepcopy(before)
    after["spec"]["template"]["spec"]["containers"][0].update(container)
    return after


def test_an_image_is_told_by_the_name_of_its_container() -> None:
    before = deployment()

    assert changes(before, edited(before, image="b")) == (
        FieldChange(path="spec.template.spec.containers[app].image", before="registry.example/checkout:v1", after="b"),
    )


def test_bookkeeping_of_the_server_is_no_change() -> None:
    before = deployment()
    after = copy.deepcopy(before)
    after["metadata"].update(generation=2, resourceVersion="9", managedFields=[{"manager": "countersign"}])
    after["metadata"]["annotations"]["deployment.kubernetes.io/revision"] = "2"
    after["status"] = {}

    assert changes(before, after) == ()


def test_values_that_appear_and_disappear_have_no_other_side() -> None:
    before = deployment(annotations={"team": "payments"})
    after = copy.deepcopy(before)
    del after["metadata"]["annotations"]["team"]
    after["spec"]["template"]["metadata"]["annotations"] = {"countersign.dev/restart": "7"}

    assert [(change.path, change.before, change.after) for change in changes(before, after)] == [
        ("metadata.annotations.team", "payments", None),
        ("spec.template.metadata.annotations[countersign.dev/restart]", None, "7"),
    ]


def test_named_things_are_matched_by_name_not_by_place() -> None:
    first, second = {"name": "A", "value": "1"}, {"name": "B", "value": "2"}
    before = edited(deployment(), env=[first, second])

    assert changes(before, edited(before, env=[second, first])) == ()
    assert [change.path for change in changes(before, edited(before, env=[second]))] == [
        "spec.template.spec.containers[app].env[A].name",
        "spec.template.spec.containers[app].env[A].value",
    ]


def test_nameless_things_are_matched_by_place() -> None:
    before = edited(deployment(), args=["--level", "info"])

    (change,) = changes(before, edited(before, args=["--level", "debug"]))

    assert (change.path, change.before, change.after) == ("spec.template.spec.containers[app].args[1]", "info", "debug")


def test_a_secret_that_changes_is_said_to_change_and_nothing_more() -> None:
    before = edited(deployment(), env=[{"name": "DB_PASSWORD", "value": "hunter2"}])

    (change,) = changes(before, edited(before, env=[{"name": "DB_PASSWORD", "value": "hunter3"}]))

    assert (change.before, change.after) == ("(redacted)", "(redacted, changed)")


def test_a_secret_shape_is_hidden_under_any_name() -> None:
    before = edited(deployment(), env=[{"name": "URL", "value": "plain"}])

    (change,) = changes(before, edited(before, env=[{"name": "URL", "value": "postgres://me:hunter2@db/shop"}]))

    assert change.after == "postgres://(redacted)@db/shop"


def test_variables_that_cannot_be_told_apart_by_name_are_hidden() -> None:
    twice = [{"name": "DB_PASSWORD", "value": "hunter2"}, {"name": "DB_PASSWORD", "value": "hunter3"}]
    before = edited(deployment(), env=twice)

    assert "hunter" not in str(changes(before, edited(before, env=twice[:1])))


def test_a_reference_to_a_secret_is_no_secret() -> None:
    reference = {"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "shop-db", "key": "password"}}}
    before = deployment()

    told = {change.path.rpartition("]")[2]: change.after for change in changes(before, edited(before, env=[reference]))}

    assert told[".valueFrom.secretKeyRef.name"] == "shop-db"


def test_a_change_behind_the_cut_of_a_long_value_is_not_silent() -> None:
    before = edited(deployment(), args=["x" * 600 + "a"])

    (change,) = changes(before, edited(before, args=["x" * 600 + "b"]))

    assert change.before is not None
    assert change.after == f"{change.before} (changed)"
