"""What skills need to have access looked through again."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from skills.core.actor import Actor
from skills.core.campaign import Campaign, Question, Word
from skills.core.skill import Asked


@dataclass(frozen=True, kw_only=True)
class Standing:
    """The campaign that is open, or was last, with its questions. `mine` are those that wait for whoever asks."""

    campaign: Campaign
    questions: Sequence[Question]
    mine: Sequence[Question]


class AccessReviews(Protocol):
    """The organization's campaigns. What writes is one transaction, and the same `asked.key` again does nothing more."""

    async def standing(self, *, asker: Actor) -> Standing | None:
        """How the newest campaign stands; None if there was never one."""

    async def answer(self, number: int, word: Word, *, asked: Asked) -> Question:
        """Keep or revoke, as the asker; returns the question as it stands then.

        Raises `UnknownName`, `BadInput` without a reason, `NotAllowed` for one's own access, for whoever is not asked, and for what was
        answered already or is over.
        """
