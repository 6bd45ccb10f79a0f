"""From an approved proposal to its outcome: once, and only what was shown.

Each external effect is an intent (committed) → the call → an outcome (committed). Everything needed to go on after a crash stands in the
store, so `Runner` may be called again at any point: it reads where things stand and does the next thing. An intent that this process did
not itself just write is an unknown: the target is read back before anything else happens.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.store import AlreadyIntended, LostOwnership, Store
from bot.usecases.agreement import Agreement
from bot.usecases.decide import expire
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated, Conflict, NotAllowed, PlanChanged, Unavailable, Unclear
from skills.core.glass import GlassRules
from skills.core.names import ProposalId
from skills.core.plan import Plan, Step
from skills.core.policy import Policy
from skills.core.proposal import Effect, EffectState, Proposal, Status
from skills.core.registry import Skills
from skills.core.skill import Change, Progress, Seen

log = structlog.get_logger()

Sleep = Callable[[float], Awaitable[None]]

PAUSE = 2.0
"""Seconds between two tries at something that is out of reach."""

READ_BACK_PATIENCE = 300.0
"""Seconds for which an effect of unknown outcome is tried to be read back before it is given up as unknown."""

PROGRESS_EVERY = 0.4
"""Seconds between two progress writes; what changes faster is not worth a transaction."""


class Runner:
    """The use case “run”. `executor` names this process uniquely; it is what fences off a process that was thought dead.

    `check_after` is how long after its end the service of a run is to be looked at; `Checkups` does that.
    """

    def __init__(
        self,
        *,
        skills: Skills,
        catalog: Catalog,
        policy: Policy,
        store: Store,
        clock: Callable[[], datetime],
        executor: str,
        check_after: timedelta,
        glass: GlassRules | None = None,
        sleep: Sleep = asyncio.sleep,
    ) -> None:
        self._skills = skills
        self._store = store
        self._clock = clock
        self._executor = executor
        self._check_after = check_after
        self._sleep = sleep
        self._agreement = Agreement(catalog=catalog, policy=policy, store=store, glass=glass, clock=clock)
        self._epochs: dict[ProposalId, int] = {}
        self._fresh: set[tuple[ProposalId, int]] = set()

    async def advance(self, proposal_id: ProposalId) -> bool:
        """Do the next thing there is to do; tells whether there is more. Repeatable after any crash.

        Raises nothing but what is a bug. When another process has taken the run over, there is nothing more to do here.
        """
        proposal = await self._store.proposal(proposal_id)
        if proposal is None or proposal.status not in (Status.APPROVED, Status.RUNNING):
            return False
        if proposal.plan.digest != proposal.digest:
            return await self._refuse_forged(proposal)
        try:
            if proposal.status is Status.APPROVED:
                return await self._begin(proposal)
            if proposal_id not in self._epochs:
                async with self._store.begin() as tx:
                    self._epochs[proposal_id] = await tx.claim(proposal_id, self._executor)
            return await self._go_on(proposal)
        except AlreadyIntended:
            return True
        except LostOwnership:
            log.warning("run taken over by another process", proposal=proposal_id)
            return False

    async def pause(self) -> None:
        """Wait a little before trying again."""
        await self._sleep(PAUSE)

    async def give_up(self, proposal_id: ProposalId, reference: str) -> None:
        """Settle a run that hit a bug: nobody knows what it did, and that is what it says."""
        async with self._store.begin() as tx:
            proposal = await tx.proposal(proposal_id)
            if proposal is None or proposal.status.settled:
                return
            to = Status.UNKNOWN if proposal.status is Status.RUNNING else Status.VOID
            outcome = f"An internal error stopped it (reference {reference}). Look at the target before asking again."
            await tx.move(proposal_id, from_=proposal.status, to=to, outcome=outcome)
            tx.record(f"proposal:{to.value}", _subject(proposal), {"outcome": outcome}, actor=self._executor)

    # Beginning: the last checks, and the one moment at which an approval is consumed.

    async def _begin(self, proposal: Proposal) -> bool:
        async with self._store.begin() as tx:
            locked = await tx.proposal(proposal.id)
            if locked is None or locked.status is not Status.APPROVED or await expire(tx, locked, self._clock()):
                return False
        try:
            await self._agreement(proposal)
            plan = await self._skill(proposal).plan(_params(self._skill(proposal), proposal.plan))
            if plan.digest != proposal.digest:
                raise PlanChanged(_changed(proposal.plan, plan))
        except Unavailable as down:
            log.info("cannot plan again yet", proposal=proposal.id, problem=str(down))
            await self._sleep(PAUSE)
            return True
        except Anticipated as problem:
            await self._void(proposal, str(problem))
            return False
        return await self._consume(proposal)

    async def _consume(self, proposal: Proposal) -> bool:
        """Approval consumed, run claimed and first intent written, in one transaction. False if somebody else was first."""
        async with self._store.begin() as tx:
            if not await tx.move(proposal.id, from_=Status.APPROVED, to=Status.RUNNING):
                return False
            epoch = await tx.claim(proposal.id, self._executor)
            facts: dict[str, Json] = {"digest": proposal.digest, "executor": self._executor}
            tx.record("run:started", _subject(proposal), facts, actor=self._executor)
            await tx.intend(proposal.id, epoch=epoch, ordinal=0, compensating=False, index=0)
            tx.record("effect:intended", _subject(proposal), _facts(proposal.plan.steps[0], 0), actor=self._executor)
        self._epochs[proposal.id] = epoch
        self._fresh.add((proposal.id, 0))
        return True

    async def _refuse_forged(self, proposal: Proposal) -> bool:
        """The stored plan is not the one whose digest was approved: somebody edited the database. Nothing of it is carried out."""
        outcome = "The stored plan does not have the approved digest; it was edited. Nothing more was done. Verify the audit log."
        to = Status.VOID if proposal.status is Status.APPROVED else Status.UNKNOWN
        async with self._store.begin() as tx:
            if await tx.move(proposal.id, from_=proposal.status, to=to, outcome=outcome):
                facts: dict[str, Json] = {"approved": proposal.digest, "stored": proposal.plan.digest}
                tx.record("proposal:forged", _subject(proposal), facts, actor=self._executor)
        return False

    async def _void(self, proposal: Proposal, why: str) -> None:
        async with self._store.begin() as tx:
            if await tx.move(proposal.id, from_=Status.APPROVED, to=Status.VOID, outcome=why):
                tx.record("proposal:void", _subject(proposal), {"why": why}, actor=self._executor)

    # Going on: one effect at a time, from what the store says.

    async def _go_on(self, proposal: Proposal) -> bool:
        last = proposal.effects[-1]
        step = _step(proposal.plan, last)
        match last.state:
            case EffectState.INTENT:
                await self._effect(proposal, last, step)
                return True
            case EffectState.APPLIED:
                await self._follow(proposal, last, step)
                return True
            case EffectState.VERIFIED:
                return await self._next(proposal, last)
            case EffectState.FAILED if not last.compensating:
                return await self._compensate(proposal, after=-1)
            case EffectState.FAILED:
                outcome = f"{_cause(proposal)} Going back failed too: {last.detail} Look at it now."
                return await self._finish(proposal, Status.FAILED, outcome)
            case EffectState.UNKNOWN:
                outcome = f"{last.detail} Look at the target before asking again."
                return await self._finish(proposal, Status.UNKNOWN, outcome)

    async def _effect(self, proposal: Proposal, effect: Effect, step: Step) -> None:
        """Carry out an intent; one that a former process left behind is read back first."""
        if (proposal.id, effect.ordinal) not in self._fresh:
            await self._read_back(proposal, effect, step)
            return
        self._fresh.discard((proposal.id, effect.ordinal))
        # The way back is not asked about: it was agreed on with the way there, and stopping half-way would be worse.
        if not effect.compensating and (objection := await self._objection(proposal)):
            await self._conclude(proposal, effect, EffectState.FAILED, objection)
            return
        # A process that was taken over while it slept finds out here, before the call and not after it.
        await self._note(proposal, effect, Progress(text="asking for it"))
        # Only the call itself stands in the `try`: a store that fails while the outcome is written must not look like a failed effect.
        try:
            detail = await self._skill(proposal).apply(step, digest=proposal.digest)
        except Unclear as unclear:
            log.warning("effect of unknown outcome", proposal=proposal.id, ordinal=effect.ordinal, problem=str(unclear))
            return
        except Conflict as conflict:
            # The guard held. Either somebody else was here, or this very step had been made in our name.
            found = await self._observe(proposal, step)
            state = EffectState.APPLIED if found is Seen.AFTER else EffectState.FAILED
            detail = "found already in place" if found is Seen.AFTER else str(conflict)
        except Anticipated as problem:
            state, detail = EffectState.FAILED, str(problem)
        else:
            state = EffectState.APPLIED
        await self._conclude(proposal, effect, state, detail)

    async def _objection(self, proposal: Proposal) -> str:
        """Why the next step may not be made after all, or "". A policy that is out of reach is waited for as long as a target is."""
        until = time.monotonic() + READ_BACK_PATIENCE
        while True:
            try:
                await self._agreement(proposal)
            except NotAllowed as refused:
                return str(refused)
            except Unavailable as down:
                if time.monotonic() > until:
                    return str(down)
                log.info("cannot ask policy yet", proposal=proposal.id, problem=str(down))
                await self._sleep(PAUSE)
            else:
                return ""

    async def _read_back(self, proposal: Proposal, effect: Effect, step: Step) -> None:
        """Did it happen? Yes: applied. No: it may be tried. Neither: unknown, and left alone."""
        seen = await self._observe(proposal, step)
        if seen is Seen.AFTER:
            await self._conclude(proposal, effect, EffectState.APPLIED, "read back: it had taken effect")
        elif seen is Seen.BEFORE:
            async with self._store.begin() as tx:
                facts: dict[str, Json] = {"ordinal": effect.ordinal, "seen": seen.value}
                tx.record("effect:read-back", _subject(proposal), facts, actor=self._executor)
            self._fresh.add((proposal.id, effect.ordinal))
        else:
            said = "could not be read back" if seen is None else "is neither as it was nor as it was to be"
            await self._conclude(proposal, effect, EffectState.UNKNOWN, f"{step.target} {said}.")

    async def _observe(self, proposal: Proposal, step: Step) -> Seen | None:
        """What reading the target says; None when it stays out of reach."""
        until = time.monotonic() + READ_BACK_PATIENCE
        while True:
            try:
                return await self._skill(proposal).observe(step)
            except Unavailable as down:
                if time.monotonic() > until:
                    return None
                log.info("cannot read back yet", proposal=proposal.id, problem=str(down))
                await self._sleep(PAUSE)

    async def _follow(self, proposal: Proposal, effect: Effect, step: Step) -> None:
        """Watch an applied effect to its end, noting progress."""
        noted = 0.0
        rollout = aiter(self._skill(proposal).follow(step))
        while True:
            try:
                progress = await anext(rollout)
            except StopAsyncIteration:
                detail = f"{step.target} was changed, but watching it ended without a result."
                break
            except Anticipated as problem:
                detail = f"{step.target} was changed, but what became of it cannot be seen: {problem}"
                break
            if progress.done is not None or time.monotonic() - noted >= PROGRESS_EVERY:
                noted = time.monotonic()
                await self._note(proposal, effect, progress)
            if progress.done is not None:
                state = EffectState.VERIFIED if progress.done else EffectState.FAILED
                await self._conclude(proposal, effect, state, progress.text)
                return
        await self._conclude(proposal, effect, EffectState.UNKNOWN, detail)

    async def _next(self, proposal: Proposal, last: Effect) -> bool:
        if last.compensating:
            return await self._compensate(proposal, after=last.index)
        if last.index + 1 < len(proposal.plan.steps):
            await self._intend(proposal, compensating=False, index=last.index + 1)
            return True
        return await self._finish(proposal, Status.SUCCEEDED, _full_stop(last.detail))

    async def _compensate(self, proposal: Proposal, *, after: int) -> bool:
        """Intend the next compensating step that is called for, or finish. What is already as before needs nothing."""
        for index, step in list(enumerate(proposal.plan.on_failure))[after + 1 :]:
            seen = await self._observe(proposal, step)
            if seen is Seen.BEFORE:
                await self._intend(proposal, compensating=True, index=index)
                return True
            if seen is not Seen.AFTER:
                outcome = f"{_cause(proposal)} It was not put back, because {step.target} is not as this run left it. Look at it now."
                return await self._finish(proposal, Status.UNKNOWN, outcome)
        went_back = [effect for effect in proposal.effects if effect.compensating]
        tail = f" Went back by itself: {_full_stop(went_back[-1].detail)}" if went_back else " Nothing was changed."
        return await self._finish(proposal, Status.FAILED, f"{_cause(proposal)}{tail}")

    async def _intend(self, proposal: Proposal, *, compensating: bool, index: int) -> None:
        ordinal = len(proposal.effects)
        steps = proposal.plan.on_failure if compensating else proposal.plan.steps
        async with self._store.begin() as tx:
            epoch = self._epochs[proposal.id]
            await tx.intend(proposal.id, epoch=epoch, ordinal=ordinal, compensating=compensating, index=index)
            facts = _facts(steps[index], ordinal, compensating=compensating)
            tx.record("effect:intended", _subject(proposal), facts, actor=self._executor)
        self._fresh.add((proposal.id, ordinal))

    async def _conclude(self, proposal: Proposal, effect: Effect, state: EffectState, detail: str) -> None:
        async with self._store.begin() as tx:
            epoch = self._epochs[proposal.id]
            await tx.conclude(proposal.id, epoch=epoch, ordinal=effect.ordinal, state=state, detail=detail)
            facts: dict[str, Json] = {"ordinal": effect.ordinal, "detail": detail}
            tx.record(f"effect:{state.value}", _subject(proposal), facts, actor=self._executor)

    async def _note(self, proposal: Proposal, effect: Effect, progress: Progress) -> None:
        async with self._store.begin() as tx:
            epoch = self._epochs[proposal.id]
            await tx.progress(proposal.id, epoch=epoch, ordinal=effect.ordinal, progress=progress.to_json())

    async def _finish(self, proposal: Proposal, status: Status, outcome: str) -> bool:
        async with self._store.begin() as tx:
            if await tx.move(proposal.id, from_=Status.RUNNING, to=status, outcome=outcome):
                facts: dict[str, Json] = {"digest": proposal.digest, "outcome": outcome}
                if self._leaves_traces(proposal, status):
                    due = self._clock() + self._check_after
                    await tx.plan_checkup(proposal.id, due_at=due)
                    facts["checkup"] = due.isoformat()
                tx.record(f"run:{status.value}", _subject(proposal), facts, actor=self._executor)
        self._epochs.pop(proposal.id, None)
        return False

    def _leaves_traces(self, proposal: Proposal, status: Status) -> bool:
        """Did it change a service, or may it have, so that how that does afterwards is worth a look?"""
        changed = status is not Status.FAILED or any(effect.compensating for effect in proposal.effects)
        return changed and self._skill(proposal).checked

    def _skill(self, proposal: Proposal) -> Change[Any]:
        skill = self._skills[proposal.skill]
        assert isinstance(skill, Change)
        return skill


def _subject(proposal: Proposal) -> str:
    return f"proposal/{proposal.id}"


def _params(skill: Change[Any], plan: Plan) -> Any:
    return skill.Params.model_validate(dict(plan.params))


def _step(plan: Plan, effect: Effect) -> Step:
    return (plan.on_failure if effect.compensating else plan.steps)[effect.index]


def _facts(step: Step, ordinal: int, *, compensating: bool = False) -> dict[str, Json]:
    return {
        "ordinal": ordinal, "compensating": compensating, "action": step.action,
        "target": step.target.to_json(), "edit": dict(step.edit),
    }  # fmt: skip


def _cause(proposal: Proposal) -> str:
    """Why the run failed: the word of the first effect that did."""
    failed = next(effect for effect in proposal.effects if effect.state is EffectState.FAILED)
    return _full_stop(failed.detail)


def _full_stop(text: str) -> str:
    return text if text.endswith((".", "!", "?", "…")) else f"{text}."


def _changed(approved: Plan, now: Plan) -> str:
    """One sentence on how the plan differs from the approved one."""
    before, after = approved.to_json(), now.to_json()
    fields = [name for name in before if before[name] != after[name]]
    moved = next(
        (f" {a.target} is now {b.before}, and was {a.before}." for a, b in zip(approved.steps, now.steps, strict=False)
         if a.before != b.before),
        "",
    )  # fmt: skip
    return f"The world changed after approval: planning again differs in {', '.join(fields)}.{moved} Ask again."
