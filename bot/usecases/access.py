"""Who could do what, by which rule: policy is asked about everybody and everything, so that people can look at the answer.

What is asked is what policy would be asked for a request of that kind, service and environment, at each risk. A policy that looks at the
plan itself may still say no to one; it cannot say yes to what stands here as a no. What policies cannot tell apart is asked once (`alike`).
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product
from typing import TypeVar

from bot.usecases.alike import Alike
from bot.usecases.judging import judge_use
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.names import Subject
from skills.core.plan import Risk
from skills.core.policy import Policy, Request, eligible
from skills.core.proposal import Choice
from skills.core.registry import AnySkill
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Requirement, Verdict

ALL, ANY = "all", "any"
T = TypeVar("T")


@dataclass(frozen=True, kw_only=True)
class Access:
    """One person may use these skills, or approve what others ask of them (`approving`).

    `environment` is empty for what has none, and then `services` and `risks` are, too. Otherwise `services` are names, or `all`; `risks`
    are words, or `any`. `needs` says who else has to agree, if anybody. `rules` are the names of the rules that say so.
    """

    subject: str
    name: str
    skills: tuple[str, ...]
    approving: bool
    environment: str
    services: tuple[str, ...] = ()
    risks: tuple[str, ...] = ()
    rules: tuple[str, ...]
    needs: tuple[str, ...]


@dataclass(frozen=True)
class _Right:
    """What a row says of one skill, without whose it is, services and risks."""

    skill: str
    approving: bool
    environment: str
    rules: tuple[str, ...]
    needs: tuple[str, ...] = ()


_Reach = dict[_Right, dict[Risk, set[str]]]
"""For which services, at each risk, a right holds."""


@dataclass(frozen=True)
class _Kinds:
    """Requests that policies cannot tell apart; the first of each is the one that is asked about."""

    skills: Sequence[AnySkill]
    environments: Sequence[Environment]
    services: Sequence[Service]
    risks: Sequence[Risk]


@dataclass(frozen=True)
class _Wanted:
    """What somebody has to be for their approval to count, and for what."""

    requirement: Requirement
    kinds: int
    service: str


async def review(
    policy: Policy,
    catalog: Catalog,
    skills: Iterable[AnySkill],
    now: datetime,
    *,
    alike: Alike = Alike(),  # noqa: B008 - it is frozen
) -> tuple[Access, ...]:
    """Everything that anybody may do: by person as configured, then by environment."""
    people = [person.actor for person in catalog.everybody]
    found = await Survey(policy, catalog, skills, now, alike=alike).of(people)
    return tuple(row for rows in found for row in rows)


class Survey:
    """One look at everybody. Remembers what it has asked, so it is for one moment only."""

    def __init__(
        self, policy: Policy, catalog: Catalog, skills: Iterable[AnySkill], now: datetime, *, alike: Alike
    ) -> None:
        self._policy = policy
        self._now = now
        self._alike = alike
        self._people = [person.actor for person in catalog.everybody]
        self._everything = {str(service.name) for service in catalog.services}
        self._skills = tuple(skills)
        changing = [each for each in self._skills if each.kind is Kind.CHANGE]
        self._kinds = [
            _Kinds(*each)
            for each in product(
                _together(changing, lambda skill: alike.skill(skill.name)),
                _together(catalog.environments, alike.environment),
                _together(catalog.services, alike.service),
                _together(Risk, alike.risk),
            )
        ]
        self._own: dict[Hashable, _Reach] = {}
        self._deciding: dict[Hashable, bool] = {}
        self._wants: dict[Hashable, list[_Wanted]] = defaultdict(list)
        self._wanted: dict[_Wanted, set[Subject]] = {}

    async def of(self, actors: Sequence[Actor]) -> list[tuple[Access, ...]]:
        """What each of them may do. They may be people as they could be; those who are needed beside them are people as they are."""
        if not self._wanted:
            for each in self._people:
                await self._reach(each)
                for want in self._wants[self._alike.actor(each)]:
                    self._wanted.setdefault(want, set()).add(each.subject)
        return [await self._of(actor) for actor in actors]

    async def _of(self, actor: Actor) -> tuple[Access, ...]:
        rows = [
            *_rows(await self._reach(actor), self._everything),
            *_rows(await self._approving(actor), self._everything),
        ]
        rows.sort(
            key=lambda row: (row.environment, row.approving, row.rules, row.services, row.risks, row.needs, row.skills)
        )
        return tuple(replace(row, subject=str(actor.subject), name=actor.name) for row in _joined(rows))

    async def _reach(self, actor: Actor) -> _Reach:
        """What this person may ask for. What it takes besides is noted with those who are like them."""
        key = self._alike.actor(actor)
        if key in self._own:
            return self._own[key]
        reach: _Reach = defaultdict(lambda: defaultdict(set))
        for skill in self._skills:
            if skill.kind is not Kind.CHANGE:
                verdict = await judge_use(self._policy, actor, skill.name, skill.kind, self._now)
                if verdict.outcome is not Outcome.DENY:
                    reach[_right(skill.name, "", verdict)][Risk.LOW] = set()
        for number, kinds in enumerate(self._kinds):
            verdict = await self._policy.judge(self._request(actor, kinds))
            if verdict.outcome is not Outcome.DENY:
                self._note(reach, key, number, verdict)
        self._own[key] = reach
        return reach

    def _request(self, actor: Actor, kinds: _Kinds) -> Request:
        (skill, *_), (environment, *_), (service, *_), (risk, *_) = (
            kinds.skills, kinds.environments, kinds.services, kinds.risks
        )  # fmt: skip
        return Request(
            actor=actor, skill=skill.name, kind=skill.kind, now=self._now, services=(service,),
            environments=(environment.name,), risk=risk,
        )  # fmt: skip

    def _note(self, reach: _Reach, key: Hashable, number: int, verdict: Verdict) -> None:
        kinds = self._kinds[number]
        for service in kinds.services:
            own = _about(verdict, kinds.services[0], service)
            self._wants[key] += [_Wanted(each, number, str(service.name)) for each in own.requirements]
            for skill, environment, risk in product(kinds.skills, kinds.environments, kinds.risks):
                reach[_right(skill.name, environment.name, own)][risk].add(str(service.name))

    async def _approving(self, actor: Actor) -> _Reach:
        """Whose requests this person's approval would count for: those of somebody else."""
        reach: _Reach = defaultdict(lambda: defaultdict(set))
        if not await self._may_decide(actor):
            return reach
        services = {str(each.name): each for kinds in self._kinds for each in kinds.services}
        for wanted, requesters in self._wanted.items():
            if requesters <= {actor.subject} or not eligible(wanted.requirement, actor, (services[wanted.service],)):
                continue
            kinds = self._kinds[wanted.kinds]
            for skill, environment, risk in product(kinds.skills, kinds.environments, kinds.risks):
                right = _Right(
                    skill.name, approving=True, environment=environment.name, rules=(wanted.requirement.rule,)
                )
                reach[right][risk].add(wanted.service)
        return reach

    async def _may_decide(self, actor: Actor) -> bool:
        key = self._alike.actor(actor)
        if key not in self._deciding:
            verdict = await judge_use(self._policy, actor, Choice.APPROVE.value, Kind.DECISION, self._now)
            self._deciding[key] = verdict.outcome is not Outcome.DENY
        return self._deciding[key]


