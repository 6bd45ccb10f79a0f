"""What may be asked to stand beside each object of a list: its labels, its images, its limits."""

from collections.abc import Iterator, Mapping
from typing import Any

from skills.diagnosis.objects import Object, container_specs

_COUNTED = ("cpu", "memory", "pods")


def labels(each: Object) -> str:
    """“app=web, tier=front”, in the order of the keys."""
    return ", ".join(f"{key}={value}" for key, value in sorted(each.labels.items())) or "none"


def images(each: Object) -> str:
    """Those of the containers that it runs or makes, init containers first; "" for what runs nothing."""
    return ", ".join(dict.fromkeys(str(spec.get("image", "")) for spec in container_specs(each.template)))


def limits(each: Object) -> str:
    """Of each container, or “no limits”; of a node what it has for pods. "" for what has none by its nature."""
    if each.kind == "Node":
        return _amounts(each.status.get("allocatable") or {})
    return "; ".join(_limited(each))


def _limited(each: Object) -> Iterator[str]:
    specs = container_specs(each.template)
    for spec in specs:
        most = _amounts((spec.get("resources") or {}).get("limits") or {}) or "no limits"
        yield most if len(specs) == 1 else f"{spec.get('name', '')}: {most}"


def _amounts(found: Mapping[str, Any]) -> str:
    """What there is of everything that people count, and of nothing exotic."""
    return ", ".join(f"{name} {found[name]}" for name in _COUNTED if name in found)
