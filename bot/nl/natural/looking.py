"""Requests that only read: a phrase of the skill in a question, in “show me …”, or in a few words without a verb."""

import itertools
import re
from collections.abc import Mapping, Sequence

from bot.nl.fields import Field
from bot.nl.natural.asking import Open, from_thread, from_words
from bot.nl.natural.filling import Filling, fill
from bot.nl.natural.harmless import HARMLESS, words_of
from bot.nl.natural.items import Item
from bot.nl.natural.mood import forbids, shown
from bot.nl.natural.narrowing import SEEKING
from bot.nl.natural.phrases import Lexicon
from bot.nl.natural.requesting import PRONOUNS, Part
from bot.nl.natural.similar import Similarity
from bot.nl.natural.thread import Subject
from bot.nl.reading import Names
from bot.nl.words import words
from skills.core.names import SkillName
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Slot

_OPENING = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|so|and|then|also|now|well|right|yes|no|actually|bot|ops|countersign|thanks|@[\w.-]+|please) )*"
    r"(?P<asking>(?:can|could|would|will) you (?:help (?:me |us )(?:to )?)?|help (?:me |us )(?:to )?|i (?:would )?(?:like|want|need) to (?:know|see|have) |(?:can|could|may) (?:i|we) (?:see|know|get|have|look at) |let me (?:see|know) |i need |i wonder |do you know |any idea )?"
    r"(?P<start>\S+)?"
)
_EXAMINING = words_of("troubleshoot diagnose debug investigate trace analyze analyse examine validate")
_ORDERS = _EXAMINING | words_of(
    "show list give tell check look get display describe inspect verify confirm monitor find report fetch"
    " retrieve provide return read print pull grab count summarize summarise identify fix grep tail search explain"
)
_QUESTIONS = _ORDERS | words_of(
    "what which who whose how when where is are was were does do did has have had any anything see current currently why"
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
_LONGEST_FRAGMENT = 10
_MOST_AROUND_A_NAME = 12
_STATED = 3
_MOST_MATCHES = 40
"""Ways to take one clause; a text with more is no question."""
_TOLD_TO = 1.0
"""What it is worth that a phrase begins with the verb of the order: “investigate why it does not work” asks to investigate."""
_ASKED_FOR = frozenset({"why", "explain"})
"""What is mere talk unless a skill answers just that."""
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
        self, part: Part, around: Sequence[Part], names: Names, about: Subject | None, *, strict: bool
    ) -> tuple[Open, float] | None:
        """The request and how sure it is, or None. With `strict` it takes more than a resemblance.

        `around` are the other clauses: “it keeps restarting” of a service that was named in the sentence before.
        """
        items, asks = part.items, part.asks
        if not _questioning(items, asks) or _between_people(items) or _PROMISED.match(shown(items)) or forbids(items):
            return None
        fragment = not opened(items, asks)
        talking = bool(_TALKING.match(shown(items))) and not (around and _about_this(items))
        if ranked := self._ranked(items, names, about, fragment=fragment, talking=talking):
            weight, request = ranked
            _lend(request, around)
            vague = strict and _vague(request, items)
            ordered = not strict and _ordered(items)
            known = _known_enough(request, items, phrased=weight > _WHOLE_PHRASE, ordered=ordered)
            return (request, _SURE) if known and not vague else None
        if talking or strict or fragment or any(True for _ in self._lexicon.verbs(items)):
            # What speaks of a change resembles nothing that only reads.
            return None
        name, score = self._similarity.nearest(part.text, ignoring=[*names.services, *names.environments])
        if score < _ALIKE:
            return None
        request = self._request(self._skills[SkillName(name)], items, frozenset(), names, about)
        return (request, round(score, 2)) if _known_enough(request, items, phrased=True, ordered=False) else None

    def _ranked(
        self, items: Sequence[Item], names: Names, about: Subject | None, *, fragment: bool, talking: bool
    ) -> tuple[float, Open] | None:
        """The best phrase's weight and what it asks for: many words close together, and few that stay unknown."""
        best: tuple[tuple[float, int], float, Open] | None = None
        order = _order(items)
        for match in itertools.islice(self._lexicon.questions(items), _MOST_MATCHES):
            if (talking and not self._explains(match.skill) and items[match.start].key not in _ASKED_FOR) or (
                fragment and items[match.start].key in _ADJECTIVAL
            ):
                continue
            if order is not None and match.places[-1] < order:
                # “Help me diagnose …” has no “help me” of its own.
                continue
            request = self._request(match.skill, items, frozenset(match.places), names, about)
            if match.phrase.loose and request.filling.others:
                continue
            unknown = len(request.filling.others) + len(request.filling.unresolved)
            apart = match.places[-1] - match.start + 1 - len(match.places)
            worth = match.phrase.weight - match.phrase.loose
            worth += _TOLD_TO * (match.start == order and items[match.start].key in _EXAMINING)
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


