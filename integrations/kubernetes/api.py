"""Every call on workloads that the adapter makes, and no other: with `kinds`, this is what `config/kubernetes/role.yaml` grants."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any
from urllib.parse import quote

from integrations.kubernetes.connection import Call, Connection

Object = dict[str, Any]
Since = Mapping[str, str]
"""The parameter that says from when on a log is wanted, `sinceTime` or `sinceSeconds`; none for all of it."""

GROUPS: Mapping[str, str] = {
    "deployments": "apps",
    "replicasets": "apps",
    "pods": "",
    "pods/log": "",
    "horizontalpodautoscalers": "autoscaling",
    "verticalpodautoscalers": "autoscaling.k8s.io",
}
PERMISSIONS: Mapping[str, tuple[str, ...]] = {
    "deployments": ("get", "list", "watch", "patch"),
    "replicasets": ("list", "watch"),
    "pods": ("list", "watch"),
    "pods/log": ("get",),
    "horizontalpodautoscalers": ("list",),
    "verticalpodautoscalers": ("list",),
}
_ROOTS: Mapping[str, str] = {
    "apps": "/apis/apps/v1", "autoscaling": "/apis/autoscaling/v2", "autoscaling.k8s.io": "/apis/autoscaling.k8s.io/v1", "": "/api/v1",
}  # fmt: skip
_PAGE = 500
_LOG_LINES, _LOG_BYTES = 20, 16 * 1024


class Api:
    """The calls on one namespace, returning raw objects. All raise `Refused` and `Unreachable`."""

    def __init__(self, connection: Connection, namespace: str) -> None:
        self._connection = connection
        self.namespace = namespace

    async def deployment(self, name: str) -> Object:
        return await self._connection.json(Call(method="GET", path=self._path("deployments", name)))

    async def everything(self, resource: str, *, labels: str = "") -> list[Object]:
        """All objects of a kind (with these labels), however many pages that takes."""
        found, _ = await self.snapshot(resource, labels=labels)
        return found

    async def snapshot(self, resource: str, *, labels: str = "", fields: str = "") -> tuple[list[Object], str]:
        """The same, with the resource version from which a watch continues."""
        found: list[Object] = []
        page = ""
        while True:
            query = _query(labelSelector=labels, fieldSelector=fields, limit=str(_PAGE), **{"continue": page})
            body = await self._connection.json(Call(method="GET", path=self._path(resource), query=query))
            found += body.get("items") or []
            page = body.get("metadata", {}).get("continue", "")
            if not page:
                return found, str(body.get("metadata", {}).get("resourceVersion", ""))

    def watch(
        self, resource: str, *, version: str, labels: str = "", fields: str = ""
    ) -> AbstractAsyncContextManager[AsyncIterator[Object]]:
        """Events since `version`, until the server ends the stream."""
        query = _query(
            labelSelector=labels, fieldSelector=fields, watch="true", allowWatchBookmarks="true",
            resourceVersion=version, timeoutSeconds=str(int(self._connection.limits.watch) or 1),
        )  # fmt: skip
        return self._connection.lines(Call(method="GET", path=self._path(resource), query=query))

    async def patch(self, name: str, operations: Sequence[Object], *, manager: str, dry_run: bool) -> Object:
        """The Deployment after a JSON patch in this manager's name, or as it would be after it."""
        query = _query(fieldManager=manager, fieldValidation="Strict", dryRun="All" if dry_run else "")
        call = Call(
            method="PATCH", path=self._path("deployments", name), query=query, body=list(operations),
            content_type="application/json-patch+json", repeatable=dry_run,
        )  # fmt: skip
        return await self._connection.json(call)

    async def log(self, pod: str, container: str, *, previous: bool) -> str:
        """The last lines of a container, or of the one that ran before it."""
        query = _query(
            container=container, tailLines=str(_LOG_LINES), limitBytes=str(_LOG_BYTES),
            previous="true" if previous else "",
        )  # fmt: skip
        return await self._connection.text(
            Call(method="GET", path=self._path("pods", f"{pod}/log"), query=query), limit=_LOG_BYTES
        )

    async def lines(self, pod: str, container: str, *, previous: bool, since: Since, tail: int, limit: int) -> bytes:
        """The last `tail` lines of a container, each led by its time, and of those the first `limit` bytes."""
        query = _query(
            container=container, previous="true" if previous else "", timestamps="true", **since,
            tailLines=str(tail), limitBytes=str(limit),
        )  # fmt: skip
        return await self._connection.raw(
            Call(method="GET", path=self._path("pods", f"{pod}/log"), query=query), limit=limit
        )

    async def version(self) -> str:
        body = await self._connection.json(Call(method="GET", path="/version"))
        return str(body.get("gitVersion", "of unknown version"))

    async def may(self, verb: str, resource: str, group: str, *, namespaced: bool = True) -> bool:
        """Do our credentials grant this here? Asked of the server itself, which needs no right of its own."""
        plain, _, subresource = resource.partition("/")
        attributes = {"verb": verb, "group": group, "resource": plain}
        if namespaced:
            attributes["namespace"] = self.namespace
        if subresource:
            attributes["subresource"] = subresource
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes},
        }
        path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
        answer = await self._connection.json(Call(method="POST", path=path, body=review))
        return bool(answer.get("status", {}).get("allowed"))

    def _path(self, resource: str, name: str = "") -> str:
        root = _ROOTS[GROUPS[resource]]
        tail = "".join(f"/{quote(part, safe='')}" for part in name.split("/")) if name else ""
        return f"{root}/namespaces/{quote(self.namespace, safe='')}/{resource}{tail}"


def _query(**parameters: str) -> tuple[tuple[str, str], ...]:
    return tuple((name, value) for name, value in parameters.items() if value)
