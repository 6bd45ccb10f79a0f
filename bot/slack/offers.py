"""Buttons below a report that make the request it offers, as whoever presses them."""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from bot.nl.interpretation import ChannelKind
from bot.slack.asked import Asked
from bot.slack.views.text import clip, one_line
from bot.store import Store
from bot.usecases.door import Door
from bot.usecases.offers import offers_of, titles
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.report import Report

LASTS = timedelta(hours=12)
TWICE = timedelta(minutes=1)
"""Presses by the same person within this time are one press."""

_TITLE = 150


@dataclass(frozen=True, kw_only=True)
class Offered:
    """What the buttons of one report stand for, and where their answers go."""

    title: str
    texts: tuple[str, ...]
    thread: str
    private: bool
    kind: ChannelKind

    def asked(self, click: Asked, number: int, *, key: str) -> Asked:
        """The request that a press makes. Nobody typed it, so nothing of it is quoted as typed; and it stands by itself, so that what was
        said in the thread before does not matter.
        """
        return replace(
            click,
            key=f"offer:{key}",
            text=self.texts[number],
            offered=self.title,
            thread=self.thread,
            private=self.private,
            kind=self.kind,
        )

    def to_json(self) -> dict[str, Json]:
        return {
            "title": self.title, "texts": list(self.texts), "thread": self.thread, "private": self.private,
            "kind": self.kind,
        }  # fmt: skip

    @classmethod
    def from_json(cls, kept: Mapping[str, Json]) -> "Offered":
        texts = kept["texts"]
        assert isinstance(texts, list)
        return cls(
            title=str(kept["title"]),
            texts=tuple(str(text) for text in texts),
            thread=str(kept["thread"]),
            private=bool(kept["private"]),
            kind="direct" if kept["kind"] == "direct" else "command",
        )


class Offers:
    """Makes the opaque names that the buttons carry, and the requests of those that are pressed."""

    def __init__(
        self,
        door: Door,
        store: Store,
        clock: Callable[[], datetime],
        *,
        new_name: Callable[[], str] = lambda: secrets.token_urlsafe(12),
    ) -> None:
        self._door = door
        self._store = store
        self._clock = clock
        self._new_name = new_name

    async def names(self, asked: Asked, actor: Actor, reports: Sequence[Report]) -> Mapping[str, str]:
        """For the text of each offer, what its button is to carry. Remembered for `LASTS`, over restarts."""
        texts = tuple(offer.text for offer in offers_of(reports, self._door, actor))
        if not texts:
            return {}
        name = self._new_name()
        offered = Offered(
            title=clip(one_line(titles(reports)), _TITLE),
            texts=texts,
            thread=asked.thread,
            private=asked.private,
            kind="direct" if asked.kind == "direct" else "command",
        )
        await self._store.remember(f"slack-offer:{name}", offered.to_json(), self._clock() + LASTS)
        return {text: f"{name}.{number}" for number, text in enumerate(texts)}

    async def pressed(self, click: Asked, value: str) -> Asked | None:
        """The request of this button, or None if it is too old.

        A double click, and a delivery that is dealt with again, ask under one key, and so propose one thing. Later it is a new request.
        """
        name, _, number = value.rpartition(".")
        kept = await self._store.recall(f"slack-offer:{name}") if name else None
        if not isinstance(kept, Mapping):
            return None
        offered = Offered.from_json(kept)
        if not number.isdecimal() or int(number) >= len(offered.texts):
            return None
        once = f"slack-offer-pressed:{value}:{click.user}"
        first = await self._store.remember_first(once, click.key, self._clock() + TWICE)
        return offered.asked(click, int(number), key=str(first))
