"""What skills need to know of broken glass, and to note that somebody looked at it."""

from collections.abc import Sequence
from typing import Protocol

from skills.core.glass import Glass
from skills.core.names import ProposalId
from skills.core.skill import Asked


class Glasses(Protocol):
    """The organization's broken glass."""

    async def broken(self, limit: int = 50) -> Sequence[Glass]:
        """What nobody has reviewed first, then the newest first."""

    async def review(self, proposal: ProposalId, note: str, *, asked: Asked) -> Glass:
        """Note that the asker looked at it. One transaction, and the same `asked.key` again does nothing more.

        Raises `UnknownName` where no glass was broken, `NotAllowed` for whoever broke it, `NothingToDo` where somebody was first.
        """
