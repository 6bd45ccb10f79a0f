"""Who else looks after a deployment's fields, told by marks on the object, by who wrote it, and by autoscalers that point at it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from integrations.memory.state import Autoscaler, Deployment
from skills.core.ports.workloads import Owner


@dataclass(frozen=True)
class _Mark:
    key: str
    system: str
    reverts: bool


_MARKS = (
    _Mark("argocd.argoproj.io/tracking-id", "Argo CD", reverts=True),
    _Mark("argocd.argoproj.io/instance", "Argo CD", reverts=True),
    _Mark("kustomize.toolkit.fluxcd.io/name", "Flux", reverts=True),
    _Mark("helm.toolkit.fluxcd.io/name", "Flux", reverts=True),
    _Mark("meta.helm.sh/release-name", "Helm", reverts=False),
)
_WRITERS = {
    "argocd-controller": ("Argo CD", True),
    "argocd-application-controller": ("Argo CD", True),
    "kustomize-controller": ("Flux", True),
    "helm-controller": ("Flux", True),
    "helm": ("Helm", False),
}


def owners_of(deployment: Deployment, autoscalers: Iterable[Autoscaler]) -> tuple[Owner, ...]:
    """Owners of the template and of the replicas, one a system and field."""
    source = next(_sources(deployment), None)
    found: list[Owner] = []
    if source:
        fields = ("template", "replicas") if "replicas" in deployment.spec else ("template",)
        system, name, reverts = source
        found += [Owner(field=field, system=system, name=name, reverts=reverts) for field in fields]
    found += [
        Owner(field="replicas", system="HorizontalPodAutoscaler", name=autoscaler.name, reverts=True)
        for autoscaler in autoscalers
        if (autoscaler.namespace, autoscaler.target) == (deployment.namespace, deployment.name)
    ]
    return tuple(found)


def _sources(deployment: Deployment) -> Iterator[tuple[str, str, bool]]:
    """(system, name, reverts) of everything that applies this object, those that would revert a change first."""
    metadata = deployment.manifest["metadata"]
    marks: Mapping[str, str] = {**metadata.get("labels", {}), **metadata.get("annotations", {})}
    for mark in _MARKS:
        if mark.key in marks:
            yield mark.system, marks[mark.key].partition(":")[0], mark.reverts
    if deployment.written_by in _WRITERS:
        system, reverts = _WRITERS[deployment.written_by]
        yield system, deployment.written_by, reverts
    if marks.get("app.kubernetes.io/managed-by") == "Helm":
        yield "Helm", deployment.name, False
