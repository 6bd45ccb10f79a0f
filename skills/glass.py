"""Broken glass: who did without which approvals, and whether somebody looked at it."""

from skills.core import skill
from skills.core.actor import Actor
from skills.core.glass import Glass as Broken
from skills.core.ports.glasses import Glasses
from skills.core.report import Command, Part, Report, Table
from skills.core.skill import Query


class Params(skill.Params):
    """Nothing to say."""


class Glass(Query[Params]):
    """Show where glass was broken: who let what run without whose approval, why, and who looked at it afterwards."""

    name = "glass"
    aliases = ("broken-glass",)
    examples = ("glass", "broken glass")
    phrases = ("who … broke … glass", "where|which|when … glass … broken", "glass … broken|review|reviewed")

    def __init__(self, glasses: Glasses) -> None:
        self._glasses = glasses

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        found = await self._glasses.broken()
        if not found:
            return Report(title="Broken glass", summary="No glass was ever broken.")
        waiting = [each for each in found if each.review is None]
        columns = ("proposal", "by", "at (UTC)", "in", "instead of", "why", "review")
        parts: list[Part] = [Table(columns=columns, rows=tuple(_row(each) for each in found))]
        parts += [
            Command(text=f"audit {each.proposal}", does=f"what happened in #{each.proposal}") for each in waiting[:5]
        ]
        first = next((each for each in waiting if each.subject != asker.subject), None)
        say = f" Say “glass review {first.proposal}” and what you found." if first else ""
        left = f"{len(waiting)} of {len(found)} not reviewed yet.{say}" if waiting else "All of it was reviewed."
        return Report(title="Broken glass", summary=left, parts=tuple(parts))


def _row(glass: Broken) -> tuple[str, ...]:
    return (
        f"#{glass.proposal}",
        glass.name,
        f"{glass.at:%Y-%m-%d %H:%M}",
        glass.where,
        glass.needed,
        glass.reason,
        glass.reviewed,
    )
