"""A language model as an interpreter. It sees words and answers with the name of a skill and arguments, which are only data.

Nothing here holds a store, an engine, a port or a way to approve, and no credential besides the model's own key. What the model says is
checked against the catalog and the person's own words before it becomes an `Interpretation`. Its prose is thrown away, but for that of the
`Agent`, which may only read; there it is cleansed, and shown apart.
"""

from bot.nl.model.agent import Agent
from bot.nl.model.breaker import Breaker
from bot.nl.model.chat import Ask, Call, Chat, Reply, Trouble, Why
from bot.nl.model.interpreter import ModelInterpreter
from bot.nl.model.limits import Allowance, Bounds, Limiter, Limits, Price, Used
from bot.nl.model.prompts import Prompts
from bot.nl.model.sent import Sent

__all__ = [
    "Agent", "Allowance", "Ask", "Bounds", "Breaker", "Call", "Chat", "Limiter", "Limits", "ModelInterpreter", "Price", "Prompts", "Reply", "Sent",
    "Trouble", "Used", "Why",
]  # fmt: skip
