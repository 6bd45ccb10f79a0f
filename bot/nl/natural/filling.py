"""From the items around a verb to the parameters of its skill, and what is left over."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from bot.nl.fields import Field
from bot.nl.interpretation import Resolved
from bot.nl.natural.harmless import HARMLESS, IDLE
from bot.nl.natural.items import Item
from bot.nl.natural.naming import (
    ENOUGH,
    Named,
    environs,
    groups,
    known,
    named,
    onto,
    stands_for,
    things,
    towards,
    within,
)
from bot.nl.natural.narrowing import namespace_of, narrow, places_of_namespace
from bot.nl.natural.ordinary import ordinary
from bot.nl.reading import Names
from bot.nl.values import value_of
from bot.nl.vocabulary import RELEASE_WORDS, TURNS
from skills.core.canonical import Json
from skills.core.skill import Slot

_ALIKE = 82
"""Per cent of letters in common for a name to be taken for a slip of the finger: “serach” and “search” have 83."""
_MARGIN = 8
"""By how much the nearest name has to be nearer than the next one."""
_DOUBT = 10
"""How much less alike a name may be to be offered."""
_MOST_WEIGHED = 8
_MEASURE = re.compile(r"[0-9][0-9.,]*[a-z%]{0,3}")
_TAG = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,127}")
_NOT_A_NAME = re.compile(r"[0-9]+|[^\w]+")

_RELATED = frozenset({"it", "we", "i", "they", "was", "were"})
"""“How it was”, “what we had”."""


@dataclass(kw_only=True)
class Filling:
    """What was found for each parameter. Two values for one are a question; so are unresolved words, and others, for a change.

    `plain` are ordinary words that were not needed, which only a question may have. `strength` is how much an unresolved name looks like one.
    """

    values: dict[str, list[Json]] = field(default_factory=dict)
    unresolved: dict[str, str] = field(default_factory=dict)
    guesses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
    plain: list[str] = field(default_factory=list)
    strength: dict[str, int] = field(default_factory=dict)
    resolved: list[Resolved] = field(default_factory=list)

    @property
    def params(self) -> dict[str, Json]:
        return {name: found[0] for name, found in self.values.items() if len(found) == 1}

    @property
    def conflicts(self) -> dict[str, list[Json]]:
        return {name: found for name, found in self.values.items() if len(found) > 1}

    def take(self, name: str, value: Json, resolved: Resolved) -> None:
        found = self.values.setdefault(name, [])
        if value not in found:
            found.append(value)
            self.resolved.append(resolved)


def fill(
    fields: Sequence[Field], items: Sequence[Item], used: frozenset[int], names: Names, *, guessing: bool
) -> Filling:
    """Give each item its parameter. `used` are the places of words that are accounted for; a value is one wherever it stands (“halve”).

    With `guessing`, which is for reading only, a name that is clearly a slip of the finger is taken for the one it resembles.
    """
    filling = Filling()
    slots = {each.slot: each for each in fields if each.slot}
    narrowed: set[int] = set()
    for name, value, places in narrow(fields, items):
        said = " ".join(items[index].text for index in places)
        filling.take(name, value, Resolved(parameter=name, words=said, value=value))
        narrowed |= places
    narrowed |= _elsewhere(items, slots, filling)
    left = [index for index in range(len(items)) if index not in used | narrowed]
    for index, item in enumerate(items):
        if item.slot and index not in narrowed and not _superseded(items, index):
            _place(item, items, index, slots, filling)
    words = [index for index in left if not items[index].slot]
    _place_unknown(words, items, slots, filling, names, guessing=guessing, used=used)
    return filling


def _elsewhere(items: Sequence[Item], slots: Mapping[Slot, Field], filling: Filling) -> set[int]:
    """The namespace that is named, for a skill that knows environments only: it may be one that nobody here knows."""
    place = slots.get(Slot.ENVIRONMENT)
    if place is None or Slot.NAMESPACE in slots or known(items, Slot.ENVIRONMENT) or not (said := namespace_of(items)):
        return set()
    filling.unresolved[place.name], filling.strength[place.name] = said, ENOUGH
    return places_of_namespace(items)


def _place(item: Item, items: Sequence[Item], index: int, slots: Mapping[Slot, Field], filling: Filling) -> None:
    for slot, value in _readings(item):
        if slot in slots:
            filling.take(slots[slot].name, value, Resolved(parameter=slots[slot].name, words=item.text, value=value))
            return
    if item.slot is Slot.REPLICAS and item.key in ("double", "triple", "halve", "half", "one"):
        return
    if item.slot is Slot.SINCE or (item.slot is Slot.TIME and Slot.REVISION not in slots):
        # Reading skills show what they have; a change that cannot look back has to ask what the time is about.
        filling.others.append(item.text)
    elif item.value in RELEASE_WORDS:
        # “Roll back to the latest stable version” names none.
        return
    elif item.slot in (Slot.RELEASE, Slot.REVISION, Slot.REPLICAS, Slot.PROPOSAL) and not _tells_apart(items, index):
        target = next((slots[slot] for slot in (Slot.REVISION, Slot.RELEASE, Slot.REPLICAS) if slot in slots), None)
        if target and target.name not in filling.values and item.slot is not Slot.REPLICAS:
            filling.unresolved[target.name] = item.text
        else:
            filling.others.append(item.text)


def _readings(item: Item) -> list[tuple[Slot, Json]]:
    """What an item may be, likeliest first."""
    assert item.slot is not None
    found: list[tuple[Slot, Json]] = [(item.slot, item.value)]
    if item.slot is Slot.REPLICAS and isinstance(item.value, int) and not item.firm:
        found += [(Slot.REVISION, item.value), (Slot.PROPOSAL, item.value), (Slot.INCIDENT, item.value)]
    if item.slot is Slot.RELEASE and isinstance(item.value, str) and item.value.isdecimal():
        found.append((Slot.REVISION, int(item.value)))
    if item.slot in (Slot.TIME, Slot.SINCE):
        found += [(Slot.SINCE, item.began), (Slot.DURATION, item.back)]
    return found


def _superseded(items: Sequence[Item], index: int) -> bool:
    """“From 4 to 6”, “from staging to production”: where something comes from is not what is asked for."""
    return (
        index > 0
        and items[index - 1].key == "from"
        and any(other.slot is items[index].slot for other in items[index + 1 :])
    )


def _tells_apart(items: Sequence[Item], index: int) -> bool:
    return index > 0 and items[index - 1].key in ("than", "like")


def _place_unknown(
    left: Sequence[int],
    items: Sequence[Item],
    slots: Mapping[Slot, Field],
    filling: Filling,
    names: Names,
    *,
    guessing: bool,
    used: frozenset[int],
) -> None:
    idle = HARMLESS | TURNS if guessing else IDLE
    left = [index for index in left if items[index].marked or not _says_nothing(items, index, idle)]
    weighed = _unlike(left, items, slots, filling, names, guessing=guessing)
    found, plain = named(items, weighed, used)
    for each in found[:_MOST_WEIGHED]:
        slot = _meant_as(each, items, slots, filling)
        if slot is None and not guessing and _is_tag(each, items, slots, filling):
            slot = Slot.RELEASE
            said = Resolved(parameter=slots[slot].name, words=each.text(items), value=each.text(items))
            filling.take(slots[slot].name, each.text(items), said)
        elif slot is None:
            (filling.plain if guessing and each.strength < ENOUGH else filling.others).append(each.text(items))
        elif slot is Slot.NAMESPACE and (value := value_of(slot, each.text(items))) is not None:
            said = Resolved(parameter=slots[slot].name, words=each.text(items), value=value)
            filling.take(slots[slot].name, value, said)
        else:
            filling.unresolved[slots[slot].name] = each.text(items)
            filling.strength[slots[slot].name] = each.strength
    filling.others += [each.text(items) for each in found[_MOST_WEIGHED:]]
    for group in groups(plain):
        words = " ".join(items[index].text for index in group)
        service = slots.get(Slot.SERVICE)
        if (
            service
            and service.required
            and _lacks(filling, service.name)
            and stands_for(group, items, used, loosely=guessing)
        ):
            # “Scale recommendations to 4”: an ordinary word, but where the name has to be.
            filling.unresolved[service.name] = words
        else:
            (filling.plain if guessing else filling.others).append(words)


def _lacks(filling: Filling, name: str) -> bool:
    return name not in filling.values and name not in filling.unresolved


def _unlike(
    left: Sequence[int],
    items: Sequence[Item],
    slots: Mapping[Slot, Field],
    filling: Filling,
    names: Names,
    *,
    guessing: bool,
) -> list[int]:
    """Take what clearly resembles a name that is known, and return the places of the other words."""
    rest: list[int] = []
    for number, group in enumerate(groups([index for index in left if not items[index].key.startswith("@")])):
        if number >= _MOST_WEIGHED or not _resembles(group, items, slots, filling, names, guessing=guessing):
            rest += group
    return rest


def _resembles(
    group: Sequence[int],
    items: Sequence[Item],
    slots: Mapping[Slot, Field],
    filling: Filling,
    names: Names,
    *,
    guessing: bool,
) -> bool:
    """Take a group of words for the name that it clearly resembles, or note which it may be meant for."""
    key, words = "-".join(items[index].key for index in group), " ".join(items[index].text for index in group)
    if not key.isascii() or len(key) < 4 or ordinary(key):
        return False
    for slot in (Slot.ENVIRONMENT, Slot.SERVICE):
        if slot not in slots or slots[slot].name in filling.values:
            continue
        near = _near(key, names.of(slot))
        if not near:
            continue
        name, (value, score) = slots[slot].name, next(iter(near.items()))
        rival = max((other for each, other in near.items() if each != value), default=0.0)
        if guessing and score >= _ALIKE and score - rival >= _MARGIN:
            share = round(score / 100, 2)
            filling.take(
                name, value, Resolved(parameter=name, words=words, value=value, score=share, candidates=tuple(near))
            )
        else:
            filling.unresolved[name] = words
            filling.guesses[name] = tuple(near)
        return True
    return False


def _near(key: str, known: Mapping[str, str]) -> dict[str, float]:
    """The canonical names that a word resembles, in per cent, nearest first."""
    found = process.extract(key, list(known), scorer=fuzz.ratio, limit=4, score_cutoff=_ALIKE - _DOUBT)
    near: dict[str, float] = {}
    for name, score, _ in found:
        near.setdefault(known[name], score)
    return near


def _says_nothing(items: Sequence[Item], index: int, idle: frozenset[str]) -> bool:
    """Is a word filler, or none at all? “Back” is, where it only says which way: “back to 2”."""
    key = items[index].key
    if key in ("and", "or") and index and items[index - 1].slot and index + 1 < len(items) and items[index + 1].slot:
        # “Search and staging” is a list of what is no list.
        return items[index - 1].slot is items[index + 1].slot
    towards = key == "back" and (index + 1 == len(items) or items[index + 1].key in ("to", "up", "down", "in", "out"))
    if key in ("how", "what", "when", "where") and HARMLESS - idle and _following(items, index) not in _RELATED:
        return False
    return towards or key in idle or bool(_NOT_A_NAME.fullmatch(key))


def _following(items: Sequence[Item], index: int) -> str:
    return items[index + 1].key if index + 1 < len(items) else ""


def _meant_as(each: Named, items: Sequence[Item], slots: Mapping[Slot, Field], filling: Filling) -> Slot | None:
    """Which parameter a name that nobody knows was meant for."""
    free = {
        slot for slot, own in slots.items() if own.name not in filling.values and own.name not in filling.unresolved
    }
    if Slot.NAMESPACE in free and not environs(each.text(items)) and _in_a_namespace(each, items, slots, filling):
        return Slot.NAMESPACE
    if _measured(each, items):
        return None
    if Slot.ENVIRONMENT in free and (
        each.where or (within(each.places, items) and _is_place(each, items, slots, free))
    ):
        return Slot.ENVIRONMENT
    if Slot.KIND in free and _unknown_kind(each, items):
        return Slot.KIND
    weak = each.strength < ENOUGH and not (Slot.SERVICE in slots and slots[Slot.SERVICE].required)
    # Where one object was named, what else looks like a name says more about it.
    if weak or (Slot.OBJECT in slots and slots[Slot.OBJECT].name in filling.values):
        return None
    return Slot.SERVICE if Slot.SERVICE in free else None


def _unknown_kind(each: Named, items: Sequence[Item]) -> bool:
    """“List all fleets”: several of something."""
    first, last = items[each.places[0]], items[each.places[-1]]
    before = items[each.places[0] - 1].key if each.places[0] else ""
    return (
        before in ("all", "every", "list", "any", "which")
        and last.key.endswith("s")
        and not first.marked
        and "-" not in last.key
    )


def _is_tag(each: Named, items: Sequence[Item], slots: Mapping[Slot, Field], filling: Filling) -> bool:
    """“Push cart main-4f2a9c1”: what stands behind the name and has a digit, where no other word is the release."""
    release, start = slots.get(Slot.RELEASE), each.places[0]
    if release is None or not _lacks(filling, release.name) or len(each.places) > 1 or not start:
        return False
    before = items[start - 1]
    service = before.slot is Slot.SERVICE or before.text in filling.unresolved.values()
    return service and any(letter.isdigit() for letter in each.text(items)) and bool(_TAG.fullmatch(each.text(items)))


def _measured(each: Named, items: Sequence[Item]) -> bool:
    """“To 100Gi” says how much."""
    return bool(_MEASURE.fullmatch(items[each.places[0]].key)) and not items[each.places[0]].marked


def _in_a_namespace(each: Named, items: Sequence[Item], slots: Mapping[Slot, Field], filling: Filling) -> bool:
    """“The pods in cart”, “cart-7 in cart-dev”: in what, where it is plain what is in there."""
    if not within(each.places, items) or (onto(each.places, items) and not each.where):
        return False
    objects = [own.name for slot, own in slots.items() if slot in (Slot.SERVICE, Slot.OBJECT, Slot.KIND)]
    told = any(name in filling.values or name in filling.unresolved for name in objects)
    return told or things(items) or each.where


def _is_place(each: Named, items: Sequence[Item], slots: Mapping[Slot, Field], free: set[Slot]) -> bool:
    """Is “in cart” where something is, because what it is was said, or because a place is what is asked for?"""
    if Slot.REPLICAS in slots and Slot.SERVICE in free and towards(each.places, items):
        # “Add two pods to cart.”
        return False
    return Slot.SERVICE not in free or known(items, Slot.SERVICE) or slots[Slot.ENVIRONMENT].required
