"""Requests that only read: a phrase of the skill in a question, in “show me …”, or in a few words without a verb."""

import itertools
import re
from collections.abc import Mapping, Sequence

from bot.nl.fields import Field, guides
from bot.nl.natural.asking import Open, from_thread
from bot.nl.natural.filling import Filling, fill
from bot.nl.natural.harmless import HARMLESS, words_of
from bot.nl.natural.items import Item
from bot.nl.natural.lending import lend
from bot.nl.natural.mood import forbids, shown
from bot.nl.natural.narrowing import SEEKING
from bot.nl.natural.phrases import Lexicon, Match
from bot.nl.natural.requesting import PRONOUNS, Part
from bot.nl.natural.similar import Similarity
from bot.nl.natural.symptoms import is_symptom, pleads, states_trouble
from bot.nl.natural.thread import Subject
from bot.nl.reading import Names
from bot.nl.vocabulary import OPENINGS
from bot.nl.words import words
from skills.core.names import SkillName
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Kind, Slot

_OPENING = re.compile(
    r"(?:(?:hey|hi|hello|ok|okay|so|and|then|also|now|well|right|yes|no|actually|first|next|finally|bot|ops|countersign|thanks|@[\w.-]+|please) )*"
    r"(?P<asking>(?:can|could|would|will) you (?:help (?:me |us )(?:to )?)?|help (?:me |us )(?:to )?(?:understand |figure out |work out |find out )?|i (?:would )?(?:like|want|need) to (?:know|see|have) |(?:can|could|may) (?:i|we) (?:see|know|get|have|look at) |let me (?:see|know) |walk me through |(?:i|we) need help (?:with |to )?|i need |i wonder |do you know |any idea )?"
    r"(?P<start>\S+)?"
)
_EXAMINING = words_of(
    "debugging diagnosing troubleshooting investigating determine assess review troubleshoot diagnose debug investigate trace analyze analyse examine validate"
)
_ORDERS = _EXAMINING | words_of(
    "show list give tell check look get display describe inspect verify confirm monitor find report fetch"
    " retrieve provide return read print pull grab dump detect perform enumerate follow plot graph display name collect summarize summarise identify fix grep tail search explain"
)
_QUESTIONS = _ORDERS | words_of(
    "what which who whose how when where is are was were does do did has have had any anything see current currently why"
)
_FINITE = words_of(
    "is are was were am be been has have had does did do looks look seems went goes came comes will would could can should must think thinks thought saw see lost"
    " going says said got took need needs wants want know knows keep keeps kept fails failed works worked"
)
_ARTICLES = words_of("the a an my our all any every each this that these those")
_EVERYBODY = frozenset({"everyone", "everybody", "y'all", "yall"})
_PEOPLE = frozenset({"anyone", "anybody", "someone", "somebody", "folks", "guys"})
_TALKING = re.compile(
    r"(?:(?:hey|hi|hello|ok|so|and|but|please|(?:can|could|would) you|tell me) )*"
    r"(?:how (?:do|can|could|would|should|does|to)\b|(?:may|can|could|should|must|am) (?:i|we|they|developers)\b(?! (?:see|have|get|know|look|ask))|who (?:can|may|is allowed)"
    r"|explain\b|describe how\b|what (?:is|are) (?:a|an|the (?:differences?|point|best|purpose|meaning|steps|syntax|key))\b|what .* means?\b|what does it mean|is (?:it|this|that) (?:safe|okay|fine|possible|allowed|necessary|wise|advisable|a good idea|normal|enough) (?:to|if|for)\b|should (?:i|we)\b|which .* (?:best|better|recommended|preferable)\b|(?:which|what) .* should (?:i|we) (?:use|choose|pick|monitor|set|take)\b|what (?:happens|would happen|if)|what does .* do |why |do (?:i|we) need |how many .* (?:may|can|could) )"
)
_ADVICE = re.compile(
    r"(?:(?:hey|hi|hello|ok|so|and|but|please|tell me) )*(?:what|which) (?:[\w-]+ ){1,3}(?:should|can|could|do|would) (?:i|we|you) (?:use|choose|pick|recommend|prefer|suggest)\b"
)
_ADJECTIVAL = words_of(
    "all everything something <service> is are not has have had did was were does do need needs waiting"
)
_PROMISED = re.compile(
    r"(?:(?:ok|so|and|but|hm|hmm|hang on|hold on|wait|yes|no) )*(?:let me (?:know (?:when|once|if|after|as)\b|(?!know |see |have |get ))|give me a (?:\w+ )?(?:minute|moment|sec|second|bit)\b)"
)
_IDIOM = re.compile(r"\b(?:whatever|no matter what) (?:it|this|that) (?:costs?|takes?)\b")
_ALIKE = 0.75
_MOST_UNKNOWN = 2
_LONGEST_NAME = 4
_LONGEST_FRAGMENT = 10
_MOST_AROUND_A_NAME = 12
_STATED = 3
_MOST_MATCHES = 40
"""Ways to take one clause; a text with more is no question."""
_TOLD_TO = 2.0
"""What it is worth that a phrase begins with the verb of the order: “investigate why it does not work” asks to investigate."""
_ASKED_WHY = 0.5
"""What it is worth that “why” was said, where that is what a skill answers."""
_ASKED_FOR = frozenset({"why", "explain"})
"""What is mere talk unless a skill answers just that."""
_TEACHING = words_of("documentation docs tutorial tutorials practices promql syntax concept concepts")
"""What nobody looks up in a cluster."""
_HOW_TO = re.compile(r"(?:(?:hey|hi|hello|ok|so|and|but|please) )*how (?:do|can|could|would|should|does|to)\b")
_TELLING = words_of("show shows say says tell tells explain explains suggest suggests us though")
"""Behind the first of a few words: “logs show …” tells what they show, “that cost us a day” what happened."""
_COMPARED = words_of("back under above below")
"""“Error rate back under 1%” tells something."""
_NOTICED = words_of("see seen notice noticed look looked check checked hear heard")
_POLITE = words_of("please can could would you hey hi hello ok and so")
_PARTICULAR = words_of(
    "log logs event events metric metrics latency trace traces pod pods yaml line lines status history list show resources objects deploys deployments"
)
_CHANGING = words_of(
    "create delete remove add install uninstall drain cordon uncordon apply patch edit resize increase decrease enable disable configure migrate convert generate write open"
    " suggest recommend propose build rename clone expose attach grant set update upgrade restrict enforce define allow deny block stop start cancel kill"
    " optimize optimise tune reserve ensure output emit design"
)
"""Orders to do something else than to look."""
_PICTURED = words_of("graph chart plot list summary report overview table diagram")
_THEIRS = PRONOUNS | {"its", "their"}
_DESCRIBED = 0.6
"""“Cpu of the cart deployment”: a kind that merely describes a name is not what is asked for."""
_RELATIVE = 1.0
"""“List the pods that are running”: what stands in a relative clause is not either."""
_SOME = 0.3
"""A name that nobody knows speaks less against a reading than words that mean nothing in it."""
_WHOLE_PHRASE = 2
_SURE = 0.9


