"""Letting go of what was typed, once it is as old as the organization wants."""

from collections.abc import Callable
from datetime import datetime, timedelta

import structlog

from bot.store import Store

log = structlog.get_logger()

_AT_A_TIME = 20
"""Transactions in one go; the next go takes the rest."""


class Forgetting:
    """The use case “forget”; a ticker calls it, in every process. Without `after`, nothing is forgotten."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime], after: timedelta | None) -> None:
        self._store = store
        self._clock = clock
        self._after = after

    async def __call__(self) -> int:
        """How many texts were erased. May be repeated."""
        count = 0
        for _ in range(_AT_A_TIME if self._after else 0):
            assert self._after is not None
            async with self._store.begin() as tx:
                erased = await tx.erase_older(self._clock() - self._after)
                if erased is None:
                    break
                # Not as a reason, which would be a text that is erased in its turn, by yet another entry.
                facts = {**erased.facts, "older_than_days": self._after.days}
                tx.record("audit:erased", "audit/log", facts, actor="clock")
                count += erased.texts
        if count:
            log.info("what was typed long ago was erased", texts=count)
        return count
