"""Manifests in: what a person would hand to `kubectl apply`, checked as far as the simulation relies on it."""

import copy
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.memory.edits import prune
from integrations.memory.state import (
    Autoscaler,
    Deployment,
    Manifest,
    Quota,
    TemplateRevision,
    VerticalAutoscaler,
    template_digest,
)
from skills.core.errors import BadInput


def deployment_of(
    manifest: Mapping[str, Any], *, namespace: str, uid: str, written_by: str, at: datetime
) -> Deployment:
    """A new deployment at revision 1, without pods. Raises `BadInput` for a manifest that lacks what every Deployment has."""
    kept = _checked(manifest, namespace)
    kept.pop("status", None)
    try:
        containers = kept["spec"]["template"]["spec"]["containers"]
        complete = bool(containers) and all(container["name"] and container["image"] for container in containers)
        prune(kept["spec"]["template"])
        fingerprint = template_digest(kept["spec"]["template"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise _unfit(kept) from error
    if not complete:
        raise _unfit(kept)
    wrote_replicas = "replicas" in kept["spec"]
    kept["spec"].setdefault("replicas", 1)
    first = TemplateRevision(
        number=1, digest=fingerprint, template=copy.deepcopy(kept["spec"]["template"]), created_at=at
    )
    return Deployment(
        uid=uid, manifest=kept, written_by=written_by, wrote_replicas=wrote_replicas, changed_at=at, revisions=[first]
    )


def autoscaler_of(manifest: Mapping[str, Any], *, namespace: str) -> Autoscaler:
    """Raises `BadInput` for one that names no target."""
    kept = _checked(manifest, namespace)
    try:
        target = kept["spec"]["scaleTargetRef"]["name"]
    except (KeyError, TypeError) as error:
        raise _unfit(kept) from error
    return Autoscaler(name=kept["metadata"]["name"], namespace=kept["metadata"]["namespace"], target=target)


def vertical_autoscaler_of(manifest: Mapping[str, Any], *, namespace: str) -> VerticalAutoscaler:
    """Raises `BadInput` for one that names no target."""
    kept = _checked(manifest, namespace)
    try:
        target = kept["spec"]["targetRef"]["name"]
        decides = (kept["spec"].get("updatePolicy") or {}).get("updateMode") != "Off"
    except (AttributeError, KeyError, TypeError) as error:
        raise _unfit(kept) from error
    metadata = kept["metadata"]
    return VerticalAutoscaler(name=metadata["name"], namespace=metadata["namespace"], target=target, decides=decides)


def quota_of(manifest: Mapping[str, Any], *, namespace: str) -> Quota:
    """Raises `BadInput` for one that does not limit pods, which is all that a quota can do here."""
    kept = _checked(manifest, namespace)
    try:
        hard = kept["spec"]["hard"]
        pods = int(hard["pods"] if "pods" in hard else hard["count/pods"])
    except (KeyError, TypeError, ValueError) as error:
        raise _unfit(kept) from error
    return Quota(name=kept["metadata"]["name"], namespace=kept["metadata"]["namespace"], pods=pods)


def _checked(manifest: Mapping[str, Any], namespace: str) -> Manifest:
    """A copy of its own, with the namespace filled in."""
    kept = copy.deepcopy(dict(manifest))
    metadata = kept.get("metadata")
    if not isinstance(metadata, dict) or not metadata.get("name"):
        raise BadInput(f"The manifest of a {kept.get('kind', 'thing without kind')} has no metadata.name.")
    metadata.setdefault("namespace", namespace)
    return kept


def _unfit(manifest: Manifest) -> BadInput:
    return BadInput(
        f"The manifest of {manifest.get('kind')} {manifest['metadata']['name']} is not one that a cluster would take."
    )