class Looker:
    """Finds the reading skill that a clause asks for."""

    def __init__(self, skills: Skills, fields: Mapping[str, tuple[Field, ...]], lexicon: Lexicon) -> None:
        self._skills = skills
        self._fields = fields
        self._lexicon = lexicon
        self._similarity = Similarity(skills)
        self._explainer = next((each for each in skills.values() if _answers_why(each)), None)

    def look(
        self, part: Part, around: Sequence[Part], names: Names, about: Subject | None, *, strict: bool
    ) -> tuple[Open, float] | None:
        """The request and how sure it is, or None. With `strict` it takes more than a resemblance.

        `around` are the other clauses: “it keeps restarting” of a service that was named in the sentence before.
        """
        items, asks = part.items, part.asks
        if (
            not _questioning(items, asks)
            or _between_people(items)
            or _PROMISED.match(shown(items))
            or _IDIOM.search(shown(items))
            or forbids(items)
            or _beyond(items)
        ):
            return None
        if (helped := self._helped(part, around, names, about, strict=strict)) is not None:
            return helped
        fragment = not opened(items, asks)
        talking = bool(_TALKING.match(shown(items))) and not (around and _about_this(items))
        if ranked := self._ranked(items, names, about, fragment=fragment, talking=talking):
            weight, request = ranked
            lend(request, around)
            vague = strict and _vague(request, items)
            ordered = not strict and _ordered(items)
            known = _known_enough(request, items, phrased=weight > _WHOLE_PHRASE, ordered=ordered)
            return (request, _SURE) if known and not vague else None
        if talking or strict or fragment or _favour(items) or any(True for _ in self._lexicon.verbs(items)):
            # What speaks of a change, or asks for a deed of another sort, resembles nothing that only reads.
            return None
        name, score = self._similarity.nearest(part.text, ignoring=[*names.services, *names.environments])
        if score < _ALIKE:
            return None
        request = self._request(self._skills[SkillName(name)], items, frozenset(), names, about)
        return (request, round(score, 2)) if _known_enough(request, items, phrased=True, ordered=False) else None

    def explained(self, parts: Sequence[Part], names: Names, about: Subject | None) -> tuple[Open, float] | None:
        """The cause of what the first of these clauses tells to be wrong."""
        if self._explainer is None:
            return None
        request = self._request(self._explainer, parts[0].items, frozenset(), names, about)
        lend(request, parts[1:])
        return request, _SURE

    def _helped(
        self, part: Part, around: Sequence[Part], names: Names, about: Subject | None, *, strict: bool
    ) -> tuple[Open, float] | None:
        """“Web can't reach the database, any idea?”: the cause of what is told, if nothing more particular is asked for."""
        told = [other for other in around if states_trouble(other.items)]
        alone = not told and states_trouble(part.items) and not _HOW_TO.match(shown(part.items))
        if self._explainer is None or not pleads(part.items) or not (told or alone):
            return None
        items = [item for each in (*told, part) for item in each.items]
        if (
            any(True for _ in self._lexicon.verbs(part.items))
            or (alone and not _begs(items))
            or not _merely(part.items)
        ):
            return None
        used = frozenset(index for index, item in enumerate(items) if is_symptom(item))
        request = self._request(self._explainer, items, used, names, about)
        lend(request, around)
        return None if strict and not request.filling.params else (request, _SURE)

    def _ranked(
        self, items: Sequence[Item], names: Names, about: Subject | None, *, fragment: bool, talking: bool
    ) -> tuple[float, Open] | None:
        """The best phrase's weight and what it asks for: many words close together, and few that stay unknown."""
        best: tuple[tuple[float, int], float, Open] | None = None
        order, how_to = _order(items), bool(_HOW_TO.match(shown(items)))
        for match in itertools.islice(self._lexicon.questions(items), _MOST_MATCHES):
            asked_for = not how_to and items[match.start].key in _ASKED_FOR
            if (talking and not self._explains(match.skill) and not asked_for) or (
                fragment and items[match.start].key in _ADJECTIVAL
            ):
                continue
            if order is not None and match.places[-1] < order:
                # “Help me diagnose …” has no “help me” of its own.
                continue
            # A name that nobody knows is still to be given its place.
            said = match.places[1:] if items[match.start].slot is None and match.phrase.of_a_name else match.places
            places = frozenset(said if order is None else (order, *said))
            request = self._request(match.skill, items, places, names, about)
            if match.phrase.loose and request.filling.others:
                continue
            unknown = len(request.filling.others) + _SOME * len(request.filling.unresolved)
            apart = match.places[-1] - match.start + 1 - len(match.places)
            worth = match.phrase.weight - match.phrase.loose - match.phrase.bare
            worth -= _DESCRIBED * _describes(match, request) + _RELATIVE * (
                order is not None and _relative(items, match)
            )
            worth += _ASKED_WHY * (
                match.skill is self._explainer and "why" in (items[place].key for place in match.places)
            )
            worth += _TOLD_TO * (match.start == order and items[match.start].key in _EXAMINING)
            placed = any(each.slot is Slot.OBJECT and each.name in request.filling.values for each in request.fields)
            rank = worth - 0.05 * apart - 0.5 * unknown - 0.7 * (len(request.missing) - placed), -match.start
            if best is None or rank > best[0]:
                best = rank, match.phrase.weight, request
        return best[1:] if best else None

    def _explains(self, skill: AnySkill) -> bool:
        """Is it the skill that tells what can be done?"""
        return guides(self._fields[skill.name])

    def _request(
        self, skill: AnySkill, items: Sequence[Item], used: frozenset[int], names: Names, about: Subject | None
    ) -> Open:
        fields = self._fields[skill.name]
        if skill is self._explainer:
            used |= {index for index, item in enumerate(items) if item.slot is None and is_symptom(item)}
        filling = fill(fields, items, used, names, guessing=True)
        if about is not None:
            _recall(filling, fields, items, about)
        return Open(skill=skill, fields=fields, filling=filling)


