"""A call in Slack: a direct message with a button, posted once, however often somebody looks."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.slack.client import Slack
from bot.slack.notices import Notices
from bot.slack.outbox import Outbox
from bot.slack.pace import Pace
from tests.support.slack_rooms import SlackWithRooms, slack_with_rooms
from tests.support.worlds import Office, open_office

USERS = {"U01DEV": "", "U02SRE": "", "U03LEAD": ""}


@pytest.fixture
async def office(tmp_path: Path) -> AsyncIterator[Office]:
    async with open_office(tmp_path) as office:
        yield office


@pytest.fixture
async def slack() -> AsyncIterator[SlackWithRooms]:
    async with slack_with_rooms(dict(USERS)) as slack:
        yield slack


async def tell(office: Office, slack: SlackWithRooms) -> None:
    """As a process does that has only just begun."""
    web = AsyncWebClient(token="xoxb-test", base_url=f"http://127.0.0.1:{slack.port}/api/", retry_handlers=[])
    client = Slack(web, pace=Pace(now=lambda: 0.0), sleep=_at_once)
    await client.auth_test()
    store = office.world.store
    outbox = Outbox(client, store.messages, now=lambda: 0.0, patience=0.0)
    channels = {"on-call": "C0ONCALL"}
    await Notices(store, office.world.catalog, outbox, channels, clock=office.time, urgent=True, between=0.0, sleep=_at_once).catch_up()  # fmt: skip


async def _at_once(_seconds: float) -> None:
    return None


async def test_whoever_is_called_gets_one_message_with_a_button_that_carries_only_a_name(
    office: Office, slack: SlackWithRooms
) -> None:
    await office.say("dev", "page sre because the node is full")
    await tell(office, slack)
    await tell(office, slack)
    (message,) = slack.messages["U02SRE"]
    assert message["text"].startswith("Page 1: Developer calls you: the node is full.")
    (button,) = [block["accessory"] for block in message["blocks"] if "accessory" in block]
    assert button["text"]["text"] == "ack 1"
    kept = await office.world.store.recall(f"slack-offer:{button['value'].split('.')[0]}")
    assert kept is not None
    assert kept["texts"] == ["ack 1"]
