"""Which processes are alive, so that the runs of a dead one can be taken over."""

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.statements import put
from bot.store.tables import leases

if TYPE_CHECKING:
    from bot.store.database import Database


class Leases:
    """Signs of life. Not scoped to an organization: a process serves all of them and dies for all of them at once.

    On PostgreSQL they are dated by the database's clock: those of several machines may be minutes apart, and then the dead would be taken
    for alive, and the living for dead.
    """

    def __init__(self, database: "Database") -> None:
        self._database = database

    async def beat(self, executor: str, ttl: timedelta) -> None:
        """Count as alive for `ttl` from now."""
        async with self._database.writing() as connection:
            await put(connection, leases, executor=executor, until=await self._now(connection) + ttl)

    async def live(self) -> set[str]:
        """The executors whose lease has not run out."""
        async with self._database.reading() as connection:
            rows = await connection.execute(
                select(leases.c.executor).where(leases.c.until > await self._now(connection))
            )
            return set(rows.scalars())

    async def drop(self, executor: str) -> None:
        """No longer alive; repeating it does nothing."""
        async with self._database.writing() as connection:
            await connection.execute(delete(leases).where(leases.c.executor == executor))

    async def _now(self, connection: AsyncConnection) -> datetime:
        if self._database.url_kind == "sqlite":
            return self._database.clock()
        now: datetime = (await connection.execute(select(func.clock_timestamp()))).scalar_one()
        return now
