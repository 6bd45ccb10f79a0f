"""How budgets stand: spent, foreseen, left, and who spent it."""

from collections.abc import Sequence
from datetime import date, timedelta

from integrations.memory.forecasts import SeasonalNaive
from skills.budgets import Budgets, Params
from skills.core.actor import Actor
from skills.core.budget import Budget
from skills.core.catalog import Catalog, Environment, Service
from skills.core.money import money
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.periods import Unit
from skills.core.ports.costs import Category, Statement, Whose
from skills.core.report import Finding, Report, Table
from tests.support.books import TheBooks, TheDays, line, statement

CATALOG = Catalog(
    declared=(Service(name=ServiceName("web"), owner="shop"), Service(name=ServiceName("pay"), owner="money")),
    environments=(Environment(name=EnvironmentName("production"), namespace="prod"),),
    people=(),
)
WEB = Whose(service="web", environment="production", team="shop")
PAY = Whose(service="pay", environment="production", team="money")
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))
QUARTER = Budget(name="all", amount=money("1000", "EUR"), per=Unit.QUARTER)


class Written:
    """Satisfies the port `Budgets` with these."""

    def __init__(self, *budgets: Budget) -> None:
        self._budgets = budgets

    def all(self) -> Sequence[Budget]:
        return self._budgets


def sixty_days(web: str = "10", pay: str = "2", code: str = "EUR") -> Statement:
    """From 2 October to 30 November, all final."""
    start = date(2026, 12, 1) - timedelta(days=60)
    return statement(
        start,
        line(WEB, Category.COMPUTE, *[web] * 60, code=code),
        line(PAY, Category.COMPUTE, *[pay] * 60, code=code),
        final_until=date(2026, 12, 1),
    )


async def ask(*budgets: Budget, books: Statement | None = None, **params: str) -> Report:
    skill = Budgets(CATALOG, Written(*budgets), TheBooks(books or sixty_days()), TheDays(), SeasonalNaive())
    return await skill.answer(Params(**params), asker=ASKER)


def findings(report: Report) -> list[Finding]:
    return [part for part in report.parts if isinstance(part, Finding)]


async def test_what_is_spent_foreseen_and_left_stands_in_one_row() -> None:
    report = await ask(QUARTER, Budget(name="web", amount=money("900", "EUR"), per=Unit.YEAR, service="web"))
    (table,) = [part for part in report.parts if isinstance(part, Table)]
    assert table.rows == (
        ("all", "everything", "Q4 2026", "€1,000.00", "€720.00", "72 %", "€280.00", "€1,092.00 (€1,092 to €1,092)"),
        ("web", "web", "2026", "€900.00", "€600.00", "67 %", "€300.00", "€910.00 (€910 to €910)"),
    )
    assert report.summary == "Of 2 budgets 2 are going to be exceeded."


async def test_who_spent_it_is_told_where_it_is_or_will_be_exceeded() -> None:
    (finding,) = findings(await ask(QUARTER))
    assert finding.text == (
        "all (everything, Q4 2026): €720 of €1,000 are spent, 72 %; foreseen are €1,092 (nine of ten times from €1,092 to €1,092)."
    )
    assert finding.evidence == ("Most of it was spent by web (€600) and pay (€120).",)
    assert finding.severity == "warning"
    over = findings(await ask(Budget(name="small", amount=money("500", "EUR"), per=Unit.QUARTER, team="shop")))
    assert [(each.severity, each.offer.text if each.offer else "") for each in over] == [
        ("error", "cost-change team shop this month")
    ]


async def test_within_the_budget_is_one_calm_sentence() -> None:
    report = await ask(Budget(name="much", amount=money("9000", "EUR"), per=Unit.QUARTER))
    assert report.summary == "1 budget: none is exceeded, and none is foreseen to be."
    assert findings(report) == []


async def test_another_currency_is_not_counted_and_said() -> None:
    report = await ask(QUARTER, books=sixty_days(code="USD"))
    (finding,) = findings(report)
    assert finding.text == "all is in EUR; what is paid in USD is not counted."
    (table,) = [part for part in report.parts if isinstance(part, Table)]
    assert table.rows[0][4] == "€0.00"


async def test_those_that_a_service_counts_towards_are_shown_and_none_is_a_sentence() -> None:
    web = Budget(name="web", amount=money("9000", "EUR"), per=Unit.YEAR, service="web")
    shop = Budget(name="shop", amount=money("9000", "EUR"), per=Unit.YEAR, team="shop")
    for service, shown in (("web", ["all", "web", "shop"]), ("pay", ["all"])):
        (table,) = [part for part in (await ask(QUARTER, web, shop, service=service)).parts if isinstance(part, Table)]
        assert [row[0] for row in table.rows] == shown
    assert (await ask()).summary == "There are no budgets at all."
    assert (await ask(web, service="pay")).summary == "There are no budgets of these."
