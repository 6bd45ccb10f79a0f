"""What leaves for a model: a person's own words, and what others said marked as data; nothing secret in either."""

import json
import re
from collections.abc import Sequence

from bot.nl.natural.speech import CUT, own_words
from bot.nl.turns import BOT, Turn
from bot.nl.words import hidden
from skills.core.redaction import redact

_EMAIL = re.compile(r"[A-Za-z0-9._%+'-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){1,8}")
_LONG_TOKEN = re.compile(r"\b(?=[A-Za-z_-]*[0-9])(?=[0-9_-]*[A-Za-z])[A-Za-z0-9_-]{32,}\b")
_LOG_LINE = re.compile(
    r"^[ \t]*(?:\[?[0-9]{4}-[0-9]{2}-[0-9]{2}[T ][0-9]{2}:|\[?[0-9]{2}:[0-9]{2}:[0-9]{2}|[\[<(]?(?:ERROR|WARN(?:ING)?|INFO|DEBUG|FATAL|TRACE|CRITICAL)\b"
    r"|[IWEF][0-9]{4} |(?:level|ts|time|msg)=|(?:system|assistant|user|developer|tool)\s*:|Traceback \(|at [\w.$<>]+\().*$",
    re.MULTILINE | re.IGNORECASE,
)
_MOST_TURNS = 6
_LONGEST_TURN = 300
HIDDEN = "(hidden)"


def spoken(text: str) -> str:
    """A person's own words: what is quoted, pasted from a log, or dressed as another speaker is cut away."""
    return _LOG_LINE.sub(f" {CUT} ", own_words(text))


def clean(text: str) -> str:
    """`text` without secrets, addresses and long tokens, on one line, and with nothing in it that nobody can see."""
    text = _LONG_TOKEN.sub(HIDDEN, _EMAIL.sub(HIDDEN, redact(text)))
    seen = "".join(" " if hidden(each) else each for each in text)
    return " ".join(seen.split())


def earlier(thread: Sequence[Turn], asker: str) -> str:
    """The last turns, one JSON object a line, so that no text can end where it likes. Of the bot's turns, only what it had understood."""
    return "\n".join(_line(turn, asker) for turn in thread[-_MOST_TURNS:])


def _line(turn: Turn, asker: str) -> str:
    if turn.who == BOT:
        told = {
            "from": "bot",
            "skill": turn.skill,
            "arguments": {name: clean(str(turn.params[name])) for name in turn.params},
        }
    else:
        who = "the person who asks" if asker and turn.who == asker else "somebody else"
        told = {"from": who, "text": clean(spoken(turn.text))[:_LONGEST_TURN]}
    # Angle brackets are spelled out: the lines stand between marks that look like them.
    return json.dumps(told, ensure_ascii=False).replace("<", "\\u003c").replace(">", "\\u003e")