def _together(things: Iterable[T], key: Callable[[T], Hashable]) -> list[tuple[T, ...]]:
    """Those with the same key, in the order of the first of each."""
    found: dict[Hashable, list[T]] = defaultdict(list)
    for thing in things:
        found[key(thing)].append(thing)
    return [tuple(each) for each in found.values()]


def _right(skill: str, environment: str, verdict: Verdict) -> _Right:
    needs = tuple(sorted({str(requirement) for requirement in verdict.requirements}))
    return _Right(skill, approving=False, environment=environment, rules=verdict.rules, needs=needs)


def _about(verdict: Verdict, asked: Service, service: Service) -> Verdict:
    """The verdict on one service as it is on another that policies cannot tell from it: an owner of that one has to agree."""
    own = tuple(
        replace(each, owner_of=service.name) if each.owner_of == asked.name else each for each in verdict.requirements
    )
    return verdict if own == verdict.requirements else replace(verdict, requirements=own)


def _rows(reach: Mapping[_Right, Mapping[Risk, set[str]]], everything: set[str]) -> Iterator[Access]:
    """Risks at which a right holds for the same services stand together."""
    for right, by_risk in reach.items():
        together: dict[frozenset[str], list[Risk]] = defaultdict(list)
        for risk, services in by_risk.items():
            together[frozenset(services)].append(risk)
        for reached, risks in together.items():
            row = Access(
                subject="", name="", skills=(right.skill,), approving=right.approving, environment=right.environment,
                rules=right.rules, needs=right.needs,
            )  # fmt: skip
            yield (
                row
                if not row.environment
                else replace(
                    row,
                    services=(ALL,) if reached == everything else tuple(sorted(reached)),
                    risks=(ANY,) if set(risks) == set(Risk) else tuple(risk.value for risk in Risk if risk in risks),
                )
            )


def _joined(rows: Iterable[Access]) -> tuple[Access, ...]:
    """Rows that differ in their skills only, as one."""
    skills: dict[Access, tuple[str, ...]] = defaultdict(tuple)
    for row in rows:
        skills[replace(row, skills=())] += row.skills
    return tuple(replace(row, skills=names) for row, names in skills.items())
