"""What a person can do here."""

from collections.abc import Sequence
from typing import Any

from pydantic import Field

from skills.core.actor import Actor
from skills.core.catalog import nearest
from skills.core.errors import UnknownName
from skills.core.ports.guide import Guide
from skills.core.report import Command, Part, Report, Table, Text
from skills.core.skill import Kind, Query, Skill, SkillWord
from skills.core.skill import Params as BaseParams


class Params(BaseParams):
    """One skill, or all of them."""

    skill: SkillWord | None = Field(default=None, description="Only this skill")


class Help(Query[Params]):
    """Show what you can do here, and how to say it."""

    name = "help"
    examples = ("help", "help deploy")
    phrases = (
        "what can|could … you do|help|understand", "what you can do", "what can|could|may|do i ask|do|say", "how can you help", "what things can you",
        "how do|can i|we use|ask|call|address|tell you|it|this|bot", "how do|can i|we talk|speak to you|it",
        "which|what|show|list commands|skills|features|examples", "show|list … commands|examples|skills", "usage|manual",
        "your commands|skills|abilities|features|options", "who|what are you", "what is this bot|thing", "how do|does you|this|it|bot … work",
        "what do you understand|know|do", "what are you good|able|capable", "what am i allowed|able", "what i may|can do", "my options",
        "countersign|your status|version|plugins", "countersign plugins|commands|skills|features", "are you there|alive|up|awake",
        "what|which … commands|plugins|features|skills … available", "able to do", "help me", "some help", "i need help",
    )  # fmt: skip

    def __init__(self, guide: Guide) -> None:
        self._guide = guide

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        usable = self._guide.usable(asker)
        if params.skill:
            return _one(params.skill, usable)
        if not usable:
            return Report(
                title="Help",
                summary=f"There is nothing that {asker.name} may do here yet.",
                parts=(Text(text="Ask an administrator to give you a role in people.yaml."),),
            )
        parts = tuple(_table(kind, usable) for kind in Kind if any(each.kind is kind for each in usable))
        return Report(title="Help", summary=f"{asker.name} can use {len(usable)} skills. Say for example:", parts=parts)


_TITLES = {
    Kind.QUERY: "To look",
    Kind.CHANGE: "To change something (shown first, then countersigned)",
    Kind.RECORD: "To write something down",
    Kind.DECISION: "To decide",
}


def _one(word: str, usable: Sequence[type[Skill[Any]]]) -> Report:
    found = next((each for each in usable if word in (each.name, *each.aliases)), None)
    if found is None:
        raise UnknownName("skill you may use", word, nearest(word, [each.name for each in usable]))
    fields = tuple(
        (name, "required" if field.is_required() else "optional", field.description or "")
        for name, field in found.Params.model_fields.items()
    )
    parts: list[Part] = [Command(text=example, does="") for example in found.examples]
    if fields:
        parts.insert(0, Table(columns=("what to say", "", "meaning"), rows=fields))
    if found.aliases:
        parts.append(Text(text=f"Also understood: {', '.join(found.aliases)}."))
    return Report(title=f"Help: {found.name}", summary=found.sentence(), parts=tuple(parts))


def _table(kind: Kind, usable: Sequence[type[Skill[Any]]]) -> Table:
    rows = tuple((each.name, each.sentence(), each.examples[0]) for each in usable if each.kind is kind)
    return Table(title=_TITLES[kind], columns=("skill", "what it does", "say"), rows=rows)
