"""Letting others in again."""

from pydantic import Field

from skills.core import skill
from skills.core.ports.locks import Locks
from skills.core.report import Report
from skills.core.scoping import scope_of
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """What to let go."""

    service: skill.Service | None = Field(default=None, description="The service that is locked")
    environment: skill.Environment | None = Field(default=None, description="Only in this environment")


class Unlock(Record[Params]):
    """Let go of your lock on a service or an environment."""

    name = "unlock"
    examples = ("unlock checkout in production", "unlock search", "unlock staging")
    phrases = ("release|remove|lift|drop|end … lock", "let go")

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    async def record(self, params: Params, *, asked: Asked) -> Report:
        scope = scope_of(params.service, params.environment, example=self.examples[0])
        ended = await self._locks.release(scope, asked=asked)
        listed = ", ".join(str(each.scope) for each in ended)
        return Report(title="Unlocked", summary=f"{listed or scope} can be changed by others again.")
