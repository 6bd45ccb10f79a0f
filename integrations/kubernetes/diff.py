"""What a dry run says would change, field by field, with named things called by their names and secrets hidden."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from integrations.kubernetes.api import Object
from skills.core.plan import FieldChange
from skills.core.redaction import HIDDEN, names_a_secret, redact

_NAMING_KEYS = ("name", "containerPort", "port", "mountPath", "devicePath", "ip", "topologyKey", "key", "uid")
_BOOKKEEPING = ("deployment.kubernetes.io/revision",)
_LONGEST = 500
_ABSENT: Any = object()


def changes(before: Object, after: Object) -> tuple[FieldChange, ...]:
    """The fields of a Deployment that differ, by path. Status and the server's bookkeeping are no fields of interest."""
    pairs = _walk("", (), _comparable(before), _comparable(after))
    return tuple(
        sorted((_shown(path, names, old, new) for path, names, old, new in pairs), key=lambda change: change.path)
    )


def _comparable(deployment: Object) -> Object:
    metadata = deployment.get("metadata", {})
    annotations = {key: value for key, value in (metadata.get("annotations") or {}).items() if key not in _BOOKKEEPING}
    kept = {"labels": metadata.get("labels") or {}, "annotations": annotations}
    return {"metadata": kept, "spec": deployment.get("spec", {})}


_Difference = tuple[str, tuple[str, ...], Any, Any]


def _walk(path: str, names: tuple[str, ...], old: Any, new: Any) -> Iterator[_Difference]:
    """(path, the names along it, before, after) of every leaf that differs. Empty and absent containers are the same."""
    if old == new or (_is_empty(old) and _is_empty(new)):
        return
    if _fits(old, dict) and _fits(new, dict):
        yield from _walk_mapping(path, names, {} if _gone(old) else old, {} if _gone(new) else new)
    elif _fits(old, list) and _fits(new, list):
        yield from _walk_list(path, names, [] if _gone(old) else old, [] if _gone(new) else new)
    else:
        yield path, names, old, new


def _walk_mapping(path: str, names: tuple[str, ...], old: Object, new: Object) -> Iterator[_Difference]:
    for key in sorted({*old, *new}):
        plain = key.replace("-", "").replace("_", "").isalnum()
        step = key if not path else f".{key}" if plain else f"[{key}]"
        yield from _walk(path + step, (*names, key), old.get(key, _ABSENT), new.get(key, _ABSENT))


def _walk_list(path: str, names: tuple[str, ...], old: Sequence[Any], new: Sequence[Any]) -> Iterator[_Difference]:
    key = next((key for key in _NAMING_KEYS if _is_named_by(old, key) and _is_named_by(new, key)), None)
    if key is None:
        pairs = {str(i): (_at(old, i), _at(new, i)) for i in range(max(len(old), len(new)))}
    else:
        left, right = {str(item[key]): item for item in old}, {str(item[key]): item for item in new}
        pairs = {name: (left.get(name, _ABSENT), right.get(name, _ABSENT)) for name in sorted({*left, *right})}
    for name, (was, becomes) in pairs.items():
        yield from _walk(f"{path}[{name}]", (*names, name), was, becomes)


def _is_named_by(items: Sequence[Any], key: str) -> bool:
    values = [item.get(key) if isinstance(item, Mapping) else None for item in items]
    return all(isinstance(value, str | int) for value in values) and len(set(values)) == len(values)


def _shown(path: str, names: tuple[str, ...], old: Any, new: Any) -> FieldChange:
    secret = _holds_secret(names)
    before, after = _text(old, secret=secret), _text(new, secret=secret)
    if before is not None and before == after:
        after = f"{after.removesuffix(')')}, changed)" if after == HIDDEN else f"{after} (changed)"
    return FieldChange(path=path, before=before, after=after)


def _holds_secret(names: tuple[str, ...]) -> bool:
    """Is this the value of a variable or an annotation whose name promises a secret? References to Secrets are none."""
    in_variable = len(names) >= 3 and names[-1] == "value" and names[-3] == "env" and _hides(names[-2])
    in_annotation = len(names) >= 2 and names[-2] == "annotations" and names_a_secret(names[-1])
    return in_variable or in_annotation


def _hides(variable: str) -> bool:
    return (
        names_a_secret(variable) or variable.isdigit()
    )  # a digit stands for a variable that could not be told by name


def _text(value: Any, *, secret: bool) -> str | None:
    if value is _ABSENT or value is None:
        return None
    if secret and value != "":
        return HIDDEN
    text = value if isinstance(value, str) else json.dumps(value, sort_keys=True, ensure_ascii=False)
    text = redact(text)
    return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"


def _gone(value: Any) -> bool:
    return value is _ABSENT or value is None


def _is_empty(value: Any) -> bool:
    return _gone(value) or value in ({}, [])


def _fits(value: Any, kind: type) -> bool:
    return isinstance(value, kind) or _gone(value)


def _at(items: Sequence[Any], index: int) -> Any:
    return items[index] if index < len(items) else _ABSENT
