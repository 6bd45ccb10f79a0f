"""What is kept of a thread: little, without secrets, not for ever, and never the delivery's own."""

from dataclasses import replace
from datetime import timedelta

import pytest

from bot.nl import BOT, Turn
from bot.slack.asked import Asked
from bot.slack.threads import LASTS, MOST, Threads
from bot.store import Store
from skills.core.actor import Actor
from skills.core.names import Organization, Subject
from tests.support.databases import Clock

DEV = Actor(subject=Subject("dev"), name="Developer", organization=Organization("acme"))
STATUS = Turn(
    who=BOT, text="", skill="status", params={"service": "checkout"}, candidates={"environment": ("staging",)}
)
NOTHING = Turn(who=BOT, text="")
ASKED = Asked(
    key="event:1", user="U01DEV", channel="C1", team="T1", text="is checkout ok?", typed="is checkout ok?", thread="1.0",
    kind="channel",
)  # fmt: skip


def reply(number: int, text: str = "and staging?") -> Asked:
    return replace(ASKED, key=f"event:{number}", text=text, kind="thread", reply=True)


@pytest.fixture
def threads(store: Store, clock: Clock) -> Threads:
    return Threads(store, clock)


async def test_a_reply_sees_what_was_said_and_what_it_was_taken_for(threads: Threads) -> None:
    await threads.keep(ASKED, DEV, STATUS)
    assert await threads.earlier(reply(2)) == (
        Turn(who="dev", text="is checkout ok?"),
        Turn(
            who=BOT, text="", skill="status", params={"service": "checkout"}, candidates={"environment": ("staging",)}
        ),
    )
    assert await threads.earlier(replace(reply(2), thread="2.0")) == ()
    assert await threads.earlier(replace(reply(2), channel="C2")) == ()


async def test_what_is_dealt_with_again_does_not_see_itself_and_is_kept_once(threads: Threads) -> None:
    await threads.keep(ASKED, DEV, STATUS)
    before = await threads.earlier(reply(2))
    await threads.keep(reply(2), DEV, STATUS)
    await threads.keep(reply(2), DEV, STATUS)
    assert await threads.earlier(reply(2)) == before
    assert len(await threads.earlier(reply(3))) == 4


async def test_of_a_long_thread_the_end_is_kept(threads: Threads) -> None:
    for number in range(60):
        await threads.keep(reply(number, f"number {number}"), DEV, NOTHING)
    kept = [turn.text for turn in await threads.earlier(reply(1000)) if turn.who == "dev"]
    assert kept == [f"number {number}" for number in range(60 - MOST, 60)]


async def test_no_secret_is_kept_and_nothing_endless(threads: Threads) -> None:
    await threads.keep(reply(1, f"use password=hunter2 {'x' * 20_000}"), DEV, NOTHING)
    said, _ = await threads.earlier(reply(2))
    assert said.text.startswith("use password=(redacted) xxx")
    assert len(said.text) == 500


async def test_a_thread_is_forgotten(threads: Threads, clock: Clock) -> None:
    await threads.keep(ASKED, DEV, STATUS)
    clock.now += LASTS + timedelta(seconds=1)
    assert await threads.earlier(reply(2)) == ()


async def test_a_slash_command_has_no_thread_and_a_new_message_begins_one(threads: Threads) -> None:
    await threads.keep(replace(ASKED, thread="", kind="command"), DEV, STATUS)
    await threads.keep(ASKED, DEV, STATUS)
    assert await threads.earlier(replace(ASKED, thread="", kind="command")) == ()
    assert await threads.earlier(replace(ASKED, key="event:9", thread="9.0")) == ()
