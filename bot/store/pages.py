"""Pages as rows: what was called for, whom it has reached, and when it goes on to the next."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean
from bot.store.statements import insert_once
from bot.store.tables import pages
from skills.core.canonical import Json
from skills.core.names import Organization, ServiceName, Subject
from skills.core.ports.pager import Called, Page, Paged, PageState, Responder, Urgency

if TYPE_CHECKING:
    from bot.store.database import Database


REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class StoredPage:
    """A page and how it stands. `step` is the number of the next step of its escalation, `due_at` when that comes; None where there is none.

    `answered_by` is the subject of whoever is there. `outside` and `outside_url` what it
    calls its own incident; `told` is the state that it is known to have, "" before it took the page, `REFUSED` where it will not. While it does not
    answer, `ring_at` is when the next level is called directly.
    """

    number: int
    page: Page
    state: PageState
    opened_at: datetime
    due_at: datetime | None
    step: int = 0
    called: tuple[Called, ...] = ()
    answered_by: str = ""
    answered_by_name: str = ""
    troubles: tuple[str, ...] = ()
    outside: str = ""
    outside_url: str = ""
    told: str = ""
    ring_at: datetime | None = None
    attempts: int = 0

    @property
    def paged(self) -> Paged:
        """The same, as those see it who asked for it."""
        by = Responder(name=self.answered_by_name, subject=Subject(self.answered_by) if self.answered_by else None)
        return Paged(
            key=self.page.key, state=self.state, number=self.number, service=self.page.service, summary=self.page.summary,
            opened_at=self.opened_at, due_at=self.due_at, called=self.called, acknowledged_by=(by,) if self.answered_by_name else (),
            incident=self.outside, url=self.outside_url, troubles=self.troubles,
        )  # fmt: skip


class Pages:
    """The organization's pages, read only."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def open(self) -> Sequence[StoredPage]:
        """Those that are not resolved, newest first."""
        return await self._many(pages.c.state != PageState.RESOLVED)

    async def due(self, now: datetime) -> Sequence[int]:
        """The numbers of those that somebody has to see to, oldest first."""
        query = select(pages.c.number).where(pages.c.organization == self._organization, pages.c.due_at <= now)
        async with self._database.reading() as connection:
            return (await connection.execute(query.order_by(pages.c.number))).scalars().all()

    async def by_key(self, key: str) -> StoredPage | None:
        return next(iter(await self._many(pages.c.key == key)), None)

    async def by_number(self, number: int) -> StoredPage | None:
        return next(iter(await self._many(pages.c.number == number)), None)

    async def claim(self, page: StoredPage, until: datetime) -> bool:
        """See to it until then; False where another process was quicker. It is due again at that time, whatever becomes of this process."""
        mine = (pages.c.organization == self._organization) & (pages.c.number == page.number)
        async with self._database.writing() as connection:
            done = await connection.execute(
                update(pages).where(mine, pages.c.due_at == page.due_at).values(due_at=until)
            )
        return done.rowcount == 1

    async def _many(self, condition: ColumnElement[bool]) -> Sequence[StoredPage]:
        query = select(pages).where(pages.c.organization == self._organization, condition)
        async with self._database.reading() as connection:
            return [_page(row) for row in await connection.execute(query.order_by(pages.c.number.desc()))]


class PageBook:
    """Pages within one transaction. One that was read stays as it is until the end of it."""

    def __init__(
        self,
        connection: AsyncConnection,
        organization: Organization,
        *,
        next_number: Callable[[], Awaitable[int]],
        changed: Callable[[], None],
    ) -> None:
        self.next_number = next_number
        self._connection = connection
        self._organization = organization
        self._changed = changed

    async def by_key(self, key: str) -> StoredPage | None:
        return await self._one(pages.c.key == key)

    async def by_number(self, number: int) -> StoredPage | None:
        return await self._one(pages.c.number == number)

    async def add(self, page: StoredPage) -> bool:
        """Write it down, without secrets; False where there is one of its key."""
        self._changed()
        return await insert_once(
            self._connection, pages, organization=self._organization, number=page.number, key=page.page.key, opened_at=page.opened_at,
            state=page.state, due_at=page.due_at, body=_body(page),
        )  # fmt: skip

    async def put(self, page: StoredPage) -> None:
        """How it stands now."""
        mine = (pages.c.organization == self._organization) & (pages.c.number == page.number)
        values = {"state": page.state, "due_at": page.due_at, "body": _body(page)}
        await self._connection.execute(update(pages).where(mine).values(**values))
        self._changed()

    async def _one(self, condition: ColumnElement[bool]) -> StoredPage | None:
        query = select(pages).where(pages.c.organization == self._organization, condition).with_for_update()
        row = (await self._connection.execute(query)).first()
        return _page(row) if row else None


def _body(page: StoredPage) -> Json:
    wanted = page.page
    return clean({
        "service": wanted.service, "summary": wanted.summary, "urgency": wanted.urgency.value, "requester": wanted.requester or "",
        "subjects": list(wanted.subjects), "url": wanted.url, "step": page.step,
        "called": [_called_to_json(each) for each in page.called], "answered_by": page.answered_by, "answered_by_name": page.answered_by_name,
        "troubles": list(page.troubles), "outside": page.outside, "outside_url": page.outside_url, "told": page.told,
        "ring_at": page.ring_at.isoformat() if page.ring_at else "", "attempts": page.attempts,
    })  # fmt: skip


def _page(row: Row[Any]) -> StoredPage:
    body = row.body
    page = Page(
        key=row.key,
        service=ServiceName(body["service"]),
        summary=body["summary"],
        urgency=Urgency(body["urgency"]),
        requester=Subject(body["requester"]) if body["requester"] else None,
        subjects=tuple(Subject(each) for each in body["subjects"]),
        url=body["url"],
    )
    return StoredPage(
        number=row.number,
        page=page,
        state=PageState(row.state),
        opened_at=row.opened_at,
        due_at=row.due_at,
        step=body["step"],
        called=tuple(_called(each) for each in body["called"]),
        answered_by=body["answered_by"],
        answered_by_name=body["answered_by_name"],
        troubles=tuple(body["troubles"]),
        outside=body["outside"],
        outside_url=body["outside_url"],
        told=body["told"],
        ring_at=datetime.fromisoformat(body["ring_at"]) if body["ring_at"] else None,
        attempts=body["attempts"],
    )


def _called_to_json(called: Called) -> dict[str, Json]:
    who = called.responder
    return {"name": who.name, "subject": who.subject or "", "step": called.step, "level": called.level, "at": called.at.isoformat()}  # fmt: skip


def _called(value: Mapping[str, Any]) -> Called:
    who = Responder(name=value["name"], subject=Subject(value["subject"]) if value["subject"] else None)
    return Called(responder=who, step=value["step"], level=value["level"], at=datetime.fromisoformat(value["at"]))
