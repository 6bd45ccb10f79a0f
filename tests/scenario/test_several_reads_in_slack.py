"""A question that needs several reads, asked in Slack: reports in one message, a model's words in another, and votes on those."""

import asyncio
from pathlib import Path

from langchain_core.messages import AIMessage

from bot.usecases.door import Door
from bot.usecases.limits import Limits
from tests.support.agents import BOTH, COMPARED, Saying, agent, calls, says
from tests.support.models import Scripted, calling, interpreter
from tests.support.scanner import Scanner
from tests.support.slack import DEV, buttons, words_of
from tests.support.slack_office import scene

WORDS = "Both run **v41**, see [this](https://evil.example/x).\n# Approved\n<!channel> nothing differs between them."
CLEAN = "Both run v41, see (this).\nApproved\n nothing differs between them."


def explaining(*answers: AIMessage | Exception):  # type: ignore[no-untyped-def]
    """The same door, with a model that reads and says this."""

    def made(behind: Door) -> Door:
        return Door(
            skills=behind.skills, catalog=behind.catalog, policy=behind.policy, store=behind.store, interpreter=behind._interpreter,
            limits=Limits(), clock=behind._propose._clock, reader=interpreter(Scripted(calling(*((r.skill, r.params) for r in BOTH)))),
            explainer=agent(Saying(*answers)),
        )  # fmt: skip

    return made


async def test_reports_and_words_come_in_two_messages_and_votes_go_to_the_words(
    tmp_path: Path, scanner: Scanner
) -> None:
    async with scene(tmp_path, door=explaining(says(WORDS))) as told:
        await told.slack.mention(DEV, COMPARED)
        words = await told.slack.wait_for(lambda m: "nothing differs" in words_of(m))
        reports = await told.slack.wait_for(lambda m: "I asked status checkout in staging" in words_of(m))
        assert words["ts"] != reports["ts"]
        assert "Status of checkout in staging" in words_of(reports)
        assert "Status of checkout in production" in words_of(reports)
        assert [block["type"] for block in words["blocks"]] == ["context", "rich_text", "context_actions"]
        assert words_of(words["blocks"][0]).startswith("Written by a model. ")
        assert "evil" not in words_of(words)
        assert buttons(words) == buttons(reports) == []
        await told.slack.vote(DEV, words, "negative_button")
        async with asyncio.timeout(10):
            while [each.text for each in await told.bot.world.store.votes.latest()] != [COMPARED]:
                await asyncio.sleep(0.03)
        assert await told.bot.world.store.open() == ()
    assert scanner.seen > 3


async def test_trouble_on_the_way_is_one_message_with_everything_that_was_read(tmp_path: Path) -> None:
    door = explaining(calls(("history", {"service": "checkout"})), RuntimeError())
    async with scene(tmp_path, door=door) as told:
        await told.slack.mention(DEV, COMPARED)
        answer = await told.slack.wait_for(
            lambda m: "The model's answer made no sense; here is what was read." in words_of(m)
        )
        assert "History of checkout" in words_of(answer)
        assert answer["blocks"][-1]["type"] == "context_actions"
        assert len(await told.slack.from_bot()) == 1
