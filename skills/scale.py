"""Change how many replicas of a service run."""

from pydantic import Field

from skills.core import skill
from skills.core.catalog import Service
from skills.core.errors import BadInput, NothingToDo
from skills.core.plan import Plan, Risk
from skills.core.ports.workloads import ReplicasEdit
from skills.core.workload_change import WorkloadChange, refuse_owned, risk_of, step_of


class OutOfBounds(BadInput):
    """That many replicas are not allowed for this service."""


class Params(skill.Params):
    """What to scale, where, to how many."""

    service: skill.Service = Field(description="The service to scale")
    environment: skill.Environment = Field(description="The environment to scale it in")
    replicas: skill.Replicas | skill.RelativeReplicas = Field(
        description="How many replicas to run: 6, or against the present count as x2, /2, +2, -1 or +50%"
    )


class Scale(WorkloadChange[Params]):
    """Scale a service to a number of replicas."""

    name = "scale"
    aliases = ("resize",)
    examples = ("scale web to 6 in production", "scale search to 2 in staging")
    phrases = (
        "upscale", "downscale", "double", "triple", "halve", "shrink", "grow", "spin up {replicas}",
        "increase|reduce|raise|lower|decrease|change … replicas|replica|pods|instances|count",
        "increase|reduce|raise|lower|decrease|grow|shrink|cut|put|bump|bring|set|take|push|drop|get|make|change|move|go {replicas}",
        "give|add|run|remove|have|get {replicas} replicas|replica|pods|pod|instances|instance|copies|more",
        "give|add|run|remove|have|get … {replicas} replicas|replica|pods|pod|instances|instance|copies|more",
    )  # fmt: skip

    async def plan(self, params: Params) -> Plan:
        service, environment = self._catalog.service(params.service), self._catalog.environment(params.environment)
        if isinstance(params.replicas, int):
            _check_bounds(service, params.replicas)
        service, environment, workload = await self._find(params.service, params.environment)
        notes = refuse_owned(workload, "replicas", service=service.name)
        wanted = _counted(params.replicas, workload.replicas)
        _check_bounds(service, wanted)
        if workload.replicas == wanted:
            raise NothingToDo(f"{service.name} already has {_replicas(wanted)} in {environment.name}.")
        edit = ReplicasEdit(before=workload.replicas, after=wanted)
        before, after = _replicas(edit.before), _replicas(edit.after)
        step = step_of(workload, edit, action="set replicas", service=service, before=before, after=after)
        back = step_of(
            workload, edit.inverse(), action="set replicas back", service=service, before=after, after=before
        )
        dependents = self._catalog.dependents(service.name)
        down = edit.after < edit.before
        why = "it takes capacity away" if down else "it adds capacity"
        base = Risk.MEDIUM if edit.after * 2 <= edit.before or edit.after >= edit.before * 3 else Risk.LOW
        risk = risk_of(environment, dependents if down else (), base=base, why=why)
        return await self._planned(
            step,
            back,
            params={"service": service.name, "environment": environment.name, "replicas": wanted},
            summary=f"Scale {service.name} in {environment.name} from {edit.before} to {_replicas(edit.after)}",
            risk=risk,
            notes=notes,
        )


def _counted(wanted: int | str, present: int) -> int:
    """`wanted` as a number: what is approved says how many, whatever was asked. Parts of a replica are rounded up."""
    if isinstance(wanted, int):
        return wanted
    sign, amount = wanted[0], int(wanted[1:].rstrip("%"))
    if sign == "x":
        return present * amount
    if sign == "/":
        return -(-present // amount)
    by = -(-present * amount // 100) if wanted.endswith("%") else amount
    return present + by if sign == "+" else present - by


def _check_bounds(service: Service, replicas: int) -> None:
    low, high = service.min_replicas, service.max_replicas
    if low <= replicas <= high:
        return
    why = ": that would take it down" if replicas == 0 else ""
    raise OutOfBounds(
        f"{service.name} cannot be scaled to {_replicas(replicas)}{why}.",
        hint=f"Between {low} and {high} are allowed; the bounds stand in its catalog entry.",
    )


def _replicas(count: int) -> str:
    return f"{count} replica{'s' if count != 1 else ''}"
