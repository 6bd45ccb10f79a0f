"""What deploy, rollback, restart, scale and rightsize have in common: one guarded edit of one workload, read back, watched to its end."""

from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import replace
from typing import TypeAlias, TypeVar

from skills.core.canonical import Json
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import NotAllowed, UnknownName
from skills.core.names import Digest, ServiceName, SkillName
from skills.core.plan import Plan, Risk, Step, Target
from skills.core.ports.workloads import (
    Edit,
    Edits,
    ImageEdit,
    Place,
    ReplicasEdit,
    ResourcesEdit,
    RestartEdit,
    Rollouts,
    TemplateEdit,
    Workload,
    Workloads,
    edit_from_json,
)
from skills.core.skill import Change, Params, Progress, Seen

P = TypeVar("P", bound=Params)

Rated: TypeAlias = tuple[Risk, tuple[str, ...]]
"""A risk and the reasons for it."""


class WorkloadChange(Change[P]):
    """A change whose every step is one `Edit`. Subclasses write `plan`."""

    checked = True

    def __init__(self, catalog: Catalog, workloads: Workloads, edits: Edits, rollouts: Rollouts) -> None:
        self._catalog = catalog
        self._workloads = workloads
        self._edits = edits
        self._rollouts = rollouts

    async def apply(self, step: Step, *, digest: Digest) -> str:
        edit = edit_from_json(step.edit)
        await self._edits.apply(place_of(step.target), edit, uid=step.target.uid, digest=digest)
        return f"{step.action}: {step.before} → {step.after}"

    async def observe(self, step: Step) -> Seen:
        try:
            workload = await self._workloads.get(place_of(step.target))
        except UnknownName:
            return Seen.OTHER
        if workload.uid != step.target.uid:
            return Seen.OTHER
        edit = edit_from_json(step.edit)
        present = _present(edit, workload)
        if present == edit.after:
            return Seen.AFTER
        return Seen.BEFORE if present == edit.before else Seen.OTHER

    async def follow(self, step: Step) -> AsyncIterator[Progress]:
        async for seen in self._rollouts.follow(place_of(step.target), uid=step.target.uid):
            yield Progress(
                text=seen.text, done=seen.done, wanted=seen.wanted, updated=seen.updated, ready=seen.ready, log=seen.log
            )

    async def _find(self, service_word: str, environment_word: str) -> tuple[Service, Environment, Workload]:
        """The service, the environment, and the workload there. Raises `UnknownName` or `Unavailable`."""
        service, environment = self._catalog.service(service_word), self._catalog.environment(environment_word)
        workload = await self._workloads.get(place(service, environment))
        return service, environment, workload

    async def _planned(
        self, step: Step, back: Step, *, params: Mapping[str, Json], summary: str, risk: Rated, notes: Sequence[str]
    ) -> Plan:
        """The plan of one step, with the real diff of its edit, and of the step that takes it back if it fails."""
        diff = await self._edits.preview(place_of(step.target), edit_from_json(step.edit), uid=step.target.uid)
        level, reasons = risk
        return Plan(
            skill=SkillName(self.name),
            params=params,
            summary=summary,
            steps=(replace(step, diff=tuple(diff)),),
            risk=level,
            risk_reasons=reasons,
            blast_radius=self._catalog.dependents(ServiceName(step.target.service)),
            on_failure=(back,),
            notes=tuple(notes),
        )


def place(service: Service, environment: Environment) -> Place:
    """Where a service's workload lives in an environment: in the environment's namespace, unless it has one of its own."""
    namespace = service.namespace or environment.namespace
    return Place(environment=environment.name, namespace=namespace, name=service.workload_name)


def step_of(workload: Workload, edit: Edit, *, action: str, service: Service, before: str, after: str) -> Step:
    """A step without a diff, as it stands for a compensating one, whose starting point does not exist yet."""
    target = Target(
        service=service.name,
        environment=workload.place.environment,
        kind="Deployment",
        namespace=workload.place.namespace,
        name=workload.place.name,
        uid=workload.uid,
    )
    return Step(action=action, target=target, before=before, after=after, edit=edit.to_json())


def place_of(target: Target) -> Place:
    return Place(environment=target.environment, namespace=target.namespace, name=target.name)


def refuse_owned(workload: Workload, field: str, *, service: str) -> tuple[str, ...]:
    """Notes about those who look after `field`. Raises `NotAllowed`, naming the owner, if one of them would undo our change."""
    owners = [owner for owner in workload.owners if owner.field == field]
    for owner in owners:
        if owner.reverts:
            what = "replicas" if field == "replicas" else "pod template"
            raise NotAllowed(
                f"The {what} of {service} in {workload.place.environment} belongs to {owner.system} ({owner.name}), which would undo this change.",
                hint=_instead(owner.system),
            )
    return tuple(
        f"{owner.system} ({owner.name}) also manages this field; its next upgrade may set it back." for owner in owners
    )


def refuse_paused(workload: Workload, *, service: str) -> None:
    """Raises `NotAllowed` for a paused workload: an edit would sit there and nothing would roll out."""
    if workload.paused:
        raise NotAllowed(
            f"{service} in {workload.place.environment} is paused, so that nothing would roll out.",
            hint=f"Resume it first: kubectl rollout resume deployment/{workload.place.name} -n {workload.place.namespace}.",
        )


def risk_of(environment: Environment, dependents: tuple[str, ...], *, base: Risk, why: str) -> Rated:
    """Risk with its reasons: at least `base`; medium in a protected environment; high there when others depend on the service."""
    reasons = [why]
    risk = base
    if environment.protected:
        reasons.append(f"{environment.name} is protected")
        risk = Risk.MEDIUM if risk is Risk.LOW else risk
        if dependents:
            reasons.append(
                f"{len(dependents)} other service{'s' if len(dependents) != 1 else ''} depend{'' if len(dependents) != 1 else 's'} on it"
            )
            risk = Risk.HIGH if base is not Risk.LOW else risk
    return risk, tuple(reasons)


def _present(edit: Edit, workload: Workload) -> str | int | None:
    """What the workload now holds where `edit` would write."""
    match edit:
        case ImageEdit():
            container = workload.container(edit.container)
            return container.image if container else None
        case ReplicasEdit():
            return workload.replicas
        case ResourcesEdit():
            container = workload.container(edit.container)
            return container.resources if container else None
        case RestartEdit():
            return workload.restart
        case TemplateEdit():
            return workload.template


def _instead(system: str) -> str:
    if system == "HorizontalPodAutoscaler":
        return "Change the autoscaler's bounds instead."
    return f"Make the change in the source that {system} applies."
