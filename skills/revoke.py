"""Taking back what was approved in advance."""

from pydantic import Field

from skills.core import skill
from skills.core.ports.grants import Grants
from skills.core.report import Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Which one."""

    grant: skill.ProposalNumber = Field(ge=1, description="The number of the standing approval")


class Revoke(Record[Params]):
    """Take a standing approval back."""

    name = "revoke"
    examples = ("revoke 3",)

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def record(self, params: Params, *, asked: Asked) -> Report:
        ended = await self._grants.revoke(params.grant, asked=asked)
        used = "was not used" if not ended.uses else f"was used {ended.uses} time{'s' if ended.uses > 1 else ''}"
        return Report(
            title=f"Standing approval {ended.number}",
            summary=f"{ended.grantee_name} has to ask again: {ended.bounds}. It {used}.",
        )
