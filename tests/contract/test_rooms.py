"""What everything behind the ports `Rooms` and `Boards` promises. One suite for the twin and for the adapter on a workspace that is as strict as Slack."""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from slack_sdk.web.async_client import AsyncWebClient

from bot.bootstrap import utc_now
from bot.slack.boards import SlackBoards
from bot.slack.client import Slack
from bot.slack.outbox import Outbox
from bot.slack.pace import Pace
from bot.slack.rooms import SlackRooms, names_base
from bot.store import Database
from integrations.memory.rooms import MemoryRooms
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Person
from skills.core.errors import NotAllowed, Unavailable
from skills.core.names import EnvironmentName, Organization, Subject
from skills.core.ports.rooms import Boards, Bookmark, Room, Rooms, RoomWanted
from skills.core.report import Command, Report, Text
from tests.support.slack_rooms import BOT, SlackWithRooms, slack_with_rooms

ACME = Organization("acme")
DEV, SRE, GONE, GUEST = Subject("dev"), Subject("sre"), Subject("gone"), Subject("guest")
WANTED = RoomWanted(key="incident/17", name="inc-20261123-checkout-500s")
USERS = {"U01DEV": "", "U02SRE": "", "U05GONE": "user_disabled", "U04GUEST": "user_is_restricted"}


def catalog() -> Catalog:
    linked = {DEV: ("U01DEV",), SRE: ("U02SRE",), GONE: ("U05GONE",), GUEST: ("U04GUEST",)}
    people = tuple(
        Person(actor=Actor(subject=subject, name=subject, organization=ACME), slack=slack)
        for subject, slack in linked.items()
    )
    return Catalog(
        declared=(), environments=(Environment(name=EnvironmentName("production"), namespace="p"),), people=people
    )


@dataclass(kw_only=True)
class Chat:
    """A chat with rooms. `again` is what a process that has only just begun has of it; `double` is the workspace, where there is one."""

    rooms: Rooms
    boards: Boards
    double: SlackWithRooms | None = None
    memory: MemoryRooms | None = None

    def members(self, room: Room) -> set[str]:
        if self.double:
            return self.double.members[room.id] - {BOT}
        assert self.memory
        return {f"U0{number}{name.upper()}" for name, number in (("dev", 1), ("sre", 2)) if name in self.memory.rooms[room.id].members}  # fmt: skip


@pytest.fixture(params=["twin", "slack"])
async def chat(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Chat]:
    if request.param == "twin":
        memory = MemoryRooms({DEV, SRE}, taken={"inc-taken"})
        yield Chat(rooms=memory, boards=memory, memory=memory)
        return
    async with workspace(tmp_path) as found:
        found.double.add("inc-taken", creator="U09ELSE")
        yield found


