"""Requests for a change: which verb is asked for, in which reading, and what else in the message takes it away again."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from bot.nl.fields import Field
from bot.nl.natural import mood
from bot.nl.natural.asking import Open, from_thread, from_words
from bot.nl.natural.filling import Filling, fill
from bot.nl.natural.harmless import HARMLESS
from bot.nl.natural.inflection import Form
from bot.nl.natural.items import Item
from bot.nl.natural.mood import Mood
from bot.nl.natural.naming import ENOUGH, baptized, likeliest
from bot.nl.natural.narrowing import namespace_of, places_of_namespace
from bot.nl.natural.phrases import Lexicon, Match
from bot.nl.natural.thread import Subject
from bot.nl.reading import Names
from skills.core.skill import Slot

PRONOUNS = frozenset({"it", "that", "this", "them", "there", "same"})
_NAMED = (Slot.SERVICE, Slot.ENVIRONMENT)
_LONGEST_REASON = 300
_BACKWARDS = 1
"""“Take it back to …” is about going back, whatever it goes back to."""
_BYTES = re.compile(r"[0-9.]+ ?[kmgt]i?b?", re.IGNORECASE)
"""“100Gi”: nothing but memory has a size that a skill changes, and where that is meant it is a parameter by now."""
_HEEDED = (Mood.REQUEST, Mood.QUESTION, Mood.DEPENDS, Mood.LATER)


@dataclass(frozen=True, kw_only=True)
class Part:
    """A clause with its items. `sentence` counts sentences; `asks` if that sentence ends in a question mark."""

    items: list[Item]
    text: str
    sentence: int
    asks: bool


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A verb or a noun of a skill, where it was said and how it is meant."""

    match: Match
    part: Part
    mood: Mood


