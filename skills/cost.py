"""What services cost: as they stand, or in a period that is named."""

import asyncio

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.costs import Books, Wanted
from skills.core.ports.days import Days
from skills.core.ports.past_changes import PastChanges
from skills.core.ports.prices import Prices
from skills.core.ports.workloads import Place, Workload, Workloads
from skills.core.report import Command, Finding, Report, Text
from skills.core.skill import Query
from skills.core.spoken_periods import resolved
from skills.core.workload_change import place
from skills.costing.asking import changes_of, known_team, scope_of, within_reach
from skills.costing.spending import Asked, spending
from skills.costing.standing import FOOT, Standing, parts, summary

_USUAL = "last 30 days"


class Params(skill.Params):
    """Nothing for everything as it stands; a period for what it really cost; the rest to narrow it down."""

    service: skill.Service | None = Field(default=None, description="Only this service")
    environment: skill.Environment | None = Field(default=None, description="Only this environment")
    team: skill.Team | None = Field(default=None, description="Only what this team owns")
    period: skill.Period | None = Field(
        default=None, description="Which days, such as last month, this quarter, October 2026 or last 30 days"
    )
    by: skill.Grouping | None = Field(
        default=None, description="What to divide by: service, team, environment, project or kind"
    )


class Cost(Query[Params]):
    """Tell what services cost: as they stand now, or day by day in a period."""

    name = "cost"
    aliases = ("costs", "spend", "spending")
    examples = (
        "cost",
        "cost checkout",
        "cost checkout last month",
        "cost by team this quarter",
        "cost of staging in October",
    )
    phrases = (
        "how much … cost|costs", "how much … pay|paying for", "what does|do … cost", "what is|are … cost|costs|price", "how expensive", "cost|costs of|for|in",
        "monthly cost|costs|bill|price", "running cost|costs", "show|list|get … cost|costs", "estimate … cost|costs of|for", "which|what … most|least expensive", "most|least expensive", "cost|costs … by", "price of|for",
        "how much did|do|does|have|has|was|is … cost|costs|spend|spent|pay|paid", "what did|do|have … cost|spend|pay|paid", "what was|were … cost|costs|spend|spending", "spend|spending of|for|in|by|per|on", "our spend|spending|bill",
        "cost|spend|spending per", "cost breakdown", "break down … cost|costs|spend|spending", "breakdown of … cost|costs|spend|spending", "cost trend|history|report|overview", "how much money", "what is|was|were … bill|invoice", "bill|invoice of|for|in", "team spend|spends|spent|cost|costs", "money … spend|spent|spending", "which|what team … most|least", "who spends|spent … most|least",
    )  # fmt: skip

    def __init__(
        self, catalog: Catalog, workloads: Workloads, prices: Prices, *, books: Books, past: PastChanges, days: Days
    ) -> None:
        self._catalog = catalog
        self._workloads = workloads
        self._prices = prices
        self._books = books
        self._past = past
        self._days = days

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        if params.period or params.by or params.team:
            return await self._in_a_period(params)
        return await self._as_it_stands(params)

    async def _in_a_period(self, params: Params) -> Report:
        today = self._days.today()
        period, farther = within_reach(resolved(params.period or _USUAL, today), today)
        scope = scope_of(self._catalog, service=params.service, environment=params.environment, team=params.team)
        asked = Asked(
            scope=scope, period=period, now=self._days.now(), today=today, zone=self._days.zone, by=params.by or ""
        )  # fmt: skip
        accounts = await self._books.accounts(Wanted(period=asked.looked_at))
        known_team(scope, self._catalog, accounts)
        changes = await changes_of(self._past, asked, accounts)
        return spending(asked, accounts, changes, notes=farther)

    async def _as_it_stands(self, params: Params) -> Report:
        service = self._catalog.service(params.service) if params.service else None
        named = self._catalog.environment(params.environment) if params.environment else None
        title = _title(service, named)
        if not self._prices.configured:
            text = "Write them down in prices.yaml: an hour of a core, an hour of a GiB of memory, and the currency."
            return Report(
                title=title, summary="No prices are configured, so nobody can tell.", parts=(Text(text=text),)
            )
        environments = [named] if named else list(self._catalog.environments)
        found = await asyncio.gather(*(self._look(each, service) for each in environments))
        rows = [row for seen, _ in found for row in seen]
        troubles = [Finding(text=problem, severity="warning") for _, problem in found if problem]
        if service and not rows and not troubles:
            where = f" in {named.name}" if named else " anywhere"
            raise UnknownName("workload", service.workload_name, hint=f"{service.name} does not run{where}.")
        before = Command(text=_earlier(service, named), does="what it really cost, day by day")
        return Report(
            title=title,
            summary=summary(service, named, rows, self._prices.error, reconciled=self._prices.reconciled),
            parts=(*parts(rows), *troubles, Text(text=FOOT), before),
        )

    async def _look(self, environment: Environment, service: Service | None) -> tuple[list[Standing], str]:
        """What runs in an environment; or the sentence that says why it cannot be seen."""
        try:
            seen = list(await self._workloads.list(environment.name))
            seen += await self._elsewhere(environment, service, {each.place for each in seen})
        except Unavailable as problem:
            return [], f"{environment.name} is not in this sum: {problem}"
        owners = {place(each, environment): each for each in self._catalog.services}
        return [
            Standing(service=owner, workload=each, parts=self._prices.parts(each.size, environment.name))
            for each in seen
            if (owner := owners.get(each.place)) == service or service is None
        ], ""

    async def _elsewhere(self, environment: Environment, service: Service | None, seen: set[Place]) -> list[Workload]:
        """The workloads of services with a namespace of their own, where they are there."""
        wanted = [service] if service else [each for each in self._catalog.services if each.namespace]
        found = []
        for each in wanted:
            where = place(each, environment)
            if where not in seen:
                try:
                    found.append(await self._workloads.get(where))
                except UnknownName:
                    continue
        return found


def _title(service: Service | None, environment: Environment | None) -> str:
    what = service.name if service else "everything"
    return f"Cost of {what} in {environment.name}" if environment else f"Cost of {what}"


def _earlier(service: Service | None, environment: Environment | None) -> str:
    what = [service.name] if service else []
    where = [f"in {environment.name}"] if environment else []
    return " ".join(["cost", *what, *where, _USUAL])
