"""What the cluster said lately."""

import asyncio
from collections import defaultdict
from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.snapshots import Snapshots
from skills.core.report import Finding, Part, Report, Table
from skills.core.skill import Query
from skills.diagnosis.kinds import age
from skills.diagnosis.objects import Ref
from skills.diagnosis.scene import Event
from skills.diagnosis.surveying import Survey, Wanted, survey
from skills.diagnosis.symptom import quoted

_MOST = 30


class Params(skill.Params):
    """Everything that was said where nothing narrows it down."""

    service: skill.Service | None = Field(default=None, description="Only about this service")
    environment: skill.Environment | None = Field(default=None, description="Only in this environment")
    namespace: skill.Namespace | None = Field(default=None, description="In this namespace of the cluster")
    object: skill.ObjectName | None = Field(default=None, description="Only about the pod or other object of this name")
    since: skill.Duration | None = Field(default=None, description="Only what was said within this time, such as 15m")
    warnings: skill.Flag = Field(default=False, description="Only warnings")


class Events(Query[Params]):
    """List what the cluster said about a service, an object or a namespace, the latest first."""

    name = "events"
    aliases = ("event",)
    examples = ("events checkout in production", "events in staging --since 15m", "events checkout --warnings")
    phrases = (
        "events|event", "event log|logs|stream", "what … events|event", "kubernetes|k8s|cluster events|warnings", "warnings in|for|of|about", "what did … cluster|kubernetes|kubelet|scheduler say|report",
        "show|list|get|give|display|find|retrieve|fetch|see|check … events|warnings|event", "show|list|get|give|display|find|retrieve|fetch|see|describe … events|warnings happening|of|from|for|in|about|related|across",
        "is|are|were there … events|event|warnings", "events|warnings of|in|for|from|about", "any … warnings|events",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, snapshots: Snapshots) -> None:
        self._catalog = catalog
        self._snapshots = snapshots

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        service = self._catalog.service(params.service) if params.service else None
        wanted = Wanted(kinds=("Event",), service=service, object=params.object or "", namespace=params.namespace or "")
        where = self._where(params)
        found = await asyncio.gather(*(survey(self._snapshots, each, wanted) for each in where), return_exceptions=True)
        absent = [seen for seen in found if isinstance(seen, UnknownName)]
        if absent and len(absent) == len(found):
            raise absent[0]
        parts: list[Part] = []
        count = 0
        for environment, seen in zip(where, found, strict=True):
            if isinstance(seen, Unavailable | UnknownName) and len(where) > 1:
                parts += (
                    []
                    if isinstance(seen, UnknownName)
                    else [Finding(text=f"{environment.name}: {seen}", severity="warning")]
                )
            elif isinstance(seen, BaseException):
                raise seen
            else:
                lines = _lines(seen, params)
                count += len(lines)
                parts += _told(environment, lines, seen, alone=len(where) == 1)
        what = params.object or (service.name if service else params.namespace or params.environment or "everything")
        return Report(title=f"Events of {what}", summary=_summary(count, params), parts=tuple(parts))

    def _where(self, params: Params) -> Sequence[Environment]:
        return [self._catalog.environment(params.environment)] if params.environment else self._catalog.environments


def _lines(seen: Survey, params: Params) -> list[Event]:
    """The events that were asked for, the same thing said of several pods of a workload once, latest first."""
    scene, oldest = seen.scene, params.since or timedelta.max
    same: dict[tuple[Ref, str, str], list[Event]] = defaultdict(list)
    for event in scene.said():
        asked = (
            seen.concerns(event.about) and scene.age(event.last) <= oldest and (event.warning or not params.warnings)
        )
        if asked:
            about = scene.get(event.about.kind, event.about.namespace, event.about.name)
            whose = scene.workload_ref(about) if about is not None else event.about
            same[whose, event.reason, _skeleton(event.message, event.about.name)].append(event)
    merged = [_one(events) for events in same.values()]
    return sorted(merged, key=lambda event: (scene.age(event.last), event.about, event.reason))


def _one(events: Sequence[Event]) -> Event:
    latest = max(events, key=lambda event: (event.last is not None, event.last))
    firsts = [event.first for event in events if event.first]
    return Event(
        about=latest.about, reason=latest.reason, message=latest.message, warning=latest.warning,
        count=sum(event.count for event in events), first=min(firsts, default=None), last=latest.last,
    )  # fmt: skip


def _skeleton(message: str, name: str) -> str:
    """The message without what differs between the pods of a workload."""
    return "".join("#" if c.isdigit() else c for c in message.replace(name, "…"))[:120]


def _told(environment: Environment, lines: Sequence[Event], seen: Survey, *, alone: bool) -> list[Part]:
    rows = tuple(
        (
            f"{age(seen.scene.age(event.last))} ago",
            "warning" if event.warning else "",
            f"{event.about.kind} {event.about.name}",
            f"{quoted(event.reason)}{f' ×{event.count}' if event.count > 1 else ''}",
            quoted(event.message),
        )
        for event in lines[:_MOST]
    )
    columns = ("last", "", "about", "reason", "message")
    parts: list[Part] = [Table(title="" if alone else environment.name, columns=columns, rows=rows)] if rows else []
    if len(lines) > _MOST:
        parts.append(Finding(text=f"{len(lines) - _MOST} more; narrow it down with a service, --since or --warnings."))
    return [*parts, *(Finding(text=each.why, severity="warning") for each in seen.scene.snapshot.unseen)]


def _summary(count: int, params: Params) -> str:
    what = "warning" if params.warnings else "event"
    if not count:
        return (
            f"No {what}s: the cluster has said nothing, or has forgotten it (it keeps events for an hour, as a rule)."
        )
    return f"{count} {what}{'s' if count != 1 else ''}, the latest first."
