"""What is shown while an answer is made: only where it takes a while, only what Slack lets us, and never in the way of the answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from bot.slack.asked import Asked
from bot.slack.client import Slack
from bot.slack.errors import Gone
from bot.slack.outbox import Outbox, Spot
from bot.slack.pace import Pace
from bot.slack.stopping import Press, Stops, name_of
from bot.slack.streaming import Streams
from bot.slack.thinking import Delays, Thinking
from bot.slack.views.answers import simple
from bot.store import Database, Store
from skills.core.errors import Unavailable
from skills.core.names import Organization
from tests.support.slack_wire import Wire, error, limited, wire

STATUS, SESSION, START = "assistant.threads.setStatus", "agents.sessions.setStatus", "chat.startStream"
POST, UPDATE, DELETE = "chat.postMessage", "chat.update", "chat.delete"
ASKED = Asked(key="event:1", user="U1", channel="D1", team="T1", text="why?", typed="why?", thread="1.0", kind="direct")
MENTIONED = replace(ASKED, channel="C1", kind="channel")
NOW = Delays(at_once=0.0, stoppable=0.0, between=0.01)
NEVER = Delays(at_once=60.0, stoppable=60.0, between=60.0)


@pytest.fixture
async def slack_wire() -> AsyncIterator[Wire]:
    async with wire() as made:
        yield made


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    noon = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
    database = await Database.open(f"sqlite:///{tmp_path / 'store.sqlite'}", clock=lambda: noon)
    yield database.store(Organization("acme"))
    await database.close()


@pytest.fixture
def slack(slack_wire: Wire) -> Slack:
    return Slack(slack_wire.client, pace=Pace(now=lambda: 0.0))


@pytest.fixture
def outbox(slack: Slack, store: Store) -> Outbox:
    return Outbox(slack, store.messages, now=lambda: 0.0)


@pytest.fixture
def stops(store: Store) -> Stops:
    return Stops(store, lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC), poll=0.01)


def thinking(slack: Slack, outbox: Outbox, stops: Stops, delays: Delays = NOW) -> Thinking:
    streams = Streams(slack, outbox, now=lambda: 0.0, model="gpt-test")
    return Thinking(slack, outbox, stops, streams, delays=delays)


async def called(slack_wire: Wire, *methods: str) -> None:
    """Returns when these were called, all of them."""
    async with asyncio.timeout(5):
        while not set(methods) <= set(slack_wire.methods()):
            await asyncio.sleep(0.005)


async def test_in_private_slack_is_told_once_it_takes_a_while(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops
) -> None:
    async with thinking(slack, outbox, stops).about(ASKED):
        await called(slack_wire, STATUS)
        await asyncio.sleep(0.05)
    assert slack_wire.methods() == [STATUS]
    told = slack_wire.calls[0][1]
    assert (told["status"], told["loading_messages"][0]) == ("is thinking…", "Working on it…")


async def test_what_is_done_is_told_when_it_changes(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops
) -> None:
    async with thinking(slack, outbox, stops).about(ASKED) as audience:
        for what in ("asking status of checkout", "asking history of checkout"):
            await audience.working(what)
            async with asyncio.timeout(5):
                while not any(what in told.get("status", "") for _, told in slack_wire.calls):
                    await asyncio.sleep(0.005)
    assert [told["status"] for _, told in slack_wire.calls] == [
        "is asking status of checkout…", "is asking history of checkout…"
    ]  # fmt: skip


@pytest.mark.parametrize("asked", [ASKED, MENTIONED, replace(MENTIONED, private=True)])
async def test_an_answer_at_once_shows_nothing(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops, asked: Asked
) -> None:
    async with thinking(slack, outbox, stops, NEVER).about(asked) as audience:
        await audience.working("asking status")
        await audience.prose("some words ")
        await asyncio.sleep(0)
    assert slack_wire.calls == []


async def test_in_a_channel_nobody_is_told_before_anything_is_known_to_take_a_while(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops
) -> None:
    async with thinking(slack, outbox, stops).about(MENTIONED):
        await asyncio.sleep(0.05)
    assert slack_wire.calls == []


async def test_what_cannot_be_stopped_any_more_has_no_button(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops
) -> None:
    async with thinking(slack, outbox, stops).about(MENTIONED) as audience:
        waiting = asyncio.create_task(audience.stopped())
        await called(slack_wire, POST)
        waiting.cancel()
        await called(slack_wire, UPDATE)
    kinds = [[block["type"] for block in told["blocks"]] for method, told in slack_wire.calls if method != DELETE]
    assert kinds == [["context", "actions"], ["context"]]


async def test_what_stood_in_goes_where_no_answer_takes_its_place(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops
) -> None:
    async with thinking(slack, outbox, stops).about(MENTIONED) as audience:
        await audience.working("asking status")
        await called(slack_wire, POST)
    assert slack_wire.methods() == [POST, DELETE]


async def test_what_stands_in_becomes_the_answer(slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops) -> None:
    async with thinking(slack, outbox, stops).about(MENTIONED) as audience:
        await audience.working("asking status")
        await called(slack_wire, POST)
        await audience.hush()
        await outbox.post("answer:event:1", Spot(channel="C1", thread="1.0"), simple("v41"))
    assert slack_wire.methods() == [POST, UPDATE]


@pytest.mark.parametrize("trouble", ["unknown_method", "missing_scope", "ratelimited", "cut", "429"])
@pytest.mark.parametrize("method", [STATUS, SESSION, START, POST])
async def test_a_slack_that_will_not_show_it_changes_nothing(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops, method: str, trouble: str
) -> None:
    refusal = {"cut": "cut", "429": limited("30")}.get(trouble, error(trouble))
    slack_wire.prepared[method] = [refusal] * 3
    asked = MENTIONED if method == POST else ASKED
    async with thinking(slack, outbox, stops).about(asked) as audience:
        waiting = asyncio.create_task(audience.stopped())
        await audience.working("asking status")
        await audience.prose("some words ")
        await called(slack_wire, method)
        await asyncio.sleep(0.03)
        waiting.cancel()
    assert slack_wire.methods().count(method) <= 2


async def test_slack_says_where_it_shows_no_button(
    slack: Slack, slack_wire: Wire, outbox: Outbox, stops: Stops
) -> None:
    warning = "missing_agent_session_stopped_event_subscription"
    slack_wire.prepared[SESSION] = [{"ok": True, "warning": warning}]
    async with thinking(slack, outbox, stops).about(ASKED) as audience:
        waiting = asyncio.create_task(audience.stopped())
        await called(slack_wire, POST)
        waiting.cancel()
    posted = next(told for method, told in slack_wire.calls if method == POST)
    assert posted["blocks"][1]["elements"][0]["value"] == name_of(ASKED)


async def test_a_bug_meanwhile_is_still_seen(slack: Slack, outbox: Outbox, stops: Stops) -> None:
    with pytest.raises(ZeroDivisionError):
        async with thinking(slack, outbox, stops, NEVER).about(ASKED):
            raise ZeroDivisionError


async def test_streams_are_begun_within_a_budget(slack: Slack, outbox: Outbox) -> None:
    now = 0.0
    streams = Streams(slack, outbox, now=lambda: now, model="gpt-test")
    begun = 0
    for second in range(61):
        now = float(second)
        begun += sum(streams.may_begin() for _ in range(10))
    assert begun == 20


async def test_after_an_outage_streaming_rests(slack: Slack, outbox: Outbox) -> None:
    now = 0.0
    streams = Streams(slack, outbox, now=lambda: now, model="gpt-test")
    streams.failed(Gone("Somebody deleted it."))
    assert streams.may_begin()
    streams.failed(Unavailable("Slack did not carry out chat.startStream."))
    now = 599.0
    assert not streams.may_begin()
    now = 601.0
    assert streams.may_begin()


async def test_an_answer_is_posted_anew_where_somebody_deleted_what_stood_in_for_it(
    slack_wire: Wire, outbox: Outbox
) -> None:
    spot = Spot(channel="C1", thread="1.0")
    await outbox.meanwhile("answer:1", spot, simple("…"))
    slack_wire.prepared[UPDATE] = [error("message_not_found")]
    await outbox.post("answer:1", spot, simple("v41"))
    assert slack_wire.methods() == [POST, UPDATE, POST]


async def test_an_answer_does_not_wait_long_for_what_stood_in_and_never_arrived(
    slack: Slack, slack_wire: Wire, store: Store
) -> None:
    spot, now = Spot(channel="C1", thread="1.0"), 0.0
    outbox = Outbox(slack, store.messages, now=lambda: now, patience=15.0)
    slack_wire.prepared[POST] = ["cut"]
    with pytest.raises(Unavailable):
        await outbox.meanwhile("answer:1", spot, simple("…"))
    now = 10.0
    with pytest.raises(Unavailable):
        await outbox.post("answer:1", spot, simple("v41"))
    now = 16.0
    await outbox.post("answer:1", spot, simple("v41"))
    assert slack_wire.methods().count(POST) == 2


async def test_nothing_stands_in_for_what_is_there(slack_wire: Wire, outbox: Outbox) -> None:
    spot = Spot(channel="C1", thread="1.0")
    posted = await outbox.post("answer:1", spot, simple("v41"))
    assert await outbox.meanwhile("answer:1", spot, simple("…")) == replace(posted, place=posted.place)
    await outbox.withdraw("answer:1")
    assert slack_wire.methods() == [POST]


async def test_what_was_half_sent_when_the_process_died_is_found_and_taken_away(
    slack: Slack, slack_wire: Wire, outbox: Outbox, store: Store
) -> None:
    spot = Spot(channel="C1", thread="1.0")
    slack_wire.prepared[POST] = ["cut"]
    with pytest.raises(Unavailable):
        await outbox.meanwhile("answer:1", spot, simple("…"))
    sent = slack_wire.calls[0][1]
    slack_wire.prepared["conversations.replies"] = [{"ok": True, "messages": [{"ts": "7.0", "blocks": sent["blocks"]}]}]
    await Outbox(slack, store.messages, now=lambda: 0.0).withdraw("answer:1")
    assert slack_wire.calls[-1] == (DELETE, {"channel": "C1", "ts": "7.0"})
    assert await store.messages.get("answer:1") is None


async def test_a_press_is_heard_in_another_process_and_only_from_whoever_asked(stops: Stops, store: Store) -> None:
    there = Stops(store, lambda: datetime(2026, 11, 23, 12, 0, tzinfo=UTC), poll=0.01)
    name = await stops.offer(MENTIONED, session=False)
    waiting = asyncio.create_task(stops.pressed(MENTIONED))
    assert await there.press(name, "U2") is Press.NOT_YOURS
    await asyncio.sleep(0.03)
    assert not waiting.done()
    assert await there.press(name, "U1") is Press.STOPPING
    await asyncio.wait_for(waiting, 5)


async def test_what_is_over_cannot_be_stopped_nor_can_what_comes_next_in_its_thread(stops: Stops) -> None:
    name = await stops.offer(ASKED, session=True)
    assert await stops.press(name, "U1") is Press.STOPPING
    again = replace(ASKED, key="event:2")
    with pytest.raises(TimeoutError):
        await asyncio.wait_for(stops.pressed(again), 0.05)
    await stops.over(ASKED)
    assert await stops.press(name, "U1") is Press.OVER
