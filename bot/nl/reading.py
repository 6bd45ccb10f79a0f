"""Giving each word of a request its place: a value of a parameter, filler, or something not understood."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz

from bot.nl.fields import Field
from bot.nl.kinds import kind_of
from bot.nl.phrased import whole
from bot.nl.values import LEADS, shaped, value_of
from bot.nl.vocabulary import DIRECTIONS, FILLERS, INTRODUCTIONS, LOOKING, NUMBERS, RELEASE_WORDS, TURNS
from bot.nl.words import Word
from skills.core.canonical import Json
from skills.core.catalog import DNS_LABEL, nearest
from skills.core.skill import Slot

_MOST_WEIGHED = 8
"""Unknown words that are compared with every name there is; a text with more is no request with a slip in it."""

_ALIKE = 65
"""Per cent of letters in common with an environment for a word that may as well be a service."""
_COUNT = re.compile(r"-?[0-9]{1,15}")
"""How many. “+2” is not that many, but more by two."""

_PROPOSAL = re.compile(r"#?([0-9]{1,15})")
_REVISION = re.compile(r"(?:rev(?:ision)?[#:-]?|#)?([0-9]{1,15})")
_VERSION = re.compile(r"v?[0-9][A-Za-z0-9._-]{0,126}", re.IGNORECASE)
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_COUNTED_AFTER = frozenset({"last", "tail", "limit", "lines"})
_NAMED = (Slot.ENVIRONMENT, Slot.SERVICE, Slot.SKILL, Slot.PERSON)
_ARTICLES = frozenset({"the", "a", "an"})
REPOSITORY = re.compile(r"[A-Za-z0-9][\w-]*/[A-Za-z0-9][\w.-]*")
"""“acme/site”."""
_AT_A_RELEASE = re.compile(r"[A-Za-z0-9][\w.-]*(?:/[A-Za-z0-9][\w.-]*)?@[A-Za-z0-9][\w-]*")
"""“acme/site@topic”, and no e-mail address."""
JOINT = "@"
"""Stands between the halves of “checkout:v42”, and says that a release follows."""
_IMAGE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._:/-]{0,400}(@sha256:[0-9a-fA-F]{1,64})?")


@dataclass(frozen=True, kw_only=True)
class Names:
    """Every word that names something just now, with its canonical spelling."""

    services: Mapping[str, str]
    environments: Mapping[str, str]
    skills: Mapping[str, str]
    people: Mapping[str, str] = field(default_factory=dict)

    def of(self, slot: Slot | None) -> Mapping[str, str]:
        """The names that a slot takes; empty for one that takes no names."""
        match slot:
            case Slot.SERVICE:
                return self.services
            case Slot.ENVIRONMENT:
                return self.environments
            case Slot.SKILL:
                return self.skills
            case Slot.PERSON:
                return self.people
            case _:
                return {}


@dataclass(kw_only=True)
class Reading:
    """The words of one request, sorted. `values` may hold several for a slot, which is then a question; `flags` are by parameter."""

    values: dict[Slot, list[Json]] = field(default_factory=dict)
    flags: dict[str, bool] = field(default_factory=dict)
    unknown: list[tuple[Word, Slot | None]] = field(default_factory=list)
    text: str = ""

    def of(self, each: Field) -> Sequence[Json]:
        """Everything that was said for a parameter."""
        if each.slot is Slot.FLAG:
            return [self.flags[each.name]] if each.name in self.flags else []
        return self.values.get(each.slot, ()) if each.slot else ()

    def take(self, slot: Slot, value: Json) -> None:
        """Note a value; naming the same thing twice is naming it once."""
        known = self.values.setdefault(slot, [])
        if value not in known:
            known.append(value)


class Reader:
    """Reads the words after the verb of one skill."""

    def __init__(self, fields: Sequence[Field], names: Names, *, looking: bool) -> None:
        self._fields = fields
        self._names = names
        self._slots = {each.slot for each in fields}
        leads = {word: slot for word, slot in LEADS.items() if slot in self._slots}
        self._introductions = INTRODUCTIONS | leads
        introducing = {word for word, slot in INTRODUCTIONS.items() if slot in self._slots}
        self._fillers = (FILLERS | LOOKING if looking else FILLERS) | set(leads) | introducing
        self._flags = {each.name.replace("_", "-"): each.name for each in fields if each.slot is Slot.FLAG}
        self._phrased: frozenset[Slot | None] = frozenset(self._slots & {Slot.PERIOD, Slot.TEAM, Slot.GROUPING})

    def read(self, words: Sequence[Word], text: str, reading: Reading | None = None, *, before: str = "") -> Reading:
        """Sort `words`, which were cut from `text`. A free-text parameter takes the end of `text` as it was typed.

        `reading` is what is known already; `before` is the word that stands before the first.
        """
        reading = reading or Reading()
        weak: list[tuple[Word, Slot | None]] = []
        for word in words:
            if Slot.TEXT in self._slots and self._filled(reading):
                reading.text = text[word.start :]
                break
            if self._repository(word, before, reading):
                reading.unknown.append((word, Slot.SERVICE))
                before = ""
            elif self._value(word, before, reading):
                before = ""
            elif word.key in self._fillers:
                before = before if word.key in _ARTICLES else word.key
            elif Slot.TEXT in self._slots:
                reading.text = text[word.start :]
                break
            else:
                hint = self._introductions.get(before) or DIRECTIONS.get(before)
                (weak if self._could_be_release(word) else reading.unknown).append((word, hint))
                before = ""
        self._settle(weak, reading)
        return reading

    def could_read(self, word: Word) -> bool:
        """Would this word, on its own, be a value or filler?"""
        return word.key in self._fillers or self._value(word, "", Reading())

    def _repository(self, word: Word, before: str, reading: Reading) -> bool:
        """“deploy acme/site”: where the service has to be named yet, a name of two parts without a tag is that, and no image."""
        lacking = Slot.SERVICE not in reading.values and not any(hint is Slot.SERVICE for _, hint in reading.unknown)
        wanted = Slot.SERVICE in self._slots and Slot.RELEASE in self._slots and lacking
        return wanted and not before and bool(REPOSITORY.fullmatch(word.text))

    def _filled(self, reading: Reading) -> bool:
        return all(each.slot in reading.values for each in self._fields if each.required and each.slot is not Slot.TEXT)

    def _value(self, word: Word, before: str, reading: Reading) -> bool:
        """Take `word` as a value if it is one beyond doubt."""
        introduced = self._introductions.get(before)
        if introduced is Slot.PATTERN and Slot.PATTERN in self._slots and word.key not in self._fillers:
            reading.take(Slot.PATTERN, word.text)
            return True
        if Slot.CONTAINER in self._slots and introduced is Slot.CONTAINER and _may_be_a_name(word):
            reading.take(Slot.CONTAINER, word.key)
            return True
        for slot in _NAMED:
            if slot in self._slots and (name := self._names.of(slot).get(word.key)):
                reading.take(slot, name)
                return True
        for slot, value in _numbers(word, introduced):
            if slot in self._slots:
                reading.take(slot, value)
                return True
        if Slot.RELEASE in self._slots and (
            is_release(word.text) or (introduced is Slot.RELEASE and _may_be_tag(word))
        ):
            reading.take(Slot.RELEASE, word.text)
            return True
        return self._narrows(word, before, introduced, reading)

    def _narrows(self, word: Word, before: str, introduced: Slot | None, reading: Reading) -> bool:
        """Take `word` as one of the values that narrow a question down, by its introduction or its shape."""
        if self._phrased and (said := whole(word.text, self._phrased, before)):
            reading.take(said[1], said[2])
            return True
        if word.key in self._flags:
            reading.flags[self._flags[word.key]] = True
            return True
        found = shaped(word.text)
        if introduced and introduced in self._slots and (value := value_of(introduced, word.text)) is not None:
            found = {introduced: value} if word.key not in self._fillers else found
        elif before in _COUNTED_AFTER and (count := value_of(Slot.COUNT, word.text)) is not None:
            found = {Slot.COUNT: count}
        elif not found and (kind := kind_of(word.text)) and word.key not in INTRODUCTIONS:
            found = {Slot.KIND: kind}
        if not found or not set(found) <= self._slots:
            return False
        for slot, value in found.items():
            reading.take(slot, value)
        return True

    def _could_be_release(self, word: Word) -> bool:
        return Slot.RELEASE in self._slots and any(c.isdigit() for c in word.text) and _may_be_tag(word)

    def _settle(self, weak: list[tuple[Word, Slot | None]], reading: Reading) -> None:
        """A word like main-7f3a is the release only if nothing else is, and if it is not more likely a misspelled name."""
        for index, (word, hint) in enumerate(weak):
            misspelled = Slot.SERVICE not in reading.values and (
                hint is Slot.SERVICE or index >= _MOST_WEIGHED or nearest(word.key, self._names.services)
            )
            if Slot.RELEASE in reading.values or misspelled:
                reading.unknown.append((word, hint))
            else:
                reading.take(Slot.RELEASE, word.text)


def _numbers(word: Word, introduced: Slot | None) -> list[tuple[Slot, int]]:
    """What a number may be, likeliest first: what its introduction says, then replicas, revision, proposal."""
    found: list[tuple[Slot, int]] = []
    if _COUNT.fullmatch(word.key):
        found.append((Slot.REPLICAS, int(word.key)))
    elif word.key in NUMBERS:
        found.append((Slot.REPLICAS, NUMBERS[word.key]))
    if match := _REVISION.fullmatch(word.key):
        found.append((Slot.REVISION, int(match[1])))
    if match := _PROPOSAL.fullmatch(word.key):
        found += [(Slot.PROPOSAL, int(match[1])), (Slot.INCIDENT, int(match[1]))]
    return sorted(found, key=lambda each: each[0] is not introduced)


def apart(found: Sequence[Word], names: Names) -> list[Word]:
    """The same words, with “checkout:v42” and “acme/site@topic” as name, joint and release, and “staging/fe” as environment and rest."""
    result: list[Word] = []
    for word in found:
        head, mark, tail = _halves(word, names)
        if not mark:
            result.append(word)
            continue
        middle = word.start + len(head)
        result.append(Word(text=head, start=word.start, end=middle))
        result += [Word(text=JOINT, start=middle, end=middle)] if mark != "/" else []
        result.append(Word(text=tail, start=middle + len(mark), end=word.end, asks=word.asks))
    return result


def _halves(word: Word, names: Names) -> tuple[str, str, str]:
    """What stands before and behind the mark that joins two values in one word; the mark is "" if there is none."""
    for mark in (":", "@", "/"):
        head, found, tail = word.text.partition(mark)
        known = head.lower() in (names.environments if mark == "/" else names.services) and "/" not in tail
        if found and tail and (known or (mark == "@" and _AT_A_RELEASE.fullmatch(word.text))):
            return head, mark, tail
    return word.text, "", ""


def is_release(text: str) -> bool:
    """A version, an image reference, or one of the words that people use for neither."""
    if _VERSION.fullmatch(text) or text.lower() in RELEASE_WORDS:
        return True
    return ("/" in text or "@sha256:" in text) and "//" not in text and bool(_IMAGE.fullmatch(text))


def _may_be_tag(word: Word) -> bool:
    return bool(_TAG.fullmatch(word.text)) and word.key not in TURNS and word.key not in FILLERS


def attribute(reading: Reading, fields: Sequence[Field], names: Names) -> tuple[dict[Slot, Word], list[Word]]:
    """Which unfilled parameter each unknown word was probably meant for, and the words meant for none."""
    meant: dict[Slot, Word] = {}
    other: list[Word] = []
    for word, hint in reading.unknown:
        free = [each for each in fields if each.slot and each.slot not in reading.values and each.slot not in meant]
        hopeless = word.key in TURNS or word.key.startswith("--") or len(other) + len(meant) >= _MOST_WEIGHED
        slot = None if hopeless else _likeliest(word, hint, free, names)
        if slot is None:
            other.append(word)
        else:
            meant[slot] = word
    return meant, other


def _likeliest(word: Word, hint: Slot | None, free: Sequence[Field], names: Names) -> Slot | None:
    slots = {each.slot: each.required for each in free if each.slot not in (None, Slot.TEXT)}
    if hint in slots and (slots[hint] or hint is not Slot.CONTAINER):
        return hint
    for slot in _NAMED:
        alike = nearest(word.key, names.of(slot)) if slot in slots else ()
        if alike and (slot is not Slot.ENVIRONMENT or fuzz.ratio(word.key, alike[0]) >= _ALIKE):
            # “auth-proxy” shares letters with “prod”, but what is new to us is a service sooner than a place.
            return slot
    if Slot.REVISION in slots and (hint is Slot.ENVIRONMENT or any(c.isdigit() for c in word.text)):
        return Slot.REVISION
    required = [slot for slot, needed in slots.items() if needed and slot is not Slot.RELEASE]
    return required[0] if required else next((slot for slot in slots if names.of(slot)), None)


def _may_be_a_name(word: Word) -> bool:
    """Could this be what somebody called a container? Words that turn a sentence around are never taken for names."""
    return bool(DNS_LABEL.fullmatch(word.key)) and word.key not in TURNS and word.key not in FILLERS
