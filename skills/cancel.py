"""A word on a proposal: cancel."""

from pydantic import Field

from skills.core import skill
from skills.core.proposal import Choice
from skills.core.skill import Decide


class Params(skill.Params):
    """Which proposal, and why."""

    proposal: skill.ProposalNumber = Field(ge=1, description="The number of the proposal")
    reason: skill.FreeText | None = Field(default=None, max_length=500, description="Why")


class Cancel(Decide[Params]):
    """Cancel your own proposal before it runs."""

    name = "cancel"
    aliases = ("withdraw",)
    examples = ("cancel 17",)
    choice = Choice.CANCEL
