"""What objects there are, and what one of them looks like."""

import asyncio
from collections.abc import Callable, Mapping, Sequence

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.snapshots import Snapshots
from skills.core.report import Finding, Part, Report, Table
from skills.core.skill import Query
from skills.diagnosis.columns import images, labels, limits
from skills.diagnosis.describing import fields
from skills.diagnosis.kinds import LISTED, USUAL, age, kind_named, state
from skills.diagnosis.objects import Object
from skills.diagnosis.surveying import Survey, Wanted, survey
from skills.diagnosis.symptom import quoted

_MOST, _MOST_FIELDS, _MOST_EVENTS = 60, 80, 8
_BESIDE: Mapping[str, Callable[[Object], str]] = {"labels": labels, "images": images, "limits": limits}
"""Columns that are shown where they are asked for, by parameter."""


class Params(skill.Params):
    """The usual kinds of everything where nothing narrows it down; one object by its name is described."""

    kind: skill.ObjectKind | None = Field(default=None, description="Which kind of object, such as pod or ingress")
    service: skill.Service | None = Field(default=None, description="Only what belongs to this service")
    environment: skill.Environment | None = Field(default=None, description="Only in this environment")
    namespace: skill.Namespace | None = Field(default=None, description="In this namespace of the cluster")
    object: skill.ObjectName | None = Field(default=None, description="The one object to describe, by its name")
    cluster: skill.Flag = Field(default=False, description="In all namespaces of the cluster")
    labels: skill.Flag = Field(default=False, description="With the labels of each")
    images: skill.Flag = Field(default=False, description="With the images that each runs")
    limits: skill.Flag = Field(default=False, description="With the limits of each")


class Resources(Query[Params]):
    """List the Kubernetes objects of a service or a namespace, or describe one of them, secrets hidden."""

    name = "resources"
    aliases = ("objects", "describe", "kubectl")
    examples = (
        "resources checkout in production",
        "resources pod in staging",
        "describe deployment/checkout in production",
    )
    phrases = (
        "resources|objects", "kubernetes|k8s resources|objects", "show|list|get … resources|objects", "describe|inspect|view … {kind}", "describe … {object}",
        "list|show|get|display|retrieve|fetch|find|count|give|see|print|return|name|provide|identify|collect {kind}",
        "list|show|get|display|retrieve|fetch|find|count|give|see|print|return|name|provide|identify|collect … all|every {kind}",
        "which|what {kind}", "which|what pods|nodes|deployments|jobs|statefulsets|daemonsets … on|use|uses|have|has|lack|running|run|exist|there {kind}", "how many {kind}",
        "how many … exist|there", "are there {kind}", "is|are there any|some {kind}", "do|does we|you|i have {kind}", "its|their|all|any {kind}",
        "list|enumerate|summarize|summarise {namespace}", "list|show|get|display|retrieve|fetch|find|provide|identify … all|every|any|everything {namespace}",
        "list|show|get|retrieve|find … services|deployments|workloads {namespace}", "list|show|get|find all … services {kind}",
        "get|show|describe|inspect|find|retrieve|display … named|called", "list|show|display|provide … all|every",
        "retrieve|get|fetch|collect|show … information|info from|of|about|on", "retrieve|get|fetch|collect … all|available information|info",
        "list|show|get|display … all|every|available … clusters|contexts|releases", "which|what clusters|contexts|namespaces", "list|show|get … helm|contexts|kubeconfig",
        "helm releases|release|charts|chart", "topology", "mesh|service|traffic map|topology", "traffic graph|graphs {namespace}",
        "yaml|manifest|manifests|spec|definition|configuration|values of|for", "show|get|view|see|print|give|retrieve … yaml|manifest|definition|spec|configuration|values",
        "label|labels|annotation|annotations of|on", "what|which … label|labels|annotation|annotations", "show|list|get|see|give … label|labels|annotations",
        "which|what image|images … {kind}", "image|images of|in|for {kind}", "list|show|get … image|images", "limit|limits|quota|quotas of|for|on",
        "what|which|show|list … limit|limits|quota|quotas {kind}", "cpu|memory|resource limit|limits|request|requests|quota", "ip|address|ports of|exposed",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, snapshots: Snapshots) -> None:
        self._catalog = catalog
        self._snapshots = snapshots

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        kinds = (_kind(params.kind),) if params.kind else USUAL
        service = self._catalog.service(params.service) if params.service else None
        extra = ("Event",) if params.object else ()
        wanted = Wanted(
            kinds=(*kinds, *extra), service=service, object=params.object or "", namespace=params.namespace or "",
            everywhere=_everywhere(params),
        )  # fmt: skip
        where = self._where(params)
        found = await asyncio.gather(*(survey(self._snapshots, each, wanted) for each in where), return_exceptions=True)
        seen = [each for each in found if isinstance(each, Survey)]
        problems = [each for each in found if isinstance(each, BaseException)]
        for problem in problems:
            if not seen or not isinstance(problem, Unavailable | UnknownName):
                raise problem
        parts: list[Part] = []
        for each in seen:
            parts += _described(each) if params.object else _listed(each, kinds, params, alone=len(where) == 1)
        parts += [Finding(text=str(each), severity="warning") for each in problems if isinstance(each, Unavailable)]
        what = params.object or (service.name if service else params.namespace or params.environment or "everything")
        return Report(title=f"Objects of {what}", summary=_summary(seen, kinds), parts=tuple(parts))

    def _where(self, params: Params) -> Sequence[Environment]:
        return [self._catalog.environment(params.environment)] if params.environment else self._catalog.environments


