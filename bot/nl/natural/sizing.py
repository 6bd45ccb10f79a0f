"""How much of CPU or memory is said: “512Mi of memory”, “a memory request of 1Gi”, “250m CPU”, “two cores”.

The spelling tells one from the other: `250m` are thousandths of a core, and what has a unit of bytes is memory. A bare number is cores
where it stands beside that word, and else whatever it is elsewhere.
"""

import re
from collections.abc import Iterator, Sequence
from decimal import Decimal

from bot.nl.natural.items import Item
from bot.nl.natural.speech import JOINT
from bot.nl.values import value_of
from bot.nl.vocabulary import NUMBERS
from skills.core.canonical import Json
from skills.core.skill import Slot

_CORES = frozenset({"core", "cores", "cpu", "cpus", "vcpu", "vcpus", "--cpu"})
_MEMORY = frozenset({"memory", "mem", "ram", "--memory"})
_REQUESTS = frozenset({"request", "requests"})
_LINKS = frozenset({"of", "to", "at", "is", "with", "a"}) | _REQUESTS
_FRACTIONS = {"half": "0.5", "quarter": "0.25"}
_MILLI = re.compile(r"[0-9]{1,5}m")
_NUMBER = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,3})?")
_BYTES = re.compile(r"[0-9]{1,7}(?:\.[0-9]{1,3})?(?:[kgtp]|[kmgtpe]i|[kmgtp]i?b)")
_UNITS = {
    "mb": "mi",
    "gb": "gi",
    "mib": "mi",
    "gib": "gi",
    "megabytes": "mi",
    "gigabytes": "gi",
    "gigs": "gi",
    "gig": "gi",
}


def sizes(slot: Slot, items: Sequence[Item]) -> Iterator[tuple[Json, set[int]]]:
    """The first amount of that slot (CPU or memory), with all the words that are about it."""
    for index in range(len(items)):
        spelled, length = _spelled(items, index)
        if _slot_of(spelled, items, index, index + length) is not slot or (value := value_of(slot, spelled)) is None:
            continue
        words = _CORES if slot is Slot.CPU else _MEMORY
        if slot is Slot.CPU or not any(sizes(Slot.CPU, items)):
            words = words | _REQUESTS
        yield value, {*range(index, index + length), *(at for at, item in enumerate(items) if item.key in words)}
        return


def _spelled(items: Sequence[Item], index: int) -> tuple[str, int]:
    """The word as an amount, and how many words say it: “512 mb” is two."""
    key = items[index].text.lower().replace(JOINT, " ")
    if key in _FRACTIONS:
        return _FRACTIONS[key], 1
    if (number := NUMBERS.get(key)) is not None:
        key = str(Decimal(number))
    unit = _UNITS.get(items[index + 1].key) if _NUMBER.fullmatch(key) and index + 1 < len(items) else None
    return (key + unit, 2) if unit else (key, 1)


def _slot_of(spelled: str, items: Sequence[Item], start: int, end: int) -> Slot | None:
    if _MILLI.fullmatch(spelled):
        return Slot.CPU
    if _BYTES.fullmatch(spelled):
        return Slot.MEMORY
    cores = _NUMBER.fullmatch(spelled) and (_beside(items, start - 1, -1) or _beside(items, end, 1))
    return Slot.CPU if cores else None


def _beside(items: Sequence[Item], place: int, step: int) -> bool:
    """Is the next word that says anything a word for cores?"""
    while 0 <= place < len(items) and items[place].key in _LINKS:
        place += step
    return 0 <= place < len(items) and items[place].key in _CORES
