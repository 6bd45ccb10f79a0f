"""Taking a lock from whoever holds it, in the open."""

from pydantic import Field

from skills.core import skill
from skills.core.ports.locks import Locks
from skills.core.report import Report, Text
from skills.core.scoping import scope_of
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """Whose lock it is does not matter; what it is on does."""

    service: skill.Service | None = Field(default=None, description="The service that somebody else has locked")
    environment: skill.Environment | None = Field(default=None, description="Only in this environment")
    duration: skill.Duration | None = Field(default=None, description="How long yours holds, such as 30m, 2h or 1d")


class Steal(Record[Params]):
    """Take over a lock that somebody else holds; they are told."""

    name = "steal"
    examples = (
        "steal checkout in production because the migration is over and Ada is asleep",
        "steal staging because the test is off",
    )
    phrases = ("steal … lock", "steal", "take over … lock", "take … lock from", "break … lock")

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    async def record(self, params: Params, *, asked: Asked) -> Report:
        scope = scope_of(params.service, params.environment, example=self.examples[0])
        taken, ended = await self._locks.steal(scope, length=params.duration, asked=asked)
        lost = tuple(Text(text=f"{each.owner_name} held {each.scope} ({each.reason}) and is told.") for each in ended)
        summary = f"{scope} is yours until {taken.until:%Y-%m-%d %H:%M} UTC: {taken.reason}"
        return Report(title=f"Lock on {scope}", summary=summary, parts=lost)
