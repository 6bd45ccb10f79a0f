"""Looking at broken glass afterwards."""

from pydantic import Field

from skills.core import skill
from skills.core.names import ProposalId
from skills.core.ports.glasses import Glasses
from skills.core.report import Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Which, and what was found."""

    proposal: skill.ProposalNumber = Field(ge=1, description="The number of the proposal for which glass was broken")
    note: skill.FreeText = Field(min_length=1, max_length=500, description="What you found, in a sentence")


class GlassReview(Record[Params]):
    """Say what you found when you looked at broken glass, which somebody else than who broke it has to do within a day."""

    name = "glass-review"
    aliases = ("review-glass",)
    examples = ("glass review 17 it was right, the pool is larger for good now",)

    def __init__(self, glasses: Glasses) -> None:
        self._glasses = glasses

    async def record(self, params: Params, *, asked: Asked) -> Report:
        glass = await self._glasses.review(ProposalId(params.proposal), params.note, asked=asked)
        said = f"{glass.name} broke the glass in {glass.where}: {glass.reason}. It was {glass.reviewed}."
        return Report(title=f"Broken glass of #{glass.proposal}", summary=said)
