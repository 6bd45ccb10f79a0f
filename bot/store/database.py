"""One database, opened once a process; every use of its contents goes through an organization's `Store`."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from functools import partial
from typing import Literal

from sqlalchemy import URL, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

from bot.store import schema
from bot.store.clock import Clock
from bot.store.engines import BEGIN, described, make_engine, prepare_file, understood
from bot.store.failures import explained, explained_commit
from bot.store.leases import Leases
from bot.store.store import Store
from bot.store.unhurried import connected
from skills.core.names import Organization


class Database:
    """A connection pool and the turn-taking of writers. Made by `Database.open`, ended by `close`."""

    def __init__(self, engine: AsyncEngine, url: URL, *, clock: Clock) -> None:
        self.url = url
        self.place = described(url)
        self.clock = clock
        self.leases = Leases(self)
        self._engine = engine
        self._readers = engine.execution_options(**_snapshot(url))
        self._writers = engine.execution_options(**{BEGIN: "BEGIN IMMEDIATE"})
        self._turn = asyncio.Lock()
        self._stores: dict[Organization, Store] = {}

    @classmethod
    async def open(cls, url: str, *, clock: Clock) -> "Database":
        """Connect, creating the SQLite file (0600) and directory (0700) and the tables where they are missing.

        `clock` returns the time with a time zone. Raises `BadInput` for a URL that is not understood and `Unavailable` for a database that
        is locked, read-only, damaged, unreachable, or written by a newer release.
        """
        parsed = understood(url)
        if parsed.get_backend_name() == "sqlite":
            await asyncio.to_thread(prepare_file, parsed)
        database = cls(make_engine(parsed), parsed, clock=clock)
        try:
            async with database.writing() as connection:
                await connection.run_sync(partial(schema.bring_up_to_date, place=database.place))
        except BaseException:
            await database.close()
            raise
        return database

    @property
    def url_kind(self) -> Literal["sqlite", "postgresql"]:
        return "sqlite" if self.url.get_backend_name() == "sqlite" else "postgresql"

    def store(self, organization: Organization) -> Store:
        """The organization's handle, the same object each time."""
        if organization not in self._stores:
            self._stores[organization] = Store(self, organization)
        return self._stores[organization]

    async def ping(self) -> None:
        """Raises `Unavailable` if the database does not answer."""
        async with self.reading() as connection:
            await connection.execute(text("SELECT 1"))

    async def close(self) -> None:
        """Let the deliveries under way be stored, then close every connection. May be repeated."""
        for store in self._stores.values():
            await store.inbox.drained()
        await self._engine.dispose()

    @asynccontextmanager
    async def reading(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that only reads. For the modules of the store."""
        with explained(self.place):
            async with connected(self._readers) as connection:
                yield connection

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A connection in a transaction that commits on a clean exit and rolls back on an exception. For the modules of the store.

        Writers of this process take turns on SQLite: its own locking makes them sleep and retry, in no order.
        """
        with explained(self.place):
            async with (
                self._turn if self.url_kind == "sqlite" else nullcontext(),
                connected(self._writers) as connection,
            ):
                yield connection
                with explained_commit(self.place):
                    await _commit(connection)


async def _commit(connection: AsyncConnection) -> None:
    """Commit, or make sure that nothing of it is left: SQLAlchemy takes a transaction whose commit failed for ended, and SQLite may not.

    Such a connection would go back into the pool with its locks.
    """
    try:
        await connection.commit()
    except DBAPIError:
        await connection.invalidate()
        raise


def _snapshot(url: URL) -> dict[str, str]:
    """What lets several selects see one state; SQLite does so by itself."""
    return {"isolation_level": "REPEATABLE READ"} if url.get_backend_name() == "postgresql" else {}
