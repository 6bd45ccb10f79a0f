"""Ending that somebody stands in."""

from pydantic import Field

from skills.core import skill
from skills.core.ports.stand_ins import StandIns
from skills.core.report import Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Which one."""

    override: skill.ProposalNumber = Field(ge=1, description="The number of the override, as “overrides” lists it")


class OverrideCancel(Record[Params]):
    """End an override, so that whose turn it is is on call again."""

    name = "override-cancel"
    aliases = ("cancel-override", "end-override", "uncover")
    examples = ("override-cancel 3", "cancel override 3")

    def __init__(self, stand_ins: StandIns) -> None:
        self._stand_ins = stand_ins

    async def record(self, params: Params, *, asked: Asked) -> Report:
        ended = await self._stand_ins.give_back(params.override, asked=asked)
        return Report(
            title=f"Override {ended.number}",
            summary=f"{ended.name} is not on call for {ended.rotation} by an override any more; whose turn it is is on call.",
        )
