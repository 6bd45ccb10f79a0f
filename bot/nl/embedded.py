"""The embedded interpreter: typed commands first, whole sentences second. No network, no key, no model."""

import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import replace
from datetime import UTC, datetime, tzinfo

from bot.nl import kubectl
from bot.nl.addressing import for_us
from bot.nl.commands import CommandInterpreter
from bot.nl.interpretation import OTHER, ChannelKind, Interpretation
from bot.nl.lookalikes import seeming
from bot.nl.natural.harmless import HARMLESS
from bot.nl.natural.interpreter import NaturalInterpreter
from bot.nl.natural.looking import states
from bot.nl.natural.speech import CUT, without_blocks
from bot.nl.natural.thread import Subject, subject
from bot.nl.questions import outside_ascii
from bot.nl.reading import Names
from bot.nl.turns import Turn
from bot.nl.words import LONGEST, hidden, plain, words
from skills.core.catalog import Catalog
from skills.core.registry import Skills

_NAMED = re.compile(r"(?:^|\s)--[a-z]")
"""A parameter that is given by name."""
_MOST_BEFORE_A_VERB = 6
"""Words: where a verb stands in a request."""


class EmbeddedInterpreter:
    """An `Interpreter` that is deterministic and takes about a millisecond.

    A typed command means exactly what it always meant; sentences are read only where it is none. Decisions are typed commands and
    nothing else. `zone` is the time zone that “yesterday” is meant in.
    """

    def __init__(
        self,
        skills: Skills,
        catalog: Catalog,
        *,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        zone: tzinfo = UTC,
    ) -> None:
        self._commands = CommandInterpreter(skills, catalog)
        self._natural = NaturalInterpreter(skills, catalog)
        self._catalog = catalog
        self._clock = clock
        self._zone = zone

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
        """What `text` asks for; see `Interpreter`."""
        ours = text if skill else self._for_us(text, channel_kind)
        if ours is None:
            return Interpretation(kind="none", interpreter="commands")
        text = ours
        typed = self._typed(text, skill=skill, usable=usable)
        if typed.complete or (typed.skill and kubectl.translated(text)):
            return typed
        if len(text) > LONGEST or hidden(text):
            return typed if channel_kind in ("direct", "command") else replace(typed, kind="none")
        if skill is None and (meant := self._slip(typed)) is not None:
            return meant
        when = now or self._clock()
        about = subject(thread, asker, lambda earlier: self._earlier(earlier, when)) if thread else None
        sentence = f"{skill} {text}" if skill else text
        natural = self._sentence(sentence, when, about=about, channel_kind=channel_kind)
        if skill is not None:
            # A slash command has said which skill: the sentence may only say the rest.
            return natural if natural.complete and natural.skill == typed.skill else typed
        better = _better(typed, natural, text)
        return self._looks_like(text) or better if better.kind == "none" else better

    def names(self) -> Names:
        """Every word that names something just now."""
        return self._commands.names()

    def _typed(self, text: str, *, skill: str | None, usable: Collection[str] | None) -> Interpretation:
        if len(text) > LONGEST:
            return self._commands.interpret(text, skill=skill, usable=usable)
        line = kubectl.translated(text) if skill is None else None
        if line is not None:
            return self._commands.interpret(line, usable=usable)
        typed = self._commands.interpret(text, skill=skill, usable=usable)
        own = without_blocks(text)
        if own != text and typed.complete and skill is None:
            # A command is one only if its verb is the person's own, and not in what they quote.
            outside = self._commands.interpret(own.replace(CUT, " "))
            return typed if outside.skill == typed.skill else Interpretation(kind="none", interpreter=typed.interpreter)
        return typed

    def _for_us(self, text: str, channel_kind: ChannelKind) -> str | None:
        people = {name.lower() for person in self._catalog.people for name in (person.actor.subject, *person.aliases)}
        names = self.names()
        return for_us(text, people=people, names=[*names.services, *names.environments], channel_kind=channel_kind)

    def _looks_like(self, text: str) -> Interpretation | None:
        """A verb in letters of another script: said so wherever the bot is spoken to, because it looks like a request that was ignored."""
        found = seeming(words(plain(text))[:_MOST_BEFORE_A_VERB], self._commands.verbs)
        if found is None:
            return None
        word, verb = found
        return Interpretation(
            kind="clarify",
            interpreter="commands",
            question=f"That is not “{verb}”. {outside_ascii(word)} Type it again, please.",
            unresolved={OTHER: word.text},
            candidates={"skill": (verb,)},
        )

    def _slip(self, typed: Interpretation) -> Interpretation | None:
        """A command that only reads, with a slip of the finger in its name."""
        if typed.skill is None and len(typed.completions) == 1:
            meant = self._commands.interpret(typed.completions[0])
            return replace(meant, confidence=0.8) if meant.kind == "query" else None
        return None

    def _sentence(
        self, text: str, when: datetime, *, about: Subject | None, channel_kind: ChannelKind
    ) -> Interpretation:
        names = self.names()
        return self._natural.interpret(
            text, names=names, now=when, zone=self._zone, about=about, channel_kind=channel_kind
        )

    def _earlier(self, text: str, when: datetime) -> Interpretation:
        """What an earlier turn of the asker's meant by itself."""
        return self.interpret(text[:LONGEST], now=when)


def _better(typed: Interpretation, natural: Interpretation, text: str) -> Interpretation:
    """Of two that are not a typed command, the one that understood more; a command with nothing but a value missing stays one."""
    if typed.skill and _NAMED.search(text) and not typed.unresolved.keys() <= natural.params.keys():
        # “logs checkout --since soon”: what somebody names like that is meant, and leaving it out would answer something else.
        return typed
    if natural.complete or natural.kind == "chat" or "skill" in natural.candidates:
        return natural
    half = typed.kind == "clarify" and typed.skill is not None and not _strained(typed)
    if half and natural.kind == "none" and states(text):
        return natural
    if half and natural.kind in ("clarify", "none") and natural.skill in (None, typed.skill):
        return natural if _clearer(natural, typed) else typed
    if natural.kind == "none" and typed.kind == "clarify" and typed.skill is None and typed.completions:
        return typed
    return natural


def _clearer(natural: Interpretation, typed: Interpretation) -> bool:
    """Of two questions about the same skill: does the sentence tell as much, and fewer words that nobody knows?"""
    if natural.skill is None or not typed.unresolved:
        return False
    if any(name in natural.missing and any(map(str.isdigit, said)) for name, said in typed.unresolved.items()):
        # A number was said that is none for this; asking for one as if nothing had been said would lose it.
        return False
    return len(natural.params) >= len(typed.params) and len(natural.unresolved) <= len(typed.unresolved)


def _strained(typed: Interpretation) -> bool:
    """Does it make sense as a command only by taking a word like “up” or “is” for a name, or not even so?"""
    if OTHER in typed.unresolved or not (typed.missing or typed.unresolved or typed.candidates):
        return True
    return any(word.lower() in HARMLESS for word in typed.unresolved.values())
