"""Edits as JSON patches that hold only if the object is still what was looked at.

A patch states what it saw (`test`) before what it does. The server checks and writes in one transaction, so of two writers who saw the
same thing exactly one succeeds. Server-side apply is not used: it would have to be forced on every field that somebody else ever wrote.
"""

from collections.abc import Iterable
from typing import Any

from integrations.kubernetes.api import Object
from integrations.kubernetes.reading import RESTART_MARK, owned, pod_template, template_digest, wanted_replicas
from skills.core.errors import Conflict
from skills.core.names import Digest
from skills.core.ports.workloads import Edit, ImageEdit, Place, ReplicasEdit, ResourcesEdit, RestartEdit, TemplateEdit
from skills.core.resources import put, spelled

Operations = list[dict[str, Any]]
FIELD_MANAGER = "countersign"
_TEMPLATE = "/spec/template"
_ANNOTATIONS = f"{_TEMPLATE}/metadata/annotations"
_MARK = f"{_ANNOTATIONS}/{RESTART_MARK.replace('~', '~0').replace('/', '~1')}"


def operations(
    place: Place, edit: Edit, *, uid: str, deployment: Object, replica_sets: Iterable[Object] = ()
) -> Operations:
    """The patch that makes `edit` of `deployment` as read. Raises `Conflict` if it already does not hold.

    `replica_sets` are needed for a `TemplateEdit` only: the template to restore is found among them.
    """
    if deployment["metadata"]["uid"] != uid:
        raise _conflict(place, "was deleted and created again")
    match edit:
        case ImageEdit():
            steps = _image(place, edit, deployment)
        case ReplicasEdit():
            steps = _replicas(place, edit, deployment)
        case ResourcesEdit():
            steps = _resources(place, edit, deployment)
        case RestartEdit():
            steps = _restart(place, edit, deployment)
        case TemplateEdit():
            steps = _template(place, edit, deployment, replica_sets)
    return [_test("/metadata/uid", uid), *steps]


def manager(edit: Edit, digest: Digest | None) -> str:
    """In whose name the server is asked: what kind of edit, and by which plan. It stands in the server's audit log, and
    `config/kubernetes/admission-policy.yaml` holds an edit to its kind. A dry run is of no plan yet.
    """
    return "-".join((FIELD_MANAGER, str(edit.to_json()["op"]), *([digest] if digest else [])))


def _image(place: Place, edit: ImageEdit, deployment: Object) -> Operations:
    index, container = _container(place, edit.container, deployment)
    present = container.get("image")
    if present != edit.before:
        raise _conflict(place, f"now runs {present} in container {edit.container}, not {edit.before}")
    path = f"{_TEMPLATE}/spec/containers/{index}"
    return [
        _test(f"{path}/name", edit.container),
        _test(f"{path}/image", edit.before),
        {"op": "replace", "path": f"{path}/image", "value": edit.after},
    ]


def _resources(place: Place, edit: ResourcesEdit, deployment: Object) -> Operations:
    index, container = _container(place, edit.container, deployment)
    present = spelled(container.get("resources"))
    if present != edit.before:
        raise _conflict(place, f"now requests {present or 'nothing'} in container {edit.container}")
    path = f"{_TEMPLATE}/spec/containers/{index}"
    # Where nothing is said, there may be no field to test; that the whole container is as read says the same.
    guard = _test(f"{path}/resources", container["resources"]) if "resources" in container else _test(path, container)
    wanted = put(container.get("resources"), edit.after)
    return [_test(f"{path}/name", edit.container), guard, {"op": "add", "path": f"{path}/resources", "value": wanted}]


def _container(place: Place, name: str, deployment: Object) -> tuple[int, Object]:
    """Which one it is, and the container. Raises `Conflict` where there is none."""
    containers = deployment["spec"]["template"]["spec"]["containers"]
    index = next((i for i, container in enumerate(containers) if container["name"] == name), None)
    if index is None:
        raise _conflict(place, f"has no container called {name} any more")
    return index, containers[index]


def _replicas(place: Place, edit: ReplicasEdit, deployment: Object) -> Operations:
    present = wanted_replicas(deployment)
    if present != edit.before:
        raise _conflict(place, f"now wants {present} replicas, not {edit.before}")
    path = "/spec/replicas"
    return [_test(path, edit.before), {"op": "replace", "path": path, "value": edit.after}]


def _restart(place: Place, edit: RestartEdit, deployment: Object) -> Operations:
    metadata = deployment["spec"]["template"].get("metadata") or {}
    annotations = metadata.get("annotations") or {}
    if annotations.get(RESTART_MARK) != edit.before:
        raise _conflict(place, "was restarted meanwhile")
    if edit.before is not None:
        last = (
            {"op": "remove", "path": _MARK}
            if edit.after is None
            else {"op": "replace", "path": _MARK, "value": edit.after}
        )
        return [_test(_MARK, edit.before), last]
    # A patch cannot test that a key is absent in a way that every server reads alike; that the whole map is as read says the same.
    guard = _test(_ANNOTATIONS, annotations) if annotations else _test(f"{_TEMPLATE}/metadata", metadata)
    marks = {**annotations} if edit.after is None else {**annotations, RESTART_MARK: edit.after}
    return [guard, {"op": "add", "path": _ANNOTATIONS, "value": marks}]


def _template(place: Place, edit: TemplateEdit, deployment: Object, replica_sets: Iterable[Object]) -> Operations:
    if template_digest(pod_template(deployment)) != edit.before:
        raise _conflict(place, "has another pod template than the one that was looked at")
    earlier = (pod_template(replica_set) for replica_set in owned(deployment, replica_sets))
    wanted = next((template for template in earlier if template_digest(template) == edit.after), None)
    if wanted is None:
        raise _conflict(place, "no longer keeps the revision that was to be restored")
    return [
        _test(_TEMPLATE, deployment["spec"]["template"]),
        {"op": "replace", "path": _TEMPLATE, "value": wanted},
    ]


def _test(path: str, value: Any) -> dict[str, Any]:
    return {"op": "test", "path": path, "value": value}


def _conflict(place: Place, what: str) -> Conflict:
    return Conflict(
        f"{place.name} in {place.environment} {what}; nothing was done.", hint="Ask again to see it as it is now."
    )
