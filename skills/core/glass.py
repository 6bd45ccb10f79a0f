"""Broken glass: one person's word, in an emergency, in place of approvals that nobody is there to give, on one plan, for a short while.

It stands in for what was missing when it was given, and for nothing else: never for a denial, nor for a plan that is not the one that was
shown. Somebody else looks at it afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from skills.core.canonical import Json
from skills.core.names import Digest, ProposalId, Subject
from skills.core.verdict import Requirement

LONGEST = timedelta(minutes=60)
"""No configuration lets it hold for longer."""
REVIEW_WITHIN = timedelta(hours=24)
PURPOSE = "break-glass"
"""The place where it is told."""


@dataclass(frozen=True, kw_only=True)
class GlassRules:
    """Whether and how glass may be broken. Without `by_requester`, only for what somebody else asked for."""

    roles: frozenset[str]
    holds: timedelta = LONGEST
    by_requester: bool = False


@dataclass(frozen=True, kw_only=True)
class Review:
    """What somebody else found who looked at it afterwards. UTC."""

    at: datetime
    by: Subject
    name: str
    note: str


@dataclass(frozen=True, kw_only=True)
class Glass:
    """Broken for one proposal by `subject`, from `at` to just before `until` (UTC), in an incident that was open then.

    `stands_for` is what was missing; `confidential` says that the incident is, so that it is named to nobody. `review` is to be there by
    `review_due`.
    """

    proposal: ProposalId
    digest: Digest
    subject: Subject
    name: str
    reason: str
    incident: int
    confidential: bool
    at: datetime
    until: datetime
    stands_for: tuple[Requirement, ...]
    review_due: datetime
    review: Review | None = None

    @property
    def where(self) -> str:
        """“incident #4”, where everybody may know of it."""
        return "a confidential incident" if self.confidential else f"incident #{self.incident}"

    @property
    def needed(self) -> str:
        """What it stands in for: “one from sre or platform-lead”."""
        return brief(self.stands_for)

    @property
    def sentence(self) -> str:
        """Who, when, why."""
        return f"{self.name} broke the glass at {self.at:%H:%M} UTC in {self.where}: {self.reason}. It stands in for {self.needed} until {self.until:%H:%M} UTC."

    @property
    def reviewed(self) -> str:
        """How the look at it afterwards stands."""
        if self.review:
            return f"reviewed by {self.review.name}: {self.review.note}"
        return f"to be reviewed by {self.review_due:%Y-%m-%d %H:%M} UTC, by somebody else than {self.name}"

    @property
    def facts(self) -> dict[str, Json]:
        """For the audit log, where people stand by their subject alone."""
        return {
            "digest": self.digest,
            "reason": self.reason,
            "incident": self.incident,
            "until": self.until.isoformat(),
            "stands_for": [each.to_json() for each in self.stands_for],
            "review_due": self.review_due.isoformat(),
        }


def brief(requirements: Sequence[Requirement]) -> str:
    """These requirements in few words."""
    return " and ".join(dict.fromkeys(each.brief for each in requirements))
