"""Requests that only read: a phrase of the skill in a question, in “show me …”, or in a few words without a verb."""

import re
from collections.abc import Mapping, Sequence

from bot.nl.fields import Field
from bot.nl.natural.asking import Open, from_thread
from bot.nl.natural.filling import Filling, fill
from bot.nl.natural.harmless import HARMLESS, words_of
from bot.nl.natural.items import Item
from bot.nl.natural.mood import forbids, shown
from bot.nl.natural.narrowing import SEEKING
from bot.nl.natural.phrases import Lexicon
from bot.nl.natural.requesting import PRONOUNS
from bot.nl.natural.similar import Similarity
from bot.nl.natural.thread import Subject
from bot.nl.reading import Names
from bot.nl.words import words
from skills.core.names import SkillName
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Slot

_OPENING = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|so|and|then|also|now|well|right|yes|no|actually|bot|ops|countersign|thanks|@[\w.-]+|please) )*"
    r"(?P<asking>(?:can|could|would|will) you |i (?:would )?(?:like|want|need) to (?:know|see|have) |(?:can|could|may) (?:i|we) (?:see|know|get|have|look at) |let me (?:see|know) |i need |i wonder |do you know |any idea )?"
    r"(?P<start>\S+)?"
)
_QUESTIONS = words_of(
    "what which who whose how when where is are was were does do did has have had any anything show list give tell check look get"
    " display describe inspect verify confirm monitor find report see fetch current currently are why"
)
_FINITE = words_of(
    "is are was were am be been has have had does did do looks look seems went goes came comes will would could can should must think thinks thought saw see lost"
    " going says said got took need needs wants want know knows keep keeps kept fails failed works worked"
)
_EVERYBODY = frozenset({"everyone", "everybody", "y'all", "yall"})
_PEOPLE = frozenset({"anyone", "anybody", "someone", "somebody", "folks", "guys"})
_TALKING = re.compile(
    r"(?:(?:hey|hi|hello|ok|so|and|but|please|(?:can|could|would) you|tell me) )*"
    r"(?:how (?:do|can|could|would|should|does|to)\b|(?:may|can|could|should|must|am) (?:i|we|they|developers)\b(?! (?:see|have|get|know|look|ask))|who (?:can|may|is allowed)"
    r"|explain\b|what (?:happens|would happen|if)|what does .* do |why |do (?:i|we) need |how many .* (?:may|can|could) )"
)
_ADJECTIVAL = words_of(
    "all everything something <service> is are not has have had did was were does do need needs waiting"
)
_PROMISED = re.compile(r"let me know (?:when|once|if|after|as)\b")
_ALIKE = 0.75
_MOST_UNKNOWN = 2
_LONGEST_NAME = 4
_WHOLE_PHRASE = 2
_SURE = 0.9


