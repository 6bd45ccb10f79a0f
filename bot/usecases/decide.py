"""A person's word on a proposal. Approvals bind to a digest; the requester never counts; one subject is one vote."""

import hashlib
from collections.abc import Callable
from datetime import datetime

from bot.store import Store, Transaction
from bot.usecases.judging import judge_use, services_of, still_unmet
from bot.usecases.limits import Limits
from bot.usecases.propose import Denied
from bot.usecases.step_up import StepUp, how
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog, nearest
from skills.core.errors import BadInput, NotAllowed, UnknownName
from skills.core.names import ProposalId
from skills.core.policy import Policy, eligible
from skills.core.proposal import Choice, Origin, Proposal, Status
from skills.core.skill import Kind
from skills.core.verdict import Outcome, Verdict

_PAST = {Choice.APPROVE: "approved", Choice.REJECT: "rejected", Choice.CANCEL: "cancelled"}


class Decide:
    """The use case “decide”."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        policy: Policy,
        store: Store,
        limits: Limits,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._policy = policy
        self._store = store
        self._limits = limits
        self._clock = clock
        self._codes = StepUp(store=store, clock=clock)

    async def __call__(
        self,
        actor: Actor,
        which: ProposalId | str,
        choice: Choice,
        *,
        reason: str,
        origin: Origin,
        key: str,
        code: str = "",
    ) -> Proposal:
        """Record the decision and return the proposal as it then stands. `which` is its number, or the handle of a button.

        The same `key` again is the same word, delivered twice: nothing happens, and nobody is told that they come too late.
        Raises `UnknownName` for a proposal that this organization does not have, `Denied` where policy or its spirit forbids the
        decision, `NotAllowed` where the proposal is past deciding, `BadInput` for a rejection without a reason.
        """
        if choice is Choice.BREAK_GLASS:
            raise ValueError("broken glass is no decision; `BreakGlass` writes it down")
        found = await self.find(which)
        if await self._heard(actor, found, choice, key):
            return found
        verdict = await judge_use(self._policy, actor, choice.value, Kind.DECISION, self._clock())
        if verdict.outcome is Outcome.DENY:
            raise Denied(verdict)
        if choice is Choice.REJECT and not reason.strip():
            raise BadInput("A rejection needs a reason.", hint=f"For example: reject {found.id} not during the sale")
        stepped_up = choice is Choice.APPROVE and await self._step_up(actor, found, code)
        expired = False
        async with self._store.begin() as tx:
            proposal = await tx.proposal(found.id)
            if proposal is None:
                raise await self._unknown(str(found.id))
            expired = await expire(tx, proposal, self._clock())
            if not expired:
                self._check(actor, proposal, choice)
                await self._record(
                    tx, actor, proposal, choice, reason=reason.strip(), origin=origin, key=key, stepped_up=stepped_up
                )
        if expired:
            raise NotAllowed(f"#{found.id} has expired.", hint="Ask for it again; it is planned anew.")
        return await self.find(found.id)

    async def _step_up(self, actor: Actor, proposal: Proposal, code: str) -> bool:
        """Did they prove that it is them? Raises `NotAllowed` where they have to, and did not.

        It is asked of whoever could count where a code is needed: one person has one word, so it has to be worth all that it can be.
        """
        services = services_of(proposal.plan, self._catalog)
        asked = [each for each in proposal.verdict.requirements if each.step_up and eligible(each, actor, services)]
        if not asked or proposal.status is not Status.PENDING or actor.subject == proposal.requester:
            return False
        if not code:
            raise NotAllowed(f"#{proposal.id} takes a code that proves it is you.", hint=how(proposal))
        await self._codes.take(actor, proposal, code)
        return True

    async def find(self, which: ProposalId | str) -> Proposal:
        """The proposal of this number or handle. Raises `UnknownName`."""
        by_handle = isinstance(which, str)
        found = await (self._store.proposal_by_handle(which) if by_handle else self._store.proposal(which))  # type: ignore[arg-type]  # told apart by isinstance in the same line
        if found is None:
            raise await self._unknown("" if by_handle else str(which))
        return found

    async def _heard(self, actor: Actor, proposal: Proposal, choice: Choice, key: str) -> bool:
        """Was this very word recorded before the process that took it could say so?"""
        if not any((each.subject, each.choice) == (actor.subject, choice) for each in proposal.decisions):
            return False
        said = await self._store.audit.entries(subject=f"proposal/{proposal.id}")
        wanted = (f"proposal:{choice.value}", actor.subject, mark(key))
        return wanted in {(entry.verb, entry.actor, entry.facts.get("request")) for entry in said}

    async def _unknown(self, number: str) -> UnknownName:
        waiting = [str(proposal.id) for proposal in await self._store.open()]
        candidates = nearest(number, waiting) or tuple(waiting[:3])
        hint = f"Open right now: {', '.join(f'#{n}' for n in waiting[:5])}." if waiting else "None is open right now."
        return UnknownName("proposal", f"#{number}", candidates, hint=hint)

    def _check(self, actor: Actor, proposal: Proposal, choice: Choice) -> None:
        """Raises unless this actor may now make this choice."""
        open_for = {Status.PENDING, Status.APPROVED} if choice is Choice.CANCEL else {Status.PENDING}
        if proposal.status not in open_for:
            raise NotAllowed(_too_late(proposal, choice))
        own = actor.subject == proposal.requester
        if choice is Choice.APPROVE and own:
            raise Denied(_no(f"{actor.name} asked for #{proposal.id}; somebody else has to approve it.", "requester"))
        if choice is Choice.REJECT and own:
            raise Denied(_no(f"{actor.name} asked for #{proposal.id}; cancel it instead.", "requester"))
        if choice is Choice.CANCEL and own:
            return
        services = services_of(proposal.plan, self._catalog)
        if not any(eligible(requirement, actor, services) for requirement in proposal.verdict.requirements):
            needed = "; ".join(str(requirement) for requirement in proposal.verdict.requirements)
            who = f"It takes {needed}." if needed else f"Only {proposal.requester_name} may."
            raise Denied(_no(f"{actor.name} may not {choice.value} #{proposal.id}. {who}", "approvers"))

    async def _record(
        self,
        tx: Transaction,
        actor: Actor,
        proposal: Proposal,
        choice: Choice,
        *,
        reason: str,
        origin: Origin,
        key: str,
        stepped_up: bool,
    ) -> None:
        decision = await tx.add_decision(
            proposal.id,
            subject=actor.subject,
            name=actor.name,
            choice=choice,
            digest=proposal.digest,
            reason=reason,
            stepped_up=stepped_up,
        )
        if decision is None:
            raise NotAllowed(f"{actor.name} has already {_PAST[choice]} #{proposal.id}; one person is one vote.")
        subject = f"proposal/{proposal.id}"
        facts: dict[str, Json] = {
            "digest": proposal.digest,
            "reason": reason,
            "edge": origin.edge,
            "request": mark(key),
        }
        facts |= {"stepped_up": True} if stepped_up else {}
        tx.record(f"proposal:{choice.value}", subject, facts, actor=actor.subject)
        if choice is Choice.APPROVE:
            await self._approved(tx, actor, proposal, stepped_up=stepped_up)
        elif choice is Choice.REJECT:
            outcome = f"Rejected by {actor.name}: {reason}"
            await tx.move(proposal.id, from_=proposal.status, to=Status.REJECTED, outcome=outcome)
        else:
            outcome = f"Cancelled by {actor.name}{f': {reason}' if reason else '.'}"
            await tx.move(proposal.id, from_=proposal.status, to=Status.CANCELLED, outcome=outcome)

    async def _approved(self, tx: Transaction, actor: Actor, proposal: Proposal, *, stepped_up: bool) -> None:
        approvers = [*(decision.subject for decision in proposal.approvals), actor.subject]
        proved = proposal.stepped_up | ({actor.subject} if stepped_up else set())
        if still_unmet(
            proposal.verdict, proposal.plan, self._catalog, approvers, proposal.requester, stepped_up=proved
        ):
            return
        start_by = self._clock() + self._limits.start
        await tx.move(proposal.id, from_=Status.PENDING, to=Status.APPROVED, start_by=start_by)
        facts = {"digest": proposal.digest, "by": [str(subject) for subject in approvers]}
        tx.record("proposal:approved", f"proposal/{proposal.id}", facts, actor=actor.subject)


async def expire(tx: Transaction, proposal: Proposal, now: datetime) -> bool:
    """Let a proposal expire if its time has come; tells whether it did. `proposal` was read, locked, in `tx`."""
    if proposal.status is Status.PENDING and now >= proposal.expires_at:
        outcome = "Nobody decided in time."
    elif proposal.status is Status.APPROVED and proposal.start_by is not None and now >= proposal.start_by:
        outcome = "It was approved but could not start in time."
    else:
        return False
    await tx.move(proposal.id, from_=proposal.status, to=Status.EXPIRED, outcome=outcome)
    tx.record("proposal:expired", f"proposal/{proposal.id}", {"was": proposal.status.value}, actor="clock")
    return True


def _too_late(proposal: Proposal, choice: Choice) -> str:
    if proposal.status is Status.RUNNING and choice is Choice.CANCEL:
        where = ", ".join(f"{step.target.service} in {step.target.environment}" for step in proposal.plan.steps)
        return f"#{proposal.id} is already running and cannot be cancelled. To go back afterwards: rollback {where}."
    return f"#{proposal.id} is already {proposal.status.value}; there is nothing to {choice.value}."


def mark(key: str) -> str:
    """What stands in the audit log for the key of a delivery, which may be good for something else too."""
    return hashlib.sha256(key.encode()).hexdigest()[:16]


def _no(reason: str, rule: str) -> Verdict:
    return Verdict(outcome=Outcome.DENY, reasons=(reason,), rules=(f"decision:{rule}",))
