"""Which costs were unusual."""

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.periods import Period, midnight
from skills.core.ports.costs import Books, Wanted
from skills.core.ports.days import Days
from skills.core.ports.past_changes import PastChanges
from skills.core.report import Report
from skills.core.skill import Query
from skills.core.spoken_periods import resolved
from skills.costing.asking import known_team, scope_of, within_reach
from skills.costing.spending import Asked
from skills.costing.unusual import BEFORE, affected, told, unusual_days

_USUAL = "last 30 days"


class Params(skill.Params):
    """Which costs, and in which days."""

    service: skill.Service | None = Field(default=None, description="Only this service")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")
    team: skill.Team | None = Field(default=None, description="Only what this team owns")
    period: skill.Period | None = Field(default=None, description="The days in question; the last 30 if not given")


class CostAnomalies(Query[Params]):
    """Find days that cost unusually much or little, with the change that is suspected."""

    name = "cost-anomalies"
    aliases = ("cost-anomaly",)
    examples = ("cost-anomalies", "cost-anomalies checkout last month")
    offered = "find unusual costs"
    phrases = (
        "cost|costs|spend|spending|bill anomaly|anomalies", "anomaly|anomalies … cost|costs|spend|spending|bill", "unusual|strange|odd|abnormal|unexpected|weird … cost|costs|spend|spending|bill|charges", "cost|costs|spend|spending|bill … unusual|strange|odd|abnormal|unexpected|weird",
        "any … cost|costs|spend|spending spike|spikes|jump|jumps|surprise|surprises", "cost|spend|spending outlier|outliers|spikes|surprises",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, books: Books, past: PastChanges, days: Days) -> None:
        self._catalog = catalog
        self._books = books
        self._past = past
        self._days = days

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        today = self._days.today()
        period, _ = within_reach(resolved(params.period or _USUAL, today), today)
        scope = scope_of(self._catalog, service=params.service, environment=params.environment, team=params.team)
        asked = Asked(scope=scope, period=period, now=self._days.now(), today=today, zone=self._days.zone)
        accounts = await self._books.accounts(Wanted(period=Period(start=period.start - BEFORE, end=period.end)))
        known_team(scope, self._catalog, accounts)
        found = unusual_days(asked, accounts.statements[0])
        changes = (
            await self._past.changes(
                since=midnight(period.start - BEFORE, asked.zone),
                until=midnight(period.end, asked.zone),
                services=affected(found),
            )
            if found
            else ()
        )
        return told(asked, accounts, found, changes)
