"""Votes on answers to sentences: what a pair of buttons is about, for as long as they can be pressed."""

import secrets
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.slack.asked import Asked
from bot.slack.views.answers import HELPFUL, UNHELPFUL
from bot.store import Store
from bot.usecases.understood import Understood
from skills.core.actor import Actor
from skills.core.redaction import redact

LASTS = timedelta(days=30)
_LONGEST = 500


class Feedback:
    """Makes the opaque names that the buttons carry, and takes the votes."""

    def __init__(
        self,
        store: Store,
        clock: Callable[[], datetime],
        *,
        new_name: Callable[[], str] = lambda: secrets.token_urlsafe(12),
    ) -> None:
        self._store = store
        self._clock = clock
        self._new_name = new_name

    async def name(self, asked: Asked, understood: Understood) -> str:
        """What buttons below this answer are to carry; "" where there are none to be: a typed command is not a matter of opinion."""
        if not understood.natural:
            return ""
        name = self._new_name()
        about = {"text": redact(asked.typed)[:_LONGEST], "skill": understood.skill}
        await self._store.remember(_key(name), about, self._clock() + LASTS)
        return name

    async def vote(self, actor: Actor, value: str) -> bool:
        """Count a vote; the last of a person's on one answer is the one that counts. False if the buttons are too old."""
        name, _, vote = value.rpartition(".")
        about = await self._store.recall(_key(name)) if name and vote in (HELPFUL, UNHELPFUL) else None
        if not isinstance(about, Mapping):
            return False
        skill = about["skill"]
        await self._store.votes.cast(
            name, actor.subject, vote=vote, text=str(about["text"]), skill=str(skill) if skill else None
        )
        return True


def _key(name: str) -> str:
    return f"slack-feedback:{name}"
