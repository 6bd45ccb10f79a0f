"""While an answer takes its time: what people see of it, how they stop it, and what is left when something breaks."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bot.slack.deliveries import STOPPED
from bot.slack.thinking import Delays
from bot.usecases.door import Door
from tests.support.slack import DEV, GENERAL, SRE, TEAM, buttons, words_of
from tests.support.slack_office import Bot, Scene, bot, scene
from tests.support.thinkers import MODEL, Thinker

SOON = Delays(at_once=0.05, stoppable=0.1, between=0.05)
PIECES = (
    "checkout runs v41 ",
    "since yesterday. ",
    "Its error rate ",
    "is what it was, as far as the ",
    "reports tell.",
)
WHOLE = "".join(PIECES)
START, APPEND, STOP_STREAM = "chat.startStream", "chat.appendStream", "chat.stopStream"
SESSION, STATUS = "agents.sessions.setStatus", "assistant.threads.setStatus"


class Thinkers:
    """A thinker for each bot; `last` is the last one's."""

    def __init__(self) -> None:
        self.last: Thinker

    def __call__(self, door: Door) -> Door:
        self.last = Thinker(PIECES)
        return self.last.behind(door)


async def until(what: Callable[[], Any], seconds: float = 10.0) -> None:
    async with asyncio.timeout(seconds):
        while not what():
            await asyncio.sleep(0.02)


async def stand_in(told: Scene, channel: str = GENERAL) -> dict[str, Any]:
    """What stands in for the answer, once it can be stopped."""
    return await told.slack.wait_for(lambda m: any(b["action_id"] == "stop" for b in buttons(m)), channel=channel)


async def only(told: Scene, *wanted: str, channel: str = GENERAL) -> list[dict[str, Any]]:
    """The bot's messages, once they are exactly those that contain these words, in this order."""
    async with asyncio.timeout(10):
        while True:
            found = await told.slack.from_bot(channel)
            if len(found) == len(wanted) and all(w in words_of(m) for w, m in zip(wanted, found, strict=True)):
                return found
            await asyncio.sleep(0.03)


async def pressed(process: Bot, name: str) -> None:
    """Slack tells this process that somebody pressed Stop; to which of several it goes is Slack's choice."""
    key = f"button:{name}"
    body = {"user": DEV, "channel": GENERAL, "thread": "", "action": "stop", "value": name, "team": TEAM}
    await process.world.store.inbox.put(key, STOPPED, body)
    process.edge._worker.wake(STOPPED)


