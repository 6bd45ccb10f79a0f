"""One object in full, as far as it may be shown: every field on a line, secrets hidden."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skills.core.redaction import HIDDEN, names_a_secret
from skills.diagnosis.objects import Object
from skills.diagnosis.symptom import quoted

_LEFT_OUT = frozenset(
    {"managedFields", "resourceVersion", "selfLink", "uid", "kubectl.kubernetes.io/last-applied-configuration"}
)
_DEEPEST = 12


def fields(each: Object) -> Iterator[tuple[str, str]]:
    """(path, value) of each field but its conditions, in the object's own order. Nothing that is named like a secret has its value."""
    for part in ("metadata", "spec", "status", "data", "provisioner", "rules"):
        if part in each.raw:
            yield from _flat(
                part, _without_conditions(each.raw[part]), hidden=each.kind == "Secret" and part == "data", depth=0
            )


def _flat(path: str, value: Any, *, hidden: bool, depth: int) -> Iterator[tuple[str, str]]:
    if isinstance(value, Mapping) and value and depth < _DEEPEST:
        secret_variable = "value" in value and names_a_secret(str(value.get("name", "")))
        for key, item in value.items():
            if key not in _LEFT_OUT:
                hide = (
                    hidden
                    or (key == "value" and secret_variable)
                    or (names_a_secret(str(key)) and not isinstance(item, Mapping | list))
                )
                yield from _flat(f"{path}.{key}", item, hidden=hide, depth=depth + 1)
    elif isinstance(value, Sequence) and not isinstance(value, str) and value and depth < _DEEPEST:
        for number, item in enumerate(value):
            name = item.get("name") if isinstance(item, Mapping) else None
            yield from _flat(f"{path}[{name or number}]", item, hidden=hidden, depth=depth + 1)
    elif value not in ({}, [], None, ""):
        yield path, HIDDEN if hidden else quoted(str(value))


def _without_conditions(part: Any) -> Any:
    return {key: item for key, item in part.items() if key != "conditions"} if isinstance(part, Mapping) else part
