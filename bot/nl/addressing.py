"""Whom a message is for: this bot, another one, or a person.

People who come from another bot go on calling this one by its name (“hubot deploy …”, “@argocd-bot logs …”). Where nobody else can be meant, in
a direct message and after a slash, such a name is an address like ours. In a channel the other bot may well be there, so what begins with
its name, or with anybody's but ours, is not for us.
"""

import re
from collections.abc import Collection

from bot.nl.interpretation import ChannelKind
from bot.nl.words import plain

OURS = "countersign"
_OURS = frozenset({OURS, "bot", "ops"})
_OTHERS = frozenset({"hubot", "errbot", "botkube", "yetibot", "stackstorm"})
"""ChatOps bots by the names that they come with."""
_ADDRESS = re.compile(
    r"\s*(?:<@(?P<id>[^>\n]{1,80})>|@(?P<mention>[\w.-]{1,80})|(?P<name>[A-Za-z][\w.-]{1,40}))[,:]?(?:\s+|$)"
)
_QUESTION = re.compile(r"(?:what|which|who|how|where|is|are|do|does)\b", re.IGNORECASE)
_FOR_A_MODEL = re.compile(r"^ai\s+(?=\S)", re.IGNORECASE)
"""“@Botkube ai what …”: the word that hands a question to the other bot's model."""


def for_us(text: str, *, people: Collection[str], names: Collection[str], channel_kind: ChannelKind) -> str | None:
    """The words without an address, or None if they are for somebody else.

    `people` are the names of those who are known here, in lower case; `names` those of services and environments: a message may begin with them.
    """
    match = _ADDRESS.match(text)
    if match is None:
        return text
    word = plain(match.group()).strip(" ,:@").lower()
    called = match["name"] is None
    if called and word in people:
        return None
    if word in _OURS:
        return text[match.end() :] if called else text
    other = word in _OTHERS or (word.endswith("bot") and len(word) > len("bot") + 1)
    if not called and (not other or word in names or match.end() == len(text)):
        return text
    if channel_kind in ("channel", "thread"):
        return None
    return _to_us(_FOR_A_MODEL.sub("", text[match.end() :]), word)


def _to_us(rest: str, word: str) -> str:
    """In a question the name that we are called by is ours: “@Botkube what's the Botkube version?”"""
    return re.sub(rf"\b{re.escape(word)}\b", OURS, rest, flags=re.IGNORECASE) if _QUESTION.match(rest) else rest
