"""From typed arguments to a stored proposal: plan by reading, judge, store. Nothing in the world changes here."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

from pydantic import ValidationError

from bot.store import AlreadyAsked, Store, Transaction
from bot.usecases.granting import InAdvance
from bot.usecases.judging import judge_plan, room_of, still_unmet
from bot.usecases.limits import Limits
from skills.core.actor import Actor
from skills.core.canonical import Json, canonical
from skills.core.catalog import Catalog, shown
from skills.core.cost_delta import CostDelta
from skills.core.errors import BadInput, NotAllowed
from skills.core.grant import Grant
from skills.core.plan import Plan
from skills.core.policy import Policy
from skills.core.proposal import Origin, Proposal, Status
from skills.core.skill import Change, Skill
from skills.core.verdict import Outcome, Verdict

Price: TypeAlias = Callable[[Plan], CostDelta | None]
"""What a plan changes about the bill; None where it touches nothing that is paid for. Raises nothing and waits for nothing."""


_LARGEST_KEPT = 40_000
"""Bytes of a refused plan, with what belongs to it."""


class Denied(Exception):
    """Policy said no. Carries the verdict; a refusal is data, this only travels the few lines up to the door."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__("; ".join(verdict.reasons))
        self.verdict = verdict


class Propose:
    """The use case “propose”."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        policy: Policy,
        store: Store,
        limits: Limits,
        clock: Callable[[], datetime],
        new_handle: Callable[[], str],
        price: Price = lambda _: None,
    ) -> None:
        self._catalog = catalog
        self._policy = policy
        self._store = store
        self._limits = limits
        self._clock = clock
        self._new_handle = new_handle
        self._in_advance = InAdvance(store=store, catalog=catalog, policy=policy, clock=clock)
        self._price = price

    async def __call__(
        self, actor: Actor, skill: Change[Any], params: Mapping[str, Json], *, reason: str, origin: Origin, key: str
    ) -> Proposal:
        """Store a proposal and return it; the same `key` again returns the one stored the first time.

        Raises `Denied`, or an `Anticipated` error when it cannot be planned. A plan that policy allows at once comes back approved.
        """
        earlier = await self._store.proposal_by_request(key)
        if earlier:
            return earlier
        if not self._policy.may_use(actor, skill.name):
            raise Denied(await self._denied(actor, _not_at_all(actor, skill.name), what=skill.name))
        plan = await skill.plan(validated(skill, params))
        cost = self._price(plan)
        verdict = await judge_plan(
            self._policy, self._catalog, actor, plan, self._clock(), edge=origin.edge, cost=cost, room=room_of(origin)
        )
        if verdict.outcome is Outcome.DENY:
            refused = _refused_plan(plan, verdict, cost, origin)
            raise Denied(await self._denied(actor, verdict, what=plan.summary, more=refused))
        await self._check_room(actor)
        try:
            return await self._stored(actor, plan, verdict, cost, reason=reason, origin=origin, key=key)
        except AlreadyAsked:
            twin = await self._store.proposal_by_request(key)
            assert twin is not None
            return twin

    async def _stored(
        self,
        actor: Actor,
        plan: Plan,
        verdict: Verdict,
        cost: CostDelta | None,
        *,
        reason: str,
        origin: Origin,
        key: str,
    ) -> Proposal:
        now = self._clock()
        allowed = verdict.outcome is Outcome.ALLOW
        fitting = await self._in_advance.fitting(actor, plan, verdict)
        async with self._store.begin() as tx:
            proposal = await tx.add_proposal(
                handle=self._new_handle(),
                request_key=key,
                requester=actor.subject,
                requester_name=actor.name,
                reason=reason,
                origin=origin,
                plan=plan,
                verdict=verdict,
                status=Status.APPROVED if allowed else Status.PENDING,
                expires_at=now + self._limits.pending,
                start_by=now + self._limits.start if allowed else None,
                cost=cost,
                told=verdict.told,
            )
            subject = f"proposal/{proposal.id}"
            facts: dict[str, Json] = {
                "digest": plan.digest,
                "skill": plan.skill,
                "params": dict(plan.params),
                "summary": plan.summary,
                "risk": plan.risk.value,
                "reason": reason,
                "words": origin.words,
                "edge": origin.edge,
                **({"offered": origin.offered} if origin.offered else {}),
                "policy": verdict.policy,
                "verdict": verdict.to_json(),
                "plan": plan.to_json(),
                **({"cost": cost.to_json()} if cost else {}),
                **({"told": dict(verdict.told)} if verdict.told else {}),
            }
            tx.record("proposal:created", subject, facts, actor=actor.subject)
            if allowed:
                tx.record("proposal:allowed", subject, {"rules": list(verdict.rules)}, actor="policy")
            elif fitting:
                await self._approved_in_advance(tx, proposal, fitting)
        return await self._store.proposal(proposal.id) or proposal if fitting else proposal

    async def _approved_in_advance(self, tx: Transaction, proposal: Proposal, fitting: Sequence[Grant]) -> None:
        approvers = await self._in_advance.use(tx, proposal, fitting)
        if not still_unmet(proposal.verdict, proposal.plan, self._catalog, approvers, proposal.requester):
            start_by = self._clock() + self._limits.start
            await tx.move(proposal.id, from_=Status.PENDING, to=Status.APPROVED, start_by=start_by)
            facts = {"digest": proposal.digest, "by": [str(subject) for subject in approvers]}
            tx.record("proposal:approved", f"proposal/{proposal.id}", facts, actor=proposal.requester)

    async def _denied(
        self, actor: Actor, verdict: Verdict, *, what: str, more: Mapping[str, Json] | None = None
    ) -> Verdict:
        """The verdict, once it stands in the audit log: a refusal is a fact too."""
        async with self._store.begin() as tx:
            facts: dict[str, Json] = {
                "asked": what,
                "verdict": verdict.to_json(),
                "policy": verdict.policy or self._policy.fingerprint,
                **(more or {}),
            }
            tx.record("request:denied", f"person/{actor.subject}", facts, actor=actor.subject)
        return verdict

    async def _check_room(self, actor: Actor) -> None:
        waiting = await self._store.proposals(
            statuses=(Status.PENDING,), requester=actor.subject, limit=self._limits.open_per_person
        )
        if len(waiting) >= self._limits.open_per_person:
            raise NotAllowed(
                f"{actor.name} already has {len(waiting)} proposals waiting for approval.",
                hint="Cancel some of them first; “pending” lists them.",
            )


def _refused_plan(plan: Plan, verdict: Verdict, cost: CostDelta | None, origin: Origin) -> dict[str, Json]:
    """What it takes to judge it again by other policies. A plan that is too large for an entry is left out, and the refusal stands."""
    kept: dict[str, Json] = {
        "plan": plan.to_json(),
        "edge": origin.edge,
        "room": room_of(origin),
        "cost": cost.to_json() if cost else None,
        "told": dict(verdict.told) if verdict.told else None,
    }
    return kept if len(canonical(kept)) <= _LARGEST_KEPT else {"digest": plan.digest}


def validated(skill: Skill[Any], params: Mapping[str, Json]) -> Any:
    """The skill's typed params. Raises `BadInput` with a sentence for each thing that is wrong."""
    try:
        return skill.Params.model_validate(dict(params))
    except ValidationError as problem:
        said = [_complaint(error["loc"], error["msg"], error.get("input")) for error in problem.errors()]
        example = f"For example: {skill.examples[0]}" if skill.examples else ""
        raise BadInput(" ".join(said), hint=example) from None


def _complaint(where: tuple[int | str, ...], message: str, given: object) -> str:
    field = ".".join(str(part) for part in where) or "the request"
    value = f" (“{shown(str(given))}”)" if isinstance(given, str | int) else ""
    return f"{field}{value}: {message[:1].lower()}{message[1:]}."


def _not_at_all(actor: Actor, skill: str) -> Verdict:
    if not actor.active:
        reason = f"{actor.name}'s account is deactivated."
    elif actor.guest:
        reason = f"{actor.name} is a guest; guests cannot ask for this."
    else:
        reason = f"No policy lets {actor.name} use {skill} anywhere."
    return Verdict(outcome=Outcome.DENY, reasons=(reason,), rules=("default:deny",))
