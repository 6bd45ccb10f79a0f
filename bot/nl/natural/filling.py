"""From the items around a verb to the parameters of its skill, and what is left over."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rapidfuzz import fuzz, process

from bot.nl.fields import Field
from bot.nl.interpretation import Resolved
from bot.nl.natural.harmless import HARMLESS, IDLE
from bot.nl.natural.items import Item
from bot.nl.natural.narrowing import narrow
from bot.nl.reading import Names
from bot.nl.vocabulary import TURNS
from skills.core.canonical import Json
from skills.core.skill import Slot

_ALIKE = 82
"""Per cent of letters in common for a name to be taken for a slip of the finger: “serach” and “search” have 83."""
_MARGIN = 8
"""By how much the nearest name has to be nearer than the next one."""
_DOUBT = 10
"""How much less alike a name may be to be offered."""
_MOST_WEIGHED = 8
_NOT_A_NAME = re.compile(r"[0-9]+|[^\w]+")

_NAMED_AFTER = frozenset({"in", "on", "to", "into", "onto"})
_ENVIRONMENT_AFTER = frozenset({"environment", "env", "namespace", "cluster"})
_SERVICE_AFTER = frozenset({"service", "app", "application", "deployment", "pods", "workload", "api", "component"})
_RELATED = frozenset({"it", "we", "i", "they", "was", "were"})
"""“How it was”, “what we had”."""
_ARTICLES = frozenset({"the", "our", "my", "a", "an", "this", "that"})


@dataclass(kw_only=True)
class Filling:
    """What was found for each parameter. Two values for one are a question; so are unresolved words, and others, for a change."""

    values: dict[str, list[Json]] = field(default_factory=dict)
    unresolved: dict[str, str] = field(default_factory=dict)
    guesses: dict[str, tuple[str, ...]] = field(default_factory=dict)
    others: list[str] = field(default_factory=list)
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
    left = [index for index in range(len(items)) if index not in used | narrowed]
    for index, item in enumerate(items):
        if item.slot and index not in narrowed and not _superseded(items, index):
            _place(item, items, index, slots, filling)
    _place_unknown([index for index in left if not items[index].slot], items, slots, filling, names, guessing=guessing)
    return filling


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
    elif item.slot in (Slot.RELEASE, Slot.REVISION, Slot.REPLICAS) and not _tells_apart(items, index):
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
) -> None:
    idle = HARMLESS | TURNS if guessing else IDLE
    groups = _by_strength(items, [index for index in left if not _says_nothing(items, index, idle)])
    for number, group in enumerate(groups):
        words = " ".join(items[index].text for index in group)
        if number < _MOST_WEIGHED and _resembles(group, items, slots, filling, names, guessing=guessing):
            continue
        slot = _meant_as(group, items, slots, filling) if number < _MOST_WEIGHED else None
        if slot is None:
            filling.others.append(words)
        else:
            filling.unresolved[slots[slot].name] = words


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
    if not key.isascii() or len(key) < 4:
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


def _by_strength(items: Sequence[Item], indices: Sequence[int]) -> list[list[int]]:
    """Unknown words, neighbours together; those in quotes first, then those that stand or look like names."""
    return sorted(
        _groups([index for index in indices if not items[index].key.startswith("@")]),
        key=lambda group: (not any(items[index].marked for index in group), not _like_a_name(group, items)),
    )


def _like_a_name(group: Sequence[int], items: Sequence[Item]) -> bool:
    after = items[group[-1] + 1].key if group[-1] + 1 < len(items) else ""
    before = items[group[0] - 1].key if group[0] else ""
    return (
        any("-" in items[index].key.strip("-") for index in group)
        or after in _SERVICE_AFTER | _ENVIRONMENT_AFTER
        or before in ("named", "called")
    )


def _groups(indices: Sequence[int]) -> list[list[int]]:
    """Neighbours together."""
    groups: list[list[int]] = []
    for index in indices:
        if groups and groups[-1][-1] == index - 1:
            groups[-1].append(index)
        else:
            groups.append([index])
    return groups


def _meant_as(
    group: Sequence[int], items: Sequence[Item], slots: Mapping[Slot, Field], filling: Filling
) -> Slot | None:
    """Which parameter a name that nobody knows was meant for."""
    before = [item.key for item in items[max(0, group[0] - 2) : group[0]]]
    lead = before[-1] if before and before[-1] not in _ARTICLES else (before[0] if len(before) > 1 else "")
    after = items[group[-1] + 1].key if group[-1] + 1 < len(items) else ""
    free = {
        slot for slot, each in slots.items() if each.name not in filling.values and each.name not in filling.unresolved
    }
    if Slot.ENVIRONMENT in free and lead in _ENVIRONMENT_AFTER:
        return Slot.ENVIRONMENT
    if (
        Slot.ENVIRONMENT in free
        and after not in _SERVICE_AFTER
        and (after in _ENVIRONMENT_AFTER or (lead in _NAMED_AFTER and after != "service"))
    ):
        if (
            after in _ENVIRONMENT_AFTER
            or Slot.SERVICE not in free
            or any(items[index].slot is Slot.SERVICE for index in range(len(items)))
        ):
            return Slot.ENVIRONMENT
        if slots[Slot.ENVIRONMENT].required:
            return Slot.ENVIRONMENT
    return Slot.SERVICE if Slot.SERVICE in free else None
