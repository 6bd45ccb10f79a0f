"""What somebody's words were taken to mean, whoever took them: the typed-command interpreter, or a model behind the same port."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol, TypeAlias

from bot.nl.turns import Turn
from skills.core.canonical import Json

Meaning: TypeAlias = Literal["query", "change", "decision", "clarify", "chat", "none"]
ChannelKind: TypeAlias = Literal["channel", "direct", "thread", "command"]

OTHER = "other"
"""The key, among the unresolved, of words that fit no parameter."""


@dataclass(frozen=True, kw_only=True)
class Resolved:
    """What one value was taken from. `score` is 1 for what was said as it is, and `candidates` are what else it resembled."""

    parameter: str
    words: str
    value: Json
    score: float = 1.0
    candidates: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Read:
    """One question for one skill."""

    skill: str
    params: Mapping[str, Json]


@dataclass(frozen=True, kw_only=True)
class Interpretation:
    """A request that is complete, or what to ask back.

    `kind` is the kind of the skill when everything that it needs is known; `clarify` when something has to be asked; `chat` when a change
    is spoken about and not asked for, so that its help is the answer; `none` when the words are no request, or not one for anything that
    can be done here. `params` holds what is known either way, by parameter name, with names in
    their canonical spelling. `missing` are required parameters not spoken of, `unresolved` words that are not what their place asks for
    (by parameter, or under `other`), `candidates` what they might have meant. `question` is fit to show. Each of `completions` is a
    whole request, ready to be interpreted again to a complete one. `confidence` is between 0 and 1; an interpreter that does not guess
    says 1 of a complete request and 0 of any other. `hindered` is a question because of how it was put (a condition, a “should we”), and not
    for want of a value. `corrects` says that the asker takes an earlier request back in favour of this one (“no, payments-api”). `reads`, where
    there are any, are the questions that the words come down to when they ask for more than one skill tells: whoever can put their answers
    together may do that instead of asking back. `note` is what the person should know about how their words were read; fit to show.
    """

    kind: Meaning
    interpreter: str
    skill: str | None = None
    params: Mapping[str, Json] = field(default_factory=dict)
    reason: str = ""
    missing: tuple[str, ...] = ()
    unresolved: Mapping[str, str] = field(default_factory=dict)
    candidates: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    question: str = ""
    completions: tuple[str, ...] = ()
    confidence: float = 0.0
    resolved: tuple[Resolved, ...] = ()
    hindered: bool = False
    corrects: bool = False
    reads: tuple[Read, ...] = ()
    note: str = ""

    @property
    def complete(self) -> bool:
        """Can it be asked for as it stands?"""
        return self.kind in ("query", "change", "decision")


class Interpreter(Protocol):
    """Turns words into a request."""

    def interpret(
        self,
        text: str,
        *,
        skill: str | None = None,
        usable: Collection[str] | None = None,
        thread: Sequence[Turn] = (),
        asker: str = "",
        channel_kind: ChannelKind = "direct",
        now: datetime | None = None,
    ) -> Interpretation:
        """What `text` asks for. Raises nothing; holds no state; changes nothing.

        `thread` are the earlier turns, oldest first; of them only what the bot had understood and what `asker` said is heeded.
        `channel_kind` says how sure it is that the bot is meant; `now` (aware) is what “yesterday” counts from.

        `skill` is known where the door said it already (a slash command of its own). `usable` are the skills that the person may use:
        it shapes what is suggested, never what is understood, because policy is what says no.
        """
