"""Which fields differ between two manifests, as a person may see them: one line for each leaf, secrets hidden."""

import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skills.core.plan import FieldChange
from skills.core.redaction import HIDDEN, names_a_secret, redact

_CHANGED = "(redacted, changed)"


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> tuple[FieldChange, ...]:
    """Every leaf that differs, by path, such as `spec.template.spec.containers[app].image`."""
    old, new = dict(_leaves("", before)), dict(_leaves("", after))
    changed = sorted(path for path in old.keys() | new.keys() if old.get(path) != new.get(path))
    return tuple(_change(path, old.get(path), new.get(path)) for path in changed)


def _change(path: str, old: tuple[str, str] | None, new: tuple[str, str] | None) -> FieldChange:
    before, after = old and _shown(*old), new and _shown(*new)
    if before == after:
        after = _CHANGED if after == HIDDEN else f"{after} {_CHANGED}"
    return FieldChange(path=path, before=before, after=after)


def _shown(hint: str, value: str) -> str:
    return HIDDEN if names_a_secret(hint) else redact(value)


def _leaves(path: str, value: Any, hint: str = "") -> Iterator[tuple[str, tuple[str, str]]]:
    """(path, (hint, text)) of every leaf; the hint is the name that tells whether the text is a secret."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            step = f"[{name}]" if set(str(name)) & set("./") else f".{name}"
            yield from _leaves(f"{path}{step}".lstrip("."), item, _hint_of_entry(path, str(name), value))
    elif isinstance(value, Sequence) and not isinstance(value, str):
        for index, item in enumerate(value):
            yield from _leaves(f"{path}[{_label(item, index)}]", item, _hint_of_argument(value, index))
    else:
        yield path, (hint, value if isinstance(value, str) else json.dumps(value))


def _label(item: Any, index: int) -> str:
    """Lists of named things are told apart by name, as the API merges them."""
    return str(item["name"]) if isinstance(item, Mapping) and isinstance(item.get("name"), str) else str(index)


def _hint_of_entry(path: str, name: str, siblings: Mapping[str, Any]) -> str:
    """A variable's value is a secret if the variable's name says so, an annotation's if its key does; other field names say nothing."""
    if name == "value" and isinstance(siblings.get("name"), str):
        return str(siblings["name"])
    return name if path.endswith(("annotations", "labels")) else ""


def _hint_of_argument(items: Sequence[Any], index: int) -> str:
    """`--password` announces that the next argument is one."""
    earlier = items[index - 1] if index else ""
    return earlier if isinstance(earlier, str) and earlier.startswith("-") and "=" not in earlier else ""
