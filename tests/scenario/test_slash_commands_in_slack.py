"""Slash commands: answers for the asker alone, cards for everybody."""

from pathlib import Path

from tests.support.slack import DEPLOYS, DEV, GUEST, NOBODY, SRE, words_of
from tests.support.slack_office import scene


async def test_queries_are_answered_to_the_asker_alone(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.command(DEV, "/ops", "status checkout in production")
        answer = await told.slack.wait_for(lambda m: "checkout" in words_of(m))

        assert answer["ephemeral_to"] == DEV
        assert "v41" in words_of(answer)


async def test_a_skill_has_its_own_command_in_both_spellings(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.command(DEV, "/ops-status", "checkout")
        await told.slack.command(SRE, "/status", "checkout")

        await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV and "v41" in words_of(m))
        await told.slack.wait_for(lambda m: m.get("ephemeral_to") == SRE and "v41" in words_of(m))


async def test_a_proposal_is_shown_to_the_channel_and_can_be_rolled_back(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.command(DEV, "/deploy", "v42 of checkout in prod please", channel=DEPLOYS)
        card = await told.slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m), channel=DEPLOYS)
        assert "ephemeral_to" not in card
        assert "thread_ts" not in card
        assert "Developer asked: “/deploy v42 of checkout in prod please”" in words_of(card)

        await told.slack.press(SRE, card, "Approve")
        last = await told.slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m), channel=DEPLOYS)
        assert last["thread_ts"] == card["ts"]

        await told.slack.command(DEV, "/ops", "rollback checkout in production", channel=DEPLOYS)
        back = await told.slack.wait_for(lambda m: "#2" in words_of(m) and m["ts"] > last["ts"], channel=DEPLOYS)
        await told.slack.press(SRE, back, "Approve")
        await told.slack.wait_for(lambda m: "✅ #2" in words_of(m) and f"<@{DEV}>" in words_of(m), channel=DEPLOYS)


async def test_empty_free_command_shows_what_can_be_done(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.command(DEV, "/ops")
        answer = await told.slack.wait_for(lambda m: "deploy" in words_of(m))
        assert answer["ephemeral_to"] == DEV


async def test_guests_and_strangers_are_refused_with_what_they_typed(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.command(GUEST, "/deploy", "checkout v42 to production")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == GUEST)
        assert "guests cannot ask for this" in words_of(no)
        assert "You typed: “/deploy checkout v42 to production”" in words_of(no)

        await told.slack.command(NOBODY, "/ops", "status")
        who = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == NOBODY)
        assert (
            f"I do not know you here. Ask an administrator to link Slack account {NOBODY} to your name in people.yaml."
            in words_of(who)
        )
