"""Why something costs more, or less, than before."""

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.periods import Period
from skills.core.ports.costs import Books, Wanted
from skills.core.ports.days import Days
from skills.core.ports.past_changes import PastChanges
from skills.core.report import Report
from skills.core.skill import Query
from skills.core.spoken_periods import resolved
from skills.costing.asking import changes_of, known_team, scope_of, within_reach
from skills.costing.difference import difference
from skills.costing.spending import Asked

_USUAL = "last week"


class Params(skill.Params):
    """Which costs, and in which days; they are compared with the period before."""

    service: skill.Service | None = Field(default=None, description="Only this service")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")
    team: skill.Team | None = Field(default=None, description="Only what this team owns")
    period: skill.Period | None = Field(
        default=None, description="The days in question, compared with as many before; last week if not given"
    )


class CostChange(Query[Params]):
    """Explain why costs went up or down: price, amount and mix to the cent, and what was done meanwhile."""

    name = "cost-change"
    aliases = ("cost-why", "why-cost", "cost-diff")
    offered = "say why costs went up"
    examples = ("cost-change", "cost-change checkout last month", "why did cost go up last week")
    phrases = (
        "what drove|caused|made|drives|causes … cost|costs|bill|spend|spending|price", "why … cost|costs|bill|spend|spending|invoice … up|down|higher|lower|more|less|rise|rose|risen|increase|increased|grow|grew|grown|jump|jumped|drop|dropped|fall|fell|double|doubled|changed|change|expensive",
        "why … cost|costs|spend|pay|paying … more|less|much", "why is|are|was|were … expensive|pricey|costly", "why did|does|do|is|are|has|have … cost|costs|bill|spend|spending", "cost|costs|bill|spend|spending … went|gone|go|going up|down", "cost|costs|bill|spend|spending increase|increased|jump|jumped|rise|rose|spike|spiked|doubled|dropped|grew",
        "what changed|increased … cost|costs|bill|spend|spending", "cost|costs change|changes|difference|increase|drivers", "explain … cost|costs|bill|spend|spending", "where does|did|is … extra|additional cost|costs|spend|money", "reason|cause|reasons … cost|costs|bill|spend|spending",
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
        both = Period(start=period.before.start, end=period.end)
        accounts = await self._books.accounts(Wanted(period=both))
        known_team(scope, self._catalog, accounts)
        return difference(asked, accounts, await changes_of(self._past, asked, accounts, both))
