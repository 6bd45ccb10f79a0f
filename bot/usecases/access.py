"""Who could do what, by which rule: policy is asked about everybody and everything, so that people can look at the answer.

What is asked is what policy would be asked for a request of that kind, service and environment, at each risk, now. A policy that looks at
the plan itself may still say no to one; it cannot say yes to what stands here as a no.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import product

from bot.usecases.judging import judge_use
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.plan import Risk
from skills.core.policy import Policy, Request, eligible
from skills.core.proposal import Choice
from skills.core.registry import AnySkill
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Verdict

ALL, ANY = "all", "any"


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
    """What a row says of one skill, without services and risks."""

    actor: Actor
    skill: str
    approving: bool
    environment: str
    rules: tuple[str, ...]
    needs: tuple[str, ...] = ()


_Reach = dict[_Right, dict[Risk, set[str]]]
"""For which services, at each risk, a right holds."""


async def review(policy: Policy, catalog: Catalog, skills: Iterable[AnySkill], now: datetime) -> tuple[Access, ...]:
    """Everything that anybody may do now: by person as configured, then by environment."""
    actors = [person.actor for person in catalog.everybody]
    reach: _Reach = defaultdict(lambda: defaultdict(set))
    deciding = [
        actor
        for actor in actors
        if (await judge_use(policy, actor, Choice.APPROVE.value, Kind.DECISION, now)).outcome is not Outcome.DENY
    ]
    for skill in skills:
        for request in _requests(skill, catalog, actors, now):
            verdict = await policy.judge(request)
            if verdict.outcome is not Outcome.DENY:
                _note(reach, request, verdict, deciding)
    order = {str(actor.subject): place for place, actor in enumerate(actors)}
    rows = _rows(reach, {str(service.name) for service in catalog.services})
    return _joined(
        sorted(rows, key=lambda row: (order[row.subject], row.environment, row.approving, row.rules, row.skills))
    )


def _requests(skill: AnySkill, catalog: Catalog, actors: Iterable[Actor], now: datetime) -> Iterator[Request]:
    """For a change: every service, environment and risk; for anything else: whether it may be used at all."""
    for actor in actors:
        bare = Request(actor=actor, skill=skill.name, kind=skill.kind, now=now)
        if skill.kind is not Kind.CHANGE:
            yield bare
            continue
        for environment, service, risk in product(catalog.environments, catalog.services, Risk):
            yield replace(bare, services=(service,), environments=(environment.name,), risk=risk)


def _note(reach: _Reach, request: Request, verdict: Verdict, deciding: Iterable[Actor]) -> None:
    """What this verdict lets the asker do, and what its requirements let others approve."""
    services = {str(service.name) for service in request.services}
    own = _Right(
        actor=request.actor, skill=request.skill, approving=False, environment="".join(request.environments),
        rules=verdict.rules, needs=tuple(sorted({str(requirement) for requirement in verdict.requirements})),
    )  # fmt: skip
    reach[own][request.risk] |= services
    for actor, requirement in product(deciding, verdict.requirements):
        if actor.subject != request.actor.subject and eligible(requirement, actor, request.services):
            theirs = replace(own, actor=actor, approving=True, rules=(requirement.rule,), needs=())
            reach[theirs][request.risk] |= services


def _rows(reach: Mapping[_Right, Mapping[Risk, set[str]]], everything: set[str]) -> Iterator[Access]:
    """Risks at which a right holds for the same services stand together."""
    for right, by_risk in reach.items():
        together: dict[frozenset[str], list[Risk]] = defaultdict(list)
        for risk, services in by_risk.items():
            together[frozenset(services)].append(risk)
        for reached, risks in together.items():
            row = Access(
                subject=str(right.actor.subject), name=right.actor.name, skills=(right.skill,), approving=right.approving,
                environment=right.environment, rules=right.rules, needs=right.needs,
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
