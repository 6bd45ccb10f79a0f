"""A question that needs several reads: who answers it, what they are given for that, and what comes back."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from bot.nl.interpretation import Read
from bot.nl.turns import Turn
from skills.core.canonical import Json
from skills.core.report import Report


class Look(Protocol):
    """One read, judged like any other, on behalf of whoever asks."""

    async def __call__(self, skill: str, params: Mapping[str, Json]) -> Report:
        """The report. Raises `Anticipated` errors and nothing else: also where policy says no, and where the skill does more than read."""


class Listener(Protocol):
    """Who is told how it goes. Raises nothing."""

    async def working(self, what: str) -> None:
        """A short phrase of ours."""

    async def prose(self, more: str) -> None:
        """More of the explainer's words, cleansed."""


@dataclass(frozen=True, kw_only=True)
class Inquiry:
    """A question, by `asker`, after what was said in `thread`. `reads` are those that it plainly asks for; others may follow.

    `usable` are the skills that the asker may use, `look` is how to read.
    """

    text: str
    asker: str
    reads: Sequence[Read]
    usable: Collection[str]
    look: Look
    listener: Listener
    thread: Sequence[Turn] = ()


@dataclass(frozen=True, kw_only=True)
class Found:
    """What one read brought, or a report that says why it brought nothing. `asked` is the request as it would be typed."""

    skill: str
    asked: str
    report: Report


@dataclass(frozen=True, kw_only=True)
class Explanation:
    """What was read, and what `model` says about it: nothing where it was in `trouble`, which is then a sentence fit to show."""

    model: str
    prose: str = ""
    found: tuple[Found, ...] = field(default=())
    trouble: str = ""


class Explainer(Protocol):
    """Answers a question by several reads."""

    async def explain(self, inquiry: Inquiry) -> Explanation:
        """The answer. Raises nothing, changes nothing, and may be cancelled at any time."""