class Looker:
    """Finds the reading skill that a clause asks for."""

    def __init__(self, skills: Skills, fields: Mapping[str, tuple[Field, ...]], lexicon: Lexicon) -> None:
        self._skills = skills
        self._fields = fields
        self._lexicon = lexicon
        self._similarity = Similarity(skills)

    def look(
        self, items: Sequence[Item], asks: bool, text: str, names: Names, about: Subject | None, *, strict: bool
    ) -> tuple[Open, float] | None:
        """The request and how sure it is, or None. With `strict` it takes more than a resemblance."""
        if not _questioning(items, asks) or _between_people(items) or _PROMISED.match(shown(items)) or forbids(items):
            return None
        fragment = not _opened(items, asks)
        talking = bool(_TALKING.match(shown(items)))
        if ranked := self._ranked(items, names, about, fragment=fragment, talking=talking):
            weight, request = ranked
            vague = strict and request.missing and not request.filling.params
            return (request, _SURE) if not vague and _known_enough(request, phrased=weight > _WHOLE_PHRASE) else None
        if talking or strict or fragment:
            return None
        name, score = self._similarity.nearest(text, ignoring=[*names.services, *names.environments])
        if score < _ALIKE:
            return None
        request = self._request(self._skills[SkillName(name)], items, frozenset(), names, about)
        return (request, round(score, 2)) if _known_enough(request, phrased=True) else None

    def _ranked(
        self, items: Sequence[Item], names: Names, about: Subject | None, *, fragment: bool, talking: bool
    ) -> tuple[float, Open] | None:
        """The best phrase's weight and what it asks for: many words close together, and few that stay unknown."""
        best: tuple[tuple[float, int], float, Open] | None = None
        for match in self._lexicon.questions(items):
            if (talking and not self._explains(match.skill)) or (fragment and items[match.start].key in _ADJECTIVAL):
                continue
            request = self._request(match.skill, items, frozenset(match.places), names, about)
            if match.phrase.loose and request.filling.others:
                continue
            unknown = len(request.filling.others) + len(request.filling.unresolved)
            apart = match.places[-1] - match.start + 1 - len(match.places)
            worth = match.phrase.weight - match.phrase.loose
            rank = worth - 0.05 * apart - 0.5 * unknown - 0.7 * len(request.missing), -match.start
            if best is None or rank > best[0]:
                best = rank, match.phrase.weight, request
        return best[1:] if best else None

    def _explains(self, skill: AnySkill) -> bool:
        """Is it the skill that tells what can be done?"""
        return any(each.slot is Slot.SKILL for each in self._fields[skill.name])

    def _request(
        self, skill: AnySkill, items: Sequence[Item], used: frozenset[int], names: Names, about: Subject | None
    ) -> Open:
        fields = self._fields[skill.name]
        filling = fill(fields, items, used, names, guessing=True)
        if about is not None:
            _recall(filling, fields, items, about)
        return Open(skill=skill, fields=fields, filling=filling)


def _recall(filling: Filling, fields: Sequence[Field], items: Sequence[Item], about: Subject) -> None:
    """“Is it healthy?”: what a pronoun stands for, and in a thread about one thing that thing."""
    if any(item.slot is Slot.SERVICE for item in items):
        return
    meant = PRONOUNS & {item.key for item in items}
    if not meant and all(each.name in filling.values for each in fields if each.required):
        return
    for each in fields:
        value = about.params.get(each.name)
        if each.slot in (Slot.SERVICE, Slot.ENVIRONMENT) and each.name not in filling.values and value is not None:
            filling.unresolved.pop(each.name, None)
            filling.take(each.name, value, from_thread(each.name, value))


def states(text: str) -> bool:
    """Does a text have a finite verb, as a statement has and a command has not?"""
    return bool(_FINITE & {word.key for word in words(text)})


def _opened(items: Sequence[Item], asks: bool) -> bool:
    """Does it begin as a question, or as an order to show something?"""
    match = _OPENING.match(shown(items))
    start = match["start"] if match else None
    return asks or start in _QUESTIONS or bool(match and match["asking"] and start in HARMLESS)


def _questioning(items: Sequence[Item], asks: bool) -> bool:
    """Or is it at least a few words without a verb, as one types them into a search box?"""
    if _opened(items, asks):
        return True
    return (
        not _FINITE & {item.key for item in items}
        and not any(
            item.key.endswith(("ed", "ing")) and item.key not in HARMLESS | SEEKING and not item.marked
            for item in items
        )
        and len(items) <= 10
    )


def _between_people(items: Sequence[Item]) -> bool:
    keys = [item.key for item in items]
    return bool(_EVERYBODY & set(keys)) or (
        bool(_PEOPLE & set(keys))
        and (keys[0] in ("can", "could", "is", "are", "does", "would", "will") or "else" in keys)
    )


def _known_enough(request: Open, *, phrased: bool) -> bool:
    """Few enough words that mean nothing here; none for a skill that is about nothing in particular, unless a whole phrase was said."""
    unknown = sum(len(words.split()) for words in request.filling.others)
    named = sum(len(words.split()) for words in request.filling.unresolved.values())
    if not any(each.slot is Slot.SERVICE for each in request.fields):
        return unknown + named <= int(phrased)
    return unknown <= (_MOST_UNKNOWN + 1 if request.filling.params else _MOST_UNKNOWN) and named <= _LONGEST_NAME
