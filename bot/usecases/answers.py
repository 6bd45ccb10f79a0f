"""What comes back through the door, whatever was asked. Edges render it; `to_json` is the contract of `countersign ask --json`."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import IntEnum
from typing import Any, ClassVar, TypeAlias

from bot.nl.turns import Turn
from bot.usecases.card import Card
from bot.usecases.understood import Understood
from skills.core.checkup import Checkup
from skills.core.glass import Glass
from skills.core.proposal import Choice, Proposal
from skills.core.report import Report

_MOST_READ = 12


class Exit(IntEnum):
    """Exit codes of the command line."""

    DONE = 0
    BUG = 1
    CLARIFY = 2
    REFUSED = 3
    UNAVAILABLE = 4


@dataclass(frozen=True, kw_only=True)
class _Heard:
    """What every answer knows: how the words were taken that it answers to."""

    understood: Understood = field(default=Understood(), compare=False)

    @property
    def turn(self) -> Turn:
        """What the bot contributes to the thread."""
        return self.understood.turn()

    @property
    def heard(self) -> dict[str, Any]:
        """For programs: what the words were taken for; nothing where they were no request."""
        return {"understood": self.understood.to_json()} if self.understood.skill else {}


@dataclass(frozen=True, kw_only=True)
class Answered(_Heard):
    """A query's report, or a change that turned out to be already the case."""

    kind: ClassVar[str] = "report"
    exit: ClassVar[Exit] = Exit.DONE
    report: Report

    @property
    def text(self) -> str:
        return self.report.summary

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, **self.report.to_json(), **self.heard}


@dataclass(frozen=True, kw_only=True)
class Prose:
    """A model's words, cleansed: no links, domains, images, mentions, control or invisible characters. `model` is its name."""

    text: str
    model: str


@dataclass(frozen=True, kw_only=True)
class Source:
    """One read that an explanation rests on: the request as it would be typed, and its whole report."""

    skill: str
    asked: str
    report: Report

    def to_json(self) -> dict[str, Any]:
        return {"skill": self.skill, "asked": self.asked, **self.report.to_json()}


@dataclass(frozen=True, kw_only=True)
class Explained(_Heard):
    """Several reads, and what a model says about them. The reports are ours; the prose is the model's and is shown apart, as such.

    Where the model did not get that far, its text is empty, and `note` says why; never a model's words.
    """

    kind: ClassVar[str] = "explained"
    exit: ClassVar[Exit] = Exit.DONE
    prose: Prose
    sources: tuple[Source, ...]
    note: str = ""

    @property
    def text(self) -> str:
        return f"I asked {', '.join(source.asked for source in self.sources)}."

    def to_json(self) -> dict[str, Any]:
        prose = {"model": self.prose.model, "text": self.prose.text}
        noted = {"note": self.note} if self.note else {}
        sources = [source.to_json() for source in self.sources]
        return {"kind": self.kind, "text": self.text, **noted, "prose": prose, "sources": sources}


@dataclass(frozen=True, kw_only=True)
class Stopped(_Heard):
    """The person who asked wanted no answer any more. Only reads are ever stopped, so nothing is half-done."""

    kind: ClassVar[str] = "stopped"
    exit: ClassVar[Exit] = Exit.DONE
    text: str = "Stopped, as you asked. Nothing was changed."

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text}


@dataclass(frozen=True, kw_only=True)
class Proposed(_Heard):
    """A proposal was stored. `proposal` is as it stood when the answer was made; `card` is how to show it.

    `note` is what the person should know about how their words were read; never a model's words.
    """

    kind: ClassVar[str] = "proposal"
    exit: ClassVar[Exit] = Exit.DONE
    proposal: Proposal
    card: Card
    note: str = ""

    @property
    def text(self) -> str:
        return self.card.sentence

    def to_json(self) -> dict[str, Any]:
        noted = {"note": self.note} if self.note else {}
        return {"kind": self.kind, "text": self.text, **noted, **proposal_json(self.proposal), **self.heard}


@dataclass(frozen=True, kw_only=True)
class Decided(_Heard):
    """A decision was recorded."""

    kind: ClassVar[str] = "decision"
    exit: ClassVar[Exit] = Exit.DONE
    choice: Choice
    proposal: Proposal
    card: Card

    @property
    def text(self) -> str:
        return self.card.sentence

    def to_json(self) -> dict[str, Any]:
        proposal = proposal_json(self.proposal)
        return {"kind": self.kind, "text": self.text, "decision": self.choice.value, "proposal": proposal}


