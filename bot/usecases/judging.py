"""Putting a plan before policy: which services, which environments, how risky, who."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog, Service
from skills.core.cost_delta import CostDelta
from skills.core.glass import Glass
from skills.core.names import Subject
from skills.core.plan import Plan
from skills.core.policy import Policy, Request, unmet
from skills.core.proposal import Choice, Origin
from skills.core.skill import Kind, Params
from skills.core.verdict import Outcome, Requirement, Verdict


def services_of(plan: Plan, catalog: Catalog) -> tuple[Service, ...]:
    """The catalog entries of the services that a plan touches."""
    return tuple(service for service in catalog.services if service.name in plan.services)


async def judge_plan(
    policy: Policy,
    catalog: Catalog,
    actor: Actor,
    plan: Plan,
    now: datetime,
    *,
    edge: str,
    cost: CostDelta | None = None,
    glass: Glass | None = None,
    room: str = "",
) -> Verdict:
    """May this actor have this plan run, and who has to agree? `edge` and `room` are where it was asked."""
    return await policy.judge(plan_request(catalog, actor, plan, now, edge=edge, cost=cost, glass=glass, room=room))


def plan_request(
    catalog: Catalog,
    actor: Actor,
    plan: Plan,
    now: datetime,
    *,
    edge: str,
    cost: CostDelta | None = None,
    glass: Glass | None = None,
    room: str = "",
    told: Mapping[str, Json] | None = None,
) -> Request:
    """A plan as policy is asked about it."""
    return Request(
        actor=actor,
        skill=plan.skill,
        kind=Kind.CHANGE,
        now=now,
        services=services_of(plan, catalog),
        environments=plan.environments,
        risk=plan.risk,
        plan=plan,
        edge=edge,
        cost=cost,
        glass=glass,
        room=room,
        told=told,
    )


def room_of(origin: Origin) -> str:
    """The channel in which it was asked, by its id; "" where that is no channel."""
    return origin.place.get("channel", "")


def breaking(plan: Request) -> Request:
    """The same, as policy is asked whether this actor may break glass for it."""
    return replace(plan, skill=Choice.BREAK_GLASS.value, kind=Kind.DECISION)


async def judge_use(
    policy: Policy,
    actor: Actor,
    skill: str,
    kind: Kind,
    now: datetime,
    *,
    environment: str | None = None,
    services: tuple[Service, ...] = (),
    edge: str = "",
) -> Verdict:
    """May this actor ask this question, write this record or take this decision, about this environment and these services?"""
    environments = (environment,) if environment else ()
    request = Request(
        actor=actor, skill=skill, kind=kind, now=now, services=services, environments=environments, edge=edge
    )
    return await policy.judge(request)


def environments_of(params: Params, catalog: Catalog) -> Sequence[str | None]:
    """The environments that a request without a plan is about: the one it names, or all; None alone for a skill that knows none."""
    if "environment" not in type(params).model_fields:
        return [None]
    named = getattr(params, "environment", None)
    if named:
        return [catalog.environment(named).name]
    return [each.name for each in catalog.environments] or [None]


def service_of(params: Params, catalog: Catalog) -> tuple[Service, ...]:
    """The service that a request without a plan is about, if it names one."""
    named = getattr(params, "service", None)
    return (catalog.service(named),) if named else ()


def still_unmet(
    verdict: Verdict,
    plan: Plan,
    catalog: Catalog,
    approvers: Iterable[Subject],
    requester: Subject,
    *,
    stepped_up: Collection[Subject] = (),
) -> tuple[Requirement, ...]:
    """What is still missing, by the people as they are known now: those who left, or lost the role, no longer count."""
    if verdict.outcome is Outcome.ALLOW:
        return ()
    people = [catalog.by_subject(subject) for subject in approvers if subject != requester]
    actors = [person.actor for person in people if person]
    return unmet(verdict.requirements, actors, services_of(plan, catalog), stepped_up=stepped_up)
