"""What Slack does on bad days: says everything twice, asks for fewer calls, loses answers, drops sockets, forgets us."""

import asyncio
import logging
from pathlib import Path

import pytest

from tests.support.slack import APP_TOKEN, BOT_TOKEN, DEV, GENERAL, LEAD, SRE, buttons, local_slack, words_of
from tests.support.slack_office import bot, scene
from tests.support.slack_strict import strict_slack


async def test_every_delivery_twice_changes_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        told.strict.faults.duplicates = 2
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        await told.slack.press(SRE, card, "Approve")
        await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))

        assert len(told.strict.made("chat.postMessage")) == 2
        assert len(await told.bot.world.store.proposals()) == 1
        assert not [m for m in await told.slack.from_bot() if m.get("ephemeral_to")]


async def test_a_limit_is_waited_out(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        told.strict.faults.limited = {"chat.postMessage": 1, "chat.update": 1}
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        await told.slack.press(SRE, card, "Approve")
        await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))
        assert len(told.strict.made("chat.postMessage")) == 2


async def test_a_post_whose_answer_was_lost_is_found_and_not_repeated(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        told.strict.faults.lost = {"chat.postMessage": 1}
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        await told.slack.press(SRE, card, "Approve")
        await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))

        assert len([m for m in await told.slack.from_bot() if "Risk" in words_of(m)]) == 1


async def test_sockets_that_drop_are_opened_again(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.strict.drop_sockets()
        async with asyncio.timeout(10):
            while len(told.strict.made("apps.connections.open")) < 2:
                await asyncio.sleep(0.05)
        await told.bot.ready()
        await told.slack.mention(DEV, "status checkout")
        await told.slack.wait_for(lambda m: "v41" in words_of(m))


async def test_a_bot_outside_of_the_channel_says_so_and_loses_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        told.strict.faults.errors = {"chat.postMessage": "not_in_channel"}
        await told.slack.command(DEV, "/deploy", "checkout v42 to production")
        note = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert "I am not in this channel" in words_of(note)
        assert "You typed: “/deploy checkout v42 to production”" in words_of(note)

        told.strict.faults.errors = {}
        await told.slack.press(DEV, note, "Post the card now")
        card = await told.slack.wait_for(lambda m: "May approve" in words_of(m))
        assert "Approve" in [button["text"]["text"] for button in buttons(card)]


async def test_a_window_that_comes_too_late_is_explained(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        told.strict.faults.errors = {"views.open": "expired_trigger_id"}
        await told.slack.press(SRE, card, "Reject…")
        note = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == SRE)
        assert "Slack's three seconds to open a window were over. Press the button again." in words_of(note)


async def test_an_account_that_slack_calls_a_guest_may_not_approve(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        told.strict.faults.users = {SRE: {"is_restricted": True}, LEAD: {"team_id": "T0OTHER"}}
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        await told.slack.press(SRE, card, "Approve")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == SRE)
        assert "SRE's Slack account U02SRE is a guest's" in words_of(no)
        await told.slack.press(LEAD, card, "Approve")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == LEAD)
        assert "belongs to another workspace" in words_of(no)
        assert (await told.proposal(1)).approvals == ()


async def test_without_word_from_slack_reading_goes_on_and_changes_do_not(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        told.strict.faults.errors = {"users.info": "internal_error"}
        await told.slack.mention(DEV, "status checkout")
        await told.slack.wait_for(lambda m: "v41" in words_of(m))
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        no = await told.slack.wait_for(lambda m: "nothing is changed" in words_of(m))
        assert "You typed: “deploy checkout v42 to production”" in words_of(no)
        assert await told.bot.world.store.proposals() == ()


async def test_a_restart_in_the_middle_loses_nothing_and_repeats_nothing(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        await told.bot.die()
        decided = await told.bot.world.door.request(
            told.bot.world.actor("sre"), "approve 1", origin=told.elsewhere, key="cli-1"
        )
        assert decided.text.startswith("#1 Deploy checkout v42")

        async with bot(told.data, told.strict.url) as again:
            await again.ready()
            done = await told.slack.wait_for(lambda m: m["ts"] == card["ts"] and "✅ #1" in words_of(m))
            assert "SRE at" in words_of(done)
            await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))
        finals = [m for m in await told.slack.from_bot(GENERAL) if f"<@{DEV}>" in words_of(m)]
        assert len(finals) == 1


async def test_a_wrong_token_is_told_by_health_and_mended_without_a_restart(tmp_path: Path) -> None:
    async with local_slack(tmp_path) as slack, strict_slack(slack.url) as strict:
        strict.faults.errors = {"auth.test": "invalid_auth"}
        async with bot(tmp_path / "data", strict.url) as process:
            async with asyncio.timeout(10):
                while "token" not in str(process.edge.health()["text"]):
                    await asyncio.sleep(0.02)
            assert process.edge.health() == {
                "ok": False,
                "text": "Slack does not accept the bot's token. Check SLACK_BOT_TOKEN and the app's scopes.",
            }
            strict.faults.errors = {}
            await process.ready()
            assert process.edge.health()["text"] == "connected to workspace T01TEST by socket"


async def test_neither_tokens_nor_what_people_type_reach_the_log(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, capfd: pytest.CaptureFixture[str]
) -> None:
    caplog.set_level(logging.INFO)
    async with scene(tmp_path) as told:
        told.strict.faults.errors = {"users.info": "internal_error"}
        await told.slack.mention(DEV, "deploy checkout v42 to production because of a strange reason")
        await told.slack.wait_for(lambda m: "nothing is changed" in words_of(m))
        told.strict.faults.errors = {}
        await told.slack.command(DEV, "/ops", "status checkout strange reason")
        await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
    logged = caplog.text + "".join(capfd.readouterr())
    assert "slack knows us" in logged
    assert "strange reason" not in logged
    assert BOT_TOKEN not in logged
    assert APP_TOKEN not in logged


async def test_after_an_outage_the_last_state_is_shown_without_a_burst(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "deploy checkout v42 to production")
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        told.strict.faults.down = True
        world = told.bot.world
        await world.door.request(world.actor("sre"), "approve 1", origin=told.elsewhere, key="cli-1")
        async with asyncio.timeout(20):
            while not (await told.proposal(1)).status.settled:
                await asyncio.sleep(0.05)
        assert "⏳ #1" in words_of(await told.slack.wait_for(lambda m: m["ts"] == card["ts"]))

        before = len(told.strict.calls)
        told.strict.faults.down = False
        await told.slack.wait_for(lambda m: m["ts"] == card["ts"] and "✅ #1" in words_of(m))
        await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m))
        made = [
            call.method for call in told.strict.calls[before:] if call.method.startswith("chat.") and not call.error
        ]
        assert made.count("chat.postMessage") == 1
        assert made.count("chat.update") <= 2
