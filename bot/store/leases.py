"""Which processes are alive, so that the runs of a dead one can be taken over."""

from datetime import timedelta
from typing import TYPE_CHECKING

from sqlalchemy import delete, select

from bot.store.statements import put
from bot.store.tables import leases

if TYPE_CHECKING:
    from bot.store.database import Database


class Leases:
    """Signs of life. Not scoped to an organization: a process serves all of them and dies for all of them at once."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    async def beat(self, executor: str, ttl: timedelta) -> None:
        """Count as alive for `ttl` from now."""
        async with self._database.writing() as connection:
            await put(connection, leases, executor=executor, until=self._database.clock() + ttl)

    async def live(self) -> set[str]:
        """The executors whose lease has not run out."""
        async with self._database.reading() as connection:
            rows = await connection.execute(select(leases.c.executor).where(leases.c.until > self._database.clock()))
            return set(rows.scalars())

    async def drop(self, executor: str) -> None:
        """No longer alive; repeating it does nothing."""
        async with self._database.writing() as connection:
            await connection.execute(delete(leases).where(leases.c.executor == executor))
