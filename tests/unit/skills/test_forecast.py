"""What things are going to cost, with a range, and what nobody can say."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from integrations.memory.forecasts import SeasonalNaive
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import BadInput, UnknownName
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.ports.costs import Category, Whose
from skills.core.report import Chart, Finding, Report
from skills.core.spoken_periods import ahead
from skills.forecast import Forecast, Params
from tests.support.books import TheBooks, TheDays, line, statement

CATALOG = Catalog(
    declared=(Service(name=ServiceName("web"), owner="shop"),),
    environments=(Environment(name=EnvironmentName("production"), namespace="prod"),),
    people=(),
)
WEB = Whose(service="web", environment="production", team="shop")
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))
TODAY = date(2026, 12, 1)


async def ask(*amounts: str | None, code: str = "EUR", final_until: date = TODAY, **params: str) -> Report:
    start = final_until - timedelta(days=len(amounts))
    books = TheBooks(statement(start, line(WEB, Category.COMPUTE, *amounts, code=code), final_until=final_until))
    return await Forecast(CATALOG, books, TheDays(), SeasonalNaive()).answer(Params(**params), asker=ASKER)


async def test_what_goes_on_as_it_was_is_told_with_its_range_and_margin() -> None:
    report = await ask(*["10"] * 60, service="web")
    assert report.title == "Forecast for web, December 2026"
    assert report.summary == (
        "Web is going to cost about €310 in December 2026: nine of ten times from €310 to €310 (estimate, ±15 %, not reconciled)."
    )
    (chart,) = [part for part in report.parts if isinstance(part, Chart)]
    assert [curve.name for curve in chart.curves] == ["so far", "expected", "at least", "at most"]
    assert sum(Decimal(row[1].strip("€")) for row in chart.table.rows) == 310


async def test_what_is_paid_already_is_in_it_and_a_later_period_begins_where_it_begins() -> None:
    quarter = await ask(*["10"] * 80, period="this quarter")
    assert "about €920 in Q4 2026, of which €610 are paid" in quarter.summary
    january = await ask(*["10"] * 80, period="next month")
    assert "about €310 in January 2027: nine" in january.summary


async def test_too_little_history_is_said_and_not_guessed() -> None:
    report = await ask(*["10"] * 27)
    assert report.summary == (
        "Nobody can foresee what everything is going to cost: 28 final days are needed, and 27 are known."
    )
    assert (await ask(*[None] * 40)).summary.endswith("and 0 are known.")


async def test_what_has_lately_become_unusual_is_named_as_left_out() -> None:
    report = await ask(*["10"] * 60, "30", "30", service="web")
    assert [part.text for part in report.parts if isinstance(part, Finding)] == [
        "What has been unusual since 2026-11-29 is left out: if it stays, it comes on top."
    ]
    assert "about €310 in December" in report.summary


@pytest.mark.parametrize(
    ("period", "said"),
    [
        ("last month", "is over"),
        ("2029", "too far ahead"),
        ("whenever", "is no period that I know"),
        ("next 999 months", "too far ahead"),
    ],
)
async def test_the_past_the_far_future_and_nonsense_are_refused_with_a_sentence(period: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        await ask(*["10"] * 60, period=period)


async def test_a_team_that_nobody_knows_is_told() -> None:
    with pytest.raises(UnknownName, match="shpo"):
        await ask(*["10"] * 60, team="shpo")


def test_the_next_days_begin_today_and_the_next_months_with_the_next() -> None:
    assert str(ahead("next 30 days", TODAY)) == "1 to 30 December 2026"
    assert str(ahead("the next three months", TODAY)) == "Q1 2027"
