"""Small things kept between two requests: how far something was read, and what a clarifying question was about."""

from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import delete, select

from bot.store.statements import insert_once, put
from bot.store.tables import cursors, memories
from skills.core.canonical import Json
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database


class Memory:
    """Cursors stay; memories fade at a given moment."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def cursor(self, name: str) -> int:
        """The value last set, 0 if none was."""
        query = select(cursors.c.value).where(cursors.c.organization == self._organization, cursors.c.name == name)
        async with self._database.reading() as connection:
            return (await connection.execute(query)).scalar() or 0

    async def set_cursor(self, name: str, value: int) -> None:
        async with self._database.writing() as connection:
            await put(connection, cursors, organization=self._organization, name=name, value=value)

    async def recall(self, key: str) -> Json:
        """What was remembered under `key`, or None if that was nothing or is past."""
        query = select(memories.c.value).where(
            memories.c.organization == self._organization,
            memories.c.key == key,
            memories.c.until > self._database.clock(),
        )
        async with self._database.reading() as connection:
            value: Json = (await connection.execute(query)).scalar()
            return value

    async def remember(self, key: str, value: Json, until: datetime) -> None:
        """Keep `value` until a moment (with a time zone), in place of what was there. What is past goes on this occasion."""
        mine: Any = memories.c.organization == self._organization
        async with self._database.writing() as connection:
            await connection.execute(delete(memories).where(mine, memories.c.until <= self._database.clock()))
            await put(connection, memories, organization=self._organization, key=key, value=value, until=until)

    async def remember_first(self, key: str, value: Json, until: datetime) -> Json:
        """Keep `value` until a moment unless something is remembered under `key` already; whatever is remembered then. Atomic."""
        mine: Any = (memories.c.organization == self._organization) & (memories.c.key == key)
        async with self._database.writing() as connection:
            await connection.execute(delete(memories).where(mine, memories.c.until <= self._database.clock()))
            await insert_once(connection, memories, organization=self._organization, key=key, value=value, until=until)
            kept: Json = (await connection.execute(select(memories.c.value).where(mine))).scalar()
            return kept

    async def forget(self, key: str) -> bool:
        """True for the one caller that removed it, so that a question is answered once."""
        return await self.take(key) is not None

    async def take(self, key: str) -> Json:
        """What was remembered, for the one caller that removes it; None for anybody else, and where it is past."""
        query = delete(memories).where(
            memories.c.organization == self._organization,
            memories.c.key == key,
            memories.c.until > self._database.clock(),
        )
        async with self._database.writing() as connection:
            taken: Json = (await connection.execute(query.returning(memories.c.value))).scalar()
            return taken
