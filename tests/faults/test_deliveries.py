"""Slack delivers too often, in any order, far too late, or cannot be reached for half an hour."""

import asyncio
import itertools
import random
from collections import Counter
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path

import pytest

from bot.slack.notices import CURSOR, Notices
from bot.slack.outbox import Outbox
from bot.slack.projector import Projector
from bot.slack.worker import Worker
from bot.store import Delivery
from skills.core.errors import Unavailable
from skills.core.notice import Place
from skills.core.proposal import Origin, Status
from skills.core.report import Report
from tests.support.boundaries import Boundaries
from tests.support.databases import PostgreSQL
from tests.support.stories import CHANNEL, STORIES, living, slack_of
from tests.support.worlds import Office, open_office

COPIES = 100
ASKED = {
    "event:1": ("dev", "deploy checkout v42 to production"),
    "event:2": ("dev", "restart web in production"),
    "event:3": ("lead", "scale web to 3 in production"),
}
DECIDED = {"event:4": ("sre", "approve 1"), "event:5": ("sre", "reject 2 not now"), "event:6": ("sre", "cancel 3")}


class Replica:
    """An office whose deliveries a real worker deals with."""

    def __init__(self, office: Office, name: str) -> None:
        self.office = office
        self.answers: list[tuple[str, str]] = []
        self._worker = Worker(office.world.store.inbox, self._deal, executor=name, clock=office.time)

    async def deal_with_everything(self) -> None:
        while await self._worker._claim():
            await asyncio.gather(*self._worker._tasks)

    async def _deal(self, delivery: Delivery) -> None:
        answer = await self.office.say(str(delivery.body["who"]), str(delivery.body["text"]), key=delivery.key)
        self.answers.append((delivery.key, answer.text))


async def delivered(replicas: list[Replica], letters: dict[str, tuple[str, str]], dice: random.Random) -> None:
    """Each of these a hundred times, in any order, to any replica, while all of them deal with what they have."""
    copies = [key for key in letters for _ in range(COPIES)]
    dice.shuffle(copies)

    async def put(key: str) -> bool:
        who, text = letters[key]
        return await dice.choice(replicas).office.world.store.inbox.put(key, "mention", {"who": who, "text": text})

    for start in range(0, len(copies), 50):
        new = await asyncio.gather(
            *[put(key) for key in copies[start : start + 50]], *[each.deal_with_everything() for each in replicas]
        )
        assert new.count(True) <= len(letters)
    await asyncio.gather(*[each.deal_with_everything() for each in replicas])


async def test_a_hundred_copies_of_each_delivery_over_three_replicas_do_everything_once(
    tmp_path: Path, postgresql: PostgreSQL
) -> None:
    dice = random.Random(5)
    environ = {"COUNTERSIGN_DATABASE_URL": postgresql.fresh()}
    async with AsyncExitStack() as stack:
        offices = [await stack.enter_async_context(open_office(tmp_path, environ=environ)) for _ in range(3)]
        replicas = [Replica(office, f"replica-{number}") for number, office in enumerate(offices)]
        await delivered(replicas, ASKED, dice)
        store = offices[0].world.store
        asked = {each.origin.words or each.plan.summary: each.id for each in await store.proposals()}
        assert len(asked) == len(ASKED)
        await delivered(replicas, DECIDED, dice)
        assert Counter(key for each in replicas for key, _ in each.answers) == Counter([*ASKED, *DECIDED])
        decided = Counter(entry.verb for entry in await store.audit.entries())
        assert decided["proposal:created"] == 3
        assert decided["proposal:approve"] == decided["proposal:reject"] == decided["proposal:cancel"] == 1
        assert (await store.audit.verify()).ok


@pytest.mark.parametrize("hours", [1, 23, 25])
async def test_a_delivery_that_comes_again_hours_later_does_nothing(tmp_path: Path, hours: int) -> None:
    letters = {"event:1": ASKED["event:1"], "event:2": ("sre", "approve 1")}
    async with open_office(tmp_path) as office:
        replica = Replica(office, "only")
        await delivered([replica], {"event:1": letters["event:1"]}, random.Random(1))
        await delivered([replica], {"event:2": letters["event:2"]}, random.Random(1))
        assert (await office.run(1)).status is Status.SUCCEEDED
        before = await office.world.store.audit.head()
        office.time.pass_by(hours=hours)
        await office.world.store.inbox.sweep()
        await delivered([replica], letters, random.Random(2))
        assert await office.world.store.audit.head() == before
        assert len(office.cluster.effects) == len(await office.world.store.proposals()) == 1


