"""Deliveries, stored before they are acknowledged, in both databases."""

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import text

from bot.store import Database, Store
from bot.store.inbox import Inbox
from skills.core.names import Organization
from tests.support.databases import NOON, Clock

MINUTE = timedelta(minutes=1)


async def claimed(inbox: Inbox, executor: str = "first", limit: int = 10) -> list[str]:
    return [delivery.key for delivery in await inbox.claim(executor, limit, MINUTE)]


async def test_a_delivery_is_stored_once_and_comes_out_as_it_went_in(store: Store) -> None:
    body = {"text": "deploy\0\ud800 é", "n": 1.5, "list": [None, True]}
    assert await store.inbox.put("Ev1", "event", body)
    assert not await store.inbox.put("Ev1", "event", {"other": "body"})
    (delivery,) = await store.inbox.claim("first", 10, MINUTE)
    assert (delivery.key, delivery.kind, delivery.body) == ("Ev1", "event", body)
    assert (delivery.attempts, delivery.received_at) == (1, NOON)


async def test_of_the_same_delivery_many_times_at_once_one_is_new(store: Store) -> None:
    answers = await asyncio.gather(*[store.inbox.put(f"Ev{n % 5}", "event", {}) for n in range(50)])
    assert answers == [True] * 5 + [False] * 45
    assert await store.inbox.depth() == 5


async def test_deliveries_that_arrive_together_share_commits(
    store: Store, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    commits = 0
    writing = database.writing

    def counted():
        nonlocal commits
        commits += 1
        return writing()

    monkeypatch.setattr(database, "writing", counted)
    assert all(await asyncio.gather(*[store.inbox.put(f"Ev{n}", "event", {}) for n in range(100)]))
    assert commits == 1


async def test_one_delivery_that_the_database_refuses_does_not_take_the_others_along(
    store: Store, database: Database
) -> None:
    async with database.writing() as connection:
        if database.url_kind == "sqlite":
            await connection.execute(
                text(
                    "CREATE TRIGGER refuse BEFORE INSERT ON deliveries WHEN NEW.kind = 'poison'"
                    " BEGIN SELECT RAISE(ABORT, 'refused'); END"
                )
            )
        else:
            await connection.execute(text("ALTER TABLE deliveries ADD CHECK (kind <> 'poison')"))
    kinds = ["event", "poison", "event"]
    answers = await asyncio.gather(
        *[store.inbox.put(f"Ev{n}", kind, {}) for n, kind in enumerate(kinds)], return_exceptions=True
    )
    assert answers[0] is answers[2] is True
    assert isinstance(answers[1], Exception)
    assert await claimed(store.inbox) == ["Ev0", "Ev2"]


async def test_a_body_that_is_no_json_is_refused_alone(store: Store) -> None:
    answers = await asyncio.gather(
        store.inbox.put("Ev1", "event", {"x": object()}), store.inbox.put("Ev2", "event", {}), return_exceptions=True
    )
    assert isinstance(answers[0], Exception)
    assert answers[1] is True


async def test_a_caller_who_gives_up_waiting_does_not_disturb_the_others(store: Store) -> None:
    tasks = [asyncio.create_task(store.inbox.put(f"Ev{n}", "event", {})) for n in range(3)]
    await asyncio.sleep(0)
    tasks[1].cancel()
    answers = await asyncio.gather(*tasks, return_exceptions=True)
    assert answers[0] is answers[2] is True
    assert isinstance(answers[1], asyncio.CancelledError)
    assert await store.inbox.put("Ev9", "event", {})


async def test_claims_at_once_never_share_a_delivery(store: Store) -> None:
    for number in range(20):
        await store.inbox.put(f"Ev{number:02}", "event", {})
    taken = await asyncio.gather(*[claimed(store.inbox, f"worker-{n}", 4) for n in range(8)])
    keys = [key for mine in taken for key in mine]
    assert len(keys) == len(set(keys))
    assert sorted(keys + await claimed(store.inbox, limit=20)) == [f"Ev{number:02}" for number in range(20)]


async def test_the_oldest_come_first_and_an_expired_claim_can_be_taken_over(store: Store, clock: Clock) -> None:
    await store.inbox.put("Ev2", "event", {})
    clock.forward(seconds=1)
    await store.inbox.put("Ev1", "event", {})
    assert await claimed(store.inbox, limit=1) == ["Ev2"]
    assert await claimed(store.inbox) == ["Ev1"]
    assert await claimed(store.inbox, "second") == []
    clock.forward(seconds=61)
    again = await store.inbox.claim("second", 10, MINUTE)
    assert [(delivery.key, delivery.attempts) for delivery in again] == [("Ev2", 2), ("Ev1", 2)]


async def test_a_delivery_to_be_retried_waits_until_then(store: Store, clock: Clock) -> None:
    await store.inbox.put("Ev1", "event", {})
    await claimed(store.inbox)
    await store.inbox.retry("Ev1", clock() + timedelta(seconds=30), "Slack did not answer")
    assert await claimed(store.inbox) == []
    clock.forward(seconds=30)
    assert await claimed(store.inbox) == ["Ev1"]


async def test_what_was_dealt_with_is_known_for_a_day_and_what_was_not_is_kept(store: Store, clock: Clock) -> None:
    for key in ("done", "given up", "waiting"):
        await store.inbox.put(key, "event", {})
    assert await store.inbox.depth() == 3
    await store.inbox.done("done")
    await store.inbox.give_up("given up", "a bug")
    assert await store.inbox.depth() == 1
    clock.forward(hours=23)
    assert await store.inbox.sweep() == 0
    assert not await store.inbox.put("done", "event", {})
    clock.forward(hours=1, seconds=1)
    assert await store.inbox.sweep() == 2
    assert await claimed(store.inbox) == ["waiting"]
    assert await store.inbox.put("done", "event", {})


async def test_closing_waits_for_deliveries_under_way(database_url: str, clock: Clock) -> None:
    database = await Database.open(database_url, clock=clock)
    put = asyncio.create_task(database.store(Organization("acme")).inbox.put("Ev1", "event", {}))
    await asyncio.sleep(0)
    await database.close()
    assert await put


async def test_organizations_do_not_share_keys_or_deliveries(database: Database) -> None:
    acme, other = database.store(Organization("acme")), database.store(Organization("other"))
    assert await acme.inbox.put("Ev1", "event", {"of": "acme"})
    assert await other.inbox.put("Ev1", "event", {"of": "other"})
    (delivery,) = await other.inbox.claim("first", 10, MINUTE)
    assert delivery.body == {"of": "other"}
    await other.inbox.done("Ev1")
    assert await acme.inbox.depth() == 1


async def test_those_of_one_kind_can_be_claimed_before_older_ones(store: Store) -> None:
    for key, kind in (("Ev1", "event"), ("Ev2", "stopped"), ("Ev3", "event")):
        await store.inbox.put(key, kind, {})
    assert [delivery.key for delivery in await store.inbox.claim("a", 10, MINUTE, kind="stopped")] == ["Ev2"]
    assert await claimed(store.inbox) == ["Ev1", "Ev3"]
