"""A word on a proposal: reject."""

from pydantic import Field

from skills.core import skill
from skills.core.proposal import Choice
from skills.core.skill import Decide


class Params(skill.Params):
    """Which proposal, and why."""

    proposal: skill.ProposalNumber = Field(ge=1, description="The number of the proposal")
    reason: skill.FreeText = Field(min_length=1, max_length=500, description="Why not")


class Reject(Decide[Params]):
    """Reject a proposal, saying why."""

    name = "reject"
    aliases = ("decline", "deny")
    examples = ("reject 17 not during the sale",)
    choice = Choice.REJECT
