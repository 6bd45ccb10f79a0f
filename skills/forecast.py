"""What services are going to cost."""

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.periods import Period
from skills.core.ports.costs import Books, Wanted
from skills.core.ports.days import Days
from skills.core.ports.forecasting import Forecaster
from skills.core.report import Report
from skills.core.skill import Query
from skills.core.spoken_periods import ahead
from skills.costing.asking import known_team, scope_of
from skills.costing.foretelling import LOOKED_BACK, foretell
from skills.costing.spending import Asked

_USUAL = "this month"


class Params(skill.Params):
    """Whose costs, and until when."""

    service: skill.Service | None = Field(default=None, description="Only this service")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")
    team: skill.Team | None = Field(default=None, description="Only what this team owns")
    period: skill.Period | None = Field(
        default=None,
        description="Which days, such as next month, this quarter or next 30 days; this month if not given",
    )


class Forecast(Query[Params]):
    """Foresee what services are going to cost, with the range that nine of ten truths are in."""

    name = "forecast"
    aliases = ("cost-forecast",)
    examples = ("forecast", "forecast cost of payments-api", "forecast checkout next month")
    phrases = (
        "forecast … cost|costs|spend|spending|bill", "predict|project|estimate|foresee … cost|costs|spend|spending|bill next", "predict|project|foresee … cost|costs|spend|spending|bill",
        "predict|project|foresee|forecast … cost|costs|spend|spending|bill of|for|in|this|next", "how much will … cost|costs|spend|pay", "what will … cost|costs|spend|pay|bill", "what is|are … going to cost|spend|pay", "how much is|are … going to cost|spend|pay", "projected|expected|predicted cost|costs|spend|spending|bill",
        "cost|costs|spend|spending|bill forecast|projection|outlook", "where will … cost|costs|bill|spend … end|land",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, books: Books, days: Days, forecaster: Forecaster) -> None:
        self._catalog = catalog
        self._books = books
        self._days = days
        self._forecaster = forecaster

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        today = self._days.today()
        period = ahead(params.period or _USUAL, today)
        scope = scope_of(self._catalog, service=params.service, environment=params.environment, team=params.team)
        asked = Asked(scope=scope, period=period, now=self._days.now(), today=today, zone=self._days.zone)
        accounts = await self._books.accounts(Wanted(period=Period(start=today - LOOKED_BACK, end=today)))
        known_team(scope, self._catalog, accounts)
        return await foretell(asked, accounts, self._forecaster)