class Requester:
    """Finds what is asked for in a message."""

    def __init__(self, lexicon: Lexicon, fields: Mapping[str, tuple[Field, ...]]) -> None:
        self._lexicon = lexicon
        self._fields = fields

    def divided(self, part: Part) -> list[Part]:
        """“Restart web and scale it to 6”: two requests, if the first is one."""
        items = part.items
        starts = {each.start for each in self._lexicon.verbs(items) if each.form is Form.BASE}
        for index in range(1, len(items) - 1):
            begins = index + 2 if [item.key for item in items[index : index + 2]] == ["and", "then"] else index + 1
            if items[index].key not in ("and", "then") or begins not in starts:
                continue
            first, second = _cut(part, items[:index]), _cut(part, items[begins:])
            if any(each.mood is Mood.REQUEST for each in self.spoken(first)):
                return [first, *self.divided(second)]
        return [part]

    def spoken(self, part: Part) -> list[Spoken]:
        """The verbs and nouns of a clause, with their moods."""
        found = [
            Spoken(match=each, part=part, mood=mood.mood(each, part.items, text=part.text, asks=part.asks))
            for each in (*self._lexicon.verbs(part.items), *self._lexicon.nouns(part.items))
        ]
        return [*found, *self._wished(part)]

    def requests(
        self, spoken: Sequence[Spoken], parts: Sequence[Part], names: Names, about: Subject | None, reason: str
    ) -> list[Open]:
        """The best reading of each clause that asks for a change; `mood` says what stands in the way of one that is no plain request."""
        found: list[Open] = []
        asking = {id(each.part) for each in spoken if each.mood is Mood.REQUEST}
        for part in parts:
            here = [each for each in spoken if each.part is part and _may_ask(each)]
            readings = [self._read(each, parts, names, about, reason=reason, asking=asking) for each in here]
            ranked = sorted((each for each in readings if each is not None), key=lambda each: each[0])
            if ranked:
                found += [ranked[-1][1], *_as_good(ranked)]
        return found

    def offered(self, parts: Sequence[Part], names: Names) -> Open | None:
        """Values without a verb (“checkout v42 to production please”): the only change they are all there for, to be asked about."""
        items = [item for part in parts for item in part.items]
        used = {item.slot for item in items if item.slot}
        if len(used) < 2 or any(item.slot is None and item.key not in HARMLESS for item in items):
            return None
        fitting = []
        for skill in self._lexicon.acting:
            fields = self._fields[skill.name]
            filling = fill(fields, items, frozenset(), names, guessing=False)
            request = Open(skill=skill, fields=fields, filling=filling)
            if request.complete and len(filling.values) == len(used) > 2:
                fitting.append(replace(request, mood=Mood.QUESTION))
        return fitting[0] if len(fitting) == 1 else None

    def moved(self, parts: Sequence[Part], names: Names) -> Open | None:
        """“Search in staging down to 2 pods please”: how many there are to be, and no verb."""
        items = [item for part in parts for item in part.items]
        keys = [item.key for item in items]
        towards = any(
            keys[index] in ("down", "up") and keys[index + 1] == "to" and items[index + 2].slot is Slot.REPLICAS
            for index in range(len(items) - 2)
        )
        return self.offered(parts, names) if towards else None

    def _wished(self, part: Part) -> list[Spoken]:
        """“We need six replicas” is the wish to have them."""
        count = mood.wished(part.items)
        if not count:
            return []
        items = [*part.items[: count - 1], replace(part.items[count - 1], key="have"), *part.items[count:]]
        meant = mood.wish(part.items, text=part.text)
        return [
            Spoken(match=each, part=part, mood=meant) for each in self._lexicon.verbs(items) if each.start == count - 1
        ]

    def _read(
        self,
        spoken: Spoken,
        parts: Sequence[Part],
        names: Names,
        about: Subject | None,
        *,
        reason: str,
        asking: set[int],
    ) -> tuple[tuple[float, ...], Open] | None:
        """One reading of a clause, with how good it is; None where another clause takes the request away."""
        meant = _among(spoken, parts)
        if meant in (Mood.DENIED, Mood.TOLD):
            return None
        skill, items = spoken.match.skill, spoken.part.items
        fields = self._fields[skill.name]
        # The words before the verb are a polite frame, as a whole, or it would not be a request.
        frame = {index for index in range(spoken.match.start) if items[index].key in mood.FRAME}
        filling = fill(fields, items, frozenset(frame | set(spoken.match.places)), names, guessing=False)
        _borrow(filling, fields, spoken.part, _lenders(spoken.part, parts, asking), about)
        named = any(each.slot in _NAMED and each.name in filling.values for each in fields)
        named = named or any(strength > ENOUGH for strength in filling.strength.values())
        if (
            (len(filling.others) > 1 and not named)
            or _any(items, filling)
            or any(_BYTES.fullmatch(word) for word in filling.others)
        ):
            # So much about things that are not known here that the verb is likely about something else, too.
            return None
        hindrance = None if meant is Mood.REQUEST else meant
        why = reason or ("" if hindrance else _reason(spoken.part, parts))
        request = Open(skill=skill, fields=fields, filling=filling, reason=why, mood=hindrance)
        open_ = (request.missing, filling.unresolved, filling.conflicts, filling.others)
        fit = len(filling.params) - sum(len(each) for each in open_)
        fit += _BACKWARDS * (spoken.match.phrase.goes_back)
        return (fit + 0.6 * spoken.match.phrase.weight, fit, -spoken.match.start), request


def _any(items: Sequence[Item], filling: Filling) -> bool:
    """“Install a mesh”: any of a kind that is nothing here, and nothing else."""
    after = [f"{items[index].key} {items[index + 1].text}" for index in range(len(items) - 1)]
    vague = any(f"{article} {word.split()[0]}" in after for word in filling.others for article in ("a", "an"))
    return vague and not filling.values and not filling.unresolved


def _lenders(part: Part, parts: Sequence[Part], asking: set[int]) -> list[Part]:
    """The clauses that say more about a request: none of those `asking` for something else, unless it points back (“and scale it”)."""
    others = [other for other in parts if other is not part and not mood.doubtful(other.items)]
    if PRONOUNS & {item.key for item in part.items}:
        return others
    return [other for other in others if id(other) not in asking]


def _cut(part: Part, items: list[Item]) -> Part:
    return replace(part, items=items, text=" ".join(item.text for item in items))


