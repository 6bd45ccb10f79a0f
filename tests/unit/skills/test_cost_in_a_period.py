"""What was paid in a period: a number with its currency, period, source and error; what it was for; and what is missing."""

from collections.abc import Sequence
from datetime import UTC, date, datetime

import pytest

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import BadInput, Unavailable, UnknownName
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.ports.costs import NOBODY, Basis, Category, Statement, Whose
from skills.core.ports.past_changes import Done, PastChange
from skills.core.ports.workloads import Place, Workload
from skills.core.report import Chart, Command, Finding, Report, Table, Text
from skills.cost import Cost, Params
from skills.costing.prices import NO_PRICES
from tests.support.books import TheBooks, TheDays, ThePast, line, statement

CATALOG = Catalog(
    declared=(Service(name=ServiceName("web"), owner="shop"), Service(name=ServiceName("pay"), owner="money")),
    environments=(Environment(name=EnvironmentName("production"), namespace="prod"), Environment(name=EnvironmentName("staging"), namespace="stage")),
    people=(),
)  # fmt: skip
ASKER = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"))
WEB, STAGE = (
    Whose(service="web", environment="production", team="shop"),
    Whose(service="web", environment="staging", team="shop"),
)
PAY, HERE = Whose(service="pay", environment="production", team="money"), Whose(environment="production")
SCALED = PastChange(
    at=datetime(2026, 11, 27, 9, tzinfo=UTC), service="web", environment="production", done=Done.SCALING, what="2 → 3 replicas", by="Sam"
)  # fmt: skip
WEEK = date(2026, 11, 16)


class Nowhere:
    async def list(self, environment: str) -> Sequence[Workload]:
        raise AssertionError("the past is not in the cluster")

    async def get(self, place: Place) -> Workload:
        raise AssertionError("the past is not in the cluster")

    async def revisions(self, place: Place) -> Sequence[object]:
        raise AssertionError("the past is not in the cluster")


def fortnight(*, later: str = "6") -> Statement:
    """Two weeks; in the second one web costs more from Friday on."""
    return statement(
        WEEK,
        line(WEB, Category.COMPUTE, *["4"] * 11, *[later] * 3),
        line(WEB, Category.MEMORY, *["1"] * 14),
        line(STAGE, Category.COMPUTE, *["1"] * 14),
        line(PAY, Category.COMPUTE, *["5"] * 14),
        line(HERE, Category.SHARED, *["2"] * 14, item="ingress"),
        line(HERE, Category.IDLE, *["3"] * 14, item="nodes"),
        line(HERE, Category.UNALLOCATED, *["0.5"] * 14, item="stray"),
    )


async def ask(books: TheBooks, *changes: PastChange, **params: str) -> Report:
    skill = Cost(CATALOG, Nowhere(), NO_PRICES, books=books, past=ThePast(*changes), days=TheDays())
    return await skill.answer(Params(**params), asker=ASKER)


def rows(report: Report, title: str) -> list[tuple[str, ...]]:
    return [row for part in report.parts if isinstance(part, Table) and part.title == title for row in part.rows]


def texts(report: Report) -> str:
    return " | ".join(part.text for part in report.parts if isinstance(part, Text))


def warnings(report: Report) -> list[str]:
    return [part.text for part in report.parts if isinstance(part, Finding)]


async def test_one_sentence_has_the_sum_the_period_the_error_and_the_difference() -> None:
    report = await ask(TheBooks(fortnight()), SCALED, service="web", environment="production", period="last week")
    assert report.title == "Cost of web in production, 23 to 29 November 2026"
    assert report.summary == (
        "Web in production cost €41.00 from 23 to 29 November 2026 (estimate, ±15 %, not reconciled), "
        "€6.00 (17 %) more than from 16 to 22 November 2026."
    )
    assert "Source: price sheet, read 5m ago; days are those of UTC." in texts(report)


