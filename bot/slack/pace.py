"""Slack's speed limits, kept before Slack has to remind us: about one message a second in a channel, with a little slack for bursts."""

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field


@dataclass(kw_only=True)
class _Channel:
    turn: asyncio.Lock = field(default_factory=asyncio.Lock)
    free_at: float = 0.0


class Pace:
    """Hands out turns, one channel at a time and each channel in order.

    `now` is a monotonic clock in seconds. A burst of `burst` messages passes at once; after it they are `interval` seconds apart.
    """

    def __init__(
        self,
        *,
        now: Callable[[], float],
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        interval: float = 1.0,
        burst: int = 4,
    ) -> None:
        self._now = now
        self._sleep = sleep
        self._interval = interval
        self._burst = burst
        self._channels: dict[str, _Channel] = {}

    async def turn(self, channel: str) -> None:
        """Returns when a message to `channel` may be sent."""
        place = self._channels.setdefault(channel, _Channel())
        async with place.turn:
            ahead = place.free_at - self._now() - self._interval * (self._burst - 1)
            if ahead > 0:
                await self._sleep(ahead)
            place.free_at = max(place.free_at, self._now()) + self._interval
        self._forget_idle()

    def hold(self, channel: str, seconds: float) -> None:
        """Slack said to wait: nothing goes to `channel` for that long."""
        place = self._channels.setdefault(channel, _Channel())
        place.free_at = max(place.free_at, self._now() + seconds + self._interval * (self._burst - 1))

    def _forget_idle(self) -> None:
        if len(self._channels) > 1000:
            idle = [name for name, c in self._channels.items() if c.free_at < self._now() and not c.turn.locked()]
            for name in idle:
                del self._channels[name]
