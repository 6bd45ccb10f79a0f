"""What a preview shows of two manifests."""

import pytest

from integrations.memory.differences import differences
from skills.core.plan import FieldChange


def with_env(**variables):
    container = {"name": "app", "env": [{"name": name, "value": value} for name, value in variables.items()]}
    return {"spec": {"containers": [container]}}


@pytest.mark.parametrize(
    ("before", "after", "shown"),
    [
        ({"DB_PASSWORD": "a"}, {"DB_PASSWORD": "b"}, ("(redacted)", "(redacted, changed)")),
        ({"LOG": "info"}, {"LOG": "debug"}, ("info", "debug")),
        (
            {"URL": "postgres://u:one@db/x"},
            {"URL": "postgres://u:two@db/x"},
            ("postgres://(redacted)@db/x", "postgres://(redacted)@db/x (redacted, changed)"),
        ),
    ],
)
def test_values_of_variables_are_hidden_if_name_or_shape_tells_a_secret(before, after, shown):
    (change,) = differences(with_env(**before), with_env(**after))
    (name,) = before
    assert change == FieldChange(path=f"spec.containers[app].env[{name}].value", before=shown[0], after=shown[1])


def test_a_secret_that_appears_is_hidden_and_its_name_is_shown():
    changes = differences(with_env(), with_env(API_TOKEN="x"))
    assert [(change.path, change.before, change.after) for change in changes] == [
        ("spec.containers[app].env[API_TOKEN].name", None, "API_TOKEN"),
        ("spec.containers[app].env[API_TOKEN].value", None, "(redacted)"),
    ]


def test_a_reference_to_a_secret_is_no_secret():
    def of(key):
        return {"env": [{"name": "DB_PASSWORD", "valueFrom": {"secretKeyRef": {"name": "db", "key": key}}}]}

    (change,) = differences(of("old"), of("new"))
    assert (change.path, change.before, change.after) == ("env[DB_PASSWORD].valueFrom.secretKeyRef.key", "old", "new")


def test_the_argument_after_a_telling_option_is_hidden():
    (change,) = differences({"args": ["--password", "one"]}, {"args": ["--password", "two"]})
    assert (change.path, change.before, change.after) == ("args[1]", "(redacted)", "(redacted, changed)")


def test_numbers_and_switches_are_shown_as_they_are_written():
    changes = differences({"a": True, "b": 1, "c": None}, {"a": False, "b": 2})
    assert [(change.path, change.before, change.after) for change in changes] == [
        ("a", "true", "false"),
        ("b", "1", "2"),
        ("c", "null", None),
    ]
