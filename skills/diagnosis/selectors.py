"""Label selectors, as Kubernetes matches them.

Source: https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#label-selectors
"""

from collections.abc import Mapping, Sequence
from typing import Any


def matches(selector: Mapping[str, Any] | None, labels: Mapping[str, str]) -> bool:
    """Does a `LabelSelector` (matchLabels, matchExpressions) select these labels? An empty one selects everything, none nothing."""
    if selector is None:
        return False
    wanted = selector.get("matchLabels") or {}
    expressions = selector.get("matchExpressions") or ()
    return has_all(wanted, labels) and all(_holds(expression, labels) for expression in expressions)


def has_all(wanted: Mapping[str, str], labels: Mapping[str, str]) -> bool:
    """Are all of these pairs among the labels?"""
    return all(labels.get(key) == value for key, value in wanted.items())


def _holds(expression: Mapping[str, Any], labels: Mapping[str, str]) -> bool:
    key, operator = str(expression.get("key", "")), expression.get("operator")
    values: Sequence[str] = expression.get("values") or ()
    match operator:
        case "In":
            return labels.get(key) in values
        case "NotIn":
            return labels.get(key) not in values
        case "Exists":
            return key in labels
        case "DoesNotExist":
            return key not in labels
        case "Gt" | "Lt":
            return _compared(labels.get(key), operator, values)
    return False


def _compared(value: str | None, operator: str, values: Sequence[str]) -> bool:
    """`Gt` and `Lt` compare integers, and only node selectors know them."""
    try:
        have, bound = int(value or ""), int(values[0])
    except (ValueError, IndexError):
        return False
    return have > bound if operator == "Gt" else have < bound
