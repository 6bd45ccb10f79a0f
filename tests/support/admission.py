"""The admission policy that we ship, asked as an API server would ask it: its CEL expressions, evaluated over requests and objects."""

import copy
from pathlib import Path
from typing import Any

import cel
import yaml

Object = dict[str, Any]
FILE = Path(__file__).parents[2] / "config" / "kubernetes" / "admission-policy.yaml"
ACCOUNT = "system:serviceaccount:countersign:countersign"


class Admission:
    """`judge` gives the messages of the validations that say no, and `annotations` what goes into the audit log.

    Like the server with `failurePolicy: Fail`, it takes an expression that cannot be evaluated for a no. A variable is evaluated when
    an expression needs it; one that cannot be is only then a mistake.
    """

    def __init__(self) -> None:
        self.policy, self.binding = yaml.safe_load_all(FILE.read_text())
        self._spec = self.policy["spec"]

    def matches(self, request: Object) -> bool:
        return all(cel.evaluate(each["expression"], {"request": request}) for each in self._spec["matchConditions"])

    def judge(self, request: Object, new: Object | None, old: Object | None) -> list[str]:
        """Nothing where the policy does not match or does not object."""
        if not self.matches(request):
            return []
        context = self._context(request, new, old)
        return [each["message"] for each in self._spec["validations"] if not _holds(each["expression"], context)]

    def annotations(self, request: Object) -> dict[str, str]:
        context = self._context(request, None, None)
        return {
            f"{self.policy['metadata']['name']}/{each['key']}": cel.evaluate(each["valueExpression"], context)
            for each in self._spec["auditAnnotations"]
        }

    def _context(self, request: Object, new: Object | None, old: Object | None) -> Object:
        context: Object = {"request": request, "object": new, "oldObject": old, "variables": {}}
        for each in self._spec["variables"]:
            try:
                context["variables"][each["name"]] = cel.evaluate(each["expression"], context)
            except (RuntimeError, ValueError, TypeError):
                continue
        return context


def _holds(expression: str, context: Object) -> bool:
    try:
        return cel.evaluate(expression, context) is True
    except (RuntimeError, ValueError, TypeError):
        return False


def request(
    *, manager: str = "", operation: str = "UPDATE", group: str = "apps", resource: str = "deployments", subresource: str = "",
    user: str = ACCOUNT, dry_run: bool = False,
) -> Object:  # fmt: skip
    """An admission request as CEL sees it; what is empty is left out, as the server does."""
    return {
        "operation": operation,
        "resource": {"group": group, "version": "v1", "resource": resource},
        **({"subResource": subresource} if subresource else {}),
        "userInfo": {"username": user},
        "dryRun": dry_run,
        "options": {"kind": "UpdateOptions", **({"fieldManager": manager} if manager else {})},
    }


def edited(deployment: Object, path: str, value: Any) -> Object:
    """A copy with the field at this path (“spec/replicas”) set, or removed if the value is None. Numbers are positions in lists, “~” is a slash."""
    after = copy.deepcopy(deployment)
    place: Any = after
    *way, last = (part.replace("~", "/") for part in path.split("/"))
    for part in way:
        place = place[int(part)] if part.isdigit() else place.setdefault(part, {})
    if value is None:
        del place[last]
    else:
        place[last] = value
    return after