def _describes(match: Match, request: Open) -> bool:
    """Does a kind belong to a name, where nothing is said to be described?"""
    given = {each.slot for each in request.fields if each.name in request.filling.values}
    first = match.phrase.parts[0] or frozenset()
    return {Slot.KIND, Slot.OBJECT} <= given and Slot.KIND in match.phrase.needs and not first & {"describe", "get"}


def _relative(items: Sequence[Item], match: Match) -> bool:
    return any(item.key in ("that", "which", "who") for item in items[1 : match.start]) and match.start > 0


def _answers_why(skill: AnySkill) -> bool:
    """Is that the first that is said of it, and of anything? Others answer why something in particular is so."""
    return skill.kind is Kind.QUERY and skill.phrases[:1] != () and skill.phrases[0].startswith("why ")


def _begs(items: Sequence[Item]) -> bool:
    """“Please help: …”."""
    return "help" in [item.key for item in items if item.key not in _POLITE][:3]


def _merely(items: Sequence[Item]) -> bool:
    """Does a clause ask for help in general? Whatever else is named in it may be what is asked for."""
    return not any(item.slot is None and item.key in _PARTICULAR for item in items)


def _recall(filling: Filling, fields: Sequence[Field], items: Sequence[Item], about: Subject) -> None:
    """“Is it healthy?”: what a pronoun stands for, and in a thread about one thing that thing."""
    if any(item.slot is Slot.SERVICE for item in items):
        return
    meant = _THEIRS & {item.key for item in items}
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


