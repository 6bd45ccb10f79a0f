"""Holding others off."""

from datetime import timedelta

from pydantic import Field

from skills.core import skill
from skills.core.lock import Scope
from skills.core.ports.locks import Locks
from skills.core.report import Command, Report
from skills.core.scoping import scope_of
from skills.core.skill import Asked, Record


class Params(skill.Params):
    """What to lock, and for how long."""

    service: skill.Service | None = Field(default=None, description="The service that nobody else may change")
    environment: skill.Environment | None = Field(default=None, description="Only in this environment")
    duration: skill.Duration | None = Field(default=None, description="How long it holds, such as 30m, 2h or 1d")


class Lock(Record[Params]):
    """Keep everybody else from changing a service or an environment for a while."""

    name = "lock"
    examples = (
        "lock checkout in production because the database is being migrated",
        "lock search for 2h because I am looking for a leak",
        "lock staging because of the load test",
    )
    phrases = ("lock down", "put|place|set … lock", "reserve")

    def __init__(self, locks: Locks) -> None:
        self._locks = locks

    async def record(self, params: Params, *, asked: Asked) -> Report:
        scope: Scope = scope_of(params.service, params.environment, example=self.examples[0])
        length: timedelta | None = params.duration
        taken = await self._locks.take(scope, length=length, asked=asked)
        until = f"{taken.until:%Y-%m-%d %H:%M} UTC"
        return Report(
            title=f"Lock on {scope}",
            summary=f"{scope} is yours until {until}: {taken.reason}",
            parts=(Command(text=f"unlock {scope.words}", does="let it go before that"),),
        )
