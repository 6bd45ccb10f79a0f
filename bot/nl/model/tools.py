"""Skills as a model may name them. A tool has no body: naming one with arguments is all that a model can do."""

from collections.abc import Mapping
from typing import Any

from bot.nl.fields import fields_of, has
from skills.core.registry import AnySkill, Skills
from skills.core.skill import Kind, Slot

_EFFECTS = {
    Kind.QUERY: "Only reads.",
    Kind.CHANGE: "Proposes; a person decides.",
    Kind.RECORD: "Writes it down; only where the person asks for it.",
}
_DROPPED = frozenset({"title", "default", "format"})


def offered(skills: Skills) -> dict[str, AnySkill]:
    """The skills that a model may name: those that read and those that have to be asked for. Never one that decides, and no record that
    consists of a person's own words: a model could only make them up.
    """
    return {
        name: skill for name, skill in skills.items() if skill.kind is not Kind.DECISION and not _in_own_words(skill)
    }


def _in_own_words(skill: AnySkill) -> bool:
    return skill.kind is Kind.RECORD and has(fields_of(skill), Slot.TEXT)


def readable(skills: Skills) -> dict[str, AnySkill]:
    """The skills that only read."""
    return {name: skill for name, skill in skills.items() if skill.kind is Kind.QUERY}


def tool(skill: AnySkill) -> dict[str, Any]:
    """One skill as a function of OpenAI's protocol. Nothing is required: what was not said is to be left out and asked for."""
    schema = skill.Params.model_json_schema()
    properties = {name: _plain(each) for name, each in schema.get("properties", {}).items()}
    effect = _EFFECTS[skill.kind]
    parameters = {"type": "object", "properties": properties, "additionalProperties": False}
    return {
        "type": "function",
        "function": {"name": skill.name, "description": f"{skill.sentence()} {effect}", "parameters": parameters},
    }


def _plain(schema: Mapping[str, Any]) -> dict[str, Any]:
    """A parameter's schema without what only confuses: titles, defaults, and “or nothing”."""
    kept = {key: value for key, value in schema.items() if key not in _DROPPED}
    if "anyOf" in kept:
        options = [_plain(option) for option in kept.pop("anyOf") if option.get("type") != "null"]
        kept |= options[0] if len(options) == 1 else {"anyOf": options}
    return kept
