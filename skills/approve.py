"""A word on a proposal: approve."""

from pydantic import Field

from skills.core import skill
from skills.core.proposal import Choice
from skills.core.skill import Decide


class Params(skill.Params):
    """Which proposal."""

    proposal: skill.ProposalNumber = Field(ge=1, description="The number of the proposal")
    code: skill.Code | None = Field(default=None, description="The step-up code, where one is asked for")


class Approve(Decide[Params]):
    """Approve somebody else's proposal."""

    name = "approve"
    aliases = ("countersign", "lgtm")
    examples = ("approve 17",)
    choice = Choice.APPROVE
