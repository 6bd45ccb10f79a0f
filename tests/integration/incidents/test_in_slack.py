"""An incident in a workspace that is as strict as Slack: one channel, its people, what stands above it and in it, whoever looks after it."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.incidents import make_war_room
from bot.slack.boards import SlackBoards
from bot.slack.client import Slack
from bot.slack.outbox import Outbox
from bot.slack.pace import Pace
from bot.slack.rooms import SlackRooms
from skills.core.incident import IncidentId
from tests.support.slack_rooms import BOT, SlackWithRooms, slack_with_rooms
from tests.support.worlds import Office, open_office

USERS = {"U01DEV": "", "U02SRE": "", "U03LEAD": ""}


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The world, and the workspace that its incidents have their rooms in."""

    office: Office
    slack: SlackWithRooms

    async def look_after(self) -> None:
        """As a process does that has only just begun."""
        world = self.office.world
        web = AsyncWebClient(token="xoxb-test", base_url=f"http://127.0.0.1:{self.slack.port}/api/", retry_handlers=[])
        client = Slack(web, pace=Pace(now=lambda: 0.0), sleep=_at_once)
        await client.auth_test()
        outbox = Outbox(client, world.store.messages, now=lambda: 0.0, patience=0.0)
        war_room = make_war_room(
            world,
            rooms=SlackRooms(client, world.store.messages, world.catalog),
            boards=SlackBoards(client, outbox, world.store, world.catalog, world.clock),
        )
        for _ in range(4):
            await war_room()
            self.office.time.pass_by(seconds=6)

    def texts(self) -> list[str]:
        (channel,) = self.slack.channels
        return [message["text"] for message in self.slack.messages[channel]]


async def _at_once(_seconds: float) -> None:
    return None


@pytest.fixture
async def workspace(tmp_path: Path) -> AsyncIterator[Workspace]:
    async with open_office(tmp_path) as office, slack_with_rooms(dict(USERS)) as slack:
        yield Workspace(office=office, slack=slack)


async def test_a_declaration_opens_a_channel_with_its_people_its_card_and_the_first_facts(workspace: Workspace) -> None:
    await workspace.office.say("dev", "incident declare checkout returns 500s sev2")
    await workspace.look_after()
    ((channel, made),) = workspace.slack.channels.items()
    assert made["name"] == "inc-20261123-checkout-returns-500s"
    assert made["is_private"] is False
    assert made["topic"]["value"] == "sev2 · investigating · checkout returns 500s"
    assert "U01DEV" in workspace.slack.members[channel] - {BOT}
    assert len(workspace.slack.pins) == 1
    assert {text.split(":")[0] for text in workspace.texts()} == {
        "Incident #1",
        "Diagnosis of checkout",
        "History of checkout",
    }
    found = await workspace.office.world.store.incidents.incident(IncidentId(1))
    assert found
    assert found.room
    assert (found.room.id, found.room.name) == (channel, made["name"])


async def test_the_card_stays_one_message_and_the_topic_follows(workspace: Workspace) -> None:
    await workspace.office.say("dev", "incident declare checkout returns 500s sev2")
    await workspace.look_after()
    before = len(workspace.texts())
    await workspace.office.say("sre", "incident severity sev1")
    await workspace.office.say("sre", "incident role commander")
    await workspace.look_after()
    assert len(workspace.texts()) == before
    (made,) = workspace.slack.channels.values()
    assert made["topic"]["value"] == "sev1 · investigating · checkout returns 500s"
    assert "U02SRE" in next(iter(workspace.slack.members.values()))


async def test_a_confidential_one_has_a_private_channel_without_whoever_owns_the_service(workspace: Workspace) -> None:
    await workspace.office.say("lead", "incident declare checkout leaks cards, confidential, sev1")
    await workspace.look_after()
    ((channel, made),) = workspace.slack.channels.items()
    assert made["is_private"] is True
    assert workspace.slack.members[channel] - {BOT} == {"U03LEAD"}


async def test_a_workspace_that_does_not_let_the_bot_make_channels_is_said_in_the_time_line(
    workspace: Workspace,
) -> None:
    workspace.slack.errors["conversations.create"] = {"error": "restricted_action"}
    await workspace.office.say("dev", "incident declare checkout returns 500s sev2")
    await workspace.look_after()
    texts = [each.text for each in await workspace.office.world.store.incidents.entries(IncidentId(1))]
    assert (
        "Room: This workspace does not let the bot make a channel. An admin of the workspace has to allow it, or does it by hand."
        in texts
    )
    assert workspace.slack.channels == {}


async def test_a_title_of_signs_alone_still_has_a_channel(workspace: Workspace) -> None:
    await workspace.office.say("dev", "incident declare checkout 🔥🔥 «ö» " + "x" * 300 + " sev2")
    await workspace.look_after()
    (made,) = workspace.slack.channels.values()
    assert made["name"].startswith("inc-20261123-")
    assert len(made["name"]) <= 80
    assert made["name"].isascii()
