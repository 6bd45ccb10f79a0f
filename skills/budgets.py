"""How budgets stand."""

from collections.abc import Sequence

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.budget import Budget
from skills.core.catalog import Catalog
from skills.core.cost_delta import percent
from skills.core.periods import Period
from skills.core.ports.budgets import Budgets as Written
from skills.core.ports.costs import Books, Wanted
from skills.core.ports.days import Days
from skills.core.ports.forecasting import Forecaster
from skills.core.report import Command, Finding, Part, Report, Table, Text
from skills.core.skill import Query
from skills.costing.asking import scope_of
from skills.costing.budgeting import Standing, history, scope_words, sentence, stand, who
from skills.costing.telling import margin, origin


class Params(skill.Params):
    """Nothing for all of them; the rest for those that what is named counts towards."""

    service: skill.Service | None = Field(default=None, description="Only budgets of this service")
    environment: skill.Environment | None = Field(default=None, description="Only budgets of this environment")
    team: skill.Team | None = Field(default=None, description="Only budgets of this team")


class Budgets(Query[Params]):
    """Tell how budgets stand: spent, foreseen, remaining, and who spent it."""

    name = "budgets"
    aliases = ("budget",)
    examples = ("budgets", "budgets of team payments")
    phrases = (
        "budget|budgets of|for|in", "how … budget|budgets doing|stand|standing|look|looking", "are|is we|it … over|within|under|above|below budget", "over|within|under|above budget", "how much … budget … left|remaining|spent|used", "how much budget", "remaining budget|budgets",
        "left … budget|budgets", "show|list|get … budget|budgets", "what … budget|budgets", "budget|budgets status|report|overview", "who … budget|budgets", "blow|blown|exceed|exceeded … budget|budgets",
    )  # fmt: skip

    def __init__(self, catalog: Catalog, written: Written, books: Books, days: Days, forecaster: Forecaster) -> None:
        self._catalog = catalog
        self._written = written
        self._books = books
        self._days = days
        self._forecaster = forecaster

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        wanted = self._wanted(params)
        if not wanted:
            text = "Write them down in budgets.yaml: a name, an amount, a currency, and for whom."
            some = "of these" if self._written.all() else "at all"
            return Report(title="Budgets", summary=f"There are no budgets {some}.", parts=(Text(text=text),))
        today = self._days.today()
        starts = [history(each, today) for each in wanted]
        accounts = await self._books.accounts(
            Wanted(period=Period(start=min(each.start for each in starts), end=starts[0].end))
        )
        standings = [await stand(each, accounts, self._forecaster, today) for each in wanted]
        beyond = [each for each in standings if each.spent > each.budget.amount or each.foreseen_beyond]
        statement = accounts.statements[0]
        parts: list[Part] = [_table(standings), *(_finding(each) for each in beyond)]
        parts += [
            Finding(text=f"{each.budget.name} is in {each.budget.amount.currency}; what is paid in {', '.join(each.unseen)} is not counted.", severity="warning")
            for each in standings
            if each.unseen
        ]  # fmt: skip
        parts += [Finding(text=text, severity="warning") for text in (*statement.partial, *accounts.troubles)]
        parts.append(
            Text(
                text=f"Amounts: {margin(statement.source)}; today counts as far as it is known. {origin(statement.source, self._days.now())}"
            )
        )
        return Report(title="Budgets", summary=_summary(standings), parts=tuple(parts))

    def _wanted(self, params: Params) -> list[Budget]:
        scope = scope_of(self._catalog, service=params.service, environment=params.environment, team=params.team)
        team = scope.team or (self._catalog.service(scope.service).owner if scope.service else "")
        return [
            each
            for each in self._written.all()
            if _concerns(each.service, scope.service)
            and _concerns(each.environment, scope.environment)
            and _concerns(each.team, team)
        ]


def _concerns(of_budget: str, wanted: str) -> bool:
    """Is a budget of this name about what was asked? One of everybody always is, and where nothing was asked every one."""
    return not wanted or of_budget in ("", wanted)


def _summary(standings: Sequence[Standing]) -> str:
    over = sum(each.spent > each.budget.amount for each in standings)
    likely = sum(each.foreseen_beyond for each in standings)
    count = f"{len(standings)} budget{'' if len(standings) == 1 else 's'}"
    said = [
        *([f"{over} {'is' if over == 1 else 'are'} exceeded"] if over else []),
        *([f"{likely} {'is' if likely == 1 else 'are'} going to be exceeded"] if likely else []),
    ]
    return f"Of {count} {' and '.join(said)}." if said else f"{count}: none is exceeded, and none is foreseen to be."


def _finding(standing: Standing) -> Finding:
    budget = standing.budget
    words = [
        budget.service,
        f"team {budget.team}" if budget.team else "",
        f"in {budget.environment}" if budget.environment else "",
    ]
    why = " ".join(["cost-change", *(each for each in words if each), "this month"])
    over = standing.spent > budget.amount
    return Finding(
        text=sentence(standing),
        severity="error" if over else "warning",
        evidence=(who(standing),),
        offer=Command(text=why, does="find out what made the difference"),
    )


def _table(standings: Sequence[Standing]) -> Table:
    columns = ("budget", "for", "period", "amount", "spent", "share", "left", "foreseen")
    return Table(columns=columns, rows=tuple(_row(each) for each in standings))


def _row(each: Standing) -> tuple[str, ...]:
    foreseen = (
        f"{each.foreseen.expected} ({each.foreseen.low.brief} to {each.foreseen.high.brief})" if each.foreseen else "–"
    )
    return (
        each.budget.name,
        scope_words(each.budget),
        str(each.period),
        str(each.budget.amount),
        str(each.spent),
        percent(each.share),
        str(each.left),
        foreseen,
    )
