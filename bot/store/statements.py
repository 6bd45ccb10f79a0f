"""Statements that SQLite and PostgreSQL both know, though SQLAlchemy spells them once for each."""

from typing import TYPE_CHECKING, Any, TypeAlias

from sqlalchemy import Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.ext.asyncio import AsyncConnection

if TYPE_CHECKING:
    from sqlalchemy.dialects import postgresql

Insert: TypeAlias = "postgresql.Insert | sqlite.Insert"


def insert(connection: AsyncConnection, table: Table) -> Insert:
    """An insert that can say what to do about a row that is there already."""
    if connection.dialect.name == "sqlite":
        return sqlite.insert(table)
    from sqlalchemy.dialects import postgresql  # noqa: PLC0415 - a tenth of a second that a process on SQLite does not pay

    return postgresql.insert(table)


async def insert_once(connection: AsyncConnection, table: Table, **values: Any) -> bool:
    """Insert a row unless some unique key of it exists. True if it was inserted; repeating it does nothing."""
    statement = insert(connection, table).values(**values).on_conflict_do_nothing()
    # The drivers do not agree on what an insert's row count is; what it returns is beyond doubt.
    return (await connection.execute(statement.returning(table.primary_key.columns[0]))).first() is not None


async def put(connection: AsyncConnection, table: Table, **values: Any) -> None:
    """Insert a row, or overwrite the one with the same primary key."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in values.items() if name not in keys}
    await connection.execute(
        insert(connection, table).values(**values).on_conflict_do_update(index_elements=keys, set_=rest)
    )
