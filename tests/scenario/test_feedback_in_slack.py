"""Whoever gets an answer to a sentence can say what it was worth, and an administrator can read that."""

import asyncio
import json
import sys
from pathlib import Path

from tests.support.slack import DEV, GUEST, NOBODY, SRE, words_of
from tests.support.slack_office import scene


async def countersign(*words: str) -> str:
    """What the command line prints, in a process of its own."""
    program = "import sys; from bot.cli.main import main; sys.exit(main())"
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-c", program, *words, stdout=asyncio.subprocess.PIPE
    )
    out, _ = await process.communicate()
    assert process.returncode == 0
    return out.decode()


async def test_a_vote_is_stored_and_listed(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "is checkout ok in production? token=hunter2")
        report = await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        await told.slack.vote(DEV, report, "negative_button")
        thanks = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert words_of(thanks["blocks"]) == "Thank you; that is noted."
        await told.slack.vote(SRE, report, "negative_button")
        await told.slack.wait_for(lambda m: m.get("ephemeral_to") == SRE)
        await told.slack.vote(DEV, report, "positive_button")
        async with asyncio.timeout(10):
            while [v.vote for v in await told.bot.world.store.votes.latest()] != ["helpful", "unhelpful"]:
                await asyncio.sleep(0.02)

        where = ["--config", str(tmp_path / "config"), "--data", str(told.data)]
        listed = await countersign(*where, "feedback")
        newest = json.loads(await countersign(*where, "feedback", "--json", "--limit", "1"))
    assert "1 of 2 answers were helpful." in listed
    assert "status" in listed
    assert (newest["subject"], newest["vote"], newest["skill"]) == ("dev", "helpful", "status")
    assert newest["text"] == "is checkout ok in production? token=(redacted)"


async def test_a_question_back_can_be_voted_on_and_a_card_cannot(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "could you please double checkout")
        question = await told.slack.wait_for(lambda m: "In which environment?" in words_of(m))
        await told.slack.vote(DEV, question, "positive_button")
        await told.slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        vote, *_ = await told.bot.world.store.votes.latest()
        assert (vote.text, vote.skill) == ("could you please double checkout", "scale")
        await told.slack.press(DEV, question, "scale checkout by x2 in production")
        card = await told.slack.wait_for(lambda m: "#1 Scale checkout" in words_of(m))
        assert all(block["type"] != "context_actions" for block in card["blocks"])


async def test_somebody_nobody_knows_has_no_vote_and_an_invented_value_is_none(tmp_path: Path) -> None:
    async with scene(tmp_path) as told:
        await told.slack.mention(DEV, "is checkout ok in production?")
        report = await told.slack.wait_for(lambda m: "checkout runs v41" in words_of(m))
        await told.slack.vote(NOBODY, report, "negative_button")
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == NOBODY)
        assert "I do not know you here." in words_of(no)
        await told.slack.interact(GUEST, report, {"action_id": "feedback", "value": "invented.helpful"})
        no = await told.slack.wait_for(lambda m: m.get("ephemeral_to") == GUEST)
        assert "That answer is too old to be voted on." in words_of(no)
        assert await told.bot.world.store.votes.latest() == []
