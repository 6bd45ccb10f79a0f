"""Letting time pass: what nobody decided expires, and what nobody reviewed is said once."""

from collections.abc import Awaitable, Callable
from datetime import datetime

from bot.store import Store
from bot.usecases.decide import expire
from skills.core.proposal import Status


class Sweep:
    """The use case “sweep”; a ticker calls it, and so may anybody, any number of times."""

    def __init__(
        self, *, store: Store, clock: Callable[[], datetime], remind: Callable[[], Awaitable[int]] | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._remind = remind

    async def __call__(self) -> int:
        """Expire what is due; returns how many."""
        due = 0
        now = self._clock()
        for proposal in await self._store.open():
            late = proposal.status is Status.PENDING and now >= proposal.expires_at
            unstarted = (
                proposal.status is Status.APPROVED and proposal.start_by is not None and now >= proposal.start_by
            )
            if late or unstarted:
                async with self._store.begin() as tx:
                    locked = await tx.proposal(proposal.id)
                    due += bool(locked and await expire(tx, locked, now))
        if self._remind:
            await self._remind()
        return due
