"""Outgoing messages, intent before effect, in both databases."""

import asyncio

from bot.store import Database, Message, Store
from skills.core.names import Organization

PLACE = {"channel": "C1"}


async def test_of_many_who_want_to_send_a_message_one_may(store: Store) -> None:
    seen = await asyncio.gather(*[store.messages.reserve("card/1", PLACE) for _ in range(8)])
    assert sorted(message.state for message in seen) == ["new"] + ["sending"] * 7
    assert all(message.place == PLACE for message in seen)


async def test_a_sent_message_knows_where_it_went(store: Store) -> None:
    await store.messages.reserve("card/1", PLACE)
    await store.messages.sent("card/1", channel="C1", ts="1.2", digest="d1")
    await store.messages.sent("card/1", channel="C1", ts="1.2", digest="d2")
    expected = Message(key="card/1", state="sent", place=PLACE, channel="C1", ts="1.2", digest="d2")
    assert await store.messages.get("card/1") == expected
    assert await store.messages.reserve("card/1", {"channel": "C2"}) == expected


async def test_a_message_that_certainly_was_not_sent_may_be_reserved_again(store: Store) -> None:
    await store.messages.reserve("card/1", PLACE)
    await store.messages.release("card/1")
    assert (await store.messages.reserve("card/1", PLACE)).state == "new"


async def test_a_message_that_arrived_is_never_released(store: Store) -> None:
    await store.messages.reserve("card/1", PLACE)
    await store.messages.sent("card/1", channel="C1", ts="1.2", digest="d")
    await store.messages.release("card/1")
    assert (await store.messages.reserve("card/1", PLACE)).state == "sent"


async def test_a_message_that_was_taken_away_again_may_be_reserved_again(store: Store) -> None:
    await store.messages.reserve("card/1", PLACE)
    await store.messages.sent("card/1", channel="C1", ts="1.2", digest="d")
    await store.messages.withdrawn("card/1")
    assert await store.messages.get("card/1") is None
    assert (await store.messages.reserve("card/1", PLACE)).state == "new"


async def test_a_failed_message_says_why(store: Store) -> None:
    await store.messages.reserve("card/1", PLACE)
    await store.messages.failed("card/1", "channel_not_found")
    found = await store.messages.get("card/1")
    assert found is not None
    assert (found.state, found.error) == ("failed", "channel_not_found")
    assert await store.messages.get("card/2") is None


async def test_organizations_do_not_share_messages(database: Database) -> None:
    acme, other = database.store(Organization("acme")), database.store(Organization("other"))
    await acme.messages.reserve("card/1", PLACE)
    assert (await other.messages.reserve("card/1", PLACE)).state == "new"
    await other.messages.sent("card/1", channel="C", ts="1", digest="d")
    found = await acme.messages.get("card/1")
    assert found is not None
    assert found.state == "sending"
