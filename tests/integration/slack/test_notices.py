"""What is said unasked, on its way to Slack: in order, once, and where it belongs."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from bot.slack.client import Slack
from bot.slack.notices import Notices
from bot.slack.outbox import Outbox
from bot.slack.pace import Pace
from bot.store import Database, Store
from skills.core.catalog import Catalog
from skills.core.errors import Unavailable
from skills.core.names import Organization, Subject
from skills.core.notice import Person, Place, Recipient
from skills.core.report import Report
from tests.support.reports import NOON
from tests.support.slack_wire import Wire, error, wire
from tests.support.worlds import open_office

POST = "chat.postMessage"
DEV, NOBODY = Person(subject=Subject("dev")), Person(subject=Subject("nobody"))


@pytest.fixture
async def slack() -> AsyncIterator[Wire]:
    async with wire() as made:
        yield made


@pytest.fixture
async def catalog(tmp_path: Path) -> AsyncIterator[Catalog]:
    async with open_office(tmp_path / "office") as office:
        yield office.world.catalog


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    database = await Database.open(f"sqlite:///{tmp_path / 'store.sqlite'}", clock=lambda: NOON)
    yield database.store(Organization("acme"))
    await database.close()


async def say(store: Store, key: str, to: Recipient) -> None:
    async with store.begin() as tx:
        await tx.notify(key, to=to, report=Report(title="Budget", summary=f"{key} is spent."))


def follower(
    slack: Wire,
    store: Store,
    catalog: Catalog,
    channels: Mapping[str, str],
    *,
    now: datetime = NOON,
    urgent: bool = False,
) -> Notices:
    async def no_wait(_: float) -> None:
        pass

    outbox = Outbox(Slack(slack.client, pace=Pace(now=lambda: 0.0)), store.messages, now=lambda: 0.0, patience=0.0)
    return Notices(store, catalog, outbox, channels, clock=lambda: now, urgent=urgent, sleep=no_wait)


def told(slack: Wire) -> list[tuple[str, str]]:
    return [(call["channel"], call["text"]) for method, call in slack.calls if method == POST]


async def test_people_are_written_to_and_places_are_channels(slack: Wire, store: Store, catalog: Catalog) -> None:
    for key, to in {"a": DEV, "b": Place(purpose="costs"), "c": Place(purpose="rest"), "d": NOBODY}.items():
        await say(store, key, to)
    await say(store, "e", Place(purpose="incidents", channel="C0ROOM"))
    following = follower(slack, store, catalog, {"costs": "C0COSTS", "announcements": "C0ALL"})
    await following.catch_up()
    assert told(slack) == [
        ("U01DEV", "Budget: a is spent."),
        ("C0COSTS", "Budget: b is spent."),
        ("C0ALL", "Budget: c is spent."),
        ("C0ROOM", "Budget: e is spent."),
    ]
    await following.catch_up()
    assert len(told(slack)) == 4


async def test_an_outage_delays_and_repeats_nothing(slack: Wire, store: Store, catalog: Catalog) -> None:
    await say(store, "a", DEV)
    await say(store, "b", DEV)
    slack.prepared[POST] = [{"ok": True, "channel": "U01DEV", "ts": "1.1"}, *[error("service_unavailable")] * 5]
    following = follower(slack, store, catalog, {})
    with pytest.raises(Unavailable):
        await following.catch_up()
    slack.prepared[POST] = []
    await follower(slack, store, catalog, {}).catch_up()
    texts = [text for _, text in told(slack)]
    assert texts[0] == "Budget: a is spent."
    assert set(texts[1:]) == {"Budget: b is spent."}


async def test_a_channel_that_the_bot_is_not_in_stops_no_other(slack: Wire, store: Store, catalog: Catalog) -> None:
    await say(store, "a", Place(purpose="costs"))
    await say(store, "b", DEV)
    slack.prepared[POST] = [error("not_in_channel")]
    await follower(slack, store, catalog, {"costs": "C0COSTS"}).catch_up()
    assert told(slack)[-1] == ("U01DEV", "Budget: b is spent.")


async def test_what_is_a_day_old_is_not_told_any_more(slack: Wire, store: Store, catalog: Catalog) -> None:
    await say(store, "a", DEV)
    await follower(slack, store, catalog, {}, now=NOON + timedelta(days=1, seconds=1)).catch_up()
    assert told(slack) == []


async def test_what_cannot_wait_goes_past_what_waits_and_is_told_once(
    slack: Wire, store: Store, catalog: Catalog
) -> None:
    for number in range(150):
        await say(store, f"cost:{number}", Place(purpose="costs", channel=f"C{number}"))
    await say(store, "glass:1:place", Place(purpose="break-glass"))
    urgent = follower(slack, store, catalog, {"announcements": "C0ALL", "break-glass": "C0LOUD"}, urgent=True)
    await urgent.catch_up()
    await urgent.catch_up()
    assert told(slack) == [("C0LOUD", "Budget: glass:1:place is spent.")]
    await follower(slack, store, catalog, {"announcements": "C0ALL", "break-glass": "C0LOUD"}).catch_up()
    assert len(told(slack)) == 151
    assert ("C0LOUD", "Budget: glass:1:place is spent.") not in told(slack)[1:]
