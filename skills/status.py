"""What runs where."""

import asyncio
from collections.abc import Sequence

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Unavailable, UnknownName
from skills.core.images import version_of
from skills.core.lock import Lock, Scope
from skills.core.ports.ledger import Ledger
from skills.core.ports.locks import Locks
from skills.core.ports.workloads import Place, Workload, Workloads
from skills.core.proposal import EffectState, Proposal
from skills.core.proposal import Status as ProposalStatus
from skills.core.report import Command, Finding, Part, Report, Table
from skills.core.skill import Query
from skills.core.workload_change import place


class Params(skill.Params):
    """Nothing for everything; a service, an environment or both to narrow it down."""

    service: skill.Service | None = Field(default=None, description="Only this service")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")


class Status(Query[Params]):
    """Show what runs where, since when, and who changed it."""

    name = "status"
    aliases = ("st",)
    examples = ("status", "status checkout", "status checkout in production")
    phrases = (
        "state", "health", "status|state|health of|for", "what is … status|state|health of|for", "status|health condition|conditions|information|report|check|summary", "current status|state|health|version|release|image|tag", "running|deployed version|release|image", "healthy", "how healthy", "overview", "situation", "replica count", "list … services|workloads|everything",
        "what|which … running|run|version|release|image|build|tag|situation|deal", "whose version", "what|which service|workload|pod",
        "what is|are|services … deployed|there|where|up|live", "where is|are|does|do … running|deployed|live|run", "where deployed|running",
        "how is|are|does … doing|going|looking|look|holding", "how is|are", "how many replica|pod|instance|copies", "how many … ready|up|healthy|available",
        "any|anything|something|all … broken|wrong|down|ok|okay|fine|up|good|red|failing|green|unhealthy|fire|degraded",
        "everything ok|okay|fine|alright|up|good|green|healthy", "any problem|issue|trouble",
        "is|are … up|down|ok|okay|fine|alright|healthy|green|live|running|broken|ready|done|finished|stable|alive|working|deployed|unhealthy|fire",
        "is|are … degraded|going|stuck|progressing|good|affected", "is|are {release} … in|on|live", "is|are … rolled out", "is|are … back|responding|reachable|alright", "check on", "look at", "verify|check|confirm|ensure … healthy|ready|running|up|available|working", "replica|replicas|pod|pods ready",
        "did|has … go|gone through", "give|get … details", "has|have|did … finished|finish|gone|work|worked|through|succeed|complete|land|landed", "does|do … run|work", "show|tell … what|how … runs|run|running|is",
        "{service} ok|okay|fine|up|down|healthy|alright|good", "{environment} ok|okay|fine|up|down|healthy|alright|good", "what is up with",
        "show|check|get|list|describe|inspect {service}", "show|check|get|list|describe|inspect {environment}", "tell … about {service}",
        "show|list|get all|every|everything … services|workloads",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, workloads: Workloads, ledger: Ledger, locks: Locks) -> None:
        self._catalog = catalog
        self._workloads = workloads
        self._ledger = ledger
        self._locks = locks

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        services = [self._catalog.service(params.service)] if params.service else list(self._catalog.services)
        named = [self._catalog.environment(params.environment)] if params.environment else None
        environments = named or list(self._catalog.environments)
        found = await asyncio.gather(*(self._look(environment, services) for environment in environments))
        rows: list[tuple[str, ...]] = []
        parts: list[Part] = []
        for environment, (workloads, problem) in zip(environments, found, strict=True):
            if problem:
                parts.append(Finding(text=problem, severity="warning"))
            for service, workload in workloads:
                last = await self._ledger.changes(service=service.name, environment=environment.name, limit=10)
                rows.append(_row(service, environment, workload, last))
                if workload.trouble:
                    parts.append(
                        Finding(text=f"{service.name} in {environment.name}: {workload.trouble}", severity="error")
                    )
        if not rows and params.service and not parts:
            where = f" in {environments[0].name}" if named else " anywhere"
            raise UnknownName("workload", services[0].workload_name, hint=f"{services[0].name} does not run{where}.")
        columns = ("service", "environment", "runs", "replicas", "state", "since", "changed by")
        table = Table(columns=columns, rows=tuple(sorted(rows)))
        parts += [Finding(text=f"{lock.sentence}.") for lock in await self._locks_on(params)]
        waiting = [p for p in await self._ledger.open() if p.status is ProposalStatus.PENDING]
        if waiting:
            parts.append(Command(text="pending", does=f"show {len(waiting)} waiting for approval"))
        return Report(title=_title(params), summary=_summary(rows), parts=(table, *parts))

    async def _locks_on(self, params: Params) -> list[Lock]:
        """Those that hold for what is shown."""
        about = Scope(service=params.service or "", environment=params.environment or "")
        return [each for each in await self._locks.held() if each.scope.meets(about)]

    async def _look(
        self, environment: Environment, services: Sequence[Service]
    ) -> tuple[list[tuple[Service, Workload]], str]:
        """The workloads of these services in one environment; or the sentence that says why it cannot be seen."""
        try:
            seen = {workload.place: workload for workload in await self._workloads.list(environment.name)}
            for service in services:
                if service.namespace:
                    seen |= await self._elsewhere(place(service, environment))
        except Unavailable as problem:
            return [], f"{environment.name}: {problem}"
        places = ((service, place(service, environment)) for service in services)
        return [(service, seen[where]) for service, where in places if where in seen], ""

    async def _elsewhere(self, where: Place) -> dict[Place, Workload]:
        """The workload of a service with a namespace of its own, if it is there."""
        try:
            return {where: await self._workloads.get(where)}
        except UnknownName:
            return {}


def _row(service: Service, environment: Environment, workload: Workload, past: Sequence[Proposal]) -> tuple[str, ...]:
    versions = ", ".join(version_of(container.image) for container in workload.containers)
    since = f"{workload.changed_at:%Y-%m-%d %H:%M} UTC" if workload.changed_at else "unknown"
    return (
        service.name,
        environment.name,
        versions,
        f"{workload.ready} of {workload.replicas}",
        _state(workload),
        since,
        _changed_by(past),
    )


def _state(workload: Workload) -> str:
    if workload.trouble:
        return "in trouble"
    if workload.paused:
        return "paused"
    return "healthy" if workload.settled else "rolling out"


def _changed_by(past: Sequence[Proposal]) -> str:
    """Who made it what it is: the last proposal that took effect, or the way back of one that failed."""
    for proposal in past:
        if proposal.status in (ProposalStatus.SUCCEEDED, ProposalStatus.RUNNING):
            return f"{proposal.requester_name} (#{proposal.id})"
        if any(effect.compensating and effect.state is EffectState.VERIFIED for effect in proposal.effects):
            return f"the way back of #{proposal.id}"
    return "somebody else"


def _title(params: Params) -> str:
    what = params.service or "everything"
    return f"Status of {what} in {params.environment}" if params.environment else f"Status of {what}"


def _summary(rows: Sequence[tuple[str, ...]]) -> str:
    troubled = [f"{row[0]} in {row[1]}" for row in rows if row[4] == "in trouble"]
    moving = [f"{row[0]} in {row[1]}" for row in rows if row[4] == "rolling out"]
    if troubled:
        return f"In trouble: {', '.join(troubled)}."
    if moving:
        return f"Rolling out: {', '.join(moving)}."
    if len(rows) == 1:
        service, environment, versions, replicas, state, *_ = rows[0]
        return f"{service} runs {versions} in {environment}: {state}, {replicas} replicas ready."
    return f"All {len(rows)} workloads are healthy." if rows else "Nothing runs here."
