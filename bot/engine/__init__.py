"""Durable execution: an approved proposal is run to its end, whatever crashes on the way. DBOS behind a few verbs of our own."""

from bot.engine.engine import Engine
from bot.engine.lock import EngineLock

__all__ = ["Engine", "EngineLock"]
