"""The judge: asks Rego, and combines what it said by rules that no policy can change.

One denial is a no, whatever else was said. Nothing was allowed: no. Every requirement has to be met. An answer that is missing, late, broken or
of an unknown shape: no, and the reason says which. People who left and guests are refused before anything is asked.
"""

import json
from collections.abc import Sequence
from dataclasses import replace

import structlog

from bot.policy.answer import Answer, Said, read
from bot.policy.circumstances import Circumstances, Nowhere, Surroundings, kept
from bot.policy.facts import facts
from skills.core.actor import Actor
from skills.core.calendar import Calendar
from skills.core.catalog import Catalog
from skills.core.errors import Unavailable
from skills.core.policy import UNREACHABLE, Request, Rule
from skills.core.ports.rego import Evaluation, Rego, Undecided
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Verdict

log = structlog.get_logger()

LARGEST = 512 * 1024
"""Characters of JSON. A plan of a hundred steps is a tenth of that."""


class Judge:
    """The `Policy` of an organization. `open_ended` says that more than `rules` may allow things: modules or a server of its own."""

    def __init__(
        self,
        *,
        rego: Rego,
        rules: Sequence[Rule],
        catalog: Catalog,
        calendar: Calendar,
        surroundings: Surroundings = Nowhere(),  # noqa: B008 - it holds nothing
        open_ended: bool = False,
    ) -> None:
        self._rego = rego
        self._rules = tuple(rules)
        self._catalog = catalog
        self._calendar = calendar
        self._surroundings = surroundings
        self._open_ended = open_ended
        self._order = {name: place for place, name in enumerate(self._names())}

    @property
    def fingerprint(self) -> str:
        return self._rego.fingerprint

    async def judge(self, request: Request) -> Verdict:
        barred = refused(request.actor)
        if barred:
            return barred
        try:
            around = await self._surroundings.around(request)
            evaluation = await self._evaluated(request, around)
            answer = read(evaluation.value, self._order)
        except Undecided as problem:
            log.warning("policy undecided", problem=str(problem), skill=request.skill)
            return _deny(f"{problem} Nothing is allowed until that is mended.", "policy:undecided", self.fingerprint)
        except Unavailable as problem:
            return _deny(f"{problem} Nothing is allowed until it answers.", UNREACHABLE, self.fingerprint)
        verdict = self._combined(request, answer, evaluation)
        return replace(verdict, told=kept(request, around)) if request.kind is Kind.CHANGE else verdict

    async def _evaluated(self, request: Request, around: Circumstances) -> Evaluation:
        told = facts(request, self._catalog, self._calendar, around)
        if len(json.dumps(told)) > LARGEST:
            raise Undecided(f"This is too large to be judged; {LARGEST // 1024} KiB of facts is the most.")
        return await self._rego.evaluate(told)

    def may_use(self, actor: Actor, skill: str) -> bool:
        if refused(actor):
            return False
        if self._open_ended and (actor.roles or actor.teams):
            return True
        return any(
            not rule.deny
            and (not rule.skills or skill in rule.skills)
            and (rule.who.owner or bool(rule.who.roles & actor.roles or rule.who.teams & actor.teams))
            for rule in self._rules
        )

    def _names(self) -> Sequence[str]:
        periods = (*self._calendar.freezes, *self._calendar.windows)
        return [*(period.name for period in periods), *(rule.name for rule in self._rules)]

    def _combined(self, request: Request, answer: Answer, evaluation: Evaluation) -> Verdict:
        if answer.deny:
            outcome, said = Outcome.DENY, answer.deny
        elif not answer.allow:
            outcome, said = Outcome.DENY, [Said(rule="default:deny", because=_nobody(request, answer))]
        else:
            outcome = Outcome.NEEDS if answer.needs else Outcome.ALLOW
            said = sorted([*answer.allow, *answer.needs], key=lambda each: self._order.get(each.rule, len(self._order)))
        pairs = dict.fromkeys((each.rule, each.because) for each in said)
        requirements = [each.requirement() for each in answer.needs] if outcome is Outcome.NEEDS else []
        return Verdict(
            outcome=outcome,
            reasons=tuple(because for _, because in pairs),
            rules=tuple(rule for rule, _ in pairs),
            requirements=tuple(dict.fromkeys(requirements)),
            policy=evaluation.bundle,
            decision=evaluation.decision,
        )


def refused(actor: Actor) -> Verdict | None:
    """The refusal of people whom no policy may admit."""
    if not actor.active:
        return _deny(f"{actor.name}'s account is deactivated.", "people:active")
    if actor.guest:
        return _deny(f"{actor.name} is a guest; guests cannot ask for this.", "people:guest")
    return None


def _nobody(request: Request, answer: Answer) -> str:
    where = f" in {', '.join(request.environments)}" if request.environments else ""
    ask = f" These roles may: {', '.join(answer.could)}." if answer.could else ""
    return f"No policy lets {request.actor.name} use {request.skill}{where}.{ask}"[:500]


def _deny(reason: str, rule: str, policy: str = "") -> Verdict:
    return Verdict(outcome=Outcome.DENY, reasons=(reason,), rules=(rule,), policy=policy)
