"""Where words become a request. Nothing here can change the world: the result is a proposal's arguments, or a question."""

from bot.nl.commands import CommandInterpreter
from bot.nl.embedded import EmbeddedInterpreter
from bot.nl.interpretation import ChannelKind, Interpretation, Interpreter, Resolved
from bot.nl.turns import BOT, Turn

__all__ = [
    "BOT", "ChannelKind", "CommandInterpreter", "EmbeddedInterpreter", "Interpretation", "Interpreter", "Resolved", "Turn",
]  # fmt: skip
