"""Alarms about the audit log. While one is not acknowledged, the organization is in safe mode: `Store.begin` refuses every change."""

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import bindparam, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.statements import put
from bot.store.tables import audit_alarms
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database

# Built once: every change asks it.
_OPEN = (
    select(audit_alarms.c.size, audit_alarms.c.root, audit_alarms.c.problem, audit_alarms.c.at)
    .where(audit_alarms.c.organization == bindparam("mine"), audit_alarms.c.acknowledged_at.is_(None))
    .order_by(audit_alarms.c.at)
)


@dataclass(frozen=True, kw_only=True)
class Alarm:
    """A head that somebody remembered (`size`, `root` in hexadecimal) and that the log does not continue. `at` is UTC."""

    size: int
    root: str
    problem: str
    at: datetime


class Alarms:
    """The organization's."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def sound(self, size: int, root: str, problem: str) -> bool:
        """Begin safe mode, in every process of this database at once. True if this was not known; repeating it does nothing.

        A head that was acknowledged before and is remembered still, or again, sounds the alarm anew.
        """
        known = {(alarm.size, alarm.root) for alarm in await self.open()}
        if (size, root) in known:
            return False
        async with self._database.writing() as connection:
            await put(
                connection, audit_alarms, organization=self._organization, size=size, root=root, problem=problem,
                at=self._database.clock(), acknowledged_at=None,
            )  # fmt: skip
        return True

    async def open(self) -> list[Alarm]:
        """Those that nobody has acknowledged, the oldest first."""
        async with self._database.reading() as connection:
            return await unacknowledged(connection, self._organization)


async def unacknowledged(connection: AsyncConnection, organization: Organization) -> list[Alarm]:
    """The open alarms, as this connection's transaction sees them."""
    rows = await connection.execute(_OPEN, {"mine": organization})
    return [Alarm(size=row.size, root=row.root, problem=row.problem, at=row.at) for row in rows]


async def acknowledge(connection: AsyncConnection, organization: Organization, *, now: datetime) -> None:
    """Close every open alarm, and with that end safe mode when the transaction commits."""
    mine = (audit_alarms.c.organization == organization) & audit_alarms.c.acknowledged_at.is_(None)
    await connection.execute(update(audit_alarms).where(mine).values(acknowledged_at=now))
