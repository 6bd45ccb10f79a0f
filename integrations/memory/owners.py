"""Who else looks after a deployment's fields, told by autoscalers that point at it, by marks on it, and by who wrote it."""

from collections.abc import Iterable, Iterator, Mapping

from integrations.memory.state import Autoscaler, Deployment, VerticalAutoscaler
from skills.core.ports.workloads import Owner

_ARGO, _FLUX, _HELM, _AUTOSCALER = "Argo CD", "Flux", "Helm", "HorizontalPodAutoscaler"
_WRITERS: Mapping[str, str] = {
    "argocd-controller": _ARGO,
    "argocd-application-controller": _ARGO,
    "argocd-server": _ARGO,
    "argocd": _ARGO,
    "kustomize-controller": _FLUX,
    "helm-controller": _FLUX,
    "flux": _FLUX,
    "fluxcd": _FLUX,
    "helm": _HELM,
    "Helm": _HELM,
}
_MARKS: Mapping[str, str] = {
    "argocd.argoproj.io/tracking-id": _ARGO,
    "argocd.argoproj.io/instance": _ARGO,
    "kustomize.toolkit.fluxcd.io/name": _FLUX,
    "helm.toolkit.fluxcd.io/name": _FLUX,
}


def owners_of(deployment: Deployment, autoscalers: Iterable[Autoscaler]) -> tuple[Owner, ...]:
    """The owners of the replicas and of the pod template, one a system and field, those who would revert a change first."""
    found: dict[tuple[str, str], Owner] = {}
    for autoscaler in autoscalers:
        if (autoscaler.namespace, autoscaler.target) == (deployment.namespace, deployment.name):
            found["replicas", _AUTOSCALER] = _owner("replicas", _AUTOSCALER, autoscaler.name)
    for system, name in _sources(deployment):
        for field in _fields_of(deployment, system):
            found.setdefault((field, system), _owner(field, system, name))
    return tuple(sorted(found.values(), key=lambda owner: (owner.field, not owner.reverts, owner.system, owner.name)))


def setter_of_requests(deployment: Deployment, autoscalers: Iterable[VerticalAutoscaler]) -> str | None:
    """The name of the vertical autoscaler that decides what its pods request, if there is one."""
    where = (deployment.namespace, deployment.name)
    return next((each.name for each in autoscalers if each.decides and (each.namespace, each.target) == where), None)


def _sources(deployment: Deployment) -> Iterator[tuple[str, str]]:
    """(system, name) of everything that applies this object; a mark gives a better name than the writer's."""
    metadata = deployment.manifest["metadata"]
    marks: Mapping[str, str] = {**metadata.get("annotations", {}), **metadata.get("labels", {})}
    for mark, system in _MARKS.items():
        if mark in marks:
            yield system, marks[mark].partition(":")[0] or system
    release = marks.get("meta.helm.sh/release-name", "")
    if release or marks.get("app.kubernetes.io/managed-by") == _HELM:
        yield _HELM, release or marks.get("app.kubernetes.io/instance") or deployment.name
    if deployment.written_by in _WRITERS:
        yield _WRITERS[deployment.written_by], deployment.written_by


def _fields_of(deployment: Deployment, system: str) -> tuple[str, ...]:
    """Everything, except for replicas where that system wrote the object and left them to others."""
    leaves_replicas = _WRITERS.get(deployment.written_by) == system and not deployment.wrote_replicas
    return ("template",) if leaves_replicas else ("template", "replicas")


def _owner(field: str, system: str, name: str) -> Owner:
    return Owner(field=field, system=system, name=name, reverts=system != _HELM)