class workspace:  # noqa: N801 - used like a function
    """The adapter in front of a workspace of its own."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    async def __aenter__(self) -> Chat:
        self._running = slack_with_rooms(dict(USERS))
        double = await self._running.__aenter__()
        self._database = await Database.open(f"sqlite+aiosqlite:///{self._folder / 'c.sqlite3'}", clock=utc_now)
        database = self._database
        web = AsyncWebClient(token="xoxb-test", base_url=f"http://127.0.0.1:{double.port}/api/", retry_handlers=[])
        slack = Slack(web, pace=Pace(now=lambda: 0.0), sleep=_at_once)
        await slack.auth_test()
        store, known = database.store(ACME), catalog()
        outbox = Outbox(slack, store.messages, now=lambda: 0.0)
        self.slack = slack
        self.messages = store.messages
        return Chat(
            rooms=SlackRooms(slack, store.messages, known),
            boards=SlackBoards(slack, outbox, store, known, database.clock),
            double=double,
        )

    async def __aexit__(self, *error: object) -> None:
        await self._database.close()
        await self._running.__aexit__(None, None, None)


async def _at_once(_seconds: float) -> None:
    return None


async def test_opening_the_same_room_twice_makes_one(chat: Chat) -> None:
    first = await chat.rooms.open(WANTED)
    assert await chat.rooms.open(WANTED) == first
    assert first.name == "inc-20261123-checkout-500s"


async def test_a_name_that_is_taken_gets_a_suffix(chat: Chat) -> None:
    room = await chat.rooms.open(RoomWanted(key="incident/1", name="inc-taken"))
    assert room.name == "inc-taken-2"
    assert await chat.rooms.open(RoomWanted(key="incident/1", name="inc-taken")) == room


async def test_two_rooms_that_would_be_called_the_same_are_two(chat: Chat) -> None:
    first = await chat.rooms.open(WANTED)
    second = await chat.rooms.open(RoomWanted(key="incident/18", name=WANTED.name))
    assert first.id != second.id
    assert second.name == f"{WANTED.name}-2"


async def test_people_are_brought_in_once_and_one_who_cannot_come_keeps_nobody_out(chat: Chat) -> None:
    room = await chat.rooms.open(WANTED)
    refused = await chat.rooms.invite(room, [DEV, GONE, SRE, Subject("nobody")])
    assert {each.subject for each in refused} == {GONE, Subject("nobody")}
    assert chat.members(room) == {"U01DEV", "U02SRE"}
    assert await chat.rooms.invite(room, [DEV, SRE]) == []


async def test_a_room_is_furnished_and_furnishing_again_changes_nothing(chat: Chat) -> None:
    room = await chat.rooms.open(WANTED)
    runbook = Bookmark(title="Runbook", url="https://wiki.example/checkout")
    assert await chat.rooms.furnish(room, topic="sev2 · investigating\n", bookmarks=[runbook]) == []
    assert await chat.rooms.furnish(room, topic="sev2 · investigating", bookmarks=[runbook]) == []
    if chat.double:
        assert chat.double.channels[room.id]["topic"]["value"] == "sev2 · investigating"
        assert len(chat.double.made("conversations.setTopic")) == len(chat.double.made("bookmarks.add")) == 1


async def test_a_message_under_one_key_is_one_and_stays_current(chat: Chat) -> None:
    room = await chat.rooms.open(WANTED)
    offer = Command(text="status checkout", does="Look at it")
    await chat.boards.put(room.id, "incident-card:17", Report(title="INC-17", summary="open", parts=(offer,)), pinned=True)  # fmt: skip
    await chat.boards.put(room.id, "incident-card:17", Report(title="INC-17", summary="mitigated"), pinned=True)
    if chat.double:
        (message,) = chat.double.messages[room.id]
        assert "mitigated" in str(message["blocks"])
        assert chat.double.pins == {(room.id, message["ts"])}


async def test_a_person_is_told_directly_and_a_stranger_is_refused(chat: Chat) -> None:
    await chat.boards.tell(DEV, "page:1", Report(title="You are paged", summary="checkout is down"))
    with pytest.raises(NotAllowed):
        await chat.boards.tell(Subject("nobody"), "page:1", Report(title="You are paged", summary="checkout is down"))


async def test_a_closed_room_takes_no_more_and_closing_it_again_is_nothing(chat: Chat) -> None:
    room = await chat.rooms.open(WANTED)
    await chat.rooms.archive(room)
    await chat.rooms.archive(room)
    with pytest.raises(NotAllowed):
        await chat.rooms.invite(room, [DEV])
    with pytest.raises(NotAllowed):
        await chat.boards.put(room.id, "late", Report(title="Late", summary="late", parts=(Text(text="late"),)))


async def test_the_document_is_written_and_written_again(chat: Chat) -> None:
    room = await chat.rooms.open(WANTED)
    address = await chat.boards.write(room, title="Post-mortem", markdown="It broke.")
    assert address
    assert await chat.boards.write(room, title="Post-mortem", markdown="It broke, and was mended.") == address
    if chat.double:
        assert chat.double.canvases[room.id] == "# Post-mortem\n\nIt broke, and was mended."


async def test_a_room_whose_making_got_no_answer_is_completed_and_not_made_again(tmp_path: Path) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        chat.double.lost.add("conversations.create")
        with pytest.raises(Unavailable):
            await chat.rooms.open(WANTED)
        room = await chat.rooms.open(WANTED)
        assert room.name == WANTED.name
        assert len(chat.double.channels) == 1
        assert chat.double.channels[room.id]["purpose"]["value"].endswith("[incident/17]")


async def test_a_room_that_nobody_remembers_is_found_by_what_it_bears(tmp_path: Path) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        for number in range(3):
            chat.double.add(f"other-{number}", creator="U09ELSE")
        id = chat.double.add(WANTED.name, creator=BOT, purpose="An incident's room. [incident/17]")
        assert (await chat.rooms.open(WANTED)).id == id


async def test_a_channel_that_somebody_else_made_is_never_taken_for_ours(tmp_path: Path) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        chat.double.add(WANTED.name, creator="U09ELSE", purpose="Not yours [incident/17]")
        assert (await chat.rooms.open(WANTED)).name == f"{WANTED.name}-2"


async def test_a_deleted_channel_is_made_again(tmp_path: Path) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        room = await chat.rooms.open(WANTED)
        del chat.double.channels[room.id]
        assert (await chat.rooms.open(WANTED)).name == WANTED.name


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        ({"error": "restricted_action"}, "This workspace does not let the bot make a channel."),
        ({"error": "missing_scope", "needed": "channels:manage"}, "The Slack app has no right to make a channel (channels:manage)."),
    ],
)  # fmt: skip
async def test_a_right_that_is_missing_is_named(tmp_path: Path, said: dict[str, str], sentence: str) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        chat.double.errors["conversations.create"] = said
        with pytest.raises(NotAllowed) as refused:
            await chat.rooms.open(WANTED)
        assert refused.value.text == sentence
        assert refused.value.hint


@pytest.mark.parametrize("said", ["restricted_action", "unknown_method"])
async def test_a_room_that_may_not_be_described_is_a_room_all_the_same_and_no_other_ones(
    tmp_path: Path, said: str
) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        chat.double.errors["conversations.setPurpose"] = {"error": said}
        room = await chat.rooms.open(WANTED)
        assert (await chat.rooms.open(WANTED)).id == room.id
        other = await chat.rooms.open(RoomWanted(key="incident/18", name=WANTED.name))
        assert (other.id != room.id, other.name) == (True, f"{WANTED.name}-2")


async def test_a_slack_without_invitations_topics_and_bookmarks_says_so(tmp_path: Path) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        for method in ("conversations.invite", "conversations.setTopic", "bookmarks.list"):
            chat.double.errors[method] = {"error": "unknown_method"}
        room = await chat.rooms.open(WANTED)
        with pytest.raises(NotAllowed, match="This Slack has no way to invite people"):
            await chat.rooms.invite(room, [DEV])
        assert await chat.rooms.furnish(room, topic="x", bookmarks=[Bookmark(title="a", url="https://a.example")]) == [
            "This Slack has no way to set the topic.",
            "This Slack has no way to look at the bookmarks.",
        ]


async def test_a_guest_is_told_apart_and_a_busy_slack_is_waited_for(tmp_path: Path) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        chat.double.limited.update({"conversations.create": 1, "conversations.invite": 1})
        room = await chat.rooms.open(WANTED)
        (refused,) = await chat.rooms.invite(room, [GUEST])
        assert refused.why == "they are a guest, whom only an admin may invite"


async def test_a_workspace_without_canvases_has_no_document(tmp_path: Path) -> None:
    async with workspace(tmp_path) as chat:
        assert chat.double
        room = await chat.rooms.open(WANTED)
        chat.double.errors["conversations.canvases.create"] = {"error": "canvas_disabled_user_team"}
        assert await chat.boards.write(room, title="Post-mortem", markdown="It broke.") == ""


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("inc-2026 Checkout “500s” 🔥 für alle", "inc-2026-checkout-500s-fur-alle"),
        ("12345", "12345"),
        ("🔥🔥🔥", "incident-17"),
        ("x" * 300, "x" * 80),
    ],
)
def test_of_what_people_write_a_name_is_made_that_slack_takes(given: str, name: str) -> None:
    assert names_base(RoomWanted(key="incident/17", name=given)) == name


async def test_before_slack_has_said_who_we_are_no_channel_is_made(tmp_path: Path) -> None:
    running = workspace(tmp_path)
    async with running as found:
        assert found.double
        stranger = Slack(
            AsyncWebClient(token="xoxb-test", base_url=f"http://127.0.0.1:{found.double.port}/api/", retry_handlers=[]),
            pace=Pace(now=lambda: 0.0),
        )
        rooms = SlackRooms(stranger, running.messages, catalog())
        with pytest.raises(Unavailable, match="who the bot is"):
            await rooms.open(WANTED)
        assert found.double.channels == {}
