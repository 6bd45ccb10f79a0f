"""Reads audit entries in bulk with the bare driver: rows of SQLAlchemy would cost more than hashing what is in them."""

import sqlite3
from collections.abc import Callable
from typing import Any

from sqlalchemy import URL
from sqlalchemy.exc import DBAPIError

from bot.store.sealing import Kept, Person
from skills.core.names import Organization

CHUNK = 5_000
_ENTRIES = (
    "SELECT seq, at, actor, verb, subject, body, link FROM audit_entries"
    " WHERE organization = {0} AND seq > {0} AND seq <= {0} ORDER BY seq LIMIT {0}"
)
_NODES = "SELECT position, hash FROM audit_nodes WHERE organization = {0} AND position >= {0} AND position < {0} ORDER BY position"
_TEXTS = (
    "SELECT seq, field, person, salt, text, erasure FROM audit_texts"
    " WHERE organization = {0} AND seq > {0} AND seq <= {0} ORDER BY seq, field"
)
_PEOPLE = "SELECT pseudonym, salt, name, erasure FROM audit_people WHERE organization = {0} ORDER BY pseudonym"
Fetch = Callable[[str, tuple[Any, ...]], list[tuple[Any, ...]]]


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
        return self._read(_ENTRIES, (self._organization, after, upto, CHUNK))

    def nodes(self, first: int, beyond: int) -> list[tuple[Any, ...]]:
        """The subtrees with first <= position < beyond, as (position, hash). Raises as `read` does."""
        return self._read(_NODES, (self._organization, first, beyond))

    def texts(self, after: int, upto: int) -> dict[int, dict[str, Kept]]:
        """What the entries with after < seq <= upto hide, by their number and its place. Raises as `read` does."""
        found: dict[int, dict[str, Kept]] = {}
        for seq, place, person, salt, text, erasure in self._read(_TEXTS, (self._organization, after, upto)):
            found.setdefault(seq, {})[place] = Kept(field=place, person=person, salt=salt, text=text, erasure=erasure)
        return found

    def people(self) -> dict[str, Person]:
        """Everybody, by pseudonym. Raises as `read` does."""
        return {
            pseudonym: Person(pseudonym=pseudonym, salt=salt, name=name, erasure=erasure)
            for pseudonym, salt, name, erasure in self._read(_PEOPLE, (self._organization,))
        }

    def _read(self, query: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        try:
            return self._fetch(query, parameters)
        except self._failure as error:
            raise DBAPIError(None, None, error, hide_parameters=True) from error

    def close(self) -> None:
        self._connection.close()

    def _from_sqlite(self, url: URL) -> Fetch:
        connection = sqlite3.connect(url.database or "", check_same_thread=False, isolation_level=None)
        self._connection, self._failure = connection, sqlite3.Error

        def fetch(template: str, parameters: tuple[Any, ...]) -> list[tuple[Any, ...]]:
            query = template.format("?")
            try:
                return connection.execute(query, parameters).fetchall()
            except sqlite3.OperationalError as error:
                if "decode" not in str(error):
                    raise
                # Somebody wrote bytes that are no text. As text they differ from what was hashed, which is all that matters here.
                connection.text_factory = lambda raw: raw.decode(errors="replace")
                return connection.execute(query, parameters).fetchall()

        return fetch

    def _from_postgresql(self, url: URL) -> Fetch:
        import psycopg  # noqa: PLC0415 - a fifth of a second that a process on SQLite does not pay

        conninfo = url.set(drivername="postgresql").render_as_string(hide_password=False)
        try:
            connection = psycopg.connect(conninfo, autocommit=True)
        except psycopg.Error as error:
            raise DBAPIError(None, None, error, hide_parameters=True) from error
        self._connection, self._failure = connection, psycopg.Error
        return lambda template, parameters: connection.execute(template.format("%s"), parameters).fetchall()
