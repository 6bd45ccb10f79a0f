"""What an edit makes of a manifest, and whether its guards hold. Pure."""

import copy

from integrations.memory.state import RESTART_MARK, Deployment, Manifest
from skills.core.errors import Conflict, NotAllowed
from skills.core.ports.workloads import Edit, ImageEdit, Place, ReplicasEdit, RestartEdit, TemplateEdit

_LOOK_AGAIN = "Nothing was changed. Look again, and ask anew if it is still wanted."


def edited(deployment: Deployment, place: Place, edit: Edit, *, uid: str) -> Manifest:
    """The manifest after `edit`; the deployment is left alone.

    Raises `Conflict` if `uid` or what the edit starts from does not hold, `NotAllowed` for what an API server would not accept.
    """
    if deployment.uid != uid:
        raise Conflict(f"The deployment {place} was deleted and made anew since this was planned.", hint=_LOOK_AGAIN)
    manifest = copy.deepcopy(deployment.manifest)
    match edit:
        case ImageEdit():
            _set_image(manifest, place, edit)
        case ReplicasEdit():
            _set_replicas(manifest, place, edit, now=deployment.replicas)
        case RestartEdit():
            _set_restart_mark(manifest, place, edit)
        case TemplateEdit():
            _set_template(manifest, place, edit, deployment)
    return manifest


def restart_mark(template: Manifest) -> str | None:
    """Our restart mark on a pod template."""
    mark = template.get("metadata", {}).get("annotations", {}).get(RESTART_MARK)
    return None if mark is None else str(mark)


def _set_image(manifest: Manifest, place: Place, edit: ImageEdit) -> None:
    containers = manifest["spec"]["template"]["spec"]["containers"]
    container = next((container for container in containers if container["name"] == edit.container), None)
    if container is None:
        raise Conflict(f"The deployment {place} has no container {edit.container} any more.", hint=_LOOK_AGAIN)
    _hold(place, f"The image of container {edit.container}", container.get("image", ""), edit.before)
    if not edit.after.strip():
        raise NotAllowed(f"The cluster refuses the change to {place}: a container needs an image.")
    container["image"] = edit.after


def _set_replicas(manifest: Manifest, place: Place, edit: ReplicasEdit, *, now: int) -> None:
    _hold(place, "The number of replicas", now, edit.before)
    if edit.after < 0:
        raise NotAllowed(f"The cluster refuses the change to {place}: the number of replicas cannot be negative.")
    manifest["spec"]["replicas"] = edit.after


def _set_restart_mark(manifest: Manifest, place: Place, edit: RestartEdit) -> None:
    template = manifest["spec"]["template"]
    _hold(place, "The restart mark", restart_mark(template), edit.before)
    metadata = template.setdefault("metadata", {})
    annotations = metadata.setdefault("annotations", {})
    annotations.pop(RESTART_MARK, None)
    if edit.after is not None:
        annotations[RESTART_MARK] = edit.after
    prune(template)


def _set_template(manifest: Manifest, place: Place, edit: TemplateEdit, deployment: Deployment) -> None:
    _hold(place, "The pod template", deployment.current.digest, edit.before)
    wanted = next((revision for revision in deployment.revisions if revision.digest == edit.after), None)
    if wanted is None:
        raise Conflict(f"The revision to be restored of {place} is no longer kept.", hint=_LOOK_AGAIN)
    manifest["spec"]["template"] = copy.deepcopy(wanted.template)


def prune(template: Manifest) -> None:
    """Drop empty label and annotation maps, as the API does when it stores an object."""
    metadata = template.get("metadata", {})
    for field in [field for field, value in metadata.items() if value in ({}, None)]:
        del metadata[field]
    if "metadata" in template and not metadata:
        del template["metadata"]


def _hold(place: Place, what: str, now: str | int | None, before: str | int | None) -> None:
    if now != before:
        raise Conflict(f"{what} of {place} is {_said(now)}, not {_said(before)} as planned.", hint=_LOOK_AGAIN)


def _said(value: str | int | None) -> str:
    return "absent" if value is None else str(value)[:80]