async def test_of_a_service_its_part_of_what_is_shared_and_idle_is_told_beside_its_own() -> None:
    report = await ask(TheBooks(fortnight(later="4")), service="web", environment="production", period="last week")
    assert rows(report, "What it was for") == [
        ("compute", "€28.00", "80 %"),
        ("memory", "€7.00", "20 %"),
        ("together", "€35.00", "100 %"),
        ("its part of what is shared by everybody", "€7.00", "beside it"),
        ("its part of what is idle", "€10.50", "beside it"),
        ("with these", "€52.50", ""),
    ]


async def test_teams_add_up_to_the_whole_and_what_is_nobodys_has_a_row() -> None:
    report = await ask(TheBooks(fortnight(later="4")), period="last week", by="team")
    assert rows(report, "By team") == [
        ("shop", "€42.00", "€7.00", "€10.50", "€59.50", "52 %"),
        ("money", "€35.00", "€7.00", "€10.50", "€52.50", "45 %"),
        ("(belongs to nobody)", "€3.50", "–", "–", "€3.50", "3 %"),
        ("together", "€80.50", "€14.00", "€21.00", "€115.50", "100 %"),
    ]
    assert report.summary.startswith("Everything cost €116 from 23 to 29 November 2026")


async def test_the_trend_is_a_chart_with_what_was_done_marked_and_the_same_as_a_table() -> None:
    report = await ask(TheBooks(fortnight()), SCALED, period="last week")
    (chart,) = [part for part in report.parts if isinstance(part, Chart)]
    assert (chart.unit, [round(value or 0, 2) for _, value in chart.curves[0].points][-4:]) == (
        "EUR",
        [16.5, 18.5, 18.5, 18.5],
    )
    assert [(mark.at, mark.text) for mark in chart.marks] == [(SCALED.at, "web 2 → 3")]
    assert chart.table.rows[4] == ("27 November 2026", "€18.50", "€18.50", "web 2 → 3 replicas in production")
    offered = [part.text for part in report.parts if isinstance(part, Command)]
    assert offered == ["cost-change 2026-11-23..2026-11-29"]


async def test_a_period_that_is_not_over_is_compared_by_its_final_days_and_says_what_is_open() -> None:
    start = date(2026, 10, 1)
    books = TheBooks(statement(start, line(WEB, Category.COMPUTE, *["1"] * 31, *["2"] * 30, "1", *[None] * 30), final_until=date(2026, 11, 30)))  # fmt: skip
    report = await ask(books, service="web", environment="production", period="november 2026")
    assert report.summary == (
        "Web in production cost €60.00 in November 2026 (estimate, ±15 %, not reconciled); "
        "1 to 29 November 2026: €29.00 (100 %) more than from 1 to 29 October 2026."
    )
    assert "30 November 2026 is not final." in texts(report)
    today = await ask(books, service="web", environment="production", period="this month")
    assert today.summary == "Web in production cost €1.00 in December 2026 so far (estimate, ±15 %, not reconciled)."
    assert "1 December 2026 is not final; 2 to 31 December 2026 are still to come." in texts(today)


async def test_a_bill_is_told_as_a_bill_and_other_sources_are_named_and_never_added() -> None:
    bill = statement(WEEK, line(WEB, Category.COMPUTE, *["7"] * 14), basis=Basis.BILL, name="AWS", error=None)
    report = await ask(
        TheBooks(bill, fortnight(later="4")), service="web", environment="production", period="last week"
    )
    assert report.summary.startswith(
        "Web in production cost €49.00 from 23 to 29 November 2026 (as billed), as much as from"
    )
    assert "price sheet says €35.00 (estimate, ±15 %, not reconciled)." in texts(report)


