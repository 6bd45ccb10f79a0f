"""“is thinking…”: only where it takes a while, only in private, and never in the way of an answer."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from bot.slack.asked import Asked
from bot.slack.client import Slack
from bot.slack.pace import Pace
from bot.slack.thinking import thinking
from tests.support.slack_wire import Wire, error, limited, wire

STATUS = "assistant.threads.setStatus"
ASKED = Asked(key="event:1", user="U1", channel="D1", team="T1", text="why?", typed="why?", thread="1.0", kind="direct")


@pytest.fixture
async def slack_wire() -> AsyncIterator[Wire]:
    async with wire() as made:
        yield made


@pytest.fixture
def slack(slack_wire: Wire) -> Slack:
    return Slack(slack_wire.client, pace=Pace(now=lambda: 0.0))


async def said(slack_wire: Wire) -> None:
    async with asyncio.timeout(5):
        while not slack_wire.calls:
            await asyncio.sleep(0.01)


async def test_slack_is_told_once_it_takes_a_while(slack: Slack, slack_wire: Wire) -> None:
    async with thinking(slack, ASKED, after=0.0):
        await said(slack_wire)
    assert slack_wire.methods() == [STATUS]


async def test_an_answer_at_once_needs_no_status(slack: Slack, slack_wire: Wire) -> None:
    async with thinking(slack, ASKED, after=60.0):
        await asyncio.sleep(0)
    assert slack_wire.calls == []


@pytest.mark.parametrize(
    "asked", [replace(ASKED, kind="channel"), replace(ASKED, kind="command"), replace(ASKED, thread="")]
)
async def test_in_a_channel_nobody_is_told(slack: Slack, slack_wire: Wire, asked: Asked) -> None:
    async with thinking(slack, asked, after=0.0):
        await asyncio.sleep(0.01)
    assert slack_wire.calls == []


@pytest.mark.parametrize("trouble", ["unknown_method", "missing_scope", "ratelimited", "cut", "429"])
async def test_a_slack_that_does_not_know_it_changes_nothing(slack: Slack, slack_wire: Wire, trouble: str) -> None:
    slack_wire.prepared[STATUS] = [{"cut": "cut", "429": limited("30")}.get(trouble, error(trouble))]
    async with thinking(slack, ASKED, after=0.0):
        await said(slack_wire)
        await asyncio.sleep(0.05)
    assert slack_wire.methods() == [STATUS]


async def test_a_bug_meanwhile_is_still_seen(slack: Slack) -> None:
    with pytest.raises(ZeroDivisionError):
        async with thinking(slack, ASKED, after=60.0):
            raise ZeroDivisionError
