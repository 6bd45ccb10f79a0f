"""What the skills say of themselves, made ready to be found in a sentence: names, aliases and phrases, in every form of their verbs."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from bot.nl.natural.inflection import Form, forms
from bot.nl.natural.items import Item
from bot.nl.natural.narrowing import names_a_kind, names_a_namespace
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Kind, Slot

GAP = "…"
_WIDEST = 8
_TOUCHED = ("change", "touch", "modify", "update", "do", "approve", "release", "edit")
_PRESENT = ("change", "touch", "release")
_TELLING = frozenset({Slot.KIND, Slot.NAMESPACE, Slot.PATTERN, Slot.PROPOSAL})
"""A value of these says more about what is wanted than a name does."""
_EMPTY = frozenset({"list", "show", "display", "provide", "all", "every"})
_PLURALS = ("changes", "change", "updates")


@dataclass(frozen=True, kw_only=True)
class Phrase:
    """One way to speak of a skill. `parts` are sets of words, or None for a gap; `needs` are slots that a value has to be there for."""

    skill: AnySkill
    parts: tuple[frozenset[str] | None, ...]
    needs: frozenset[Slot] = frozenset()
    noun: bool = False
    particle: bool = False

    @property
    def weight(self) -> float:
        return len([part for part in self.parts if part]) + 0.25 * (len(self.needs) + len(self.needs & _TELLING))

    @property
    def loose(self) -> bool:
        """One word and any name: “show … checkout”. Says something only where nothing else is said."""
        named = bool(self.needs) and not self.needs & _TELLING
        return named and len([part for part in self.parts if part]) == 1

    @property
    def goes_back(self) -> bool:
        """“take … back”."""
        return self.particle and any(part and "back" in part for part in self.parts[1:])

    @property
    def of_a_name(self) -> bool:
        """“{service} ok”: begins with a name."""
        return self.parts[0] == frozenset({"<service>"})

    @property
    def bare(self) -> bool:
        """“List all …”, of whatever is not known here: anything else that is said goes before."""
        return not self.needs and all(part <= _EMPTY for part in self.parts if part)


@dataclass(frozen=True, kw_only=True)
class Match:
    """A phrase found in a clause: where its words stand, and the form of its verb (the base form for what has none)."""

    phrase: Phrase
    places: tuple[int, ...]
    form: Form = Form.BASE

    @property
    def skill(self) -> AnySkill:
        return self.phrase.skill

    @property
    def start(self) -> int:
        return self.places[0]


class Lexicon:
    """All phrases of a registry. Built once: about a millisecond for a skill."""

    def __init__(self, skills: Skills) -> None:
        acting = [skill for skill in skills.values() if skill.kind is not Kind.QUERY]
        changes = [skill for skill in acting if skill.kind is Kind.CHANGE]
        self.changed = frozenset(_every_form(changes))
        self.changes = frozenset(_nouns(changes)) | set(_PLURALS)
        self.acting = tuple(changes)
        self._verbs: dict[str, list[tuple[Form, Phrase]]] = {}
        self._nouns: dict[str, list[Phrase]] = {}
        self._queries: dict[str, list[Phrase]] = {}
        for skill in acting:
            self._learn_acting(skill)
        for skill in skills.values():
            if skill.kind is Kind.QUERY:
                for text in (skill.name, *skill.aliases, *skill.phrases):
                    phrase = self._parsed(skill, text)
                    for word in phrase.parts[0] or ():
                        self._queries.setdefault(word, []).append(phrase)

    def verbs(self, items: Sequence[Item]) -> Iterator[Match]:
        """Every verb of what has to be asked for, in any form."""
        for index, item in enumerate(items):
            for form, phrase in self._verbs.get(item.key, ()):
                if places := _places(phrase, items, index):
                    yield Match(phrase=phrase, places=places, form=form)

    def nouns(self, items: Sequence[Item]) -> Iterator[Match]:
        """Every noun of a change (“a restart”)."""
        for index, item in enumerate(items):
            for phrase in self._nouns.get(item.key, ()):
                yield Match(phrase=phrase, places=(index,))

    def questions(self, items: Sequence[Item]) -> Iterator[Match]:
        """Every phrase of a skill that reads."""
        for index, item in enumerate(items):
            unknown = self._queries.get("<service>", ()) if item.slot is None and "-" in item.key.strip("-") else ()
            for phrase in (*self._queries.get(item.key, ()), *self._queries.get(_singular(item.key), ()), *unknown):
                if places := _places(phrase, items, index):
                    yield Match(phrase=phrase, places=places)

    def _learn_acting(self, skill: AnySkill) -> None:
        for text in dict.fromkeys((skill.name, *skill.aliases, *skill.phrases)):
            if text.startswith("a "):
                for word in text.removeprefix("a ").split("|"):
                    phrase = Phrase(skill=skill, parts=(frozenset({word}),), noun=True)
                    for spelling in (word, f"{word}s"):
                        self._nouns.setdefault(spelling, []).append(phrase)
                continue
            phrase = self._parsed(skill, text)
            for verb in phrase.parts[0] or ():
                for spelling, form in forms(verb).items():
                    self._verbs.setdefault(spelling, []).append((form, phrase))

    def _parsed(self, skill: AnySkill, text: str) -> Phrase:
        parts: list[frozenset[str] | None] = []
        needs = set()
        for word in text.split():
            if word == GAP:
                parts.append(None)
            elif word == "{changed}":
                parts.append(self.changed)
            elif word == "{changes}":
                parts.append(self.changes)
            elif word.startswith("{"):
                needs.add(Slot(word.strip("{}")))
                if not parts:
                    parts.append(frozenset({f"<{word.strip('{}')}>"}))
            else:
                parts.append(frozenset(word.split("|")))
        return Phrase(skill=skill, parts=tuple(parts), needs=frozenset(needs), particle=len(parts) > 1)


def _bare_number(item: Item) -> bool:
    """A number that nothing is counted by."""
    return item.slot is Slot.REPLICAS and isinstance(item.value, int) and not item.firm


def _places(phrase: Phrase, items: Sequence[Item], start: int) -> tuple[int, ...] | None:
    """Where the parts of a phrase stand, its first at `start`; None if they do not, or if a needed value is not there."""
    present = {
        item.slot
        for item in items
        if item.slot and (item.slot is not Slot.REPLICAS or item.firm or _counted(items, item))
    }
    if Slot.PROPOSAL in phrase.needs and any(_bare_number(item) for item in items):
        present.add(Slot.PROPOSAL)
    if Slot.KIND in phrase.needs and names_a_kind(items):
        present.add(Slot.KIND)
    if Slot.NAMESPACE in phrase.needs and names_a_namespace(items):
        present.add(Slot.NAMESPACE)
    if phrase.skill.kind is Kind.QUERY and any(item.slot is None and "-" in item.key.strip("-") for item in items):
        # What is written like a name stands for one, known or not.
        present.add(Slot.SERVICE)
    if not phrase.needs <= present:
        return None
    places = [start]
    gap = False
    for part in phrase.parts[1:]:
        if part is None:
            gap = True
            continue
        reach = range(places[-1] + 1, min(len(items), places[-1] + (_WIDEST + 1 if gap else 2)))
        place = next(
            (index for index in reach if items[index].key in part or _singular(items[index].key) in part), None
        )
        if place is None:
            return None
        places.append(place)
        gap = False
    return tuple(places)


def _singular(key: str) -> str:
    """“requests” as “request”; "" for what is no plural."""
    return key[:-1] if key.endswith("s") and len(key) > 4 else ""


def _counted(items: Sequence[Item], number: Item) -> bool:
    """Does something lead up to a bare number: “to six”, “with 4”?"""
    before = items[items.index(number) - 1].key if items.index(number) else ""
    return before in ("to", "with", "at", "it", "into", "by", "run")


def _every_form(skills: Iterable[AnySkill]) -> Iterator[str]:
    for skill in skills:
        for text in (skill.name, *skill.aliases, *(each for each in skill.phrases if len(each.split()) == 1)):
            for verb in text.split("|"):
                yield from forms(verb)
    for verb in _TOUCHED:
        yield from (
            spelling for spelling, form in forms(verb).items() if form in (Form.PAST, Form.GERUND) or verb in _PRESENT
        )
    yield from ("roll", "rolled", "happened", "out", "gone")


def _nouns(skills: Iterable[AnySkill]) -> Iterator[str]:
    for skill in skills:
        for text in skill.phrases:
            if text.startswith("a "):
                for word in text.removeprefix("a ").split("|"):
                    yield from (f"{word}s", word)
