"""What skills need to approve something in advance."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Protocol

from skills.core.grant import Grant
from skills.core.skill import Asked


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What somebody wants to approve in advance, in the names of the catalog; None for the usual length and number of uses."""

    grantee: str
    skill: str
    service: str
    environment: str
    replicas: int | None = None
    length: timedelta | None = None
    most: int | None = None


class Grants(Protocol):
    """The organization's standing approvals. Those that write are one transaction, and the same `asked.key` again does nothing more."""

    async def live(self) -> Sequence[Grant]:
        """Those that can be used now, oldest first."""

    async def give(self, wish: Wish, *, asked: Asked) -> Grant:
        """Approve in advance, as the asker.

        Raises `NotAllowed` where the asker could not approve such a request if it were made now, `BadInput` for themselves, without a reason, for too
        long, or where no approval is needed.
        """

    async def revoke(self, number: int, *, asked: Asked) -> Grant:
        """End it, as who gave it, who got it, or somebody who could approve what it approves. Raises `UnknownName` and `NotAllowed`."""
