"""Who holds others off, from what, since when and why."""

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.lock import Lock, Scope
from skills.core.ports.locks import Locks as LocksPort
from skills.core.report import Command, Part, Report, Table
from skills.core.skill import Query


class Params(skill.Params):
    """All of them, or those that concern one service or environment."""

    service: skill.Service | None = Field(default=None, description="Only those that concern this service")
    environment: skill.Environment | None = Field(default=None, description="Only those that concern this environment")


class Locks(Query[Params]):
    """Show what is locked, by whom, since when and why."""

    name = "locks"
    examples = ("locks", "locks checkout", "locks in production")
    phrases = (
        "who locked|holds|has … lock|locked", "who locked", "what|which … locked", "is|are … locked", "which|what|any|show|list|open locks|lock", "how long … locked",
    )  # fmt: skip

    def __init__(self, locks: LocksPort) -> None:
        self._locks = locks

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        about = Scope(service=params.service or "", environment=params.environment or "")
        found = [each for each in await self._locks.held() if each.scope.meets(about)]
        where = f" on {about}" if params.service or params.environment else ""
        if not found:
            return Report(title="Locks", summary=f"Nobody holds a lock{where}.")
        columns = ("what", "who", "since (UTC)", "until (UTC)", "why")
        table = Table(columns=columns, rows=tuple(_row(each) for each in found))
        own = [each for each in found if each.owner == asker.subject]
        parts: list[Part] = [table, *(Command(text=f"unlock {each.scope.words}", does="let it go") for each in own)]
        count = "One lock" if len(found) == 1 else f"{len(found)} locks"
        return Report(title="Locks", summary=f"{count}{where}.", parts=tuple(parts))


def _row(lock: Lock) -> tuple[str, ...]:
    return (
        str(lock.scope),
        lock.owner_name,
        f"{lock.since:%Y-%m-%d %H:%M}",
        f"{lock.until:%Y-%m-%d %H:%M}",
        lock.reason,
    )
