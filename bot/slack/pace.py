"""Slack's speed limits, kept before Slack has to remind us: about one message a second in a channel, and so many calls a minute."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from bot.slack.errors import Limited


@dataclass(kw_only=True)
class _Channel:
    free_at: float = 0.0


class Pace:
    """Hands out turns, in each channel in the order in which they were asked for.

    `now` is a monotonic clock in seconds. A burst of `burst` messages passes at once; after it they are `interval` seconds apart. Whoever
    would have to wait longer than `patience` is sent away, so that one busy channel does not hold up work for the others.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        interval: float = 1.0,
        burst: int = 4,
        patience: float = 5.0,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._interval = interval
        self._burst = burst
        self._patience = patience
        self._channels: dict[str, _Channel] = {}

    async def turn(self, channel: str) -> None:
        """Returns when a message to `channel` may be sent. Raises `Limited` if that is too far off."""
        place = self._channels.setdefault(channel, _Channel())
        ahead = place.free_at - self._now() - self._interval * (self._burst - 1)
        if ahead > self._patience:
            raise Limited("There is too much to say in that channel right now.", retry_after=ahead)
        place.free_at = max(place.free_at, self._now()) + self._interval
        self._forget_idle()
        if ahead > 0:
            await self._sleep(ahead)

    def hold(self, channel: str, seconds: float) -> None:
        """Slack said to wait: nothing goes to `channel` for that long."""
        place = self._channels.setdefault(channel, _Channel())
        place.free_at = max(place.free_at, self._now() + seconds + self._interval * (self._burst - 1))

    def _forget_idle(self) -> None:
        if len(self._channels) > 1000:
            idle = [name for name, c in self._channels.items() if c.free_at < self._now()]
            for name in idle:
                del self._channels[name]


class Budget:
    """So many calls a minute, for what may as well be left out: nobody waits for it. `now` is a monotonic clock in seconds.

    It is this process' own: of several replicas each has one, and where they are too many together Slack says so.
    """

    def __init__(self, *, now: Callable[[], float], a_minute: float, burst: int) -> None:
        self._now = now
        self._a_second = a_minute / 60
        self._burst = burst
        self._left = float(burst)
        self._counted_at = now()

    def take(self) -> bool:
        """True if one more call is within the limit, which it then counts towards."""
        now = self._now()
        self._left = min(self._left + (now - self._counted_at) * self._a_second, self._burst)
        self._counted_at = now
        if self._left < 1:
            return False
        self._left -= 1
        return True
