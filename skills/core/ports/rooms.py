"""What an incident needs of a chat: a room of its own, who is in it, what stands above it, and messages that stay current.

Every call may be repeated. A room is found again by its `key`, which is written on it and not its name: what was half made when a process died is
completed, and never made twice.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from skills.core.names import Subject
from skills.core.report import Report


@dataclass(frozen=True, kw_only=True)
class RoomWanted:
    """A room as it should be. `key` identifies it for ever (“incident/17”); `name` is what people would like to read, in any characters and of any
    length: a chat makes of it what it allows (`inc-20261123-checkout-500s`).
    """

    key: str
    name: str
    private: bool = False


@dataclass(frozen=True, kw_only=True)
class Room:
    """A room that is there. `id` is the chat's own; `name` what it came to be called; `url` leads there, "" where the chat has no addresses."""

    id: str
    key: str
    name: str
    private: bool = False
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Bookmark:
    """A link above the room."""

    title: str
    url: str


@dataclass(frozen=True, kw_only=True)
class NotInvited:
    """Somebody who is not in the room, and a sentence that says why."""

    subject: Subject
    why: str


@dataclass(frozen=True, kw_only=True)
class Posted:
    """A message that is there. `url` leads to it, "" where the chat has no addresses."""

    key: str
    url: str = ""


class Rooms(Protocol):
    """Rooms themselves. All raise `Unavailable` where the chat does not answer (nothing is lost by asking again), and `NotAllowed` where it refuses for
    good, with a sentence about whose permission is missing.
    """

    async def open(self, wanted: RoomWanted) -> Room:
        """The room of this key: found if it was made before, by whatever process, else made. A name that is taken gets a suffix."""

    async def invite(self, room: Room, subjects: Sequence[Subject]) -> Sequence[NotInvited]:
        """Bring people in; those who are in it already are left alone. One who cannot come does not keep the others out."""

    async def furnish(self, room: Room, *, topic: str, bookmarks: Sequence[Bookmark] = ()) -> Sequence[str]:
        """Make topic and bookmarks look like this, as far as they do not yet; bookmarks of others stay. Sentences on what the chat would not let us do."""

    async def archive(self, room: Room) -> None:
        """Close the room; nothing if it is closed already, or gone."""


class Boards(Protocol):
    """What is written in rooms and elsewhere. Raises like `Rooms`; `NotAllowed`, too, where the room is archived or the bot is not in it."""

    async def put(self, room_id: str, key: str, report: Report, *, pinned: bool = False) -> Posted:
        """Post under this key, or make what was posted under it look like this. What a report offers stands below it as buttons.

        `room_id` is that of a `Room`, or of any other channel that the bot is in. A message that people deleted is not put back.
        """

    async def tell(self, subject: Subject, key: str, report: Report) -> Posted:
        """The same, directly to a person. Raises `NotAllowed` where the chat does not know them."""

    async def write(self, room: Room, *, title: str, markdown: str) -> str:
        """Make the room's document look like this; the address of it, or "" where the chat has no documents."""
