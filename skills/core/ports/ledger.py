"""What skills need to know about past and pending proposals."""

from collections.abc import Sequence
from typing import Protocol

from skills.core.proposal import Proposal


class Ledger(Protocol):
    """The organization's proposals, read only, newest first."""

    async def changes(
        self, *, service: str | None = None, environment: str | None = None, limit: int = 50
    ) -> Sequence[Proposal]:
        """Proposals that were run, or are running, on a service and an environment."""

    async def open(self) -> Sequence[Proposal]:
        """Proposals that are pending, approved or running."""
