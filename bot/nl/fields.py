"""What a skill has to know, read from its `Params`."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Any, get_args, get_origin

from skills.core.registry import AnySkill
from skills.core.skill import Slot


@dataclass(frozen=True, kw_only=True)
class Field:
    """One parameter: what kind of word it takes, and whether a request is incomplete without it."""

    name: str
    slot: Slot | None
    required: bool


def fields_of(skill: AnySkill) -> tuple[Field, ...]:
    """The parameters of a skill, in their order."""
    hints = skill.Params.model_fields
    return tuple(
        Field(name=name, slot=_slot(info.annotation, info.metadata), required=info.is_required())
        for name, info in hints.items()
    )


def has(fields: Sequence[Field], slot: Slot) -> bool:
    """Does one of these take that kind of word?"""
    return any(each.slot is slot for each in fields)


def guides(fields: Sequence[Field]) -> bool:
    """Are these the parameters of the skill that tells what can be asked: another skill, and nothing else?"""
    return [each.slot for each in fields] == [Slot.SKILL]


def _slot(annotation: Any, metadata: list[Any]) -> Slot | None:
    """The mark on a field, which for an optional one is within the union."""
    for mark in metadata:
        if isinstance(mark, Slot):
            return mark
    if get_origin(annotation) is Annotated:
        inner, *marks = get_args(annotation)
        return _slot(inner, marks)
    for option in get_args(annotation):
        if (slot := _slot(option, [])) is not None:
            return slot
    return None
