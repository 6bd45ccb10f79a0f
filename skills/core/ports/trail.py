"""What skills need of the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from skills.core.canonical import Json
from skills.core.names import ProposalId


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One entry of the log in clear text, or with a word in place of what was erased. `at` is UTC.

    `about` are the facts of how the proposal was asked for that it is about, where that is known.
    """

    seq: int
    at: datetime
    actor: str
    verb: str
    facts: Mapping[str, Json]
    subject: str = ""
    about: Mapping[str, Json] = field(default_factory=dict)


class Trail(Protocol):
    """The organization's audit log, read only."""

    async def about(self, proposal: ProposalId) -> Sequence[Fact]:
        """Every entry about a proposal, oldest first. Raises `Anticipated` for one that somebody made unreadable."""

    async def between(self, start: datetime, end: datetime, *, actor: str | None = None) -> Sequence[Fact]:
        """What was done from `start` to before `end` (UTC), oldest first, by everybody or by one; without incidents, which tell who may know of them."""
