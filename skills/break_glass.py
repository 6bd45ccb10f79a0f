"""A word on a proposal: break the glass."""

from pydantic import Field

from skills.core import skill
from skills.core.proposal import Choice
from skills.core.skill import Decide


class Params(skill.Params):
    """Which proposal, and in which incident. Why stands after “because”."""

    proposal: skill.ProposalNumber = Field(ge=1, description="The number of the proposal")
    incident: skill.IncidentNumber | None = Field(default=None, description="The open incident in which it has to be")


class BreakGlass(Decide[Params]):
    """Let a proposal run in an emergency without the approvals it lacks; others hear of it at once and review it."""

    name = "break-glass"
    examples = ("break glass 17 incident 4 because nobody else is awake and checkout is down",)
    choice = Choice.BREAK_GLASS
