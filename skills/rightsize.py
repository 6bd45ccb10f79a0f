"""Change what a container of a service requests, and with it what is paid for it."""

from decimal import Decimal

from pydantic import Field

from skills.core import skill
from skills.core.catalog import Environment, Service
from skills.core.errors import Ambiguous, BadInput, NothingToDo, UnknownName
from skills.core.plan import Plan, Risk
from skills.core.ports.workloads import Container, ResourcesEdit, Workload
from skills.core.resources import canonical, joined, parsed, quantity
from skills.core.workload_change import Rated, WorkloadChange, refuse_owned, refuse_paused, risk_of, step_of

LEAST = {"cpu": Decimal("0.001"), "memory": Decimal(2**20)}
MOST = {"cpu": Decimal(256), "memory": Decimal(2**44)}
_HALF = Decimal("0.5")


class OutOfBounds(BadInput):
    """No container can have that much, or live on that little."""


class Params(skill.Params):
    """Of what, where, and how much."""

    service: skill.Service = Field(description="The service whose requests are to change")
    environment: skill.Environment = Field(description="The environment to change them in")
    cpu: skill.Cpu | None = Field(default=None, description="Cores that each replica requests: 250m, 0.5 or 2")
    memory: skill.Memory | None = Field(default=None, description="Memory that each replica requests: 512Mi or 1.5Gi")
    container: skill.Container | None = Field(default=None, description="The container, if there are several")


class Rightsize(WorkloadChange[Params]):
    """Change how much CPU and memory a service requests."""

    name = "rightsize"
    examples = (
        "rightsize checkout in production --cpu 250m --memory 512Mi",
        "rightsize search in staging --memory 1Gi",
    )
    phrases = (
        "right-size", "right size", "resize … memory|cpu|core|cores|requests|ram", "give|let|allow … memory|cpu|core|cores|ram",
        "set|change|reduce|lower|raise|increase|decrease|cut|drop|bump|put|shrink|grow|adjust|bring … memory|cpu|core|cores|requests|ram|mem",
        "request … memory|cpu|core|cores|ram",
    )  # fmt: skip

    async def plan(self, params: Params) -> Plan:
        wanted = _wanted(params)
        service, environment, workload = await self._find(params.service, params.environment)
        notes = refuse_owned(workload, "template", service=service.name)
        refuse_paused(workload, service=service.name)
        container = _container(service, workload, params.container)
        after = _after(container.resources, wanted)
        if after == container.resources:
            raise NothingToDo(f"{container.name} of {service.name} already has {after} in {environment.name}.")
        edit = ResourcesEdit(container=container.name, before=container.resources, after=after)
        said = (container.resources or "nothing said", after)
        step = step_of(workload, edit, action="set requests", service=service, before=said[0], after=said[1])
        back = step_of(
            workload, edit.inverse(), action="set requests back", service=service, before=said[1], after=said[0]
        )
        return await self._planned(
            step,
            back,
            params={
                "service": service.name, "environment": environment.name, "cpu": wanted.get("cpu"), "memory": wanted.get("memory"),
                "container": params.container,
            },
            summary=f"Change what {service.name} requests in {environment.name} to {_spoken(wanted)} a replica",
            risk=_risk(environment, self._catalog.dependents(service.name), container.resources, after),
            notes=(*notes, *_autoscaled(workload)),
        )  # fmt: skip


def _wanted(params: Params) -> dict[str, str]:
    """What was asked for, as the API server will spell it. Raises `BadInput`."""
    wanted = {name: canonical(given) for name, given in (("cpu", params.cpu), ("memory", params.memory)) if given}
    if not wanted:
        raise BadInput("How much?", hint="Say --cpu 250m, --memory 512Mi, or both.")
    for name, text in wanted.items():
        amount = quantity(text)
        if amount is None or not LEAST[name] <= amount <= MOST[name]:
            unit = "from 1m to 256 cores" if name == "cpu" else "from 1Mi to 16Ti"
            raise OutOfBounds(f"{text} is out of bounds for {name}.", hint=f"A container may request {unit}.")
    return wanted


def _container(service: Service, workload: Workload, chosen: str | None) -> Container:
    """The container named, the only one, or the service's own."""
    names = [container.name for container in workload.containers]
    for name in filter(None, (chosen, service.container)):
        found = workload.container(name)
        if found is None:
            raise UnknownName("container", name, names)
        return found
    if len(names) == 1:
        return workload.containers[0]
    namesake = workload.container(service.name)
    if namesake is None:
        raise Ambiguous(f"{service.name} has {len(names)} containers.", slot="container", candidates=names)
    return namesake


def _after(before: str, wanted: dict[str, str]) -> str:
    """The line after the change. A limit stays where it is, unless it was the request itself or would be below it: then it goes along."""
    line = parsed(before)
    for name, text in wanted.items():
        limit = line.get(f"{name}-limit")
        if limit and (limit == line.get(name) or (quantity(limit) or 0) < (quantity(text) or 0)):
            line[f"{name}-limit"] = text
        line[name] = text
    return joined(line)


def _risk(environment: Environment, dependents: tuple[str, ...], before: str, after: str) -> Rated:
    """Less memory than half may be too little, and pods that have too little are killed."""
    level, reasons = risk_of(environment, dependents, base=Risk.MEDIUM, why="it replaces every pod")
    was, is_ = (quantity(parsed(line).get("memory", "0")) or Decimal() for line in (before, after))
    if was and is_ < was * _HALF:
        return Risk.HIGH, (*reasons, "it takes away more than half of the memory")
    return level, reasons


def _autoscaled(workload: Workload) -> tuple[str, ...]:
    """An autoscaler that goes by shares of what is requested answers to other requests with another number of replicas."""
    scalers = [owner for owner in workload.owners if owner.system == "HorizontalPodAutoscaler"]
    return tuple(
        f"The autoscaler {owner.name} may go by shares of what is requested, and would then run another number of replicas."
        for owner in scalers
    )


def _spoken(wanted: dict[str, str]) -> str:
    return " and ".join(f"{text} of {'CPU' if name == 'cpu' else name}" for name, text in wanted.items())
