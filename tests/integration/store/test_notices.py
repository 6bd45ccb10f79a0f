"""Notices and requests: each once, with what they are about, on both databases."""

import asyncio

import pytest

from bot.store import Database, Store
from skills.core.names import Organization, Subject
from skills.core.notice import Person, Place
from skills.core.report import Report
from tests.support.reports import a_chart, a_finding, a_report

LEAD = Person(subject=Subject("lead"))
COSTS = Place(purpose="costs")


async def say(store: Store, key: str, text: str = "It is so.", to: Person | Place = LEAD) -> bool:
    async with store.begin() as tx:
        tx.record("test:said", "test/1", {"text": text}, actor="test")
        return await tx.notify(key, to=to, report=Report(title="Test", summary=text))


async def test_a_notice_is_kept_as_it_was_with_its_recipient(store: Store) -> None:
    report = a_report(a_finding(), a_chart())
    async with store.begin() as tx:
        tx.record("test:said", "test/1", {}, actor="test")
        await tx.notify("a", to=Place(purpose="incidents", channel="C9"), report=report)
    (notice,) = await store.notices.after(0)
    assert (notice.number, notice.key, notice.to) == (1, "a", Place(purpose="incidents", channel="C9"))
    assert notice.report == report


async def test_under_one_key_something_is_said_once(store: Store) -> None:
    assert [await say(store, "a"), await say(store, "a", "Something else."), await say(store, "b", to=COSTS)] == [
        True,
        False,
        True,
    ]
    assert [(each.report.summary, str(each.to)) for each in await store.notices.after(0)] == [
        ("It is so.", "lead"),
        ("It is so.", "#costs"),
    ]


async def test_of_many_who_say_the_same_at_once_one_does(store: Store) -> None:
    said = await asyncio.gather(*(say(store, "a") for _ in range(8)))
    assert sum(said) == 1
    assert len(await store.notices.latest()) == 1


async def test_a_transaction_that_fails_says_nothing(store: Store) -> None:
    async def fail() -> None:
        async with store.begin() as tx:
            assert await tx.once("request-1")
            await tx.notify("a", to=LEAD, report=Report(title="Test", summary="It is so."))
            raise KeyError

    with pytest.raises(KeyError):
        await fail()
    assert await store.notices.latest() == []
    async with store.begin() as tx:
        assert await tx.once("request-1")


async def test_a_request_is_written_down_once(store: Store) -> None:
    said = []
    for _ in range(2):
        async with store.begin() as tx:
            said.append(await tx.once("request-1"))
    assert said == [True, False]


async def test_a_reader_that_passes_on_the_last_number_misses_none(store: Store) -> None:
    for number in range(5):
        await say(store, f"key-{number}")
    first = await store.notices.after(0, limit=3)
    rest = await store.notices.after(first[-1].number)
    assert [each.key for each in (*first, *rest)] == [f"key-{number}" for number in range(5)]
    assert [each.number for each in await store.notices.latest(2)] == [5, 4]


async def test_no_secret_is_kept(store: Store) -> None:
    await say(store, "a", "use xoxb-123456789012-abc")
    assert [each.report.summary for each in await store.notices.latest()] == ["use (redacted)"]


async def test_another_organization_hears_nothing(database: Database, store: Store) -> None:
    await say(store, "a")
    assert await database.store(Organization("other")).notices.latest() == []
