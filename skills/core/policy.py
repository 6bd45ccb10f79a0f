"""Who may do what where, and who must countersign.

What the rules say is decided by Rego (`bot/policy`); what stands here is the question, the port, and what is never left to a rule: whose
approval counts, and that one subject is one vote.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Service
from skills.core.cost_delta import CostDelta
from skills.core.glass import Glass
from skills.core.money import Money
from skills.core.names import Subject
from skills.core.plan import Plan, Risk
from skills.core.skill import Kind
from skills.core.verdict import Requirement, Verdict

UNREACHABLE = "policy:unreachable"
"""The rule of a denial that is none: whoever decides could not be asked. It is worth asking again."""


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is judged. For a query or a decision there is no plan, no service and no environment, and `risk` is low. `now` is UTC.

    `edge` is where it was asked ("cli", "slack", ...; "" where that is not known). `cost` is what the plan changes about the bill; None
    where it touches nothing that is paid for. `glass` is what somebody broke for this plan.
    `room` is the channel where it was asked, by its id. `told` is what policies were told of the moment when it was first judged; without it,
    that is looked up.
    """

    actor: Actor
    skill: str
    kind: Kind
    now: datetime
    services: tuple[Service, ...] = ()
    environments: tuple[str, ...] = ()
    risk: Risk = Risk.LOW
    plan: Plan | None = None
    edge: str = ""
    cost: CostDelta | None = None
    glass: Glass | None = None
    room: str = ""
    told: Mapping[str, Json] | None = None


class Policy(Protocol):
    """The judge. Deterministic: the same request gets the same verdict, as long as the policies are the same."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the rules do."""

    async def judge(self, request: Request) -> Verdict:
        """May this be done, and who else has to agree? Raises nothing: what goes wrong is a denial that says so."""

    def may_use(self, actor: Actor, skill: str) -> bool:
        """Is there any place at all where this person may use this skill? For help; never a permission."""


@dataclass(frozen=True, kw_only=True)
class Who:
    """People, by role or team or as owners of the service. All empty means nobody."""

    roles: frozenset[str] = frozenset()
    teams: frozenset[str] = frozenset()
    owner: bool = False

    def includes(self, actor: Actor, services: Sequence[Service]) -> bool:
        if not actor.active or actor.guest:
            return False
        owns = self.owner and bool(services) and all(service.owner in actor.teams for service in services)
        return bool(self.roles & actor.roles or self.teams & actor.teams) or owns


@dataclass(frozen=True, kw_only=True)
class Approvers:
    """Whose approval a rule asks for: anybody in `who`, or an owner of each touched service; `outside_team`: nobody of the requester's
    teams; `step_up`: who proves with a code that it is them; `unbreakable`: also in
    an emergency.
    """

    who: Who = Who()
    each_owner: bool = False
    outside_team: bool = False
    step_up: bool = False
    unbreakable: bool = False


@dataclass(frozen=True, kw_only=True)
class Rule:
    """One sentence of policy, as written in YAML; Rego applies it. An empty tuple of skills or environments or risks matches any.

    With `monthly_cost_above` it is about plans that cost so much more a month, or of which nobody can tell.
    """

    name: str
    because: str
    who: Who
    skills: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    deny: bool = False
    approvals: int = 0
    approvers: Approvers = Approvers()
    monthly_cost_above: Money | None = None


def unmet(
    requirements: Sequence[Requirement],
    approvers: Sequence[Actor],
    services: Sequence[Service],
    *,
    stepped_up: Collection[Subject] = (),
) -> tuple[Requirement, ...]:
    """The requirements that these distinct approvers do not satisfy yet. One subject is one vote.

    `stepped_up` are those who proved with a code that it was them; nobody else counts where that is asked for.
    """
    distinct = {actor.subject: actor for actor in approvers}.values()
    return tuple(
        requirement
        for requirement in requirements
        if sum(
            eligible(requirement, actor, services) and (not requirement.step_up or actor.subject in stepped_up)
            for actor in distinct
        )
        < requirement.count
    )


def eligible(requirement: Requirement, actor: Actor, services: Sequence[Service]) -> bool:
    """May this person's approval count towards this requirement? (That they are not the requester is checked apart.)"""
    if not actor.active or actor.guest:
        return False
    if requirement.outside is not None and (not actor.teams or actor.teams & set(requirement.outside)):
        return False
    if requirement.owner_of:
        owned = [service for service in services if service.name == requirement.owner_of]
        return Who(owner=True).includes(actor, owned)
    if not (requirement.roles or requirement.teams or requirement.owner):
        return requirement.outside is not None
    who = Who(roles=frozenset(requirement.roles), teams=frozenset(requirement.teams), owner=requirement.owner)
    return who.includes(actor, services)
