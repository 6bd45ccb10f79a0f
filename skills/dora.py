"""How delivery goes: how often, how well, and how quickly what broke was mended."""

from collections.abc import Sequence
from datetime import timedelta

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.incident import Incident
from skills.core.incident_figures import length, percentile, restored_in
from skills.core.ports.incidents import Incidents
from skills.core.ports.ledger import Ledger
from skills.core.proposal import Proposal, Status
from skills.core.report import Report, Table
from skills.core.skill import Query

_BACK = timedelta(days=30)
_MOST = 5000
_AFTERWARDS = timedelta(hours=2)
"""An incident of a service that is declared so soon after a change of it counts as that change's failure."""
_DELIVERING = frozenset({"deploy", "rollback"})


class Params(skill.Params):
    """Of which service, and from when on."""

    service: skill.Service | None = Field(default=None, description="Only of this service")
    since: skill.Since | None = Field(default=None, description="From when on; 30 days back if not said")


class Dora(Query[Params]):
    """Show deployment frequency, change failure rate and time to restore, by service."""

    name = "dora"
    aliases = ("delivery",)
    examples = ("dora", "dora checkout")
    phrases = ("change failure rate", "deployment frequency", "time to restore", "dora metrics")

    def __init__(self, ledger: Ledger, book: Incidents, catalog: Catalog) -> None:
        self._ledger = ledger
        self._book = book
        self._catalog = catalog

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        since = params.since or self._book.now() - _BACK
        only = self._catalog.service(params.service).name if params.service else None
        changes = [
            each
            for each in await self._ledger.changes(service=only, limit=_MOST)
            if each.skill in _DELIVERING and each.started_at and each.started_at >= since
        ]
        incidents = [each for each in await self._book.past(since=since, asker=asker) if only in (None, each.service)]
        services = sorted(
            {name for each in changes for name in each.plan.services} | {each.service for each in incidents}
        )
        days = max(1.0, (self._book.now() - since) / timedelta(days=1))
        rows = tuple(_row(name, changes, incidents, days) for name in services)
        failed = sum(_failed(each, incidents) for each in changes)
        rate = f"{failed / len(changes):.0%} of {len(changes)} changes failed" if changes else "nothing was deployed"
        columns = ("service", "deployments a day", "change failure rate", "restored in (median)", "(p90)", "incidents")
        table = Table(columns=columns, rows=rows)
        return Report(title="Delivery", summary=f"Since {since:%Y-%m-%d} {rate}.", parts=(table,) if rows else ())


def _row(service: str, changes: Sequence[Proposal], incidents: Sequence[Incident], days: float) -> tuple[str, ...]:
    mine = [each for each in changes if service in each.plan.services]
    broken = [each for each in incidents if each.service == service]
    lengths = [found for each in broken if (found := restored_in(each)) is not None]
    deployed = [each for each in mine if each.skill == "deploy" and each.status is Status.SUCCEEDED]
    rate = f"{sum(_failed(each, incidents) for each in mine) / len(mine):.0%}" if mine else "—"
    return (
        service or "none", f"{len(deployed) / days:.2f}", rate, length(percentile(lengths, 0.5)), length(percentile(lengths, 0.9)), str(len(broken)),
    )  # fmt: skip


def _failed(change: Proposal, incidents: Sequence[Incident]) -> bool:
    """It did not succeed, its service was worse afterwards, or an incident of that service was declared soon after."""
    if change.status in (Status.FAILED, Status.UNKNOWN):
        return True
    if change.checkup and change.checkup.health and change.checkup.health.worse:
        return True
    ended = change.settled_at
    return ended is not None and any(
        each.service in change.plan.services and ended <= each.declared_at <= ended + _AFTERWARDS for each in incidents
    )
