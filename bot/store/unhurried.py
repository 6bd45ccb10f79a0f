"""Connections to SQLite that are never left in the middle of a statement.

SQLAlchemy throws a connection away when the task that awaits it is cancelled. SQLite keeps the lock of such a connection until its last
unfinished cursor is collected, and everybody else waits. So a cancellation here gets through when the call it met is finished, which SQLite's
busy timeout bounds; psycopg cancels on the server and needs none of this.
"""

import asyncio
from collections.abc import AsyncIterator, Coroutine
from contextlib import asynccontextmanager
from typing import Any, TypeVar

from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

T = TypeVar("T")


class Unhurried(AsyncConnection):
    """Finishes each call before a cancellation gets through."""

    __slots__ = ()

    async def start(self, is_ctxmanager: bool = False) -> "Unhurried":
        await finished(super().start(is_ctxmanager))
        return self

    async def execute(self, *args: Any, **options: Any) -> Any:
        return await finished(super().execute(*args, **options))

    async def commit(self) -> None:
        await finished(super().commit())

    async def rollback(self) -> None:
        await finished(super().rollback())


@asynccontextmanager
async def connected(engine: AsyncEngine) -> AsyncIterator[AsyncConnection]:
    """A connection in a transaction, which is rolled back at the end unless it was committed."""
    if engine.dialect.name != "sqlite":
        async with engine.connect() as connection:
            await connection.begin()
            yield connection
        return
    connection = Unhurried(engine)
    try:
        await connection.start()
        await finished(connection.begin().start())
        yield connection
    finally:
        if connection.sync_connection is not None:
            await finished(_given_back(connection))


async def finished(work: Coroutine[Any, Any, T]) -> T:
    """The result of `work`, which runs to its end even if the caller is cancelled meanwhile; then that is raised."""
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        if not task.cancelled():
            task.exception()  # looked at, so that nobody complains that nobody did
        raise


async def _given_back(connection: AsyncConnection) -> None:
    if connection.in_transaction():
        await connection.rollback()
    await connection.close()
