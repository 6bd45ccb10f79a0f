"""Connections: which URL is understood, and how SQLite is told to be careful with what it is given."""

import os
import sqlite3
from pathlib import Path
from typing import Any

from sqlalchemy import URL, event, make_url
from sqlalchemy.engine import Connection
from sqlalchemy.exc import ArgumentError
from sqlalchemy.ext.asyncio import AsyncEngine, create_async_engine

from skills.core.errors import BadInput, Unavailable

BUSY_SECONDS = 5
"""How long SQLite waits for another process's lock, and psycopg for a connection, before giving up."""

LOCK_SECONDS = 10
"""How long PostgreSQL waits for a row that another transaction holds. Ours hold them for milliseconds."""

WAL_FROM = (3, 51, 3)
"""Earlier versions can corrupt a write-ahead log under concurrent writers (https://sqlite.org/wal.html#walresetbug)."""

BEGIN = "countersign_begin"
"""Execution option: the statement that opens a transaction on SQLite."""


def understood(url: str) -> URL:
    """The URL with its async driver. Raises `BadInput` without repeating the URL, which may hold a password."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        parsed = None
    kind = parsed.get_backend_name() if parsed is not None else ""
    if parsed is not None and kind == "sqlite" and parsed.database not in (None, "", ":memory:"):
        return parsed.set(drivername="sqlite+aiosqlite")
    if parsed is not None and kind in ("postgresql", "postgres"):
        return parsed.set(drivername="postgresql+psycopg").update_query_dict(
            {"connect_timeout": str(BUSY_SECONDS), "application_name": "countersign", **parsed.query}
        )
    raise BadInput(
        "The database URL is not understood.",
        hint="Write sqlite:////path/to/file.db or postgresql://user:password@host/database.",
    )


def described(url: URL) -> str:
    """How the database is called in front of people: never with its password."""
    if url.get_backend_name() == "sqlite":
        return f"The database file {url.database}"
    return f"The PostgreSQL database {url.database} at {url.host or 'the local socket'}"


def make_engine(url: URL) -> AsyncEngine:
    """An engine that has not connected yet. Values never appear in its exceptions."""
    if url.get_backend_name() == "postgresql":
        engine = create_async_engine(url, hide_parameters=True, pool_pre_ping=True, pool_size=10, max_overflow=10)
        event.listen(engine.sync_engine, "connect", _impatient)
        return engine
    engine = create_async_engine(
        url, hide_parameters=True, pool_size=4, max_overflow=12, connect_args={"timeout": BUSY_SECONDS}
    )
    event.listen(engine.sync_engine, "connect", _careful)
    event.listen(engine.sync_engine, "begin", _begin)
    return engine


def prepare_file(url: URL) -> None:
    """Create the SQLite file (mode 0600) and its directory (0700) where they are missing. Raises `Unavailable`."""
    path = Path(url.database or "")
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    except PermissionError as error:
        what = "is read-only" if path.exists() else "could not be created"
        raise Unavailable(
            f"The database file {path} {what}.", hint="Give this user permission to write the file and its directory."
        ) from error
    except OSError as error:
        in_the_way = isinstance(error, FileExistsError | NotADirectoryError)
        why = "a part of its path is not a directory" if in_the_way else (error.strerror or "unknown error").lower()
        raise Unavailable(
            f"The database file {path} could not be opened: {why}.",
            hint="Check the path and the disk.",
        ) from error


def _impatient(connection: Any, _record: object) -> None:
    """Whoever holds a row for ever must not hold us: PostgreSQL itself would wait without end."""
    cursor = connection.cursor()
    cursor.execute(f"SET lock_timeout = '{LOCK_SECONDS}s'")
    cursor.close()
    connection.commit()


def _careful(connection: Any, _record: object) -> None:
    """Full durability. `isolation_level = None` stops the driver from opening transactions behind SQLAlchemy's back."""
    connection.isolation_level = None
    cursor = connection.cursor()
    journal = "WAL" if sqlite3.sqlite_version_info >= WAL_FROM else "TRUNCATE"
    for pragma in (
        f"busy_timeout = {BUSY_SECONDS * 1000}",
        f"journal_mode = {journal}",
        "synchronous = FULL",
        "foreign_keys = ON",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql(connection.get_execution_options().get(BEGIN, "BEGIN"))
