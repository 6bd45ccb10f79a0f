"""The twin of a chat with rooms: names that are taken, people who cannot come, rooms that are closed, messages that stay current."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from skills.core.errors import NotAllowed
from skills.core.names import Subject
from skills.core.ports.rooms import Bookmark, NotInvited, Posted, Room, RoomWanted
from skills.core.report import Report


@dataclass(kw_only=True)
class RoomState:
    """What is in a room now. `boards` are reports by key."""

    room: Room
    members: set[Subject] = field(default_factory=set)
    topic: str = ""
    bookmarks: list[Bookmark] = field(default_factory=list)
    boards: dict[str, Report] = field(default_factory=dict)
    pinned: set[str] = field(default_factory=set)
    document: str = ""
    archived: bool = False


class MemoryRooms:
    """Satisfies `Rooms` and `Boards`. `people` can be invited; `taken` are names that somebody else has; `rooms` is what came of it, by id."""

    def __init__(self, people: Collection[Subject] = (), *, taken: Collection[str] = ()) -> None:
        self._people = frozenset(people)
        self._taken = set(taken)
        self.rooms: dict[str, RoomState] = {}
        self.told: dict[tuple[str, str], Report] = {}

    async def open(self, wanted: RoomWanted) -> Room:
        found = next((state.room for state in self.rooms.values() if state.room.key == wanted.key), None)
        if found:
            return found
        name, number = wanted.name, 1
        while name in self._taken:
            number += 1
            name = f"{wanted.name}-{number}"
        self._taken.add(name)
        room = Room(id=f"room-{len(self.rooms) + 1}", key=wanted.key, name=name, private=wanted.private)
        self.rooms[room.id] = RoomState(room=room)
        return room

    async def invite(self, room: Room, subjects: Sequence[Subject]) -> Sequence[NotInvited]:
        state = self._open(room.id)
        known = [subject for subject in dict.fromkeys(subjects) if subject in self._people]
        state.members.update(known)
        unknown = [subject for subject in dict.fromkeys(subjects) if subject not in self._people]
        return [NotInvited(subject=subject, why="this chat does not know them") for subject in unknown]

    async def furnish(self, room: Room, *, topic: str, bookmarks: Sequence[Bookmark] = ()) -> Sequence[str]:
        state = self._open(room.id)
        state.topic = " ".join(topic.split())
        state.bookmarks += [bookmark for bookmark in bookmarks if bookmark not in state.bookmarks]
        return []

    async def archive(self, room: Room) -> None:
        if state := self.rooms.get(room.id):
            state.archived = True

    async def put(self, room_id: str, key: str, report: Report, *, pinned: bool = False) -> Posted:
        state = self._open(room_id)
        state.boards[key] = report
        if pinned:
            state.pinned.add(key)
        return Posted(key=key)

    async def tell(self, subject: Subject, key: str, report: Report) -> Posted:
        if subject not in self._people:
            raise NotAllowed(f"This chat does not know {subject}.")
        self.told[subject, key] = report
        return Posted(key=key)

    async def write(self, room: Room, *, title: str, markdown: str) -> str:
        self._open(room.id).document = f"# {title}\n\n{markdown}"
        return f"memory:{room.id}"

    def lose_memory(self) -> "MemoryRooms":
        """The same rooms, as a process sees them that has only just begun."""
        other = MemoryRooms(self._people, taken=self._taken)
        other.rooms, other.told = {id: replace(state) for id, state in self.rooms.items()}, self.told
        return other

    def _open(self, id: str) -> RoomState:
        state = self.rooms.get(id)
        if state is None or state.archived:
            raise NotAllowed("The room is archived, or gone.", hint="Unarchive it to go on in it.")
        return state
