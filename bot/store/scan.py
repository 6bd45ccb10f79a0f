"""Reads audit entries in bulk with the bare driver: rows of SQLAlchemy would cost more than hashing what is in them."""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from skills.core.names import Organization

CHUNK = 5_000
_ENTRIES = (
    "SELECT seq, at, actor, verb, subject, body, link FROM audit_entries"
    " WHERE organization = {0} AND seq > {0} AND seq <= {0} ORDER BY seq LIMIT {0}"
)


class Scan:
    """One blocking connection of its own, to be used from one thread at a time and closed."""

    def __init__(self, url: URL, organization: Organization) -> None:
        self._organization = organization
        self._connection: Any
        self._failure: type[Exception]
        if url.get_backend_name() == "sqlite":
            self._fetch = self._from_sqlite(url)
        else:
            self._fetch = self._from_postgresql(url)

    def read(self, after: int, upto: int) -> list[tuple[Any, ...]]:
        """The next entries with after < seq <= upto, as (seq, at, actor, verb, subject, body, link); empty at the end.

        Raises SQLAlchemy's `DBAPIError`, as everything else that reads does.
        """
        try:
            return self._fetch((self._organization, after, upto, CHUNK))
        except self._failure as error:
            raise DBAPIError(None, None, error, hide_parameters=True) from error

    def close(self) -> None:
        self._connection.close()

    def _from_sqlite(self, url: URL) -> Callable[[tuple[Any, ...]], list[tuple[Any, ...]]]:
        connection = sqlite3.connect(url.database or "", check_same_thread=False, isolation_level=None)
        self._connection, self._failure = connection, sqlite3.Error
        query = _ENTRIES.format("?")

        def fetch(parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
            try:
                return connection.execute(query, parameters).fetchall()
            except sqlite3.OperationalError as error:
                if "decode" not in str(error):
                    raise
                # Somebody wrote bytes that are no text. As text they differ from what was hashed, which is all that matters here.
                connection.text_factory = lambda raw: raw.decode(errors="replace")
                return connection.execute(query, parameters).fetchall()

        return fetch

    def _from_postgresql(self, url: URL) -> Callable[[tuple[Any, ...]], list[tuple[Any, ...]]]:
        import psycopg  # noqa: PLC0415 - a fifth of a second that a process on SQLite does not pay

        conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            connection = psycopg.connect(conninfo, autocommit=True)
        except psycopg.Error as error:
            raise DBAPIError(None, None, error, hide_parameters=True) from error
        self._connection, self._failure = connection, psycopg.Error
        query = _ENTRIES.format("%s")
        return lambda parameters: connection.execute(query, parameters).fetchall()
