"""Talking to the bot alone."""

from pathlib import Path

from tests.support.slack import DEV, SRE, words_of
from tests.support.slack_office import scene


async def test_a_direct_message_is_answered_in_its_thread(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        channel = await told.slack.direct(DEV)
        asked = await told.slack.say(DEV, "status checkout", channel=channel)
        answer = await told.slack.wait_for(lambda m: "v41" in words_of(m), channel=channel)
        assert answer["thread_ts"] == asked


async def test_a_proposal_can_be_made_in_private_and_approved_in_words(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        dev, sre = await told.slack.direct(DEV), await told.slack.direct(SRE)
        await told.slack.say(DEV, "deploy checkout v42 to production", channel=dev)
        await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m), channel=dev)
        await told.slack.say(SRE, "approve 1", channel=sre)
        await told.slack.wait_for(lambda m: "#1 Deploy checkout v42" in words_of(m), channel=sre)
        await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m), channel=dev)
