"""Every source of costs, by one contract: the price sheet over the simulated world and over our own book, OpenCost, and AWS's bill.

Each knows three days of one service, from the second of November on, which cost 2, 2 and 2; its clock is at noon of the fifth.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from bot.store import Database
from bot.store.cost_books import PricedLine
from bot.usecases.cost_recording import RecordedCosts
from integrations.aws_costs import Account, CostExplorer
from integrations.opencost import OpenCost
from integrations.price_sheet import PriceSheetCosts
from integrations.web import Service, WebLimits, WebService
from skills.core.errors import Unavailable
from skills.core.money import currency
from skills.core.names import Organization
from skills.core.periods import Period
from skills.core.ports.costs import Basis, Category, Costs, Granularity, Line, Statement, Wanted, Whose
from skills.core.ports.usage import Amounts, Consumption, Footprint, Measure, Thing
from skills.costing.prices import PriceSheet
from tests.support.cost_worlds import CATALOG
from tests.support.moto_bills import bills, group, moto_endpoint, page
from tests.support.opencost_server import opencost

__all__ = ["bills", "moto_endpoint"]

NOW = datetime(2026, 11, 5, 12, tzinfo=UTC)
START = date(2026, 11, 2)
SHEET = PriceSheet(currency=currency("USD"), cpu_hour=Decimal("0.1"), error=Decimal("0.15"))
Lab = tuple[Costs, Callable[[], Awaitable[None]]]
"""A source, and what takes it down."""


class Reserved:
    """Satisfies `Usage`: twenty core-hours on each of three days."""

    def __init__(self) -> None:
        self.down = False

    async def consumption(self, wanted: Wanted) -> Consumption:
        if self.down:
            raise Unavailable("Nobody measured.")
        days = tuple(Period(start=day, end=day + timedelta(days=1)) for day in wanted.period.days())
        had = tuple(
            None if day.start > NOW.date() else Decimal(20 if START <= day.start < START + timedelta(days=3) else 0)
            for day in days
        )
        whose = Whose(service="web", environment="production", team="shop")
        return Consumption(
            source="a test", zone="UTC", read_at=NOW, period=wanted.period, buckets=days,
            amounts=(Amounts(whose=whose, measure=Measure.CPU_RESERVED, amounts=had),),
        )  # fmt: skip

    async def footprints(self, environment: str) -> list[Footprint]:
        return []

    async def things(self, environment: str) -> list[Thing]:
        return []


@asynccontextmanager
async def of_the_sheet() -> AsyncIterator[Lab]:
    usage = Reserved()

    async def down() -> None:
        usage.down = True

    yield PriceSheetCosts(usage=usage, sheet=SHEET, clock=lambda: NOW), down


@asynccontextmanager
async def of_opencost() -> AsyncIterator[Lab]:
    async with opencost() as server, AsyncExitStack() as stack:
        for index in range(3):
            server.add(
                "web",
                START + timedelta(days=index),
                namespace="production",
                controller="web",
                cpuCost=2,
                cpuCoreHours=20,
            )
        web = WebService(
            Service(name="OpenCost", where="of a test", url=server.url, setting=""), limits=WebLimits(tries=1)
        )
        stack.push_async_callback(web.close)

        async def down() -> None:
            server.answer = (503, "down")

        yield OpenCost(web, currency=currency("USD"), catalog=CATALOG, clock=lambda: NOW), down


@pytest.fixture(params=["sheet", "book", "opencost", "aws"])
async def kept(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Costs]:
    """A source with three days of one service."""
    if request.param == "sheet":
        async with of_the_sheet() as (found, _):
            yield found
        return
    if request.param == "opencost":
        async with of_opencost() as (found, _):
            yield found
        return
    database = await Database.open(f"sqlite:///{tmp_path}/costs.db", clock=lambda: NOW)
    store = database.store(Organization("acme"))
    if request.param == "book":
        line = PricedLine(
            whose=Whose(service="web", environment="production", team="shop"), category=Category.COMPUTE, currency=currency("USD"), item="compute",
            unit="core-hours", quantity=Decimal(20) / 24, amount=Decimal(2) / 24,
        )  # fmt: skip
        for index in range(3):
            for hour in range(24):
                await store.priced_days.note("production", START + timedelta(days=index), hour, [line])
        book = RecordedCosts(
            environments=("production",), sheet=SHEET, book=store.priced_days, clock=lambda: NOW, zone=ZoneInfo("UTC")
        )
        yield book
    else:
        server = request.getfixturevalue("bills")
        day = [group("service$web", "Amazon Elastic Compute Cloud - Compute", amount="2", quantity=("20", "Hrs"))]
        server.queue(page(date(2026, 11, 1), [[], day, day, day]), page(date(2026, 11, 1), [[]]))
        account = Account(endpoint=server.endpoint)
        yield CostExplorer(account, keep=store.kept_statements, team_of=lambda _: "shop", clock=lambda: NOW)
    await database.close()


def wanted(days: int = 5, *, start: date = START, granularity: Granularity = Granularity.DAY) -> Wanted:
    return Wanted(period=Period(start=start, end=start + timedelta(days=days)), granularity=granularity)


def web(found: Statement) -> Line:
    (line,) = [each for each in found.lines if each.whose.service == "web"]
    return line


async def test_there_is_a_bucket_for_each_day_and_an_amount_for_each_bucket(kept: Costs) -> None:
    found = await kept.statement(wanted())
    assert [bucket.start for bucket in found.buckets] == list(found.period.days())
    for line in found.lines:
        assert len(line.amounts) == len(found.buckets)
        assert not line.quantities or len(line.quantities) == len(found.buckets)
        assert all(amount is None or isinstance(amount, Decimal) for amount in line.amounts)
    assert [round(amount or 0, 9) for amount in web(found).amounts[:3]] == [2, 2, 2]


async def test_days_to_come_are_not_known(kept: Costs) -> None:
    assert web(await kept.statement(wanted(10))).amounts[4:] == (None,) * 6


async def test_price_times_quantity_is_the_amount(kept: Costs) -> None:
    line = web(await kept.statement(wanted(3)))
    assert line.unit
    assert [
        round((amount or 0) / (had or 1), 9) for amount, had in zip(line.amounts, line.quantities, strict=True)
    ] == [Decimal("0.1")] * 3


async def test_months_are_the_sums_of_their_days(kept: Costs) -> None:
    found = await kept.statement(wanted(40, granularity=Granularity.MONTH))
    assert [str(bucket) for bucket in found.buckets] == ["2 to 30 November 2026", "1 to 11 December 2026"]
    assert [None if each is None else round(each, 9) for each in web(found).amounts] == [6, None]


async def test_it_says_what_it_is(kept: Costs) -> None:
    found = await kept.statement(wanted())
    assert found.source.name
    assert (found.source.zone, found.currencies) == ("UTC", ("USD",))
    assert found.source.read_at.tzinfo is not None
    assert (found.source.basis is Basis.BILL) == found.source.reconciled
    assert START < found.final_until <= NOW.date()
    assert web(found).whose.team == "shop"


async def test_the_same_question_has_the_same_answer(kept: Costs) -> None:
    first, second = [await kept.statement(wanted()) for _ in range(2)]
    assert first.lines == second.lines


@pytest.mark.parametrize("opened", [of_the_sheet, of_opencost])
async def test_one_that_is_down_is_a_sentence(opened: Callable[[], AbstractAsyncContextManager[Lab]]) -> None:
    async with opened() as (costs, take_down):
        await take_down()
        with pytest.raises(Unavailable) as refusal:
            await costs.statement(wanted(3))
        assert str(refusal.value).endswith(".")