def _everywhere(params: Params) -> bool:
    """“Checkout in the production cluster” is all about checkout."""
    return params.cluster and not (params.service or params.namespace)


def _kind(word: str) -> str:
    kind = kind_named(word)
    if kind is None:
        raise UnknownName("kind", word, hint=f"I can show: {', '.join(each.lower() for each in LISTED)}.")
    return kind


def _objects(seen: Survey, kinds: Sequence[str]) -> list[Object]:
    return [each for kind in kinds for each in seen.scene.all(kind) if seen.concerns(each.ref)]


def _listed(seen: Survey, kinds: Sequence[str], params: Params, *, alone: bool) -> list[Part]:
    objects = _objects(seen, kinds)
    beside = [name for name in _BESIDE if getattr(params, name)]
    spread = _everywhere(params) and any(each.namespace for each in objects)
    columns = (*(("namespace",) if spread else ()), "kind", "name", "state", "age", *beside)
    rows = tuple(_row(each, seen, beside, everywhere=spread) for each in objects[:_MOST])
    title = "" if alone else seen.environment.name
    parts: list[Part] = [Table(title=title, columns=columns, rows=rows)] if rows else []
    if len(objects) > _MOST:
        parts.append(Finding(text=f"{len(objects) - _MOST} more; narrow it down with a service or a kind."))
    return [*parts, *(Finding(text=each.why, severity="warning") for each in seen.scene.snapshot.unseen)]


def _row(each: Object, seen: Survey, beside: Sequence[str], *, everywhere: bool) -> tuple[str, ...]:
    old = age(seen.scene.age(each.created_at)) if each.created_at else ""
    usual = (each.kind, each.name, quoted(state(each)), old)
    asked = (quoted(_BESIDE[name](each)) for name in beside)
    return (*((each.namespace,) if everywhere else ()), *usual, *asked)


def _described(seen: Survey) -> list[Part]:
    """Each object of that name: its fields, its conditions, and what was said about it."""
    parts: list[Part] = []
    for ref in sorted(seen.concerned or ()):
        each = seen.scene.get(ref.kind, ref.namespace, ref.name)
        if each is None:
            continue
        lines = tuple(fields(each))
        parts.append(Table(title=str(ref), columns=("field", "value"), rows=lines[:_MOST_FIELDS]))
        conditions = tuple(
            (kind, c.status, quoted(f"{c.reason} {c.message}".strip()), age(seen.scene.age(c.since)))
            for kind, c in each.conditions.items()
        )
        if conditions:
            parts.append(Table(title="Conditions", columns=("condition", "is", "because", "since"), rows=conditions))
        said = seen.scene.events(ref)[-_MOST_EVENTS:]
        rows = tuple((age(seen.scene.age(e.last)), quoted(e.reason), quoted(e.message)) for e in reversed(said))
        if rows:
            parts.append(Table(title="Events", columns=("ago", "reason", "message"), rows=rows))
        if len(lines) > _MOST_FIELDS:
            parts.append(Finding(text=f"{len(lines) - _MOST_FIELDS} more fields are not shown."))
    return parts


def _summary(seen: Sequence[Survey], kinds: Sequence[str]) -> str:
    counts = [
        f"{len(found)} {kind}{'s' if len(found) != 1 else ''}"
        for kind in kinds
        if (found := [o for s in seen for o in _objects(s, (kind,))])
    ]
    return f"{', '.join(counts)}." if counts else "There is nothing of that kind."
