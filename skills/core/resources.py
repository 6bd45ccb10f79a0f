"""What a container requests and may use at most, in one line that two readers spell alike: `cpu=500m memory=512Mi memory-limit=1Gi`.

The API server rewrites quantities (`0.5` becomes `500m`, `1024Mi` becomes `1Gi`), so they are compared and written in that form.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

NAMES: Mapping[str, tuple[str, str]] = {
    "cpu": ("requests", "cpu"),
    "memory": ("requests", "memory"),
    "cpu-limit": ("limits", "cpu"),
    "memory-limit": ("limits", "memory"),
}
"""What is spelled how, and where it stands in `resources` of a container."""

_BINARY = ("Ei", "Pi", "Ti", "Gi", "Mi", "Ki", "")
_DECIMAL = ("E", "P", "T", "G", "M", "k", "")
_QUANTITY = re.compile(r"([0-9]{1,15}(?:\.[0-9]{1,9})?)(m|k|M|G|T|P|E|Ki|Mi|Gi|Ti|Pi|Ei)?")


def quantity(text: str) -> Decimal | None:
    """The plain number: cores, or bytes; None for what is no quantity that people write."""
    found = _QUANTITY.fullmatch(text.strip())
    if not found:
        return None
    suffix = found[2] or ""
    if suffix == "m":
        return Decimal(found[1]) / 1000
    base, suffixes = (1024, _BINARY) if suffix.endswith("i") else (1000, _DECIMAL)
    return Decimal(found[1]) * Decimal(base) ** (len(suffixes) - 1 - suffixes.index(suffix))


def canonical(text: str) -> str:
    """The same quantity as the API server spells it: in the largest unit of its kind that leaves no fraction. Anything else stays as it is."""
    number = quantity(text)
    if number is None:
        return text.strip()
    if number != number.to_integral_value():
        thousandths = number * 1000
        return (
            f"{thousandths:f}".rstrip("0").rstrip(".") + "m"
            if thousandths % 1
            else f"{thousandths.to_integral_value():f}m"
        )
    base, suffixes = (1024, _BINARY) if text.strip().endswith("i") else (1000, _DECIMAL)
    whole = int(number)
    for power, suffix in enumerate(suffixes):
        unit = base ** (len(suffixes) - 1 - power)
        if whole and whole % unit == 0:
            return f"{whole // unit}{suffix}"
    return "0"


def spelled(resources: Mapping[str, Any] | None) -> str:
    """`resources` of a container in one line; what is not said is left out."""
    given = resources or {}
    said = {name: (given.get(kind) or {}).get(resource) for name, (kind, resource) in NAMES.items()}
    return " ".join(f"{name}={canonical(str(value))}" for name, value in said.items() if value is not None)


def parsed(line: str) -> dict[str, str]:
    """The quantities that a line names, in its order. Raises `ValueError` for a line that nobody spelled."""
    pairs = [part.partition("=")[::2] for part in line.split()]
    if any(name not in NAMES or not value for name, value in pairs):
        raise ValueError(f"{line!r} names no resources")
    return dict(pairs)


def joined(quantities: Mapping[str, str]) -> str:
    """The opposite of `parsed`."""
    return " ".join(f"{name}={quantities[name]}" for name in NAMES if name in quantities)


def put(resources: Mapping[str, Any] | None, line: str) -> dict[str, Any]:
    """`resources` with what the line says, and without what it does not; other resources and claims stay."""
    wanted = parsed(line)
    result = {key: dict(value) if isinstance(value, Mapping) else value for key, value in (resources or {}).items()}
    for name, (kind, resource) in NAMES.items():
        held = result.setdefault(kind, {})
        held.pop(resource, None)
        if name in wanted:
            held[resource] = wanted[name]
    return {key: value for key, value in result.items() if value != {}}
