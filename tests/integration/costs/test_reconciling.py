"""Estimates against bills: month by month, for everything and by service, and what answers and cards then say of their error."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from bot.store import Store
from bot.usecases.cost_books import Book, CostBooks
from bot.usecases.reconciling import Reconciler
from integrations.bill_file import BillFile
from skills.core.errors import BadInput, Unavailable
from skills.core.money import money
from skills.core.periods import Period, parse
from skills.core.ports.costs import Category, Granularity, Reconciled, Statement, Wanted, Whose
from skills.costing.account import Scope
from skills.costing.reconciling import comparisons, error
from skills.costing.telling import margin, measured
from tests.support.books import line, statement
from tests.support.worlds import open_office

NOW = datetime(2026, 12, 3, 12, tzinfo=UTC)
OCTOBER = Period(start=date(2026, 10, 1), end=date(2026, 11, 1))
WEB, PAY = Whose(service="web", environment="production"), Whose(service="pay", environment="production")


class Estimates:
    """Satisfies `Costs`: each month web comes to 100, and what is idle to 20."""

    async def statement(self, wanted: Wanted) -> Statement:
        idle = Whose(environment="production")
        made = statement(
            wanted.period.start,
            line(WEB, Category.COMPUTE, "100"),
            line(idle, Category.IDLE, "20"),
            final_until=date(2026, 12, 2),
        )
        return Statement(
            **{**vars(made), "period": wanted.period, "granularity": Granularity.MONTH, "buckets": (wanted.period,)}
        )


def bills(folder: Path, text: str) -> BillFile:
    path = folder / "bills.csv"
    path.write_text(text, encoding="utf-8")
    return BillFile(path, clock=lambda: NOW)


def reconciler(store: Store, bill: BillFile) -> Reconciler:
    return Reconciler(
        name="The price sheet", estimates=Estimates(), bill=bill, kept=store.reconciliations, clock=lambda: NOW
    )


BILLS = """month,service,environment,cost,currency,category
2026-10,web,production,80,EUR,compute
2026-10,,,45,EUR,shared
2026-10,,,-10,EUR,credit
2026-11,web,production,110.00,EUR,compute
2026-11,,,20,EUR,shared
2026-12,web,production,3,EUR,compute
"""


async def test_months_that_are_over_are_compared_once(store: Store, tmp_path: Path) -> None:
    both = reconciler(store, bills(tmp_path, BILLS))
    assert await both.note() == 4
    assert await both.note() == 0
    past = await store.reconciliations.past("The price sheet")
    assert [(str(each.period), each.scope, str(each.estimated), str(each.billed)) for each in past] == [
        ("November 2026", "", "€120.00", "€130.00"), ("November 2026", "web", "€100.00", "€110.00"),
        ("October 2026", "", "€120.00", "€125.00"), ("October 2026", "web", "€100.00", "€80.00"),
    ]  # fmt: skip
    assert round(error(past) or 0, 4) == Decimal("0.0769")
    assert error(past, "web") == Decimal("0.25")
    assert error(past, "pay") is None


async def test_answers_say_the_error_that_was_measured(store: Store, tmp_path: Path) -> None:
    await reconciler(store, bills(tmp_path, BILLS)).note()
    books = CostBooks(
        [Book(name="The price sheet", costs=Estimates())], clock=lambda: NOW, reconciliations=store.reconciliations
    )
    accounts = await books.accounts(Wanted(period=OCTOBER))
    source = accounts.statements[0].source
    assert margin(source) == "estimate, ±7.7 %, reconciled against the bill"
    assert (
        margin(measured(source, Scope(service="web"), accounts.past)) == "estimate, ±25 %, reconciled against the bill"
    )
    assert (
        margin(measured(source, Scope(service="pay"), accounts.past)) == "estimate, ±7.7 %, reconciled against the bill"
    )


async def test_cards_and_answers_take_the_measured_error_from_the_next_start_on(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        store: Store = office.world.store  # type: ignore[attr-defined]
        found = Reconciled(
            period=OCTOBER, estimated=money("97", "EUR"), billed=money("100", "EUR"), source="The price sheet"
        )
        await store.reconciliations.keep(found)
    async with open_office(tmp_path) as office:
        answer = await office.say("dev", "cost checkout", key="k1")
        assert "(estimate, ±3 %, reconciled against the bill)" in answer.report.summary  # type: ignore[union-attr]


def test_the_farthest_of_the_last_six_counts() -> None:
    def off(month: int, billed: str) -> Reconciled:
        period = parse(f"2026-{month:02}-01/2026-{month + 1:02}-01")
        return Reconciled(period=period, estimated=money("100", "EUR"), billed=money(billed, "EUR"), source="s")

    past = [off(11, "105"), off(10, "95"), off(9, "100"), off(8, "100"), off(7, "110"), off(6, "100"), off(5, "10")]
    assert round(error(past) or 0, 4) == Decimal("0.0909")
    assert error([off(11, "0")]) is None
    assert error([]) is None


def test_what_is_not_final_or_in_another_currency_is_not_compared() -> None:
    ours = statement(OCTOBER.start, *[line(WEB, Category.COMPUTE, *["1"] * 31)], final_until=date(2026, 10, 31))
    theirs = statement(OCTOBER.start, *[line(WEB, Category.COMPUTE, *["1"] * 31)])
    assert list(comparisons(ours, theirs, OCTOBER, source="s")) == []
    dollars = statement(OCTOBER.start, *[line(WEB, Category.COMPUTE, *["1"] * 31, code="USD")])
    assert list(comparisons(theirs, dollars, OCTOBER, source="s")) == []
    assert len(list(comparisons(theirs, theirs, OCTOBER, source="s"))) == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("month,cost\n2026-10,3\n", "bills.csv, line 1: no column currency"),
        ("month,cost,currency\nOctober,3,EUR\n", "bills.csv, line 2: “October” is no month. Write it like 2026-10."),
        ("month,cost,currency\n2026-10,NaN,EUR\n", "bills.csv, line 2: “NaN” is no number"),
        ("month,cost,currency\n2026-10,\"1,5\",EUR\n", "bills.csv, line 2: “1,5 EUR ” is no amount of money"),
        ("month,cost,currency\n2026-10,3,credits\n", "bills.csv, line 2: “3 credits ” is no amount of money"),
        ("month,cost,currency,category\n2026-10,3,EUR,beer\n", "bills.csv, line 2: “3 EUR beer” is no amount of money"),
        ("", "bills.csv, line 1: no column month"),
    ],
)  # fmt: skip
async def test_a_line_that_makes_no_sense_is_named(tmp_path: Path, text: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        await bills(tmp_path, text).statement(Wanted(period=OCTOBER, granularity=Granularity.MONTH))


async def test_a_file_knows_months_and_no_days_and_may_be_missing(tmp_path: Path) -> None:
    with pytest.raises(Unavailable, match="knows months and no days"):
        await bills(tmp_path, BILLS).statement(Wanted(period=OCTOBER))
    with pytest.raises(Unavailable, match="has no bill of September 2026"):
        await bills(tmp_path, BILLS).statement(
            Wanted(period=parse("2026-09-01/2026-10-01"), granularity=Granularity.MONTH)
        )
    (tmp_path / "bills.csv").unlink()
    with pytest.raises(Unavailable, match=r"bills\.csv cannot be read\. Check bills in costs\.yaml"):
        await BillFile(tmp_path / "bills.csv", clock=lambda: NOW).statement(
            Wanted(period=OCTOBER, granularity=Granularity.MONTH)
        )


async def test_a_bill_that_does_not_come_is_tried_again(store: Store, tmp_path: Path) -> None:
    both = reconciler(store, bills(tmp_path, "month,cost,currency\n2026-03,1,EUR\n"))
    assert await both.note() == 0
    bills(tmp_path, BILLS)
    assert await both.note() == 4
