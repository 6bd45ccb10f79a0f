"""Alerts that others send, put together: where they come in, what is known of them, and what passes them on."""

from collections.abc import Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from bot.incidents import Chat
from bot.store import Store
from bot.usecases.alert_desk import PURPOSE, AlertDesk
from skills.core.ports.received_alerts import Firing

if TYPE_CHECKING:
    from bot.bootstrap import World


class StoredReceivedAlerts:
    """Satisfies `ReceivedAlerts`. `listening` says whether there is an address that takes alerts."""

    def __init__(self, store: Store, *, listening: bool, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._listening = listening
        self._clock = clock

    async def firing(self, *, service: str = "") -> Sequence[Firing]:
        return await self._store.alerts.counted(service=service or None)

    async def ended(self, *, since: datetime, service: str = "") -> int:
        return await self._store.alerts.ended_since(since, service=service or None)

    def listens(self) -> bool:
        return self._listening

    def now(self) -> datetime:
        return self._clock()


def alert_desk_beside(world: "World", edge: object) -> AlertDesk:
    """What passes alerts on, with the cards of this edge if it has any and a channel is configured for alerts."""
    channel = world.configuration.slack.channels.get(PURPOSE, "")
    boards = edge.boards if isinstance(edge, Chat) else None
    return AlertDesk(store=world.store, clock=world.clock, boards=boards, channel=channel)
