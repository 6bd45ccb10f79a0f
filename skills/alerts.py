"""Which alerts fire, of those that were sent here."""

from datetime import timedelta

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.alert_told import table
from skills.core.ports.received_alerts import ReceivedAlerts
from skills.core.report import Command, Part, Report
from skills.core.skill import Query

_LATELY = timedelta(hours=24)


class Params(skill.Params):
    """About what."""

    service: skill.Service | None = Field(default=None, description="The service; all of them if not said")


class AlertList(Query[Params]):
    """Show which alerts fire, and how many ended in the last 24 hours."""

    name = "alerts"
    examples = ("alerts", "alerts checkout")
    phrases = (
        "which|what|any alerts",
        "show|list|see … alerts",
        "alerts … firing",
        "firing alerts",
        "what is firing|alerting",
    )
    offered = "see which alerts fire"

    def __init__(self, received: ReceivedAlerts) -> None:
        self._received = received

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        service = str(params.service or "")
        about = f" about {service}" if service else ""
        title = f"Alerts{': ' + service if service else ''}"
        firing = await self._received.firing(service=service)
        ended = await self._received.ended(since=self._received.now() - _LATELY, service=service)
        if not firing and not ended and not self._received.listens():
            said = "Nobody sends me alerts: whoever runs me may point Alertmanager at /hooks/alertmanager."
            return Report(title=title, summary=said)
        lately = f"{ended} ended in the last 24 hours." if ended else "None ended in the last 24 hours."
        if not firing:
            return Report(title=title, summary=f"No alert fires{about}. {lately}")
        count = sum(each.count for each in firing)
        said = f"1 alert fires{about}." if count == 1 else f"{count} alerts fire{about}."
        parts: list[Part] = [table(firing)]
        if named := service or next((each.service for each in firing if each.service), ""):
            parts.append(Command(text=f"troubleshoot {named}", does=f"look at {named}"))
        return Report(title=title, summary=f"{said} {lately}", parts=tuple(parts))
