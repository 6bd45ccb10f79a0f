"""What was approved in advance, by whom, for whom, until when."""

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.grant import Grant
from skills.core.ports.grants import Grants as GrantsPort
from skills.core.report import Command, Part, Report, Table
from skills.core.skill import Query


class Params(skill.Params):
    """All of them, or those for one service or environment."""

    service: skill.Service | None = Field(default=None, description="Only those for this service")
    environment: skill.Environment | None = Field(default=None, description="Only those for this environment")


class Grants(Query[Params]):
    """Show what was approved in advance, by whom, for whom, and until when."""

    name = "grants"
    aliases = ("standing-approvals",)
    examples = ("grants", "grants in production")
    phrases = (
        "standing approval|approvals",
        "what|who … approved in advance",
        "approved in advance",
        "which|what|show|list grants",
    )

    def __init__(self, grants: GrantsPort) -> None:
        self._grants = grants

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        found = [
            each
            for each in await self._grants.live()
            if params.service in (None, each.bounds.service) and params.environment in (None, each.bounds.environment)
        ]
        if not found:
            return Report(title="Standing approvals", summary="Nothing is approved in advance.")
        columns = ("number", "what", "for", "by", "until (UTC)", "used", "why")
        mine = [each for each in found if asker.subject in (each.granter, each.bounds.grantee)]
        revoking = (Command(text=f"revoke {each.number}", does=f"take back {each.bounds}") for each in mine)
        parts: tuple[Part, ...] = (Table(columns=columns, rows=tuple(_row(each) for each in found)), *revoking)
        count = "One standing approval" if len(found) == 1 else f"{len(found)} standing approvals"
        return Report(title="Standing approvals", summary=f"{count}.", parts=parts)


def _row(grant: Grant) -> tuple[str, ...]:
    until, used = f"{grant.until:%Y-%m-%d %H:%M}", f"{grant.uses} of {grant.most}"
    return (str(grant.number), str(grant.bounds), grant.grantee_name, grant.granter_name, until, used, grant.reason)