async def test_prose_streams_and_ends_as_the_whole_in_its_own_message(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.mention(DEV, "explain checkout")
        standing = await stand_in(told)
        assert "⏳ asking status checkout…" in words_of(standing)
        thinkers.last.let_pass(1)
        growing = await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        assert f"{MODEL} is writing" not in words_of(standing)
        assert "they are not finished" in words_of(growing)
        thinkers.last.let_pass(3)
        await told.slack.wait_for(lambda m: "is what it was" in words_of(m))
        thinkers.last.let_pass()

        answer, prose = await only(told, "I asked status checkout.", WHOLE)
        assert (answer["ts"], prose["ts"]) == (standing["ts"], growing["ts"])
        assert f"Written by {MODEL}. Nobody has checked these words:" in words_of(prose)
        assert "finished" not in words_of(prose)
        assert buttons(answer) == buttons(prose) == []
        (started,) = told.strict.made(START)
        assert (started.arguments["recipient_team_id"], started.arguments["recipient_user_id"]) == (TEAM, DEV)
        assert len(told.strict.made(APPEND)) <= 3
        assert len(told.strict.made(STOP_STREAM)) == 1


async def test_without_streaming_the_message_is_updated_and_nobody_tries_again(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        told.strict.faults.errors = {START: "unknown_method"}
        await told.slack.mention(DEV, "explain checkout")
        await stand_in(told)
        thinkers.last.let_pass(2)
        growing = await told.slack.wait_for(lambda m: "since yesterday." in words_of(m))
        assert "they are not finished" in words_of(growing)
        thinkers.last.let_pass()
        _, prose = await only(told, "I asked status checkout.", WHOLE)
        assert prose["ts"] == growing["ts"]

        await told.slack.mention(DEV, "explain checkout again")
        await only(told, "I asked", WHOLE, "I asked", WHOLE)
        assert len([call for call in told.strict.calls if call.method == START]) == 1


async def test_a_limit_on_streams_means_updates(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        told.strict.faults.limited = {START: 1}
        await told.slack.mention(DEV, "explain checkout")
        await stand_in(told)
        thinkers.last.let_pass(2)
        await told.slack.wait_for(lambda m: "since yesterday." in words_of(m))
        thinkers.last.let_pass()
        await only(told, "I asked status checkout.", WHOLE)
        assert told.strict.made(START) == []


@pytest.mark.parametrize(
    "trouble",
    [
        {"errors": {APPEND: "message_not_in_streaming_state"}},
        {"errors": {APPEND: "internal_error"}},
        {"limited": {APPEND: 1}},
        {"limited": {APPEND: 1, STOP_STREAM: 1}},
        {"lost": {APPEND: 1}},
    ],
    ids=str,
)
async def test_a_stream_that_breaks_off_goes_on_as_updates(tmp_path: Path, trouble: dict[str, Any]) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        for what, how in trouble.items():
            setattr(told.strict.faults, what, how)
        await told.slack.mention(DEV, "explain checkout")
        await stand_in(told)
        thinkers.last.let_pass(1)
        await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        thinkers.last.let_pass(1)
        await told.slack.wait_for(lambda m: "since yesterday." in words_of(m))
        thinkers.last.let_pass()
        await only(told, "I asked status checkout.", WHOLE)


async def test_a_stream_whose_beginning_was_lost_is_found(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        told.strict.faults.lost = {START: 1}
        await told.slack.mention(DEV, "explain checkout")
        await stand_in(told)
        thinkers.last.let_pass(1)
        await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        thinkers.last.let_pass()
        await only(told, "I asked status checkout.", WHOLE)


async def test_whoever_asked_can_stop_it(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.mention(DEV, "explain checkout")
        standing = await stand_in(told)
        thinkers.last.let_pass(1)
        await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        await told.slack.press(DEV, standing, "Stop")
        answer, prose = await only(told, "⏹ Stopped, as you asked. Nothing was changed.", "⏹ Unfinished")
        assert "checkout runs v41" in words_of(prose)
        assert "they are not finished" not in words_of(prose)
        assert buttons(answer) == buttons(prose) == []

        await told.slack.press(DEV, standing, "Stop")
        over = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert "There is nothing to stop any more: that is answered." in words_of(over)


async def test_nobody_else_can_stop_it(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.mention(DEV, "explain checkout")
        standing = await stand_in(told)
        await told.slack.press(SRE, standing, "Stop")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == SRE)
        assert "Only whoever asked can stop this. Nothing was stopped." in words_of(no)
        thinkers.last.let_pass()
        await told.slack.wait_for(lambda m: WHOLE in words_of(m))


async def test_after_a_crash_in_the_middle_there_is_one_answer(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.mention(DEV, "explain checkout")
        standing = await stand_in(told)
        thinkers.last.let_pass(1)
        growing = await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        # Nothing that the dying process might still say arrives.
        told.strict.faults.down = True
        await told.bot.die()
        left = await told.slack.from_bot()
        assert "they are not finished" in words_of(left[1])

        told.strict.faults.down = False
        async with bot(told.data, told.strict.url, door=thinkers, delays=SOON) as again:
            await again.ready()
            await until(lambda: thinkers.last.asked == 1, 20)
            thinkers.last.let_pass()
            answer, prose = await only(told, "I asked status checkout.", WHOLE)
        assert (answer["ts"], prose["ts"]) == (standing["ts"], growing["ts"])


async def test_a_stop_before_a_crash_is_heard_after_it(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.mention(DEV, "explain checkout")
        standing = await stand_in(told)
        told.strict.faults.down = True
        await pressed(told.bot, buttons(standing)[0]["value"])
        await told.bot.die()
        told.strict.faults.down = False
        async with bot(told.data, told.strict.url, door=thinkers, delays=SOON) as again:
            await again.ready()
            await only(told, "⏹ Stopped, as you asked.")


async def test_a_shutdown_takes_away_what_only_stood_in(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.mention(DEV, "explain checkout")
        await stand_in(told)
        thinkers.last.let_pass(1)
        await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        await told.bot.die()
        assert await told.slack.from_bot() == []


async def test_what_is_answered_at_once_shows_nothing_else(tmp_path: Path) -> None:
    async with scene(tmp_path, door=Thinkers()) as told:
        await told.slack.mention(DEV, "status checkout")
        await told.slack.wait_for(lambda m: "v41" in words_of(m))
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        await told.slack.wait_for(lambda m: "May approve" in words_of(m))
        assert len(await told.slack.from_bot()) == 2
        assert not [call for call in told.strict.calls if call.method in (START, STATUS, SESSION, "chat.delete")]


async def test_in_private_slack_says_what_is_done_and_has_a_button_of_its_own(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        channel = await told.slack.direct(DEV)
        thread = await told.slack.say(DEV, "explain checkout", channel=channel)
        await until(lambda: told.strict.streams.sessions.get((channel, thread)) == "processing")
        assert told.strict.made(STATUS)[0].arguments["status"] == "is asking status checkout…"
        assert await told.slack.from_bot(channel) == []
        thinkers.last.let_pass(1)
        await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m), channel=channel)
        await told.strict.press_slacks_stop(DEV, channel, thread)
        prose, _ = await only(told, "⏹ Unfinished", "⏹ Stopped, as you asked.", channel=channel)
        assert "checkout runs v41" in words_of(prose)
        await until(lambda: told.strict.streams.sessions[channel, thread] == "active")


async def test_in_private_our_button_stands_in_for_slacks(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        told.strict.faults.errors = {SESSION: "unknown_method", STATUS: "missing_scope"}
        channel = await told.slack.direct(DEV)
        await told.slack.say(DEV, "explain checkout", channel=channel)
        standing = await stand_in(told, channel)
        await told.slack.press(DEV, standing, "Stop")
        await only(told, "⏹ Stopped, as you asked.", channel=channel)


async def test_a_slash_command_is_stopped_by_whoever_typed_it(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.command(DEV, "/ops", "explain checkout")
        standing = await stand_in(told)
        assert standing.get("ephemeral_to") == DEV
        assert "⏳ the answer takes a moment, and comes here…" in words_of(standing)
        await told.slack.press(DEV, standing, "Stop")
        await told.slack.wait_for(lambda m: "⏹ Stopped, as you asked." in words_of(m))


async def test_a_stop_is_heard_by_the_other_replica(tmp_path: Path) -> None:
    thinkers = Thinkers()
    async with scene(tmp_path, door=thinkers, delays=SOON) as told:
        await told.slack.mention(DEV, "explain checkout")
        standing = await stand_in(told)
        async with bot(told.data, told.strict.url, door=Thinkers(), delays=SOON, runs=False) as other:
            await other.ready()
            await pressed(other, buttons(standing)[0]["value"])
            await only(told, "⏹ Stopped, as you asked.")
