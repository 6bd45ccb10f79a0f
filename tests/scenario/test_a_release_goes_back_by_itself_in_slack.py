"""The release crashes: the card shows the way back, and the last word says so."""

from pathlib import Path

from tests.support.slack import DEV, SRE, words_of
from tests.support.slack_office import scene


async def test_a_crashing_release_goes_back_and_says_why(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v43 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v43" in words_of(m))
        await told.slack.press(SRE, card, "Approve")

        last = await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))
        assert "❌ #1 Deploy checkout v43 to production (from v41): failed." in words_of(last)
        failed = await told.slack.wait_for(lambda m: m["ts"] == card["ts"] and "❌ #1" in words_of(m))
        assert "*Going back* checkout in production" in words_of(failed)
        assert [m for m in await told.slack.from_bot() if f"<@{DEV}>" in words_of(m)] == [last]
