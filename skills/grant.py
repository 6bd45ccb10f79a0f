"""Approving in advance."""

from pydantic import Field

from skills.core import skill
from skills.core.ports.grants import Grants, Wish
from skills.core.report import Command, Report
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Whose requests, for what, where, and how often."""

    person: skill.Person = Field(description="Whose requests are approved in advance")
    request: skill.SkillWord = Field(description="The request, such as restart or scale")
    service: skill.Service = Field(description="For which service")
    environment: skill.Environment = Field(description="In which environment")
    replicas: skill.Replicas | None = Field(default=None, description="Of scale: up to so many replicas")
    duration: skill.Duration | None = Field(default=None, description="How long it holds, such as 8h or 7d")
    uses: skill.Count | None = Field(default=None, description="How often it may be used (--uses 3)")


class Grant(Record[Params]):
    """Approve in advance what a person will ask for, within bounds and for a while."""

    name = "grant"
    examples = (
        "grant dev restart search in production for 8h because of the leak that is being looked for",
        "grant dev scale web to 8 in production --uses 3 because the sale is on",
    )

    def __init__(self, grants: Grants) -> None:
        self._grants = grants

    async def record(self, params: Params, *, asked: Asked) -> Report:
        given = await self._grants.give(
            Wish(
                grantee=params.person,
                skill=params.request,
                service=params.service,
                environment=params.environment,
                replicas=params.replicas,
                length=params.duration,
                most=params.uses,
            ),
            asked=asked,
        )
        times = "once" if given.most == 1 else f"{given.most} times"
        return Report(
            title=f"Standing approval {given.number}",
            summary=(
                f"You approve {given.bounds} for {given.grantee_name}, {times} at most, until {given.until:%Y-%m-%d %H:%M} UTC, "
                "as long as you could approve it yourself."
            ),
            parts=(Command(text=f"revoke {given.number}", does="take it back"),),
        )
