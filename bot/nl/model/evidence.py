"""What a person said themselves, value by value: what a change may be made of, whatever a model says."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, tzinfo

from bot.nl.interpretation import Resolved
from bot.nl.model.outgoing import spoken
from bot.nl.natural.items import Item, ItemReader
from bot.nl.natural.speech import clauses
from bot.nl.reading import Names
from bot.nl.turns import Turn
from bot.nl.vocabulary import FILLERS, RELEASE_WORDS, TURNS
from bot.nl.words import words
from skills.core.canonical import Json
from skills.core.catalog import DNS_LABEL
from skills.core.skill import Slot

_MOST_TURNS = 12
_THREAD = "(earlier in the thread)"


@dataclass(kw_only=True)
class _Said:
    """One message, or several, as values and words."""

    items: list[Item] = field(default_factory=list)
    words: dict[str, str] = field(default_factory=dict)

    def of(self, slot: Slot) -> Mapping[str, Json]:
        """Every value said for a slot, by its spelling."""
        found = {str(item.value).lower(): item.value for item in self.items if item.slot is slot}
        if slot is Slot.REVISION:
            found |= {str(i.value): i.value for i in self.items if i.slot is Slot.REPLICAS and isinstance(i.value, int)}
        if slot is Slot.RELEASE:
            found |= {key: word for key, word in self.words.items() if key.isascii() and _may_be_release(key)}
        if slot is Slot.CONTAINER:
            found |= {key: word for key, word in self.words.items() if _may_be_name(key)}
        return found


class Evidence:
    """The asker's own words: those of the request, and of their own earlier turns. Nobody else's count, the bot's included."""

    def __init__(
        self, text: str, thread: Sequence[Turn], asker: str, *, names: Names, now: datetime, zone: tzinfo
    ) -> None:
        self._reader = ItemReader(names, now, zone)
        self._now = self._said([text])
        own = [turn.text for turn in thread[-_MOST_TURNS:] if asker and turn.who == asker]
        self._before = self._said(own)
        self._text = " ".join(" ".join(spoken(each) for each in (text, *own)).lower().split())

    def find(self, parameter: str, slot: Slot, value: Json) -> Resolved | None:
        """The value as the person said it, or None if they did not. What they say now supersedes what they said before."""
        now = self._now.of(slot)
        if slot is Slot.TIME:
            return self.only(parameter, slot)
        key = str(value).strip().lower()
        if key in now:
            return Resolved(parameter=parameter, words=str(now[key]), value=now[key])
        before = {} if _names_one(self._now, slot) else self._before.of(slot)
        if key in before:
            return Resolved(parameter=parameter, words=_THREAD, value=before[key], score=0.9)
        return None

    def only(self, parameter: str, slot: Slot) -> Resolved | None:
        """The one value that is said for a slot just now, if it is one."""
        said = [item for item in self._now.items if item.slot is slot and item.firm]
        if len({str(item.value) for item in said}) != 1:
            return None
        return Resolved(parameter=parameter, words=said[0].text, value=said[0].value)

    def says(self, words: str) -> bool:
        """Did the asker use these very words, now or before?"""
        return " ".join(words.lower().split()) in self._text

    def holds(self, words: Collection[str]) -> bool:
        """Does the request have one of these words?"""
        return any(word.replace("’", "'") in words for word in self._now.words)

    def _said(self, texts: Sequence[str]) -> _Said:
        said = _Said()
        for text in texts:
            for clause in clauses(spoken(text)):
                said.items += self._reader.read(clause.text)
                for word in words(clause.text):
                    parts = (word.text, *word.text.partition(":")[::2], *word.text.partition("@")[::2])
                    said.words |= {part.lower(): part for part in parts if part}
        return said


def _names_one(said: _Said, slot: Slot) -> bool:
    return any(item.slot is slot for item in said.items)


def _may_be_release(key: str) -> bool:
    return any(letter.isdigit() for letter in key) or key in RELEASE_WORDS


def _may_be_name(key: str) -> bool:
    return bool(DNS_LABEL.fullmatch(key)) and key not in FILLERS and key not in TURNS
