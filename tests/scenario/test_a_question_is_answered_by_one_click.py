"""A misspelt service: the nearest names are offered, and one click goes on."""

from pathlib import Path

from tests.support.slack import DEV, SRE, buttons, words_of
from tests.support.slack_office import scene


async def test_one_click_goes_on_as_the_person_who_was_asked(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        asked = await told.slack.mention(DEV, "deploy chekout v42 to production")
        question = await told.slack.wait_for(lambda m: "You typed: “deploy chekout v42 to production”" in words_of(m))
        assert question["thread_ts"] == asked
        offered = [button["text"]["text"] for button in buttons(question)]
        assert "deploy checkout v42 to production" in offered
        assert all(len(button["value"]) < 30 for button in buttons(question))

        await told.slack.press(SRE, question, "deploy checkout v42 to production")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == SRE)
        assert "That question was for somebody else." in words_of(no)

        await told.slack.press(DEV, question, "deploy checkout v42 to production")
        await told.slack.press(DEV, question, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "#1 Deploy checkout v42 to production" in words_of(m))
        assert card["thread_ts"] == asked
        answered = await told.slack.wait_for(lambda m: m["ts"] == question["ts"] and not buttons(m))
        assert "→ `deploy checkout v42 to production`" in words_of(answered)
        assert len(await told.bot.world.store.open()) == 1


async def test_a_slash_command_is_completed_too(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.command(DEV, "/deploy", "chekout v42 to production")
        question = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert "You typed: “/deploy chekout v42 to production”" in words_of(question)
        label = next(b["text"]["text"] for b in buttons(question) if "checkout v42" in b["text"]["text"])

        await told.slack.press(DEV, question, label)
        await told.slack.wait_for(lambda m: "#1 Deploy checkout v42 to production" in words_of(m))
