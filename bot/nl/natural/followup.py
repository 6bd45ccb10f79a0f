"""Fragments that mean something only after an earlier request: “same in staging”, “the other one”, “no, payments-api”, “and last week?”."""

from collections.abc import Mapping, Sequence

from bot.nl.fields import Field
from bot.nl.natural.asking import Open, from_thread
from bot.nl.natural.filling import Filling, fill
from bot.nl.natural.harmless import HARMLESS
from bot.nl.natural.items import Item
from bot.nl.natural.mood import Mood, denied, hindered_by
from bot.nl.natural.requesting import Part
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
_CORRECTING = frozenset({"no", "not", "actually", "meant", "instead", "rather", "sorry"})
_LONGEST = 12
_BRIEF = 2


def follow(
    parts: Sequence[Part],
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
    own, keys = fields[skill.name], {item.key for item in items}
    filling = _said(items, own, about, names)
    news = (
        filling.values
        or keys & {"same", "again"}
        or any(item.slot in (Slot.TIME, Slot.SINCE) for item in items)
        or _past(keys)
    )
    meant = _meant(skill, parts, keys)
    if not news or meant in (Mood.DENIED, Mood.TOLD):
        return None
    if skill.kind.acts and not (keys & _CUES or _answers(filling, own, about) or len(items) <= _BRIEF):
        return None
    for each in own:
        value = about.params.get(each.name)
        if value is not None and each.name not in filling.values:
            filling.take(each.name, value, from_thread(each.name, value))
    if not skill.kind.acts:
        filling.others.clear()
    changed = any(about.params.get(name) not in (None, value) for name, value in filling.params.items())
    return Open(skill=skill, fields=own, filling=filling, mood=meant, corrects=changed and bool(keys & _CORRECTING))


def _said(items: Sequence[Item], fields: Sequence[Field], about: Subject, names: Names) -> Filling:
    """What the words themselves say about the parameters."""
    used = frozenset(index for index, item in enumerate(items) if item.key in _MORE_WORDS and not item.slot)
    filling = fill(fields, items, used, names, guessing=False)
    keys = {item.key for item in items}
    if "other" in keys and not filling.values:
        _other(filling, fields, about, names, keys)
    return filling


def _meant(skill: AnySkill, parts: Sequence[Part], keys: set[str]) -> Mood | None:
    """What stands in the way of taking a fragment for a request: nothing, if it only reads."""
    if not skill.kind.acts:
        return None
    if "not" in keys or any(denied(part.items) and not keys & {"instead", "rather", "no"} for part in parts):
        return Mood.DENIED
    hindrance = next((found for part in parts if (found := hindered_by(part.items, part.text, before=False))), None)
    return Mood.QUESTION if hindrance is None and any(part.asks for part in parts) else hindrance


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
