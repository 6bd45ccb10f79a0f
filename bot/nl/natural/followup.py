"""Fragments that mean something only after an earlier request: “same in staging”, “the other one”, “no, payments-api”, “and last week?”."""

from collections.abc import Mapping, Sequence
from typing import Protocol

from bot.nl.fields import Field
from bot.nl.natural.asking import Open, from_thread
from bot.nl.natural.filling import Filling, fill
from bot.nl.natural.harmless import HARMLESS
from bot.nl.natural.items import Item
from bot.nl.natural.mood import Mood, denied, hindered_by
from bot.nl.natural.thread import Subject
from bot.nl.reading import Names
from skills.core.canonical import Json
from skills.core.names import SkillName
from skills.core.registry import AnySkill
from skills.core.skill import Kind, Slot

_MORE_WORDS = frozenset(
    {"instead", "rather", "no", "not", "about", "only", "too", "other", "double", "half", "triple", "halve"}
)
_CUES = frozenset(
    {
        "same",
        "again",
        "also",
        "too",
        "instead",
        "no",
        "actually",
        "meant",
        "make",
        "other",
        "now",
        "please",
        "rather",
        "only",
        "sorry",
        "and",
    }
)
_LONGEST = 12


class Clausal(Protocol):
    """A clause as far as it matters here."""

    @property
    def items(self) -> list[Item]: ...
    @property
    def text(self) -> str: ...
    @property
    def asks(self) -> bool: ...


def follow(
    parts: Sequence[Clausal],
    about: Subject,
    skills: Mapping[SkillName, AnySkill],
    fields: Mapping[str, tuple[Field, ...]],
    names: Names,
) -> Open | None:
    """The earlier request with what these words change about it, or None if they are not about it."""
    items = [item for part in parts for item in part.items]
    skill = skills.get(SkillName(about.skill))
    if skill is None or skill.kind is Kind.DECISION or not 0 < len(items) <= _LONGEST:
        return None
    if any(item.slot is None and item.key not in HARMLESS | _MORE_WORDS for item in items):
        return None
    own = fields[skill.name]
    filling = fill(
        own,
        items,
        frozenset(i for i, item in enumerate(items) if item.key in _MORE_WORDS and not item.slot),
        names,
        guessing=False,
    )
    keys = {item.key for item in items}
    if "other" in keys and not filling.values:
        _other(filling, own, about, names, keys)
    if not filling.values and not (
        keys & {"same", "again"} or any(item.slot is Slot.TIME for item in items) or _past(keys)
    ):
        return None
    if skill.kind is Kind.CHANGE and not (keys & _CUES or _answers(filling, own, about) or len(items) <= 2):
        return None
    for each in own:
        value = about.params.get(each.name)
        if value is not None and each.name not in filling.values:
            filling.take(each.name, value, from_thread(each.name, value))
    asks = any(part.asks for part in parts) and skill.kind is Kind.CHANGE
    hindrance = next((found for part in parts if (found := hindered_by(part.items, part.text, before=False))), None)
    if skill.kind is Kind.CHANGE and (
        hindrance in (Mood.DENIED, Mood.TOLD)
        or ("not" in keys or (denied(items) and not keys & {"instead", "rather", "no"}))
    ):
        return None
    if skill.kind is not Kind.CHANGE:
        filling.others.clear()
        hindrance = None
    return Open(skill=skill, fields=own, filling=filling, mood=Mood.QUESTION if asks else hindrance)


def _past(keys: set[str]) -> bool:
    return "last" in keys and bool(keys & {"week", "month", "year", "time"})


def _answers(filling: Filling, fields: Sequence[Field], about: Subject) -> bool:
    """Is it what was asked for: a parameter that the earlier request lacks?"""
    return any(each.name in filling.values and each.name not in about.params for each in fields)


def _other(filling: Filling, fields: Sequence[Field], about: Subject, names: Names, keys: set[str]) -> None:
    """“The other one” is the other of two: of those that were to choose from, or of all there are."""
    for each in fields:
        if each.slot not in (Slot.ENVIRONMENT, Slot.SERVICE):
            continue
        wanted = {
            "environment": Slot.ENVIRONMENT,
            "env": Slot.ENVIRONMENT,
            "service": Slot.SERVICE,
            "app": Slot.SERVICE,
        }
        named = {slot for word, slot in wanted.items() if word in keys}
        if named and each.slot not in named:
            continue
        present: Json = about.params.get(each.name)
        choices = sorted(set(about.candidates.get(each.name, ()) or names.of(each.slot).values()))
        if present in choices and len(choices) == 2:
            value = next(choice for choice in choices if choice != present)
            filling.take(each.name, value, from_thread(each.name, value))
            return