@dataclass(frozen=True, kw_only=True)
class Clarify(_Heard):
    """A question back, or bad input explained. `completions` are whole requests, any of which may be sent instead."""

    kind: ClassVar[str] = "clarify"
    exit: ClassVar[Exit] = Exit.CLARIFY
    text: str
    skill: str | None = None
    missing: tuple[str, ...] = ()
    unresolved: Mapping[str, str] = field(default_factory=dict)
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    completions: tuple[str, ...] = ()

    @property
    def listed(self) -> tuple[str, ...]:
        """The completions where they have to be read one below the other, which nobody does with a hundred."""
        return self.completions[:_MOST_READ]

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind, "text": self.text, "skill": self.skill, "missing": list(self.missing),
            "unresolved": dict(self.unresolved), "candidates": {k: list(v) for k, v in self.candidates.items()},
            "completions": list(self.completions), **self.heard,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Refused(_Heard):
    """Policy, an owner or a rule of the house says no. Nothing was done.

    It leaves nothing to the thread: what somebody was refused is theirs alone to come back to, and nobody else's “it” means that.
    """

    kind: ClassVar[str] = "refused"
    exit: ClassVar[Exit] = Exit.REFUSED
    text: str
    reasons: tuple[str, ...] = ()
    rules: tuple[str, ...] = ()

    @property
    def turn(self) -> Turn:
        return Understood().turn()

    def to_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "text": self.text,
            "reasons": list(self.reasons),
            "rules": list(self.rules),
            **self.heard,
        }


@dataclass(frozen=True, kw_only=True)
class Failed(_Heard):
    """An outside system is unavailable, or we have a bug; `reference` then finds it in the log."""

    kind: ClassVar[str] = "error"
    text: str
    exit: Exit
    reference: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text, "code": int(self.exit), "reference": self.reference}


@dataclass(frozen=True, kw_only=True)
class Ignored(_Heard):
    """The words were no request: an edge says nothing. `text` is what could be said to somebody who insists."""

    kind: ClassVar[str] = "none"
    exit: ClassVar[Exit] = Exit.CLARIFY
    text: str = ""

    def to_json(self) -> dict[str, Any]:
        return {"kind": self.kind, "text": self.text}


Answer: TypeAlias = Answered | Explained | Stopped | Proposed | Decided | Clarify | Refused | Failed | Ignored


def glass_json(glass: Glass) -> dict[str, Any]:
    """Who let it run in an emergency, and who looked at it since; without the incident's number where that is confidential."""
    review = glass.review
    return {
        "by": glass.subject,
        "at": glass.at.isoformat(),
        "until": glass.until.isoformat(),
        "reason": glass.reason,
        "incident": None if glass.confidential else glass.incident,
        "stands_for": [str(each) for each in glass.stands_for],
        "review_due": glass.review_due.isoformat(),
        "review": {"by": review.by, "at": review.at.isoformat(), "note": review.note} if review else None,
    }


def proposal_json(proposal: Proposal) -> dict[str, Any]:
    """A proposal for programs: ids, digest, status, plan, verdict and what became of it. Times are ISO 8601 in UTC."""
    plan = proposal.plan
    return {
        "id": proposal.id,
        "digest": proposal.digest,
        "status": proposal.status.value,
        "skill": plan.skill,
        "params": dict(plan.params),
        "summary": plan.summary,
        "risk": plan.risk.value,
        "risk_reasons": list(plan.risk_reasons),
        "blast_radius": list(plan.blast_radius),
        "requester": proposal.requester,
        "reason": proposal.reason,
        "steps": [
            {
                "action": step.action,
                "target": str(step.target),
                "before": step.before,
                "after": step.after,
                "diff": [change.to_json() for change in step.diff],
            }
            for step in plan.steps
        ],
        "on_failure": [
            {"action": step.action, "target": str(step.target), "before": step.before, "after": step.after}
            for step in plan.on_failure
        ],
        "notes": list(plan.notes),
        "cost": proposal.cost.to_json() if proposal.cost else None,
        "glass": glass_json(proposal.glass) if proposal.glass else None,
        "verdict": {
            "outcome": proposal.verdict.outcome.value,
            "reasons": list(proposal.verdict.reasons),
            "rules": list(proposal.verdict.rules),
            "approvals_needed": proposal.verdict.approvals_needed,
        },
        "approvals": [{"subject": decision.subject, "at": decision.at.isoformat()} for decision in proposal.approvals],
        "created_at": proposal.created_at.isoformat(),
        "expires_at": proposal.expires_at.isoformat(),
        "outcome": proposal.outcome,
        "checkup": _checkup_json(proposal.checkup),
    }


def _checkup_json(checkup: Checkup | None) -> dict[str, Any] | None:
    """The look at the service after the run: when, and, once that was done, what was found."""
    return {"due_at": checkup.due_at.isoformat(), **checkup.to_json()} if checkup else None
