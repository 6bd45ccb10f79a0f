"""Why something costs more than before: causes that add up to the cent, and who did what meanwhile."""

from collections.abc import Sequence
from datetime import date

from skills.core.ports.costs import Category, Line
from skills.core.ports.past_changes import PastChange
from skills.core.report import Finding, Report, Table
from skills.cost_change import CostChange, Params
from tests.support.books import TheBooks, TheDays, ThePast, line, statement
from tests.unit.skills.test_cost_in_a_period import ASKER, CATALOG, HERE, PAY, SCALED, WEB, WEEK


def priced(whose: object, hours: Sequence[int], price: Sequence[str], category: Category = Category.COMPUTE) -> Line:
    """So many core-hours each day, at so much."""
    from decimal import Decimal

    amounts = [str(hour * Decimal(each)) for hour, each in zip(hours, price, strict=True)]
    return line(whose, category, *amounts, unit="core-hours", quantities=[str(hour) for hour in hours])  # type: ignore[arg-type]


async def ask(books: TheBooks, *changes: PastChange, **params: str) -> Report:
    return await CostChange(CATALOG, books, ThePast(*changes), TheDays()).answer(Params(**params), asker=ASKER)


def rows(report: Report, title: str) -> list[tuple[str, ...]]:
    return [row for part in report.parts if isinstance(part, Table) and part.title == title for row in part.rows]


GROWN = statement(
    WEEK,
    priced(WEB, [48] * 11 + [72] * 3, ["0.03"] * 14),
    priced(PAY, [24] * 14, ["0.03"] * 7 + ["0.04"] * 7),
    line(HERE, Category.SHARED, *["1"] * 14, item="ingress"),
)


async def test_amount_and_price_are_told_apart_and_add_up_to_the_cent() -> None:
    report = await ask(TheBooks(GROWN), SCALED)
    assert report.summary == (
        "Everything cost €25.96 from 23 to 29 November 2026 (estimate, ±15 %, not reconciled), €3.84 (17 %) more than from "
        "16 to 22 November 2026, mostly web in production: compute (more or less of it, +€2.16)."
    )
    assert rows(report, "Why") == [
        ("more or less of it", "+€2.16"), ("another price", "+€1.68"), ("together", "+€3.84"),
    ]  # fmt: skip
    assert rows(report, "Where") == [
        ("web in production: compute", "more or less of it", "+€2.16"),
        ("pay in production: compute", "another price", "+€1.68"),
    ]


async def test_what_was_done_to_what_moved_is_the_suspect() -> None:
    (suspect,) = [part for part in (await ask(TheBooks(GROWN), SCALED)).parts if isinstance(part, Finding)]
    assert suspect.text == "web 2 → 3 replicas in production on 27 November by Sam"
    assert (suspect.confidence, suspect.since) == ("likely", SCALED.at)
    assert suspect.evidence == ("what it reserved and kept there makes +€2.16 of the difference",)


async def test_what_did_not_move_is_nobodys_fault() -> None:
    same = statement(WEEK, priced(WEB, [48] * 14, ["0.03"] * 14))
    report = await ask(TheBooks(same), SCALED)
    assert report.summary.endswith("as much as from 16 to 22 November 2026.")
    assert not [part for part in report.parts if isinstance(part, Finding)]
    assert rows(report, "Why") == [("together", "€0.00")]


async def test_new_and_gone_things_stand_for_themselves() -> None:
    books = TheBooks(
        statement(
            WEEK,
            priced(WEB, [48] * 7 + [0] * 7, ["0.03"] * 14),
            line(PAY, Category.COMPUTE, *[None] * 7, *["2"] * 7, unit="core-hours", quantities=[None] * 7 + ["40"] * 7),
        )
    )
    assert set(rows(await ask(books), "Where")) == {
        ("pay in production: compute", "new", "+€14.00"), ("web in production: compute", "gone", "−€10.08"),
    }  # fmt: skip


async def test_a_longer_month_is_a_cause_of_its_own() -> None:
    days = 28 + 31
    books = TheBooks(statement(date(2026, 2, 1), priced(WEB, [24] * days, ["1"] * days)))
    report = await ask(books, period="march 2026")
    assert rows(report, "Why") == [("longer or shorter period", "+€72.00"), ("together", "+€72.00")]


async def test_where_nothing_is_final_or_known_there_is_nothing_to_compare() -> None:
    none_final = await ask(TheBooks(GROWN), period="this month")
    assert none_final.summary == "No day of December 2026 is final yet, so there is nothing to compare."
    young = statement(WEEK, line(WEB, Category.COMPUTE, *[None] * 7, *["2"] * 7))
    unknown = await ask(TheBooks(young))
    assert unknown.summary.startswith("Nothing is known of what everything cost from 16 to 22 November 2026")