def _as_good(ranked: Sequence[tuple[tuple[float, ...], Open]]) -> list[Open]:
    """Another skill that is asked for as completely as the best, so that a person has to choose: “bring web back up to 4”."""
    (_, fit, *_), best = ranked[-1]
    others = [other for (_, its, *_), other in ranked[:-1] if other.skill is not best.skill and its == fit]
    return [other for other in others if other.complete and best.complete][-1:]


def _may_ask(spoken: Spoken) -> bool:
    asked_about = spoken.mood is Mood.QUESTION and mood.about(spoken.part.items)
    return spoken.match.skill.kind.acts and spoken.mood in _HEEDED and not asked_about


def _among(spoken: Spoken, parts: Sequence[Part]) -> Mood:
    """How a verb is meant with everything else that was said."""
    meant, here = spoken.mood, parts.index(spoken.part)
    for index, other in enumerate(parts):
        if other is spoken.part:
            continue
        if other.sentence == spoken.part.sentence:
            hindrance = mood.hindered_by(other.items, other.text, before=index < here)
            meant = hindrance if hindrance and meant is Mood.REQUEST else meant
            if hindrance in (Mood.DENIED, Mood.TOLD):
                return hindrance
        elif index > here and mood.retracted(other.items):
            return Mood.DENIED
    return meant


def _borrow(
    filling: Filling, fields: Sequence[Field], part: Part, others: Sequence[Part], about: Subject | None
) -> None:
    """Fill what is missing from other clauses, and what a pronoun stands for from the thread."""
    lacking = [each for each in fields if each.name not in filling.values and each.name not in filling.unresolved]
    for each in lacking:
        elsewhere = [item for other in others for item in other.items if item.slot is each.slot]
        if each.slot in (*_NAMED, Slot.RELEASE) and len({str(item.value) for item in elsewhere}) == 1:
            filling.take(each.name, elsewhere[0].value, from_words(each.name, elsewhere[0]))
    _borrow_unknown(filling, fields, part, others)
    named = any(item.slot is Slot.SERVICE for item in part.items)
    if about is None or named or not PRONOUNS & {item.key for item in part.items}:
        return
    for each in lacking:
        value = about.params.get(each.name)
        if each.slot in _NAMED and each.name not in filling.values and value is not None:
            filling.take(each.name, value, from_thread(each.name, value))


def _borrow_unknown(filling: Filling, fields: Sequence[Field], part: Part, others: Sequence[Part]) -> None:
    """What another clause names in words that nobody here knows, which is something to ask about: where it is to be, what it is to be
    called, and what a pronoun stands for (“cart-api hangs. Restart it.”).
    """
    pointing = bool(PRONOUNS & {item.key for item in part.items})
    for each in fields:
        if each.name in filling.values:
            continue
        lacking = each.slot is Slot.SERVICE and filling.strength.get(each.name, 0) < ENOUGH
        if lacking and (name := _called(others) or (_spoken_of(others) if pointing else "")):
            filling.unresolved[each.name], filling.strength[each.name] = name, ENOUGH + 1
        elif each.slot is Slot.ENVIRONMENT and each.name not in filling.unresolved:
            place = next((said for other in others if (said := namespace_of(other.items))), "")
            filling.unresolved |= {each.name: place} if place else {}


def _called(others: Sequence[Part]) -> str:
    return next((said for other in others if (said := baptized(other.items))), "")


def _spoken_of(others: Sequence[Part]) -> str:
    """What looks most like a name, places aside."""
    found = [(each.strength, each.text(other.items)) for other in others if (each := likeliest(_unplaced(other.items)))]
    return max(found, key=lambda each: each[0], default=(0, ""))[1]


def _unplaced(items: Sequence[Item]) -> list[Item]:
    """Without the words that say in which namespace."""
    places = places_of_namespace(items)
    return [item for index, item in enumerate(items) if index not in places]


def _reason(part: Part, parts: Sequence[Part]) -> str:
    """What else the person said, where it says something."""
    others = [
        other.text for other in parts if other is not part and any(item.key not in HARMLESS for item in other.items)
    ]
    return "; ".join(others)[:_LONGEST_REASON]
