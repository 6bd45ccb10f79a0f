"""Two processes of the bot, and a Slack that delivers everything to both."""

from pathlib import Path

from tests.support.slack import DEV, SRE, words_of
from tests.support.slack_office import bot, scene


async def test_together_they_say_and_do_everything_once(tmp_path: Path) -> None:
    async with scene(tmp_path) as told, bot(told.data, told.strict.url, runs=False) as second:
        await second.ready()
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        await told.slack.press(SRE, card, "Approve")
        await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))
        await told.slack.wait_for(lambda m: m["ts"] == card["ts"] and "✅ #1" in words_of(m))

        assert len(await told.slack.from_bot()) == 2
        assert len(await told.bot.world.store.proposals()) == 1