async def test_two_currencies_stand_beside_each_other() -> None:
    books = TheBooks(
        statement(WEEK, line(WEB, Category.COMPUTE, *["4"] * 14), line(WEB, Category.NETWORK, *["3"] * 14, code="USD"))
    )
    report = await ask(books, service="web", environment="production", period="last week")
    assert report.summary == (
        "Web in production cost €28.00 and $21.00 from 23 to 29 November 2026 (estimate, ±15 %, not reconciled)."
    )
    assert rows(report, "What it was for")[-1] == ("together", "€28.00 + $21.00", "100 %")
    assert len([part for part in report.parts if isinstance(part, Chart)]) == 2
    assert "Amounts in different currencies are never added." in texts(report)


async def test_credits_refunds_and_tax_are_kept_apart() -> None:
    books = TheBooks(
        statement(
            WEEK, line(WEB, Category.COMPUTE, *["4"] * 14), line(NOBODY, Category.CREDIT, *["-1"] * 14), line(NOBODY, Category.TAX, *["0.5"] * 14)
        )
    )  # fmt: skip
    report = await ask(books, period="last week")
    assert report.summary.startswith("Everything cost €28.00")
    assert "Not in these sums: credit −€7.00, tax €3.50." in texts(report)


async def test_days_that_nobody_knows_are_said_and_not_made_up() -> None:
    books = TheBooks(statement(WEEK, line(WEB, Category.COMPUTE, *["4"] * 9, None, *["4"] * 4), partial=["Tuesday is thin."]), troubles=["AWS: It throttles."])  # fmt: skip
    report = await ask(books, service="web", environment="production", period="last week")
    assert report.summary.startswith("Web in production cost €24.00")
    assert warnings(report) == [
        "Tuesday is thin.",
        "AWS: It throttles.",
        "Not known at all, and in no sum: 25 November 2026.",
    ]


async def test_a_new_service_and_one_of_which_nothing_is_known_are_told_apart() -> None:
    new = TheBooks(statement(WEEK, line(WEB, Category.COMPUTE, *[None] * 9, *["4"] * 5)))
    report = await ask(new, service="web", environment="production", period="last week")
    assert report.summary.endswith(", and nothing is known of it from 16 to 22 November 2026.")
    assert warnings(report) == ["Nothing is known before 25 November 2026."]
    nothing = await ask(new, service="pay", period="last week")
    assert nothing.summary == "Nothing is known of what pay cost from 23 to 29 November 2026."


async def test_a_label_that_changed_hands_counts_for_each_team_on_its_days() -> None:
    was = Whose(service="web", environment="production", team="old")
    books = TheBooks(
        statement(
            WEEK, line(was, Category.COMPUTE, *["4"] * 10, *["0"] * 4), line(WEB, Category.COMPUTE, *["0"] * 10, *["4"] * 4)
        )
    )  # fmt: skip
    report = await ask(books, period="last week", by="team")
    assert [row[:2] for row in rows(report, "By team")] == [
        ("shop", "€16.00"),
        ("old", "€12.00"),
        ("together", "€28.00"),
    ]
    old = await ask(books, period="last week", team="old")
    assert old.summary.startswith("Everything of team old cost €12.00")


async def test_what_makes_no_sense_is_refused_with_what_does() -> None:
    books = TheBooks(fortnight())
    with pytest.raises(UnknownName, match=r"I know no team called “shoop”. Did you mean shop\?"):
        await ask(books, team="shoop")
    with pytest.raises(BadInput, match="January 2027 has not begun"):
        await ask(books, period="next month")
    with pytest.raises(BadInput, match="“whenever” is no period that I know"):
        await ask(books, period="whenever")
    with pytest.raises(Unavailable, match="Nothing answers"):
        await ask(TheBooks(down="Nothing answers."), period="last week")


async def test_since_forever_is_as_far_as_anybody_looks_and_says_so() -> None:
    books = TheBooks(fortnight())
    report = await ask(books, period="since forever")
    assert books.asked[0].period.start == date(2023, 11, 27)
    assert "I look back to 27 November 2023 and no farther." in texts(report)