async def test_an_approval_that_is_delivered_a_day_late_starts_nothing(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        replica = Replica(office, "only")
        await office.say("dev", "deploy checkout v42 to production")
        office.time.pass_by(hours=24)
        await delivered([replica], {"event:2": ("sre", "approve 1")}, random.Random(1))
        assert replica.answers == [("event:2", "#1 has expired. Ask for it again; it is planned anew.")]
        assert (await office.run(1)).status is Status.EXPIRED
        assert office.cluster.effects == ()


async def test_after_half_an_hour_without_slack_each_state_is_told_once_and_without_a_burst(tmp_path: Path) -> None:
    async with living(tmp_path, STORIES[0], boundaries=Boundaries()) as (office, outside, _):
        store = office.world.store
        outbox = Outbox(slack_of(outside), store.messages, now=outside.monotonic, patience=0.0)
        projector = Projector(store, office.world.catalog, outbox, again=15.0, sleep=outside.sleep)
        for number in range(1, 6):
            await ask(office, number)
        cursor = await shown(projector, -1)
        assert len(outside.messages) == 5

        outside.down_until = outside.now + timedelta(minutes=30)
        for number in range(1, 6):
            await office.say("sre", f"reject {number} not now")
        for number in range(6, 16):
            await ask(office, number)
            await office.say("dev", f"cancel {number}")
        up_again = outside.down_until
        await shown(projector, cursor)

        assert outside.now > up_again
        for number in range(1, 16):
            assert len(outside.with_key(f"card:{number}")) == len(outside.with_key(f"final:{number}")) == 1
            assert ("rejected by" if number <= 5 else "cancelled by") in outside.with_key(f"card:{number}")[0]["text"]
            assert outside.with_key(f"card:{number}")[0]["updates"] == int(number <= 5)
        assert len(outside.messages) == 2 * 15
        posted = [at for at, method in outside.calls if method == "chat.postMessage" and at >= up_again]
        assert len(posted) == 10 + 15
        for first, fifth in zip(posted, posted[5:], strict=False):
            assert fifth - first >= timedelta(seconds=1)


async def test_what_is_said_unasked_waits_for_slack_and_is_told_once_in_its_order_without_a_burst(
    tmp_path: Path,
) -> None:
    async with living(tmp_path, STORIES[0], boundaries=Boundaries()) as (office, outside, _):
        store = office.world.store
        outbox = Outbox(slack_of(outside), store.messages, now=outside.monotonic, patience=0.0)
        channels = {"announcements": CHANNEL}
        telling = Notices(store, office.world.catalog, outbox, channels, clock=lambda: outside.now, sleep=outside.sleep)
        outside.down_until = up_again = outside.now + timedelta(minutes=30)
        for number in range(1, 9):
            for _ in range(2):
                async with store.begin() as tx:
                    tx.record("test:said", f"test/{number}", {}, actor="test")
                    report = Report(title="Told", summary=f"Thing {number}.")
                    await tx.notify(f"thing {number}", to=Place(purpose="costs"), report=report)
        while await store.cursor(CURSOR) < 8:
            try:
                await telling.catch_up()
            except Unavailable:
                await outside.sleep(15.0)
        assert outside.now >= up_again
        told = [message["text"] for message in outside.messages]
        assert [text.count(f"Thing {number}.") for number, text in enumerate(told, 1)] == [1] * 8
        posted = [at for at, method in outside.calls if method == "chat.postMessage" and at >= up_again]
        assert len(posted) == 8
        assert all(later - earlier >= timedelta(seconds=1) for earlier, later in itertools.pairwise(posted))


async def ask(office: Office, number: int) -> None:
    place = {"team": "T01TEST", "channel": CHANNEL, "thread": "", "user": "U01DEV"}
    actor, words = office.world.actor("dev"), "restart web in production"
    origin = Origin(edge="slack", words=words, place=place)
    await office.world.door.request(actor, words, origin=origin, key=f"ask-{number}")


async def shown(projector: Projector, cursor: int) -> int:
    """What follows the store does so until everything is shown."""
    cursor = await projector._catch_up(max(cursor, 0))
    while projector._following:
        await asyncio.gather(*projector._following.values())
    return cursor
