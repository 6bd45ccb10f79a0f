"""Keeps what stands in Slack like what stands in the store: one living card for each proposal, and one last word, seldom two.

It follows the store, not the engine, so that it does not matter which process decided or ran. Of several changes in quick succession
the last one is shown; after an outage that is one update, not a burst.
"""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress

import structlog

from bot.slack.asked import EDGE
from bot.slack.errors import NotInChannel
from bot.slack.outbox import Outbox, Spot
from bot.slack.views.answers import Said
from bot.slack.views.blocks import section
from bot.slack.views.card import card_blocks, card_text, final_sentence, health_sentence
from bot.slack.views.text import mention, plain
from bot.store import Message, Store
from bot.usecases.card import FEW, Card, make_card
from skills.core.catalog import Catalog
from skills.core.errors import Anticipated, Unavailable
from skills.core.names import ProposalId
from skills.core.proposal import Proposal

log = structlog.get_logger()

CURSOR = "slack"
_BETWEEN_UPDATES = 1.2
_POLL_SECONDS = 1.0
_AGAIN_SECONDS = 5.0


class Projector:
    """Follows `store.changed_since`. `between` is the least time, in seconds, between two updates of one card. With `breakable`, those
    that wait have a button for emergencies.
    """

    def __init__(
        self,
        store: Store,
        catalog: Catalog,
        outbox: Outbox,
        *,
        breakable: bool = False,
        between: float = _BETWEEN_UPDATES,
        again: float = _AGAIN_SECONDS,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._outbox = outbox
        self._breakable = breakable
        self._between = between
        self._again = again
        self._sleep = sleep
        self._woken = asyncio.Event()
        self._stopping = False
        self._dirty: set[ProposalId] = set()
        self._following: dict[ProposalId, asyncio.Task[None]] = {}
        self._showing: dict[ProposalId, asyncio.Lock] = {}

    def wake(self) -> None:
        """Something changed: look now rather than at the next poll."""
        self._woken.set()

    async def run(self) -> None:
        """Until `stop`."""
        cursor = -1
        while not self._stopping:
            self._woken.clear()
            try:
                if cursor < 0:
                    cursor = await self._store.cursor(CURSOR)
                cursor = await self._catch_up(cursor)
            except Unavailable as problem:
                log.warning("changes cannot be read", problem=str(problem))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._woken.wait(), _POLL_SECONDS)

    async def stop(self, grace: float) -> None:
        """Take up no more, and give what is under way `grace` seconds."""
        self._stopping = True
        self._woken.set()
        tasks = list(self._following.values())
        if tasks:
            await asyncio.wait(tasks, timeout=grace)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def show(self, id: ProposalId) -> None:
        """Make Slack look like the store, now. Raises `NotInChannel` if the card cannot be where it belongs, and `Unavailable`."""
        async with self._showing.setdefault(id, asyncio.Lock()):
            seen = 0
            while True:
                proposal = await self._store.proposal(id)
                if proposal is None or proposal.version == seen or not _in_slack(proposal):
                    return
                # Another process may have shown something newer or older meanwhile; whoever looks last is right.
                seen = proposal.version
                await self._show(proposal)

    async def _show(self, proposal: Proposal) -> None:
        card = make_card(proposal, self._catalog, breakable=self._breakable)
        place = proposal.origin.place
        spot = Spot(channel=place["channel"], thread=place.get("thread", ""))
        said = Said(text=card_text(card), blocks=card_blocks(card, called=self._called(card)))
        try:
            message = await self._outbox.keep_current(f"card:{proposal.id}", spot, said)
        except NotInChannel:
            if proposal.status.settled:
                await self._last_word(card, place.get("user", ""), None, spot)
            raise
        if proposal.status.settled:
            await self._last_word(card, place.get("user", ""), message, spot)

    def _called(self, card: Card) -> list[str]:
        """The accounts of the few who may approve; empty where they are many, or not all of them are here."""
        people = [self._catalog.by_subject(subject) for subject in card.approver_subjects]
        accounts = [person.slack[0] for person in people if person and person.slack]
        return accounts if len(accounts) == len(people) <= FEW else []

    async def _last_word(self, card: Card, user: str, message: Message | None, spot: Spot) -> None:
        """The final sentence, once: in the card's thread, or directly to the requester where there is no card. And one more, should it
        turn out afterwards that the service does badly, since nobody's phone rings for a card that changes.
        """
        thread = spot.thread or (message.ts if message and message.ts else "")
        where = Spot(channel=spot.channel, thread=thread) if message and message.state == "sent" else Spot(channel=user)
        who = f"{mention(user)} " if user else ""
        said = Said(text=card_text(card), blocks=[section(f"{who}{final_sentence(card)}")])
        if where.channel:
            await self._outbox.post(f"final:{card.id}", where, said)
            if card.degraded:
                worse = Said(
                    text=plain(f"#{card.id} {card.health}", 500), blocks=[section(f"{who}{health_sentence(card)}")]
                )
                await self._outbox.post(f"health:{card.id}", where, worse)

    async def _catch_up(self, cursor: int) -> int:
        """Take up what changed after `cursor`; the cursor that is returned is written down once nothing lags behind."""
        while changes := await self._store.changed_since(cursor):
            for change, id in changes:
                self._take_up(id)
                cursor = change
        if not self._following and cursor != await self._store.cursor(CURSOR):
            await self._store.set_cursor(CURSOR, cursor)
        return cursor

    def _take_up(self, id: ProposalId) -> None:
        self._dirty.add(id)
        if id not in self._following:
            self._following[id] = asyncio.create_task(self._follow(id))

    async def _follow(self, id: ProposalId) -> None:
        try:
            while id in self._dirty and not self._stopping:
                self._dirty.discard(id)
                await self._sleep(self._between if await self._tried(id) else self._again)
        finally:
            del self._following[id]
            if id not in self._dirty:
                self._showing.pop(id, None)

    async def _tried(self, id: ProposalId) -> bool:
        """Shown, or not to be shown; False if it has to be tried again."""
        try:
            await self.show(id)
        except NotInChannel:
            log.warning("a card cannot be shown: the bot is not in its channel", proposal=id)
        except Unavailable as problem:
            log.warning("a card is shown later", proposal=id, problem=str(problem))
            self._dirty.add(id)
            return False
        except Anticipated as problem:
            log.warning("a card cannot be shown", proposal=id, problem=str(problem))
        except Exception:
            log.exception("bug", proposal=id)
        return True


def _in_slack(proposal: Proposal) -> bool:
    return proposal.origin.edge == EDGE and bool(proposal.origin.place.get("channel"))
