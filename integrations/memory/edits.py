"""What an edit makes of a manifest, and whether its guards hold. Pure."""

import copy

from integrations.memory.state import RESTART_MARK, Deployment, Manifest
from skills.core.errors import Conflict, NotAllowed
from skills.core.ports.workloads import Edit, ImageEdit, Place, ReplicasEdit, ResourcesEdit, RestartEdit, TemplateEdit
from skills.core.resources import parsed, put, quantity, spelled


def edited(deployment: Deployment, place: Place, edit: Edit, *, uid: str) -> Manifest:
    """The manifest after `edit`; the deployment is left alone.

    Raises `Conflict` if `uid` or what the edit starts from does not hold, `NotAllowed` for what an API server would not accept.
    """
    if deployment.uid != uid:
        raise conflict(place, "was deleted and created again")
    manifest = copy.deepcopy(deployment.manifest)
    match edit:
        case ImageEdit():
            _set_image(manifest, place, edit)
        case ReplicasEdit():
            _set_replicas(manifest, place, edit, now=deployment.replicas)
        case ResourcesEdit():
            _set_resources(manifest, place, edit)
        case RestartEdit():
            _set_restart_mark(manifest, place, edit)
        case TemplateEdit():
            _set_template(manifest, place, edit, deployment)
    return manifest


def conflict(place: Place, what: str) -> Conflict:
    """What to raise when a workload is not as an edit says; `what` goes on from its name."""
    return Conflict(
        f"{place.name} in {place.environment} {what}; nothing was done.", hint="Ask again to see it as it is now."
    )


def restart_mark(template: Manifest) -> str | None:
    """Our restart mark on a pod template."""
    mark = template.get("metadata", {}).get("annotations", {}).get(RESTART_MARK)
    return None if mark is None else str(mark)


def _set_image(manifest: Manifest, place: Place, edit: ImageEdit) -> None:
    container = _container(manifest, place, edit.container)
    if (present := container.get("image", "")) != edit.before:
        raise conflict(place, f"now runs {present} in container {edit.container}, not {edit.before}")
    if not edit.after.strip():
        raise NotAllowed(f"The cluster refuses the change to {place}: a container needs an image.")
    container["image"] = edit.after


def _set_resources(manifest: Manifest, place: Place, edit: ResourcesEdit) -> None:
    container = _container(manifest, place, edit.container)
    if (present := spelled(container.get("resources"))) != edit.before:
        raise conflict(place, f"now requests {present or 'nothing'} in container {edit.container}")
    for name in ("cpu", "memory"):
        wanted = parsed(edit.after)
        request, limit = (quantity(wanted.get(key, "")) for key in (name, f"{name}-limit"))
        if request is not None and limit is not None and request > limit:
            raise NotAllowed(f"The cluster refuses the change to {place}: a request for {name} above its limit.")
    resources = put(container.get("resources"), edit.after)
    container.pop("resources", None)
    if resources:
        container["resources"] = resources


def _container(manifest: Manifest, place: Place, name: str) -> Manifest:
    """The container of this name. Raises `Conflict` where there is none."""
    containers: list[Manifest] = manifest["spec"]["template"]["spec"]["containers"]
    found = next((container for container in containers if container["name"] == name), None)
    if found is None:
        raise conflict(place, f"has no container called {name} any more")
    return found


def _set_replicas(manifest: Manifest, place: Place, edit: ReplicasEdit, *, now: int) -> None:
    if now != edit.before:
        raise conflict(place, f"now wants {now} replicas, not {edit.before}")
    if edit.after < 0:
        raise NotAllowed(f"The cluster refuses the change to {place}: the number of replicas cannot be negative.")
    manifest["spec"]["replicas"] = edit.after


def _set_restart_mark(manifest: Manifest, place: Place, edit: RestartEdit) -> None:
    template = manifest["spec"]["template"]
    if restart_mark(template) != edit.before:
        raise conflict(place, "was restarted meanwhile")
    metadata = template.setdefault("metadata", {})
    annotations = metadata.setdefault("annotations", {})
    annotations.pop(RESTART_MARK, None)
    if edit.after is not None:
        annotations[RESTART_MARK] = edit.after
    prune(template)


def _set_template(manifest: Manifest, place: Place, edit: TemplateEdit, deployment: Deployment) -> None:
    if deployment.current.digest != edit.before:
        raise conflict(place, "has another pod template than the one that was looked at")
    wanted = next((revision for revision in deployment.revisions if revision.digest == edit.after), None)
    if wanted is None:
        raise conflict(place, "no longer keeps the revision that was to be restored")
    manifest["spec"]["template"] = copy.deepcopy(wanted.template)


def prune(template: Manifest) -> None:
    """Drop empty label and annotation maps, as the API does when it stores an object."""
    metadata = template.get("metadata", {})
    for field in [field for field, value in metadata.items() if value in ({}, None)]:
        del metadata[field]
    if "metadata" in template and not metadata:
        del template["metadata"]
