"""Leaving a model alone that keeps failing, so that nobody waits for it in vain."""

from collections.abc import Callable


class Breaker:
    """Opens after `failures` in a row, for `pause` seconds; then one request is let through to see. `clock` counts seconds."""

    def __init__(self, *, failures: int, pause: float, clock: Callable[[], float]) -> None:
        self._most = failures
        self._pause = pause
        self._clock = clock
        self._failed = 0
        self._until = 0.0

    @property
    def closed(self) -> bool:
        """Is the model being asked as usual?"""
        return self._failed < self._most

    def admits(self) -> bool:
        """May this request go out? After the pause one may, and the next only when that one has come to its end or another pause is over."""
        if self.closed:
            return True
        now = self._clock()
        if now < self._until:
            return False
        self._until = now + self._pause
        return True

    def succeeded(self) -> None:
        """It answered."""
        self._failed = 0

    def failed(self) -> None:
        """It did not."""
        self._failed += 1
        if not self.closed:
            self._until = self._clock() + self._pause
