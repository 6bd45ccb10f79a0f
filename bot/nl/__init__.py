"""Where words become a request. Nothing here can change the world: the result is a proposal's arguments, or a question."""

from bot.nl.commands import CommandInterpreter
from bot.nl.interpretation import Interpretation, Interpreter

__all__ = ["CommandInterpreter", "Interpretation", "Interpreter"]
