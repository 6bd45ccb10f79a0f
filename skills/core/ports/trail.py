"""What skills need of the audit log."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from skills.core.canonical import Json
from skills.core.names import ProposalId


@dataclass(frozen=True, kw_only=True)
class Fact:
    """One entry of the log in clear text, or with a word in place of what was erased. `at` is UTC."""

    seq: int
    at: datetime
    actor: str
    verb: str
    facts: Mapping[str, Json]


class Trail(Protocol):
    """The organization's audit log, read only."""

    async def about(self, proposal: ProposalId) -> Sequence[Fact]:
        """Every entry about a proposal, oldest first. Raises `Anticipated` for one that somebody made unreadable."""
