"""Who stands in for whom, as rows."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean_text
from bot.store.tables import stand_ins
from skills.core.names import Organization, Subject
from skills.core.ports.stand_ins import Override

if TYPE_CHECKING:
    from bot.store.database import Database


class StandIns:
    """The organization's overrides, read only."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def after(self, moment: datetime) -> Sequence[Override]:
        """Those that hold then or later, by their beginning."""
        query = (
            select(stand_ins)
            .where(
                stand_ins.c.organization == self._organization,
                stand_ins.c.end > moment,
                stand_ins.c.ended_at.is_(None),
            )
            .order_by(stand_ins.c.start, stand_ins.c.number)
        )
        async with self._database.reading() as connection:
            return [_override(row) for row in await connection.execute(query)]


class StandInBook:
    """Overrides within one transaction."""

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

    async def add(self, override: Override, *, key: str) -> None:
        """Write it down."""
        await self._connection.execute(
            insert(stand_ins).values(
                organization=self._organization, number=override.number, request_key=key, rotation=override.rotation, subject=override.subject,
                name=clean_text(override.name), start=override.start, end=override.end, by=override.by, by_name=clean_text(override.by_name),
            )
        )  # fmt: skip
        self._changed()

    async def by_request(self, key: str) -> Override | None:
        """The one that was asked for under this key."""
        return await self._one(stand_ins.c.request_key == key)

    async def by_number(self, number: int) -> Override | None:
        return await self._one(stand_ins.c.number == number)

    async def end(self, number: int, *, now: datetime) -> bool:
        """It holds no more; False if it had ended."""
        mine = (stand_ins.c.organization == self._organization) & (stand_ins.c.number == number)
        live = stand_ins.c.ended_at.is_(None) & (stand_ins.c.end > now)
        done = await self._connection.execute(update(stand_ins).where(mine, live).values(ended_at=now))
        self._changed()
        return done.rowcount == 1

    async def _one(self, condition: Any) -> Override | None:
        query = select(stand_ins).where(stand_ins.c.organization == self._organization, condition)
        row = (await self._connection.execute(query)).first()
        return _override(row) if row else None


def _override(row: Row[Any]) -> Override:
    return Override(
        number=row.number,
        rotation=row.rotation,
        subject=Subject(row.subject),
        name=row.name,
        start=row.start,
        end=row.end,
        by=Subject(row.by),
        by_name=row.by_name,
    )
