"""What one look may cost, and what it has cost so far."""

import time
from collections.abc import Callable

from skills.core.ports.snapshots import Budget


class Spent(Exception):
    """The budget of a look has run out; `what` says of what: “400 calls”."""

    def __init__(self, what: str) -> None:
        super().__init__(what)
        self.what = what


class Purse:
    """Counts calls and bytes as they are spent. Shared by all calls of one look; satisfies `Meter`."""

    def __init__(self, budget: Budget, *, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._budget = budget
        self._monotonic = monotonic
        self._started = monotonic()
        self.calls = 0
        self.bytes = 0

    @property
    def seconds(self) -> float:
        """Since the look began."""
        return self._monotonic() - self._started

    @property
    def left(self) -> float:
        """Seconds until the answer has to be there."""
        return self._budget.seconds - self.seconds

    def request(self) -> None:
        """One more request is about to be sent. Raises `Spent`."""
        if self.left <= 0:
            raise Spent(f"{self._budget.seconds:.3g} seconds")
        if self.calls >= self._budget.calls:
            raise Spent(f"{self._budget.calls} calls")
        self.calls += 1

    def received(self, size: int) -> None:
        """So many bytes more have come in. Raises `Spent`."""
        self.bytes += size
        if self.bytes > self._budget.bytes:
            raise Spent(f"{self._budget.bytes:,} bytes")
