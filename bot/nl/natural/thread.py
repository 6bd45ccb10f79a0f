"""What a thread is about: the latest request in it, as the bot understood it or as the asker put it."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.nl.interpretation import Interpretation
from bot.nl.turns import BOT, Turn
from skills.core.canonical import Json

_MOST_READ = 12
"""Turns: what was said longer ago is not what “it” means."""


@dataclass(frozen=True, kw_only=True)
class Subject:
    """What the thread is about. `asked` are the parameters that the bot has asked for and not been told, with their candidates."""

    skill: str
    params: Mapping[str, Json] = field(default_factory=dict)
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


def subject(turns: Sequence[Turn], asker: str, read: Callable[[str], Interpretation]) -> Subject | None:
    """The latest request, or None. What other people said is not heeded: “it” is never what somebody else planted."""
    for turn in reversed(turns[-_MOST_READ:]):
        if turn.skill:
            if turn.who in (BOT, asker):
                return Subject(skill=turn.skill, params=dict(turn.params), candidates=turn.candidates)
            continue
        if turn.who == BOT or (asker and turn.who != asker):
            continue
        understood = read(turn.text)
        if understood.skill and understood.kind in ("query", "change", "clarify"):
            return Subject(skill=understood.skill, params=understood.params, candidates=understood.candidates)
    return None
