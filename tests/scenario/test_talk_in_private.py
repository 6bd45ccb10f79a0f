"""Alone with the bot nobody has to be mentioned, and what was said before is what “it” means."""

from pathlib import Path

from tests.support.slack import DEV, GENERAL, buttons, words_of
from tests.support.slack_office import scene


async def test_a_conversation_goes_on_without_a_thread(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        channel = await told.slack.direct(DEV)
        await told.slack.say(DEV, "how is checkout doing in production?", channel=channel)
        report = await told.slack.wait_for(lambda m: "checkout runs v41 in production" in words_of(m), channel=channel)
        assert "Not right? Say, for example, “no, payments-api”." in words_of(report)
        await told.slack.say(DEV, "and staging?", channel=channel)
        await told.slack.wait_for(lambda m: "checkout runs v41 in staging" in words_of(m), channel=channel)


async def test_a_reply_goes_on_with_its_own_thread(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        channel = await told.slack.direct(DEV)
        first = await told.slack.say(DEV, "how is checkout doing in production?", channel=channel)
        await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m), channel=channel)
        await told.slack.say(DEV, "how is web doing in production?", channel=channel)
        await told.slack.wait_for(lambda m: "web runs v41" in words_of(m), channel=channel)
        await told.slack.say(DEV, "and staging?", channel=channel, thread=first)
        again = await told.slack.wait_for(lambda m: "v41 in staging" in words_of(m), channel=channel)
        assert "checkout runs v41 in staging" in words_of(again)


async def test_what_was_said_in_private_is_not_known_in_a_channel(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        channel = await told.slack.direct(DEV)
        await told.slack.say(DEV, "how is checkout doing in production?", channel=channel)
        await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m), channel=channel)
        await told.slack.mention(DEV, "please roll it back")
        await told.slack.wait_for(lambda m: "Which service?" in words_of(m), channel=GENERAL)
        assert await told.bot.world.store.proposals() == ()


async def test_talk_in_private_gets_one_honest_sentence(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        channel = await told.slack.direct(DEV)
        await told.slack.say(DEV, "rolled back the deploy, watching", channel=channel)
        answer = await told.slack.wait_for(lambda m: "not a request" in words_of(m), channel=channel)
        assert "Say “help” to see what can be asked." in words_of(answer)
        assert buttons(answer) == []


async def test_more_choices_than_buttons_are_a_menu(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        channel = await told.slack.direct(DEV)
        typed = "could you please double it"
        await told.slack.say(DEV, typed, channel=channel)
        question = await told.slack.wait_for(lambda m: "Which service?" in words_of(m), channel=channel)
        assert f"You typed: “{typed}”" in words_of(question)
        (menu,) = buttons(question)
        assert (menu["type"], len(menu["options"]) > 5) == ("static_select", True)
        await told.slack.choose(DEV, question, "scale search by x2 in production")
        card = await told.slack.wait_for(lambda m: "#1 Scale search" in words_of(m), channel=channel)
        assert f"asked in words: «{typed} → scale search by x2 in production»" in words_of(card)
