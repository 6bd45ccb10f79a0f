"""What skills need to know about what was done in the past that costs something: what was deployed, scaled and resized, when, and by whom."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from skills.core.names import ProposalId


class Done(StrEnum):
    """What was done to a service."""

    DEPLOY = "deploy"
    SCALING = "scaling"
    RESIZING = "resizing"
    OTHER = "change"


@dataclass(frozen=True, kw_only=True)
class PastChange:
    """One thing that was done. `what` tells it, fit to show: “2 → 3 replicas”, “v40 → v41”. `by` is a person or a program, "" where nobody knows.

    `proposal` is ours, where it went through here.
    """

    at: datetime
    service: str
    environment: str
    done: Done
    what: str
    by: str = ""
    proposal: ProposalId | None = None


class PastChanges(Protocol):
    """Everything that is known to have been done."""

    async def changes(
        self, *, since: datetime, until: datetime, services: Collection[str] = (), environments: Collection[str] = ()
    ) -> Sequence[PastChange]:
        """What was done from `since` to before `until` (UTC), oldest first; to these services and in these environments, all where none are named.

        What a source that does not answer would have known is missing.
        """
