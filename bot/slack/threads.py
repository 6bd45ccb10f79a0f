"""What was said to the bot in a thread, so that “roll it back” means something, after a restart as well.

Nothing is read from Slack for this: only what was addressed to the bot is known to it, and only that is kept, without secrets and not for
ever. A conversation with the bot alone is one memory, in which a reply in a thread continues that thread and nothing else.
"""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from bot.nl.turns import Turn
from bot.slack.asked import Asked
from bot.store import Store
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.redaction import redact

LASTS = timedelta(days=7)
MOST = 10
"""Exchanges that are kept of a thread: what a person said, and what the bot took it for."""

_LONGEST = 500


class Threads:
    """Reads and writes the memory of threads."""

    def __init__(self, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock
        self._writing: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def earlier(self, asked: Asked) -> tuple[Turn, ...]:
        """The turns before this one, oldest first. A delivery that is dealt with again does not see its own."""
        if asked.kind in ("command", "channel"):
            return ()
        kept = await self._kept(_key(asked))
        return tuple(
            turn
            for exchange in kept
            if exchange["key"] != asked.key and (not asked.reply or exchange["thread"] == asked.thread)
            for turn in _turns(exchange)
        )

    async def keep(self, asked: Asked, actor: Actor, answer: Turn) -> None:
        """Add what was said and the `answer` to it. Repeating it changes nothing."""
        if not asked.thread:
            return
        said = Turn(who=actor.subject, text=redact(asked.text)[:_LONGEST])
        exchange: dict[str, Json] = {
            "key": asked.key, "thread": asked.thread, "turns": [_to_json(said), _to_json(answer)],
        }  # fmt: skip
        key = _key(asked)
        async with self._writing.setdefault(key, asyncio.Lock()):
            others = [each for each in await self._kept(key) if each["key"] != asked.key]
            await self._store.remember(key, [*others, exchange][-MOST:], self._clock() + LASTS)

    async def _kept(self, key: str) -> list[Mapping[str, Json]]:
        kept = await self._store.recall(key)
        return [each for each in kept if isinstance(each, Mapping)] if isinstance(kept, list) else []


def _key(asked: Asked) -> str:
    place = asked.channel if asked.kind == "direct" else f"{asked.channel}:{asked.thread}"
    return f"slack-thread:{place}"


def _to_json(turn: Turn) -> dict[str, Json]:
    return {
        "who": turn.who, "text": turn.text, "skill": turn.skill, "params": dict(turn.params),
        "candidates": {name: list(values) for name, values in turn.candidates.items()},
    }  # fmt: skip


def _turns(exchange: Mapping[str, Json]) -> list[Turn]:
    turns = exchange["turns"]
    assert isinstance(turns, Sequence)
    return [_turn(each) for each in turns if isinstance(each, Mapping)]


def _turn(kept: Mapping[str, Json]) -> Turn:
    params, candidates = kept["params"], kept["candidates"]
    assert isinstance(params, Mapping)
    assert isinstance(candidates, Mapping)
    return Turn(
        who=str(kept["who"]),
        text=str(kept["text"]),
        skill=str(kept["skill"]) if kept["skill"] else None,
        params=dict(params),
        candidates={
            name: tuple(str(value) for value in values)
            for name, values in candidates.items()
            if isinstance(values, list)
        },
    )
