"""Tells in Slack what is to be said unasked: to people directly, to places in the channels that are configured for them.

It follows the store like the cards do, so it does not matter which process decided that something be said. Each notice is posted once, in
their order; one that cannot be posted where it belongs is skipped after that has been logged, and still stands in `countersign notices`.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

import structlog

from bot.slack.offering import Offering
from bot.slack.outbox import Outbox, Spot
from bot.slack.views.answers import Said
from bot.slack.views.report import report_blocks, report_text
from bot.store import Store
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated, Unavailable
from skills.core.notice import Notice, Person

log = structlog.get_logger()

CURSOR, URGENT_CURSOR = "slack-notices", "slack-notices-urgent"
EVERYWHERE_ELSE = "announcements"
"""The channel of places for which none is configured."""
STALE = timedelta(days=1)
"""What nobody could be told for so long is not told any more, so that a workspace which is connected late is not flooded."""
URGENT = ("glass:", "page/")
"""How the keys begin of what cannot wait behind others."""
_POLL_SECONDS = 1.0
_AGAIN_SECONDS = 5.0
_PACE_SECONDS = 1.0


class Notices:
    """Follows `store.notices`. `channels` are Slack's ids by what they are for. `between` is the least time between two notices, in seconds.

    With `urgent`, it tells what cannot wait, and nothing else; without, everything else.
    """

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        outbox: Outbox,
        channels: Mapping[str, str],
        *,
        clock: Callable[[], datetime],
        urgent: bool = False,
        between: float = _PACE_SECONDS,
        again: float = _AGAIN_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._outbox = outbox
        self._channels = channels
        self._clock = clock
        self._offering = Offering(store, clock)
        self._urgent = urgent
        self._cursor = URGENT_CURSOR if urgent else CURSOR
        self._between = between
        self._again = again
        self._sleep = sleep

    async def run(self) -> None:
        """Until it is cancelled."""
        while True:
            wait = _POLL_SECONDS
            try:
                await self.catch_up()
            except Unavailable as problem:
                log.warning("notices are told later", problem=str(problem))
                wait = self._again
            await self._sleep(wait)

    async def catch_up(self) -> None:
        """Tell what has not been told. Raises `Unavailable` where it has to be tried again, which repeats nothing."""
        number = await self._store.cursor(self._cursor)
        while waiting := await self._store.notices.after(number):
            for notice in waiting:
                number = notice.number
                if self._urgent is not notice.key.startswith(URGENT):
                    continue
                await self._tell(notice)
                await self._store.set_cursor(self._cursor, number)
                await self._sleep(self._between)
            await self._store.set_cursor(self._cursor, number)

    async def _tell(self, notice: Notice) -> None:
        channel = self._channel(notice)
        if self._clock() - notice.at > STALE:
            log.info("a notice is too old to be told", notice=notice.number, to=str(notice.to))
            return
        if not channel:
            log.info("a notice has no place in Slack", notice=notice.number, to=str(notice.to))
            return
        offers = await self._offering(f"notice:{notice.number}", notice.report)
        said = Said(text=report_text(notice.report), blocks=report_blocks(notice.report, offers=offers))
        try:
            await self._outbox.post(f"notice:{notice.number}", Spot(channel=channel), said)
        except Unavailable:
            raise
        except Anticipated as problem:
            log.warning("a notice cannot be told", notice=notice.number, to=str(notice.to), problem=str(problem))

    def _channel(self, notice: Notice) -> str:
        """Slack's id of where it goes; a person's own account is where they are written to directly. "" where there is none."""
        if isinstance(notice.to, Person):
            person = self._catalog.by_subject(notice.to.subject)
            return person.slack[0] if person and person.slack and person.actor.active else ""
        return notice.to.channel or self._channels.get(notice.to.purpose) or self._channels.get(EVERYWHERE_ELSE, "")
