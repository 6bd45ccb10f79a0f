"""What skills need to hold others off for a while."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Protocol

from skills.core.lock import Lock, Scope
from skills.core.skill import Asked


class Locks(Protocol):
    """The organization's locks. Each call but the first is one transaction, and the same `asked.key` again does nothing more."""

    async def held(self) -> Sequence[Lock]:
        """Those that hold now, oldest first."""

    async def take(self, scope: Scope, *, length: timedelta | None, asked: Asked) -> Lock:
        """Lock it for the asker, for the usual time if no length is given; a lock of their own there is replaced.

        Raises `NotAllowed` where somebody else's lock has anything in common with it, and `BadInput` without a reason or for too long.
        """

    async def steal(self, scope: Scope, *, length: timedelta | None, asked: Asked) -> tuple[Lock, Sequence[Lock]]:
        """The same, ending the locks of others there, which are returned as well; their owners are told.

        Raises `BadInput` like `take`, and where nobody else holds anything.
        """

    async def release(self, scope: Scope, *, asked: Asked) -> Sequence[Lock]:
        """End the asker's locks within it. Raises `NothingToDo` where there is none, and `NotAllowed` where they are somebody else's."""
