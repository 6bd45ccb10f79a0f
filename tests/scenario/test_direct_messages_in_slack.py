"""Talking to the bot alone."""

from pathlib import Path

from tests.support.slack import BOT, DEV, words_of
from tests.support.slack_office import scene


async def test_a_direct_message_is_answered_in_its_thread(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.say(DEV, "status checkout", channel=BOT)
        channel = next(c["id"] for c in await told.slack.channels() if c["is_im"] and DEV in c["members"])
        answer = await told.slack.wait_for(lambda m: "v41" in words_of(m), channel=channel)
        asked = next(m for m in await told.slack.messages(channel) if m["user"] == DEV)
        assert answer["thread_ts"] == asked["ts"]
