"""Every moment at which a process may die so that it makes a difference, numbered.

A boundary is a commit of the store, a call that changes the cluster, a call that changes Slack, or a reading of the clock; a process may be
gone just before it or just after it. Everything that the bot does to the world outside of its memory is one of the first three.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest

from bot.store import Database
from integrations.memory.cluster import MemoryCluster

COMMIT, EFFECT, SEND, CLOCK = "commit", "effect", "send", "clock"


class Boundaries:
    """Counts what is crossed. `crossing` is told of each boundary, by number and name; it may end the process."""

    def __init__(self, crossing: Callable[[int, str], None] = lambda _number, _name: None) -> None:
        self.crossed: list[str] = []
        self._crossing = crossing

    def cross(self, name: str) -> None:
        """One more, called like “before commit”."""
        self.crossed.append(name)
        self._crossing(len(self.crossed) - 1, name)

    def count(self, kind: str) -> int:
        """How many of a kind were crossed entirely."""
        return self.crossed.count(f"after {kind}")

    def watch(self, patch: pytest.MonkeyPatch) -> None:
        """From now on every commit and every edit of the cluster crosses here; sends and the clock are told by who stands in for them."""
        writing, apply = Database.writing, MemoryCluster.apply

        @asynccontextmanager
        async def counted_writing(database: Database) -> AsyncIterator[Any]:
            async with writing(database) as connection:
                yield connection
                self.cross(f"before {COMMIT}")
            self.cross(f"after {COMMIT}")

        async def counted_apply(cluster: MemoryCluster, *args: Any, **kwargs: Any) -> None:
            self.cross(f"before {EFFECT}")
            await apply(cluster, *args, **kwargs)
            self.cross(f"after {EFFECT}")

        patch.setattr(Database, "writing", counted_writing)
        patch.setattr(MemoryCluster, "apply", counted_apply)
