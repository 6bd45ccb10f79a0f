"""A chat and a pager that count what was made in them, and die when they are told to."""

from collections.abc import Sequence
from datetime import UTC, datetime

from skills.core.errors import NotAllowed, Unavailable
from skills.core.names import Subject
from skills.core.ports.pager import Called, Page, Paged, PageState, Responder
from skills.core.ports.rooms import Bookmark, NotInvited, Posted, Room, RoomWanted
from skills.core.report import Report

CALLED_AT = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)


class Death(BaseException):
    """The process ends here: nothing catches it."""


class Outside:
    """`Rooms`, `Boards` and `Pager` in one, so that calls have one order. Dies before the call of number `dies_at` does anything, or right after."""

    def __init__(self) -> None:
        self.rooms: dict[str, Room] = {}
        self.members: set[str] = set()
        self.topic = ""
        self.boards: dict[str, Report] = {}
        self.pages: dict[str, Page] = {}
        self.states: list[tuple[str, PageState]] = []
        self.calls = 0
        self.dies_at = 0
        self.dies_after = False
        self.down = False
        self.refuses = ""

    def _call(self) -> None:
        self.calls += 1
        if self.down:
            raise Unavailable("Slack does not answer.")
        if self.refuses:
            raise NotAllowed(self.refuses)
        if self.calls == self.dies_at and not self.dies_after:
            raise Death

    def _done(self) -> None:
        if self.calls == self.dies_at and self.dies_after:
            raise Death

    async def open(self, wanted: RoomWanted) -> Room:
        self._call()
        room = self.rooms.setdefault(
            wanted.key, Room(id=f"C{len(self.rooms)}", key=wanted.key, name=wanted.name, private=wanted.private)
        )
        self._done()
        return room

    async def invite(self, room: Room, subjects: Sequence[Subject]) -> Sequence[NotInvited]:
        self._call()
        self.members.update(subjects)
        self._done()
        return ()

    async def furnish(self, room: Room, *, topic: str, bookmarks: Sequence[Bookmark] = ()) -> Sequence[str]:
        self._call()
        self.topic = topic
        self._done()
        return ()

    async def archive(self, room: Room) -> None:
        self._call()

    async def put(self, room_id: str, key: str, report: Report, *, pinned: bool = False) -> Posted:
        self._call()
        self.boards[key] = report
        self._done()
        return Posted(key=key)

    async def tell(self, subject: Subject, key: str, report: Report) -> Posted:
        self._call()
        return Posted(key=key)

    async def write(self, room: Room, *, title: str, markdown: str) -> str:
        self._call()
        return ""

    async def page(self, page: Page) -> Paged:
        self._call()
        self.pages.setdefault(page.key, page)
        self._done()
        return self._paged(page.key)

    async def acknowledge(self, key: str, *, by: Subject) -> Paged:
        return self._became(key, PageState.ACKNOWLEDGED)

    async def resolve(self, key: str, *, by: Subject | None) -> Paged:
        return self._became(key, PageState.RESOLVED)

    def _became(self, key: str, state: PageState) -> Paged:
        self._call()
        self.states.append((key, state))
        return Paged(key=key, state=state)

    async def look(self, key: str) -> Paged | None:
        return self._paged(key) if key in self.pages else None

    def _paged(self, key: str) -> Paged:
        state = next((state for paged, state in reversed(self.states) if paged == key), PageState.TRIGGERED)
        sre = Called(responder=Responder(name="SRE", subject=Subject("sre")), step=0, level=1, at=CALLED_AT)
        return Paged(key=key, state=state, called=(sre,))