def _like_a_name(item: Item, *, first: bool) -> bool:
    """Quoted, with a hyphen, or capitalized within a sentence."""
    return item.marked or "-" in item.key.strip("-") or (not first and item.text[:1].isupper() and item.text != "I")


def states(text: str) -> bool:
    """Does a text have a finite verb, or end like a report (“logs attached”), as a command does not?"""
    keys = [word.key for word in words(text)]
    told = len(keys) > 1 and (keys[-1].endswith("ed") and "-" not in keys[-1])
    return bool(_FINITE & set(keys)) or told or (keys[1:2] != [] and keys[1] in _TELLING and keys[0] not in OPENINGS)


def opened(items: Sequence[Item], asks: bool) -> bool:
    """Does it begin as a question, as an order to show something or to look into it?"""
    match = _OPENING.match(shown(items))
    start = match["start"] if match else None
    if not asks and ((start in _ORDERS and _told(items, start)) or (start == "had" and _obliged(items))):
        return False
    return asks or start in _QUESTIONS or bool(match and match["asking"] and start in HARMLESS)


def seeks_advice(items: Sequence[Item]) -> bool:
    """“Which policy should I use?” asks for advice, and so does all that is said around it."""
    return bool(_ADVICE.match(shown(items)))


def _beyond(items: Sequence[Item]) -> bool:
    """“Create a dashboard”, “find the docs”: but “create a chart of the latency” asks to see something."""
    match = _OPENING.match(shown(items))
    start = match["start"] if match else None
    keys = [item.key for item in items]
    if _TEACHING & set(keys):
        return True
    if start not in _CHANGING or start not in keys:
        return False
    after = [key for key in keys[keys.index(start) + 1 :] if key not in ("a", "an", "the", "me", "some")]
    shown_to_us = start == "open" and bool(_PARTICULAR & set(after))
    return not after or not (shown_to_us or after[0] in _PICTURED or after[0] in _FINITE)


def _told(items: Sequence[Item], start: str | None) -> bool:
    """“Tail latency is up”, “fix deployed”: what looks like an order is the subject of a statement."""
    place = next((index for index, item in enumerate(items) if item.key == start), 0)
    after = [item.key for item in items[place + 1 : place + 3]]
    if not after or after[0] in _ARTICLES or after[0] in _QUESTIONS - _FINITE:
        return False
    return (
        bool(_FINITE & set(after))
        or after[0] in ("shows", "finds")
        or (after[0].endswith("ed") and "-" not in after[0] and len(items) <= _STATED)
    )


def _favour(items: Sequence[Item]) -> bool:
    """“Can you join the call?”: asked of somebody, and neither to show something nor to look into it."""
    match = _OPENING.match(shown(items))
    asked = re.match(r"(?:can|could|would|will) you ", match["asking"] or "") if match else None
    return match is not None and asked is not None and match["start"] not in _QUESTIONS | HARMLESS


def _obliged(items: Sequence[Item]) -> bool:
    """“Had to scale it down” tells something."""
    return any(item.key == "had" and items[index + 1].key == "to" for index, item in enumerate(items[:-1]))


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
        return not _points(items)
    return (
        not _FINITE & {item.key for item in items}
        and not any(item.key in _TELLING for item in items[1:])
        and not any(item.key in _COMPARED or item.key in ("no", "still", "yet") for item in items)
        and not any(
            item.key.endswith(("ed", "ing")) and item.key not in HARMLESS | SEEKING and not item.marked
            for item in items
        )
        and len(items) <= _LONGEST_FRAGMENT
    )


def _points(items: Sequence[Item]) -> bool:
    """“See the graph above”: shows something to others."""
    keys = [item.key for item in items]
    return keys[0] == "see" and bool({"above", "below", "attached", "attachment", "thread"} & set(keys))


def _between_people(items: Sequence[Item]) -> bool:
    keys = [item.key for item in items]
    return bool(_EVERYBODY & set(keys)) or (
        bool(_PEOPLE & set(keys))
        and (
            (keys[0] in _PEOPLE and len(keys) > 1 and keys[1].endswith("ing"))
            or keys[0] in ("can", "could", "is", "are", "does", "would", "will")
            or (keys[0] in ("did", "has", "have") and bool(_NOTICED & set(keys)))
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
