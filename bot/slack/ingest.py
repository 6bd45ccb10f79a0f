"""The acknowledgement, which is given when a delivery is committed and not before.

Bolt would acknowledge an event and then run its listener; a crash in between loses it. So this runs as Bolt's first step, stores the
delivery, and answers. If storing fails it raises, Slack gets a 500 (or no acknowledgement), and delivers again.
"""

import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import structlog
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.slack.deliveries import arrival, teams_of
from bot.store.inbox import Inbox
from skills.core.errors import Unavailable

log = structlog.get_logger()

PARSED = "countersign_parsed"
"""Where the gate leaves what it parsed, in Bolt's context."""

_HANDSHAKES = ("url_verification", "ssl_check")


@dataclass(kw_only=True)
class Identity:
    """Which workspace and app this is. What is not configured is learned from Slack; "" until then."""

    team: str = ""
    app: str = ""
    bot_user: str = ""
    bot_name: str = "countersign"


class Meter(Protocol):
    """What is told about deliveries."""

    def acknowledged(self, seconds: float) -> None: ...

    def delivery(self, outcome: str) -> None: ...


class Ingest:
    """Bolt's first middleware. `stored` is called with the kind of each new delivery."""

    def __init__(
        self, inbox: Inbox, identity: Identity, *, stored: Callable[[str], None], metrics: Meter | None = None
    ) -> None:
        self._inbox = inbox
        self._identity = identity
        self._stored = stored
        self._metrics = metrics

    async def __call__(self, req: AsyncBoltRequest, next: Callable[[], Awaitable[BoltResponse]]) -> BoltResponse | None:
        """Store and acknowledge. Raises `Unavailable` if the delivery could not be stored."""
        body: Mapping[str, Any] = req.context.get(PARSED) or req.body
        if body.get("type") in _HANDSHAKES:
            await next()
            return None
        started = time.perf_counter()
        if not self._for_us(body):
            self._count("refused")
            return BoltResponse(status=401, body="")
        await self._store(body)
        if self._metrics:
            self._metrics.acknowledged(time.perf_counter() - started)
        return BoltResponse(status=200, body="")

    async def _store(self, body: Mapping[str, Any]) -> None:
        found = arrival(body)
        if found is None:
            return
        new = await self._inbox.put(found.key, found.kind, found.body)
        self._count("accepted" if new else "duplicate")
        if new:
            self._stored(found.kind)

    def _for_us(self, body: Mapping[str, Any]) -> bool:
        if not self._identity.team:
            raise Unavailable("It is not known yet which workspace this is.")
        app = body.get("api_app_id")
        if self._identity.team not in teams_of(body) or (self._identity.app and app and app != self._identity.app):
            log.warning("a delivery for another workspace or app was refused", type=str(body.get("type"))[:40])
            return False
        return True

    def _count(self, outcome: str) -> None:
        if self._metrics:
            self._metrics.delivery(outcome)
