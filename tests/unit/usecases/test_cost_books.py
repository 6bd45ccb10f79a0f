"""Several sources behind one door: asked once for what many want, kept for a while, and missed when they are down."""

import asyncio
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.usecases.cost_books import Book, CostBooks
from skills.core.errors import Unavailable
from skills.core.periods import Period
from skills.core.ports.costs import Basis, Source, Statement, Wanted

WANTED = Wanted(period=Period(start=date(2026, 11, 1), end=date(2026, 12, 1)))


class Clock:
    def __init__(self) -> None:
        self.now = datetime(2026, 12, 1, 12, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now


class Counted:
    """A source that counts how often it was asked, and may be down."""

    def __init__(self, name: str, clock: Clock) -> None:
        self.name, self.clock, self.asked, self.down = name, clock, 0, False

    async def statement(self, wanted: Wanted) -> Statement:
        self.asked += 1
        await asyncio.sleep(0)
        if self.down:
            raise Unavailable("It throttles.")
        source = Source(name=self.name, basis=Basis.ESTIMATE, zone="UTC", read_at=self.clock())
        return Statement(
            source=source, period=wanted.period, granularity=wanted.granularity, buckets=(), lines=(), final_until=wanted.period.end
        )  # fmt: skip


async def test_twenty_who_ask_at_once_ask_once() -> None:
    clock = Clock()
    source = Counted("sheet", clock)
    books = CostBooks([Book(name="The sheet", costs=source)], clock=clock)
    answers = await asyncio.gather(*(books.accounts(WANTED) for _ in range(20)))
    assert source.asked == 1
    assert {each.statements[0].source.name for each in answers} == {"sheet"}


async def test_an_answer_serves_for_a_while_and_longer_when_the_source_is_down() -> None:
    clock = Clock()
    source = Counted("bill", clock)
    books = CostBooks([Book(name="The bill", costs=source, fresh=timedelta(hours=6))], clock=clock)
    first = await books.accounts(WANTED)
    clock.now += timedelta(hours=5)
    assert await books.accounts(WANTED) == first
    clock.now += timedelta(hours=2)
    source.down = True
    stale = await books.accounts(WANTED)
    assert stale.troubles == ("The bill: It throttles.",)
    assert clock.now - stale.statements[0].source.read_at == timedelta(hours=7)
    assert source.asked == 2


async def test_sources_stand_in_the_order_in_which_they_are_believed_and_one_that_is_down_is_named() -> None:
    clock = Clock()
    bill, sheet = Counted("bill", clock), Counted("sheet", clock)
    books = CostBooks([Book(name="The bill", costs=bill), Book(name="The sheet", costs=sheet)], clock=clock)
    assert [each.source.name for each in (await books.accounts(WANTED)).statements] == ["bill", "sheet"]
    bill.down = True
    later = Wanted(period=Period(start=date(2026, 12, 1), end=date(2026, 12, 2)))
    found = await books.accounts(later)
    assert [each.source.name for each in found.statements] == ["sheet"]
    assert found.troubles == ("The bill: It throttles.",)


async def test_where_there_is_nothing_at_all_it_says_why() -> None:
    clock = Clock()
    source = Counted("bill", clock)
    source.down = True
    with pytest.raises(Unavailable, match="The bill: It throttles"):
        await CostBooks([Book(name="The bill", costs=source)], clock=clock).accounts(WANTED)
    with pytest.raises(Unavailable, match=r"No source of costs is configured. Write prices down in prices.yaml"):
        await CostBooks([], clock=clock).accounts(WANTED)
