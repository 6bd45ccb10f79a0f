"""A stored plan on its way: who asked, what policy said, who decided, what became of it.

pending  -> approved | rejected | expired | void | cancelled
approved -> running  | expired  | void    | cancelled
running  -> succeeded | failed | unknown
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from skills.core.canonical import Json
from skills.core.checkup import Checkup
from skills.core.cost_delta import CostDelta
from skills.core.glass import Glass
from skills.core.names import Digest, Organization, ProposalId, SkillName, Subject
from skills.core.plan import Plan
from skills.core.verdict import Verdict


class Status(StrEnum):
    """Where a proposal stands."""

    PENDING = "pending"
    APPROVED = "approved"
    RUNNING = "running"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    UNKNOWN = "unknown"
    REJECTED = "rejected"
    EXPIRED = "expired"
    VOID = "void"
    CANCELLED = "cancelled"

    @property
    def settled(self) -> bool:
        """Nothing more will happen to it."""
        return self not in (Status.PENDING, Status.APPROVED, Status.RUNNING)


NEXT: Mapping[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.APPROVED, Status.REJECTED, Status.EXPIRED, Status.VOID, Status.CANCELLED}),
    Status.APPROVED: frozenset({Status.RUNNING, Status.EXPIRED, Status.VOID, Status.CANCELLED}),
    Status.RUNNING: frozenset({Status.SUCCEEDED, Status.FAILED, Status.UNKNOWN}),
}
"""Every transition there is; the store refuses any other."""


class Choice(StrEnum):
    """What a decision says. Glass that is broken stands beside the others, as a `Glass` of its own."""

    APPROVE = "approve"
    REJECT = "reject"
    CANCEL = "cancel"
    BREAK_GLASS = "break-glass"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One person's word on one digest. Times are UTC. `stepped_up` says that they proved with a code that it was them."""

    subject: Subject
    name: str
    choice: Choice
    digest: Digest
    at: datetime
    reason: str = ""
    stepped_up: bool = False


class EffectState(StrEnum):
    """How far one effect got. `INTENT` without anything after it is an unknown until it is read back."""

    INTENT = "intent"
    APPLIED = "applied"
    VERIFIED = "verified"
    FAILED = "failed"
    UNKNOWN = "unknown"


@dataclass(frozen=True, kw_only=True)
class Effect:
    """One step of one run. `ordinal` counts over the steps and then the compensating steps, from 0.

    `progress` is the last thing seen (`{"text", "wanted", "updated", "ready"}`); `detail` is one sentence on the outcome.
    """

    ordinal: int
    compensating: bool
    index: int
    state: EffectState
    intent_at: datetime
    outcome_at: datetime | None = None
    detail: str = ""
    progress: Mapping[str, Json] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Origin:
    """Where a request came from, so that the answer finds its way back.

    `edge` is "cli", "slack", ... ; `place` is what that edge needs to answer (for Slack: team, channel, thread, user);
    `words` is what the person typed, and `natural` says that it was no typed command but a sentence that had to be understood. Where they
    pressed an offer instead, `words` is that offer and `offered` the title of the report that made it.
    """

    edge: str
    words: str = ""
    place: Mapping[str, str] = field(default_factory=dict)
    natural: bool = False
    offered: str = ""

    def to_json(self) -> dict[str, Json]:
        said: dict[str, Json] = {"edge": self.edge, "words": self.words, "place": dict(self.place)}
        if self.natural:
            said["natural"] = True
        return {**said, "offered": self.offered} if self.offered else said

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Origin":
        return cls(
            edge=value["edge"],
            words=value["words"],
            place=value["place"],
            natural=bool(value.get("natural", False)),
            offered=str(value.get("offered", "")),
        )


@dataclass(frozen=True, kw_only=True)
class Proposal:
    """A plan, its digest, and its way through the door. Times are UTC.

    `outcome` is the sentence that tells how it ended. `handle` is the opaque id that a button carries.
    `version` grows by one with every change of the row, progress included. `checkup` is the look at its service after the run, `glass` the emergency in
    which somebody let it run without those who should have approved it.
    `cost` is what the plan changes about the bill, as it was estimated when it was asked for; None where it touches nothing that is paid for.
    `told` is what policies were told of the moment (incidents, history, error budgets) when it was asked for.
    """

    id: ProposalId
    organization: Organization
    handle: str
    requester: Subject
    requester_name: str
    reason: str
    origin: Origin
    plan: Plan
    digest: Digest
    verdict: Verdict
    status: Status
    created_at: datetime
    expires_at: datetime
    start_by: datetime | None = None
    started_at: datetime | None = None
    settled_at: datetime | None = None
    outcome: str = ""
    decisions: tuple[Decision, ...] = ()
    effects: tuple[Effect, ...] = ()
    checkup: Checkup | None = None
    glass: Glass | None = None
    cost: CostDelta | None = None
    told: Mapping[str, Json] | None = None
    version: int = 1

    @property
    def skill(self) -> SkillName:
        return self.plan.skill

    @property
    def stepped_up(self) -> frozenset[Subject]:
        """Those who approved with a code."""
        return frozenset(decision.subject for decision in self.approvals if decision.stepped_up)

    @property
    def approvals(self) -> tuple[Decision, ...]:
        return tuple(decision for decision in self.decisions if decision.choice is Choice.APPROVE)