def _vague(request: Open, items: Sequence[Item]) -> bool:
    """Is something lacking, and nothing named that is known or looks like a name: “why is it always DNS”?"""
    lacking = request.missing or request.filling.unresolved
    named = request.filling.params or any(_like_a_name(item, first=True) for item in items)
    return bool(lacking) and not named


def _about_this(items: Sequence[Item]) -> bool:
    """“How can I debug this?”, after what is wrong was told, asks for it and not how it is done."""
    keys = {item.key for item in items}
    return bool(keys & (PRONOUNS | {"issue", "problem", "error"}) and keys & _ORDERS)


def _lend(request: Open, around: Sequence[Part]) -> None:
    """What is missing, from the clauses around: a name that is known, or else one that looks like a name."""
    filling = request.filling
    for each in request.fields:
        said = filling.unresolved.get(each.name, "")
        if each.slot not in (Slot.SERVICE, Slot.ENVIRONMENT) or each.name in filling.values or "-" in said:
            continue
        known = [item for part in around for item in part.items if item.slot is each.slot]
        if len({str(item.value) for item in known}) == 1:
            filling.unresolved.pop(each.name, None)
            filling.take(each.name, known[0].value, from_words(each.name, known[0]))
        elif each.slot is Slot.SERVICE and not known and (named := _named(around)):
            filling.unresolved[each.name] = named


def _named(around: Sequence[Part]) -> str:
    """The first word in other clauses that is quoted or has a hyphen, and names nothing known; "" if there is none."""
    unknown = (item for part in around for item in part.items if item.slot is None)
    return next((item.text for item in unknown if _like_a_name(item, first=True)), "")


def _like_a_name(item: Item, *, first: bool) -> bool:
    """Quoted, with a hyphen, or capitalized within a sentence."""
    return item.marked or "-" in item.key.strip("-") or (not first and item.text[:1].isupper() and item.text != "I")


def states(text: str) -> bool:
    """Does a text have a finite verb, as a statement has and a command has not?"""
    return bool(_FINITE & {word.key for word in words(text)})


def opened(items: Sequence[Item], asks: bool) -> bool:
    """Does it begin as a question, as an order to show something or to look into it?"""
    match = _OPENING.match(shown(items))
    start = match["start"] if match else None
    if start in _ORDERS and not asks and _told(items, start):
        return False
    return asks or start in _QUESTIONS or bool(match and match["asking"] and start in HARMLESS)


def _told(items: Sequence[Item], start: str | None) -> bool:
    """“Tail latency is up”, “fix deployed”: what looks like an order is the subject of a statement."""
    place = next((index for index, item in enumerate(items) if item.key == start), 0)
    after = [item.key for item in items[place + 1 : place + 3]]
    if not after or after[0] in _QUESTIONS - _FINITE:
        return False
    return (
        bool(_FINITE & set(after))
        or after[0] in ("shows", "finds")
        or (after[0].endswith("ed") and len(items) <= _STATED)
    )


def _ordered(items: Sequence[Item]) -> bool:
    return _order(items) is not None


def _order(items: Sequence[Item]) -> int | None:
    """Where the verb of an order to show or to look into something stands, if the clause begins with one."""
    match = _OPENING.match(shown(items))
    start = match["start"] if match else None
    if start not in _ORDERS:
        return None
    return next((index for index, item in enumerate(items) if item.key == start), None)


def _questioning(items: Sequence[Item], asks: bool) -> bool:
    """Or is it at least a few words without a verb, as one types them into a search box?"""
    if opened(items, asks):
        return True
    return (
        not _FINITE & {item.key for item in items}
        and not any(
            item.key.endswith(("ed", "ing")) and item.key not in HARMLESS | SEEKING and not item.marked
            for item in items
        )
        and len(items) <= _LONGEST_FRAGMENT
    )


def _between_people(items: Sequence[Item]) -> bool:
    keys = [item.key for item in items]
    return bool(_EVERYBODY & set(keys)) or (
        bool(_PEOPLE & set(keys))
        and (
            (keys[0] in _PEOPLE and len(keys) > 1 and keys[1].endswith("ing"))
            or keys[0] in ("can", "could", "is", "are", "does", "would", "will")
            or "else" in keys
        )
    )


def _known_enough(request: Open, items: Sequence[Item], *, phrased: bool, ordered: bool) -> bool:
    """Few enough words that mean nothing here; none for a skill that is about nothing in particular, unless a whole phrase was said.

    With `ordered`, which is for those who surely speak to the bot, a name (known, quoted, with a hyphen or a capital) makes up for more of them.
    """
    unknown = sum(len(words.split()) for words in request.filling.others)
    named = sum(len(words.split()) for words in request.filling.unresolved.values())
    if not any(each.slot is Slot.SERVICE for each in request.fields):
        return unknown + named <= int(phrased)
    if ordered and any(item.slot is Slot.SERVICE or _like_a_name(item, first=item is items[0]) for item in items):
        return unknown + named <= _MOST_AROUND_A_NAME
    return unknown <= (_MOST_UNKNOWN + 1 if request.filling.params else _MOST_UNKNOWN) and named <= _LONGEST_NAME
