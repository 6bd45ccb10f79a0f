"""“Stop”: what was offered to whom, and who pressed. It is kept in the store, so that any replica may hear it for any other.

A press is known at once in the process that hears it, and within a second in the others.
"""

import asyncio
import hashlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from enum import Enum
from weakref import WeakValueDictionary

from bot.slack.asked import Asked
from bot.store import Store
from skills.core.canonical import Json
from skills.core.errors import Unavailable

LASTS = timedelta(minutes=30)
_POLL_SECONDS = 1.0


class Press(Enum):
    """What came of pressing Stop."""

    STOPPING = "stopping"
    OVER = "over"
    NOT_YOURS = "not yours"


class Stops:
    """Remembers offers and presses, and lets whoever works on an answer wait for a press."""

    def __init__(self, store: Store, clock: Callable[[], datetime], *, poll: float = _POLL_SECONDS) -> None:
        self._store = store
        self._clock = clock
        self._poll = poll
        self._here: WeakValueDictionary[str, asyncio.Event] = WeakValueDictionary()

    async def offer(self, asked: Asked, *, session: bool) -> str:
        """From now on whoever asked may stop it; the opaque name that says what. `session`: Slack may show a button of its own."""
        name = name_of(asked)
        offer: dict[str, Json] = {"key": asked.key, "user": asked.user, "session": session}
        await self._store.remember(_offered(name), offer, self._clock() + LASTS)
        return name

    async def press(self, name: str, user: str) -> Press:
        """Somebody pressed. Only whoever asked may, and only while there is something to stop; pressing twice is pressing once."""
        offer = await self._store.recall(_offered(name))
        if not isinstance(offer, Mapping):
            return Press.OVER
        if offer["user"] != user:
            return Press.NOT_YOURS
        await self._store.remember(_pressed(name), offer["key"], self._clock() + LASTS)
        if here := self._here.get(name):
            here.set()
        return Press.STOPPING

    async def pressed(self, asked: Asked) -> None:
        """Returns when whoever asked has pressed, even if that was before a crash."""
        name = name_of(asked)
        here = self._here.setdefault(name, asyncio.Event())
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(here.wait(), self._poll)
                return
            if await self._recorded(name, asked.key):
                return

    async def session(self, asked: Asked) -> bool:
        """True if Slack may be showing a button of its own for this, offered now or before a crash."""
        offer = await self._store.recall(_offered(name_of(asked)))
        return isinstance(offer, Mapping) and offer["key"] == asked.key and bool(offer["session"])

    async def over(self, asked: Asked) -> None:
        """This is answered: there is nothing to stop any more."""
        name = name_of(asked)
        offer = await self._store.recall(_offered(name))
        if isinstance(offer, Mapping) and offer["key"] == asked.key:
            await self._store.forget(_offered(name))
            await self._store.forget(_pressed(name))

    async def _recorded(self, name: str, key: str) -> bool:
        with suppress(Unavailable):
            return await self._store.recall(_pressed(name)) == key
        return False


def name_of(asked: Asked) -> str:
    """The same for each attempt at answering. Slack's own button names a thread and not a question, so in private that is what stops."""
    return name_in(asked.channel, asked.thread) if asked.kind == "direct" else _opaque(asked.key)


def name_in(channel: str, thread: str) -> str:
    """The name of what is under way in a thread of a direct conversation."""
    return _opaque(f"{channel}:{thread}")


def _opaque(what: str) -> str:
    return hashlib.sha256(f"stop:{what}".encode()).hexdigest()[:32]


def _offered(name: str) -> str:
    return f"slack-stop:{name}"


def _pressed(name: str) -> str:
    return f"slack-stopped:{name}"
