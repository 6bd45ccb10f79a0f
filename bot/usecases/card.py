"""A proposal as a person sees it, in whichever edge: the words are chosen here, once; edges only lay them out.

The card is made from the stored plan, the very bytes whose digest is approved, and from nothing that a model wrote.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TypedDict

from bot.usecases.judging import services_of, still_unmet
from bot.usecases.understood import correction
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.checkup import Checkup, Condition
from skills.core.names import Subject
from skills.core.plan import FieldChange, Step
from skills.core.policy import eligible
from skills.core.proposal import Choice, Decision, Effect, EffectState, Proposal, Status
from skills.core.report import Command
from skills.core.verdict import Outcome, Verdict

MARKS = {
    Status.PENDING: "⏳",
    Status.APPROVED: "👍",
    Status.RUNNING: "🔄",
    Status.SUCCEEDED: "✅",
    Status.FAILED: "❌",
    Status.UNKNOWN: "❓",
    Status.REJECTED: "🚫",
    Status.EXPIRED: "⌛",
    Status.VOID: "⚪",
    Status.CANCELLED: "⚪",
}


CONDITIONS = {Condition.HEALTHY: "💚", Condition.DEGRADED: "🔴", Condition.UNCLEAR: "❔"}

FEW = 5
"""So many approvers are named, and called, one by one; more are named by role."""


@dataclass(frozen=True, kw_only=True)
class StepLine:
    """One step of the card. `state` is "" before the run, then an `EffectState` value; counts are replicas (0: unknown)."""

    action: str
    target: str
    before: str
    after: str
    diff: tuple[FieldChange, ...] = ()
    state: str = ""
    text: str = ""
    wanted: int = 0
    updated: int = 0
    ready: int = 0
    log: tuple[str, ...] = ()
    compensating: bool = False


@dataclass(frozen=True, kw_only=True)
class Card:
    """Everything there is to show about a proposal, in reading order. Times are UTC.

    `sentence` says where it stands in one line; `buttons` are the choices that still make sense. `natural` says that `words` are a
    sentence and no typed command; while it can still be taken back, `instead` is then an example of how to correct it. `offered` is the
    title of the report whose offer was pressed, where `words` were not typed at all.

    `watched_until` is when the service is looked at once more, before that was done; then `health` says what was found, in one line,
    `health_reasons` why, and `offer` is a request that would help. `cost` is an estimate of what
    the change does to the bill, "" where it does nothing to it. `glass` says who let it run in an emergency, and who looked at it since.
    """

    id: int
    handle: str
    status: Status
    mark: str
    title: str
    sentence: str
    requester: str
    reason: str
    words: str
    steps: tuple[StepLine, ...]
    on_failure: tuple[StepLine, ...]
    risk: str
    blast_radius: str
    verdict: str
    verdict_reasons: tuple[str, ...]
    approvers: str
    approver_subjects: tuple[Subject, ...]
    approved_by: tuple[str, ...]
    expires_at: datetime | None
    notes: tuple[str, ...]
    outcome: str
    took: timedelta | None
    digest: str
    audit: str
    buttons: tuple[str, ...]
    version: int
    natural: bool = False
    instead: str = ""
    offered: str = ""
    watched_until: datetime | None = None
    health: str = ""
    health_mark: str = ""
    health_reasons: tuple[str, ...] = ()
    offer: Command | None = None
    cost: str = ""
    glass: str = ""

    @property
    def degraded(self) -> bool:
        """Was the service found to do badly?"""
        return self.health_mark == CONDITIONS[Condition.DEGRADED]

    @property
    def health_title(self) -> str:
        """What `health` is said of: the change, or where that was taken back, what runs again."""
        back = self.status is Status.FAILED and any(step.state == EffectState.VERIFIED for step in self.on_failure)
        return "After going back" if back else "Verdict"


def make_card(proposal: Proposal, catalog: Catalog, *, breakable: bool = False) -> Card:
    """The card of a proposal as it stands. `breakable` says that glass may be broken here."""
    plan = proposal.plan
    waiting = proposal.status in (Status.PENDING, Status.APPROVED)
    return Card(
        id=proposal.id,
        handle=proposal.handle,
        status=proposal.status,
        mark=MARKS[proposal.status],
        title=plan.summary,
        sentence=sentence(proposal, catalog),
        requester=proposal.requester_name,
        reason=proposal.reason,
        words=proposal.origin.words,
        steps=tuple(_line(step, _effect(proposal, index, compensating=False)) for index, step in enumerate(plan.steps)),
        on_failure=tuple(
            _line(step, _effect(proposal, index, compensating=True), compensating=True)
            for index, step in enumerate(plan.on_failure)
        ),
        risk=f"{plan.risk.value}: {', '.join(plan.risk_reasons)}" if plan.risk_reasons else plan.risk.value,
        blast_radius=", ".join(plan.blast_radius) or "no other service depends on it",
        verdict=_verdict(proposal, catalog),
        verdict_reasons=proposal.verdict.reasons,
        approvers=who_may_approve(proposal, catalog),
        approver_subjects=tuple(actor.subject for actor in _approvers(proposal, catalog)),
        approved_by=tuple(
            f"{decision.name} at {decision.at:%H:%M} UTC{_in_advance(decision)}" for decision in proposal.approvals
        ),
        expires_at=(proposal.expires_at if proposal.status is Status.PENDING else proposal.start_by)
        if waiting
        else None,
        notes=plan.notes,
        outcome=proposal.outcome,
        took=proposal.settled_at - proposal.started_at if proposal.settled_at and proposal.started_at else None,
        digest=proposal.digest,
        audit=f"countersign audit list --subject proposal/{proposal.id}",
        buttons=_buttons(proposal, breakable=breakable),
        version=proposal.version,
        natural=proposal.origin.natural,
        instead=correction(plan.params, catalog)
        if proposal.origin.natural and proposal.status is Status.PENDING
        else "",
        offered=proposal.origin.offered,
        cost=proposal.cost.sentence if proposal.cost else "",
        glass=f"{proposal.glass.sentence} It is {proposal.glass.reviewed}." if proposal.glass else "",
        **_checkup(proposal.checkup),
    )


class _Checked(TypedDict, total=False):
    watched_until: datetime
    health: str
    health_mark: str
    health_reasons: tuple[str, ...]
    offer: Command | None


def _checkup(checkup: Checkup | None) -> _Checked:
    """What the card says of the look at the service after the run."""
    if checkup is None:
        return {}
    if checkup.health is None:
        return {"watched_until": checkup.due_at}
    found = checkup.health
    text = f"{found.condition.value} – {found.text}" if found.text else found.condition.value
    return {
        "health": text, "health_mark": CONDITIONS[found.condition], "health_reasons": found.reasons, "offer": checkup.offer,
    }  # fmt: skip


def sentence(proposal: Proposal, catalog: Catalog) -> str:
    """Where it stands, in one line."""
    head = f"#{proposal.id} {proposal.plan.summary}"
    match proposal.status:
        case Status.PENDING:
            return f"{head}: waiting for approval by {who_may_approve(proposal, catalog)}."
        case Status.APPROVED if proposal.glass:
            return f"{head}: {proposal.glass.name} broke the glass for it, starting."
        case Status.APPROVED:
            by = " and ".join(f"{decision.name}{_in_advance(decision)}" for decision in proposal.approvals)
            return f"{head}: approved{f' by {by}' if by else ' by policy'}, starting."
        case Status.RUNNING:
            return f"{head}: running."
        case Status.REJECTED | Status.CANCELLED:
            return f"{head}: {proposal.outcome[:1].lower()}{proposal.outcome[1:]}"
        case _:
            return f"{head}: {proposal.status.value}. {proposal.outcome}".strip()


def _in_advance(decision: Decision) -> str:
    """“, in advance, by standing approval 3 until …”; who approves by hand gives no reason."""
    return f", {decision.reason}" if decision.reason else ""


def who_may_approve(proposal: Proposal, catalog: Catalog) -> str:
    """The people whose approval would count, by name where they are few, else by role; "nobody needs to" where policy allows it."""
    if proposal.verdict.outcome is Outcome.ALLOW:
        return "nobody: policy allows it at once"
    names = [actor.name for actor in _approvers(proposal, catalog)]
    if names and _several(proposal.verdict):
        return proposal.verdict.needed
    if 0 < len(names) <= FEW:
        return _either(names)
    return (
        "; ".join(str(requirement) for requirement in proposal.verdict.requirements)
        if names
        else "nobody who is known here"
    )


def _approvers(proposal: Proposal, catalog: Catalog) -> list[Actor]:
    """Everybody whose approval would count, by name."""
    services = services_of(proposal.plan, catalog)
    found = [
        person.actor
        for person in catalog.everybody
        if person.actor.subject != proposal.requester
        and any(eligible(requirement, person.actor, services) for requirement in proposal.verdict.requirements)
    ]
    return sorted(found, key=lambda actor: actor.name)


def _verdict(proposal: Proposal, catalog: Catalog) -> str:
    verdict = proposal.verdict
    if verdict.outcome is Outcome.ALLOW:
        return "allowed by policy without a second person"
    if _several(verdict):
        given = [decision.subject for decision in proposal.approvals]
        missing = still_unmet(
            verdict, proposal.plan, catalog, given, proposal.requester, stepped_up=proposal.stepped_up
        )
        left = replace(verdict, requirements=missing).needed
        return f"needs {verdict.needed}{f'; still missing: {left}' if given and left else ''}"
    got, needed = len(proposal.approvals), verdict.approvals_needed
    return f"needs {needed} approval{'s' if needed != 1 else ''}, has {got}"


def _several(verdict: Verdict) -> bool:
    """Do different people have to come together, or one in particular?"""
    return len({each.brief for each in verdict.requirements}) > 1 or any(
        each.owner_of or each.outside is not None for each in verdict.requirements
    )


def _effect(proposal: Proposal, index: int, *, compensating: bool) -> Effect | None:
    found = [e for e in proposal.effects if e.index == index and e.compensating is compensating]
    return found[-1] if found else None


def _line(step: Step, effect: Effect | None, *, compensating: bool = False) -> StepLine:
    progress = effect.progress if effect else {}
    text = ""
    if effect:
        settled = effect.state in (EffectState.VERIFIED, EffectState.FAILED, EffectState.UNKNOWN)
        text = effect.detail if settled and effect.detail else str(progress.get("text") or effect.detail)
    log = progress.get("log")
    return StepLine(
        action=step.action,
        target=str(step.target),
        before=step.before,
        after=step.after,
        diff=step.diff,
        state=effect.state.value if effect else "",
        text=text,
        wanted=_count(progress.get("wanted")),
        updated=_count(progress.get("updated")),
        ready=_count(progress.get("ready")),
        log=tuple(str(line) for line in log) if isinstance(log, Sequence) and not isinstance(log, str) else (),
        compensating=compensating,
    )


def _count(value: object) -> int:
    return value if isinstance(value, int) else 0


def _buttons(proposal: Proposal, *, breakable: bool) -> tuple[str, ...]:
    if proposal.status is Status.PENDING:
        emergency = (Choice.BREAK_GLASS.value,) if breakable else ()
        return (Choice.APPROVE.value, Choice.REJECT.value, "details", Choice.CANCEL.value, *emergency)
    return ("details",)


def _either(names: Sequence[str]) -> str:
    *head, last = names
    return f"{', '.join(head)} or {last}" if head else last
