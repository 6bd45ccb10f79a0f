"""Locks as rows: who holds what, and who held it at any moment before."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, insert, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean_text
from bot.store.tables import locks
from skills.core.lock import Lock, Scope
from skills.core.names import Organization, Subject

if TYPE_CHECKING:
    from bot.store.database import Database


class Locks:
    """The organization's locks, read only."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def at(self, moment: datetime) -> Sequence[Lock]:
        """Those that held at this moment, oldest first."""
        async with self._database.reading() as connection:
            return await _held(connection, self._organization, moment)


class LockBook:
    """Locks within one transaction. Whoever begins with `next_number` is alone with them until its end."""

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

    async def at(self, moment: datetime) -> Sequence[Lock]:
        """Those that hold, as this transaction sees it, oldest first."""
        return await _held(self._connection, self._organization, moment)

    async def add(self, lock: Lock) -> Lock:
        """Write it down; as it is kept, without secrets."""
        values = {
            "service": lock.scope.service, "environment": lock.scope.environment, "owner": lock.owner,
            "owner_name": clean_text(lock.owner_name), "reason": clean_text(lock.reason), "since": lock.since, "until": lock.until,
        }  # fmt: skip
        statement = insert(locks).values(organization=self._organization, number=lock.number, **values)
        row = (await self._connection.execute(statement.returning(locks))).one()
        self._changed()
        return _lock(row)

    async def end(self, lock: Lock, *, now: datetime) -> None:
        """It holds no more."""
        mine = (locks.c.organization == self._organization) & (locks.c.number == lock.number)
        await self._connection.execute(update(locks).where(mine, locks.c.ended_at.is_(None)).values(ended_at=now))
        self._changed()


async def _held(connection: AsyncConnection, organization: Organization, moment: datetime) -> Sequence[Lock]:
    ended: ColumnElement[bool] = or_(locks.c.ended_at.is_(None), locks.c.ended_at > moment)
    query = (
        select(locks)
        .where(locks.c.organization == organization, locks.c.until > moment, locks.c.since <= moment, ended)
        .order_by(locks.c.number)
    )
    return [_lock(row) for row in await connection.execute(query)]


def _lock(row: Row[Any]) -> Lock:
    return Lock(
        number=row.number,
        scope=Scope(service=row.service, environment=row.environment),
        owner=Subject(row.owner),
        owner_name=row.owner_name,
        reason=row.reason,
        since=row.since,
        until=row.until,
    )
