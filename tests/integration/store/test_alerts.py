"""Alerts as they are kept, on both databases: the newest word stands, in whatever order words arrive."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from bot.store import Database, Store
from bot.store.alerts import Arrived
from skills.core.names import Organization

FIRED = datetime(2026, 11, 23, 8, 50, tzinfo=UTC)
ALERT = Arrived(
    source="alertmanager", fingerprint="a1", name="HighErrorRate", summary="password=hunter2hunter2 is in it", service="checkout",
    environment="production", severity="critical", link="", started_at=FIRED, ended_at=None,
)  # fmt: skip
ENDED = replace(ALERT, ended_at=FIRED + timedelta(minutes=5))
AGAIN = replace(ALERT, started_at=FIRED + timedelta(minutes=20))


async def stands(store: Store) -> list[tuple[datetime, datetime | None, int]]:
    found = [*await store.alerts.firing(), *await store.alerts.ended(since=FIRED)]
    return [(each.since, each.ended, each.told) for each in found]


async def test_a_repeated_delivery_is_counted_and_changes_nothing(store: Store) -> None:
    for _ in range(3):
        await store.alerts.receive([ALERT, ALERT])
    assert await stands(store) == [(FIRED, None, 3)]


async def test_an_older_word_that_comes_late_does_not_undo_a_newer_one(store: Store) -> None:
    for each in (ALERT, ENDED, ALERT):
        await store.alerts.receive([each])
    assert await stands(store) == [(FIRED, ENDED.ended_at, 3)]
    for each in (AGAIN, ENDED, ALERT):
        await store.alerts.receive([each])
    assert await stands(store) == [(AGAIN.started_at, None, 6)]


async def test_what_is_news_is_news_until_it_was_passed_on_as_it_stands(store: Store) -> None:
    await store.alerts.receive([ALERT])
    seen = await store.alerts.news(["checkout"])
    await store.alerts.receive([ENDED])
    await store.alerts.on_card(seen)
    assert [each.ended for each in await store.alerts.news(["checkout"])] == [ENDED.ended_at]
    await store.alerts.on_card(await store.alerts.news(["checkout"]))
    await store.alerts.receive([ENDED])
    assert list(await store.alerts.news(["checkout"])) == []
    assert len(await store.alerts.unwritten()) == 1


async def test_secrets_in_them_are_not_kept_and_others_see_nothing_of_them(store: Store, database: Database) -> None:
    await store.alerts.receive([ALERT])
    (found,) = await store.alerts.firing(service="checkout")
    assert "hunter2" not in found.summary.shown()
    assert list(await database.store(Organization("other")).alerts.firing()) == []
    assert list(await store.alerts.firing(service="web")) == []


async def test_four_thousand_in_one_delivery_are_all_there(store: Store) -> None:
    await store.alerts.receive([replace(ALERT, fingerprint=f"f{number}") for number in range(4_000)])
    (firing,) = await store.alerts.counted(service="checkout")
    assert (firing.count, firing.since) == (4_000, FIRED)
    assert list(await store.alerts.counted(service="")) == []


async def test_many_are_passed_on_at_once_each_as_it_stands(store: Store) -> None:
    await store.alerts.receive([replace(ALERT, fingerprint=f"f{number}") for number in range(1_200)])
    await store.alerts.receive([replace(ENDED, fingerprint=f"f{number}") for number in range(600)])
    assert list(await store.alerts.news_about()) == ["checkout"]
    await store.alerts.on_card(await store.alerts.news(["checkout"]))
    assert list(await store.alerts.news_about()) == []
    assert await store.alerts.ended_since(FIRED, service="checkout") == 600
    assert await store.alerts.ended_since(FIRED + timedelta(hours=1)) == 0


async def test_each_time_in_a_row_has_a_number_of_its_own(store: Store) -> None:
    assert await store.alerts.episode("checkout", begin=False) is None
    first = await store.alerts.episode("checkout", begin=True)
    assert first
    assert await store.alerts.episode("checkout", begin=True) == first
    await store.alerts.over(first)
    assert await store.alerts.episode("checkout", begin=False) is None
    second = await store.alerts.episode("checkout", begin=True)
    assert second
    assert (first.number, second.number) == (1, 2)
