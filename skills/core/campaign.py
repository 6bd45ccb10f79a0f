"""Looking access through again: each person's roles and teams, one question each, for somebody else to keep or to revoke."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal, TypeAlias

from skills.core.canonical import Json
from skills.core.membership import Membership
from skills.core.names import Subject


class Word(StrEnum):
    """What became of a question. `gone`: the person was no longer there, or no longer had it, when the campaign ended."""

    KEEP = "keep"
    REVOKE = "revoke"
    GONE = "gone"


Unanswered: TypeAlias = Literal["revoke", "escalate"]
"""What becomes of what nobody answered in time: it is revoked, or asked of those who answer for the rest."""


@dataclass(frozen=True, kw_only=True)
class Question:
    """May this person keep it? `gives` are sentences: what they could no longer do without it, as policy stood when it was asked.

    `number` counts within the organization. An answered question has a `word`, and says by whom, when (UTC) and why.
    """

    number: int
    campaign: int
    person: Subject
    person_name: str
    membership: Membership
    gives: tuple[str, ...] = ()
    word: Word | None = None
    by: str = ""
    by_name: str = ""
    reason: str = ""
    at: datetime | None = None

    @property
    def about(self) -> str:
        return f"{self.person_name} has {self.membership.words}"

    def to_json(self) -> dict[str, Json]:
        return {
            "question": self.number, "campaign": self.campaign, "person": self.person, "name": self.person_name,
            "membership": str(self.membership), "gives": list(self.gives), "answer": self.word.value if self.word else None,
            "by": self.by, "reason": self.reason, "at": self.at.isoformat() if self.at else None,
        }  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Campaign:
    """Opened by a person, or by the clock; open until every question is answered, or until it is over. Times are UTC.

    What nobody answered by `due_at` becomes what `unanswered` says. `escalated_at` is when that was to ask others.
    """

    number: int
    opened_by: str
    reason: str
    opened_at: datetime
    due_at: datetime
    unanswered: Unanswered
    escalated_at: datetime | None = None
    closed_at: datetime | None = None

    @property
    def title(self) -> str:
        return f"Access review {self.number}"
