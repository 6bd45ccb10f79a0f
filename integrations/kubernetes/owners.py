"""Who else looks after the fields that we would change, and whether they would put them back.

Three kinds of evidence: the API server's own record of who wrote which field (`managedFields`), the marks that GitOps controllers and
Helm leave on what they install, and autoscalers that point at the Deployment. People (kubectl, dashboards) are no owners.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from integrations.kubernetes.api import Object
from skills.core.ports.workloads import Owner

ARGO, FLUX, HELM, AUTOSCALER = "Argo CD", "Flux", "Helm", "HorizontalPodAutoscaler"
_BY_MANAGER: Mapping[str, str] = {
    "argocd-controller": ARGO,
    "argocd-application-controller": ARGO,
    "argocd-server": ARGO,
    "argocd": ARGO,
    "kustomize-controller": FLUX,
    "helm-controller": FLUX,
    "flux": FLUX,
    "fluxcd": FLUX,
    "helm": HELM,
    "Helm": HELM,
}
_MARKS: tuple[tuple[str, str], ...] = (
    ("argocd.argoproj.io/tracking-id", ARGO),
    ("argocd.argoproj.io/instance", ARGO),
    ("kustomize.toolkit.fluxcd.io/name", FLUX),
    ("helm.toolkit.fluxcd.io/name", FLUX),
)
_FIELDS = ("template", "replicas")
_ONLY_ADVICE = "Off"


def owners(deployment: Object, autoscalers: Iterable[Object] = ()) -> tuple[Owner, ...]:
    """The owners of the pod template and of the replicas, those who would revert a change first."""
    found: dict[tuple[str, str], Owner] = {}
    evidence = (*_by_autoscaler(deployment, autoscalers), *_by_mark(deployment), *_by_record(deployment))
    for owner in evidence:
        found.setdefault((owner.field, owner.system), owner)
    return tuple(sorted(found.values(), key=lambda o: (_FIELDS[::-1].index(o.field), not o.reverts, o.system, o.name)))


def _by_autoscaler(deployment: Object, autoscalers: Iterable[Object]) -> Iterator[Owner]:
    for autoscaler in autoscalers:
        target = autoscaler.get("spec", {}).get("scaleTargetRef", {})
        group = str(target.get("apiVersion", "apps/v1")).partition("/")[0]
        if (group, target.get("kind"), target.get("name")) == ("apps", "Deployment", deployment["metadata"]["name"]):
            yield _owner("replicas", AUTOSCALER, autoscaler["metadata"]["name"])


def setter_of_requests(deployment: Object, autoscalers: Iterable[Object]) -> str | None:
    """The name of the VerticalPodAutoscaler that decides what pods of this Deployment request; one that only recommends decides nothing.

    https://github.com/kubernetes/autoscaler/blob/master/vertical-pod-autoscaler/docs/api.md
    """
    for autoscaler in autoscalers:
        spec = autoscaler.get("spec") or {}
        target, mode = spec.get("targetRef") or {}, (spec.get("updatePolicy") or {}).get("updateMode")
        is_ours = (target.get("kind"), target.get("name")) == ("Deployment", deployment["metadata"]["name"])
        if is_ours and mode != _ONLY_ADVICE:
            return str(autoscaler["metadata"]["name"])
    return None


def _by_mark(deployment: Object) -> Iterator[Owner]:
    metadata = deployment["metadata"]
    marks = {**(metadata.get("annotations") or {}), **(metadata.get("labels") or {})}
    for mark, system in _MARKS:
        if mark in marks:
            yield from _everything_of(deployment, system, marks[mark].partition(":")[0] or system)
    release = marks.get("meta.helm.sh/release-name", "")
    if release or marks.get("app.kubernetes.io/managed-by") == "Helm":
        name = release or marks.get("app.kubernetes.io/instance") or metadata["name"]
        yield from _everything_of(deployment, HELM, name)


def _everything_of(deployment: Object, system: str, name: str) -> Iterator[Owner]:
    """A marked object is theirs, except for replicas that they demonstrably leave to others: they wrote fields, but not that one."""
    yield _owner("template", system, name)
    written = [fields for owner, _, fields in _records(deployment) if owner == system]
    if not written or any(_has_replicas(fields) for fields in written):
        yield _owner("replicas", system, name)


def _by_record(deployment: Object) -> Iterator[Owner]:
    for system, manager, fields in _records(deployment):
        if _has_image(fields):
            yield _owner("template", system, manager)
        if _has_replicas(fields):
            yield _owner("replicas", system, manager)


def _records(deployment: Object) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    """(system, manager, fields) of every entry of `managedFields` that a known system wrote."""
    for entry in deployment["metadata"].get("managedFields") or ():
        manager = str(entry.get("manager", ""))
        if manager in _BY_MANAGER and entry.get("subresource") != "status":
            yield _BY_MANAGER[manager], manager, entry.get("fieldsV1") or {}


def _has_replicas(fields: Mapping[str, Any]) -> bool:
    return "f:replicas" in (fields.get("f:spec") or {})


def _has_image(fields: Mapping[str, Any]) -> bool:
    template = (fields.get("f:spec") or {}).get("f:template")
    if template is None:
        return False
    containers = ((template.get("f:spec") or {}).get("f:containers") or {}) if template else None
    if containers is None:  # the template as a whole
        return True
    return any("f:image" in (container or {}) for container in containers.values())


def _owner(field: str, system: str, name: str) -> Owner:
    return Owner(field=field, system=system, name=name, reverts=system != HELM)
