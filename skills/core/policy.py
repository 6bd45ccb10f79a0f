"""Who may do what where, and who must countersign.

The simple form: an ordered set of rules, all of which that match apply together. No match is a no. One matching deny is a no. Otherwise
every requirement of every matching rule has to be met.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skills.core.actor import Actor
from skills.core.catalog import Service
from skills.core.plan import Risk
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Requirement, Verdict


@dataclass(frozen=True, kw_only=True)
class Request:
    """What is judged. For a query or a decision `services` and `environments` may be empty and `risk` is low. `now` is UTC."""

    actor: Actor
    skill: str
    kind: Kind
    now: datetime
    services: tuple[Service, ...] = ()
    environments: tuple[str, ...] = ()
    risk: Risk = Risk.LOW


class Policy(Protocol):
    """The judge. Pure: the same request gets the same verdict."""

    @property
    def fingerprint(self) -> str:
        """Changes whenever the rules do."""

    def judge(self, request: Request) -> Verdict:
        """May this be done, and who else has to agree?"""

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
class Rule:
    """One sentence of policy. An empty tuple of skills or environments or risks matches any."""

    name: str
    because: str
    who: Who
    skills: tuple[str, ...] = ()
    environments: tuple[str, ...] = ()
    services: tuple[str, ...] = ()
    risks: tuple[Risk, ...] = ()
    deny: bool = False
    approvals: int = 0
    approvers: Who = Who()

    def covers(self, request: Request) -> bool:
        """Does this rule speak of what is asked (whoever asks)?"""
        return (
            (not self.skills or request.skill in self.skills)
            and (
                not self.environments
                or (bool(request.environments) and set(request.environments) <= set(self.environments))
            )
            and (
                not self.services
                or (bool(request.services) and {s.name for s in request.services} <= set(self.services))
            )
            and (not self.risks or request.risk in self.risks)
        )


@dataclass(frozen=True, kw_only=True)
class Freeze:
    """A time in which changes are refused. Times are UTC; `except_skills` still pass (rollback, usually)."""

    name: str
    because: str
    start: datetime
    end: datetime
    environments: tuple[str, ...] = ()
    except_skills: tuple[str, ...] = ()

    def covers(self, request: Request) -> bool:
        return (
            self.start <= request.now < self.end
            and (not self.environments or bool(set(request.environments) & set(self.environments)))
            and request.skill not in self.except_skills
        )


@dataclass(frozen=True, kw_only=True)
class RulePolicy:
    """Policy by rules and freezes, as read from `config/policies/`."""

    rules: tuple[Rule, ...]
    freezes: tuple[Freeze, ...]
    fingerprint: str

    def judge(self, request: Request) -> Verdict:
        if not request.actor.active:
            return _deny(f"{request.actor.name}'s account is deactivated.", "people:active")
        if request.actor.guest:
            return _deny(f"{request.actor.name} is a guest; guests cannot ask for this.", "people:guest")
        if request.kind is Kind.CHANGE:
            for freeze in self.freezes:
                if freeze.covers(request):
                    return _deny(f"{freeze.because} No changes until {freeze.end:%Y-%m-%d %H:%M} UTC.", freeze.name)
        matching = [
            rule for rule in self.rules if rule.covers(request) and rule.who.includes(request.actor, request.services)
        ]
        denying = [rule for rule in matching if rule.deny]
        if denying:
            return Verdict(
                outcome=Outcome.DENY, reasons=tuple(r.because for r in denying), rules=tuple(r.name for r in denying)
            )
        if not matching:
            return _deny(self._nobody_allows(request), "default:deny")
        requirements = tuple(_requirement(rule) for rule in matching if rule.approvals)
        return Verdict(
            outcome=Outcome.NEEDS if requirements else Outcome.ALLOW,
            reasons=tuple(rule.because for rule in matching),
            rules=tuple(rule.name for rule in matching),
            requirements=requirements,
        )

    def may_use(self, actor: Actor, skill: str) -> bool:
        if not actor.active or actor.guest:
            return False
        return any(
            not rule.deny
            and (not rule.skills or skill in rule.skills)
            and (rule.who.owner or bool(rule.who.roles & actor.roles or rule.who.teams & actor.teams))
            for rule in self.rules
        )

    def _nobody_allows(self, request: Request) -> str:
        where = f" in {', '.join(request.environments)}" if request.environments else ""
        could = sorted(
            {role for rule in self.rules if rule.covers(request) and not rule.deny for role in rule.who.roles}
        )
        ask = f" These roles may: {', '.join(could)}." if could else ""
        return f"No policy lets {request.actor.name} use {request.skill}{where}.{ask}"


def unmet(
    requirements: Sequence[Requirement], approvers: Sequence[Actor], services: Sequence[Service]
) -> tuple[Requirement, ...]:
    """The requirements that these distinct approvers do not satisfy yet. One subject is one vote."""
    distinct = {actor.subject: actor for actor in approvers}.values()
    return tuple(
        requirement
        for requirement in requirements
        if sum(eligible(requirement, actor, services) for actor in distinct) < requirement.count
    )


def eligible(requirement: Requirement, actor: Actor, services: Sequence[Service]) -> bool:
    """May this person's approval count towards this requirement? (That they are not the requester is checked apart.)"""
    who = Who(roles=frozenset(requirement.roles), teams=frozenset(requirement.teams), owner=requirement.owner)
    return who.includes(actor, services)


def _requirement(rule: Rule) -> Requirement:
    return Requirement(
        count=rule.approvals,
        roles=tuple(sorted(rule.approvers.roles)),
        teams=tuple(sorted(rule.approvers.teams)),
        owner=rule.approvers.owner,
        rule=rule.name,
    )


def _deny(reason: str, rule: str) -> Verdict:
    return Verdict(outcome=Outcome.DENY, reasons=(reason,), rules=(rule,))
