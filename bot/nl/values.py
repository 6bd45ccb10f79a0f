"""What one word is worth where it is known which kind of word is expected; and what shows the kind by its shape alone."""

import re

from bot.nl import phrased
from bot.nl.kinds import kind_of
from skills.core import durations
from skills.core.canonical import Json
from skills.core.catalog import DNS_LABEL
from skills.core.skill import Slot

LEADS: dict[str, Slot] = {
    "since": Slot.DURATION,
    "last": Slot.DURATION,
    "past": Slot.DURATION,
    "grep": Slot.PATTERN,
    "containing": Slot.PATTERN,
    "matching": Slot.PATTERN,
    "mentioning": Slot.PATTERN,
    "namespace": Slot.NAMESPACE,
    "ns": Slot.NAMESPACE,
    "tail": Slot.COUNT,
    "limit": Slot.COUNT,
    "lines": Slot.COUNT,
    "kind": Slot.KIND,
    "pod": Slot.OBJECT,
    "object": Slot.OBJECT,
    "alert": Slot.ALERT,
    "code": Slot.CODE,
    "cpu": Slot.CPU,
    "memory": Slot.MEMORY,
    "period": Slot.PERIOD,
    "team": Slot.TEAM,
    "by": Slot.GROUPING,
}
"""“since 15m”: the word after one of these is meant as that, where a skill has a parameter for it."""

_OBJECT = re.compile(r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?")
_ALERT = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?")
_CODE = re.compile(r"su-[a-z2-9]{4}-[a-z2-9]{4}")
_POD = re.compile(
    r"[a-z0-9][a-z0-9.-]*-(?:[a-f0-9]{7,10}-[a-z0-9]{5}|[bcdf-hj-np-tv-z2-9]{6,10}-[bcdf-hj-np-tv-z2-9]{5})"
)
_ONE_OF_A_KIND = re.compile(r"(?P<kind>[A-Za-z]{2,40})/(?P<name>[a-z0-9][a-z0-9.-]{0,251})")
_CPU = re.compile(r"[0-9]{1,5}(?:\.[0-9]{1,3})?m?")
_MEMORY = re.compile(r"([0-9]{1,7}(?:\.[0-9]{1,3})?)([kmgtpe])i?b?")
_DIGITS = re.compile(r"[0-9]{1,9}")


def value_of(slot: Slot | None, text: str) -> Json:  # noqa: C901, PLR0911 - a table
    """The value that a word is for a slot whose values are in no catalog; None if it is none."""
    key = text.lower()
    match slot:
        case Slot.DURATION:
            return _length(key)
        case Slot.COUNT:
            return int(key) if _DIGITS.fullmatch(key) else None
        case Slot.PATTERN:
            return text or None
        case Slot.NAMESPACE:
            return key if DNS_LABEL.fullmatch(key) else None
        case Slot.OBJECT:
            return key if _OBJECT.fullmatch(key) else None
        case Slot.CODE:
            return key if _CODE.fullmatch(key) else None
        case Slot.ALERT:
            return text if _ALERT.fullmatch(text) else None
        case Slot.CPU:
            return key if _CPU.fullmatch(key) else None
        case Slot.MEMORY:
            return _memory(key)
        case Slot.KIND:
            return kind_of(text, expected=True)
        case Slot.PERIOD | Slot.TEAM | Slot.GROUPING:
            return phrased.value_of(slot, text)
        case _:
            return None


def shaped(text: str) -> dict[Slot, Json]:
    """What a word names by its shape alone: a length of time, a pod of a workload, or `deployment/web`."""
    key = text.lower()
    if (length := _length(key)) is not None:
        return {Slot.DURATION: length}
    if _CODE.fullmatch(key):
        return {Slot.CODE: key}
    if _POD.fullmatch(key):
        return {Slot.OBJECT: key}
    match = _ONE_OF_A_KIND.fullmatch(text)
    kind = kind_of(match["kind"], expected=True) if match else None
    return {Slot.KIND: kind, Slot.OBJECT: match["name"]} if match and kind else {}


def _memory(key: str) -> Json:
    """“512mi”, “512Mi” and “512MB” as Kubernetes spells what people mean by it: in powers of two."""
    match = _MEMORY.fullmatch(key)
    return f"{match[1]}{match[2].upper()}i" if match else None


def _length(key: str) -> Json:
    try:
        return durations.spelled(durations.parse(key))
    except (ValueError, OverflowError):
        return None
