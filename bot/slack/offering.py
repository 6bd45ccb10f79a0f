"""Buttons under what the bot says by itself: each press makes the request in its words, as whoever presses."""

import hashlib
import json
from collections.abc import Callable, Mapping
from datetime import datetime, timedelta

from bot.slack.offers import Offered
from bot.slack.views.text import clip, one_line
from bot.store import Store
from skills.core.report import Command, Finding, Report

OFFERED_FOR = timedelta(days=7)
_TITLE = 150


class Offering:
    """Remembers what the buttons of a message stand for, so that they carry nothing but a name."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def __call__(self, key: str, report: Report) -> Mapping[str, str]:
        """What the buttons carry. The same names as long as the report offers the same, or the message would change with every look."""
        texts = tuple(dict.fromkeys(command.text for command in _commands(report)))
        if not texts:
            return {}
        name = hashlib.sha256(json.dumps([key, texts]).encode()).hexdigest()[:20]
        title = clip(one_line(report.title), _TITLE)
        offered = Offered(title=title, texts=texts, thread="", private=False, kind="command")
        await self._store.remember(f"slack-offer:{name}", offered.to_json(), self._clock() + OFFERED_FOR)
        return {text: f"{name}.{number}" for number, text in enumerate(texts)}


def _commands(report: Report) -> list[Command]:
    offered = [part for part in report.parts if isinstance(part, Command)]
    return offered + [part.offer for part in report.parts if isinstance(part, Finding) and part.offer]
