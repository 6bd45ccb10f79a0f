"""A driver's complaint becomes a sentence: what happened, to which database, what to try.

Only what an operator can do something about is translated. Anything else is a bug and goes on as it is.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from skills.core.errors import Unavailable, Unclear

_SQLITE: tuple[tuple[str, str, str], ...] = (
    ("dbmoved", "was moved or deleted while it was in use", "Put it back, or restart Countersign."),
    ("database is locked", "is locked by another process", "Wait for that process or stop it, then try again."),
    ("readonly", "is read-only", "Give this user permission to write the file and its directory."),
    ("not a database", "is not a database of Countersign", "Point to another file, or restore this one from a backup."),
    ("malformed", "is damaged", "Restore it from a backup."),
    ("unable to open", "could not be opened", "Check that the directory exists and that this user may write there."),
    ("disk is full", "could not grow, because the disk is full", "Free some space, then try again."),
    ("disk i/o error", "could not be read or written", "Check the disk and the permissions of the directory."),
)
_POSTGRESQL: tuple[tuple[str, str, str], ...] = (
    ("28", "refused the user or the password", "Check the user and the password in the database URL."),
    ("3D", "does not have that database", "Create it, or correct its name in the database URL."),
    ("42501", "does not let this user do that", "Grant the user the right to create and write its tables."),
    ("25006", "is read-only (a standby?)", "Point to the primary server."),
    ("40", "was too busy with other writers", "Try again."),
    ("55P03", "is locked by another process", "Try again."),
    ("53", "is out of memory, disk or connections", "Free some, then try again."),
    ("57", "is shutting down or starting", "Try again in a moment."),
    ("XX001", "is damaged", "Restore it from a backup."),
)
_UNREACHABLE = ("did not answer", "Check that it runs and can be reached from here.")


@contextmanager
def explained(place: str) -> Iterator[None]:
    """Raise `Unavailable`, naming `place`, for a database that cannot be used now."""
    try:
        yield
    except SQLAlchemyError as error:
        raise _sentence(place, error) from error


@contextmanager
def explained_commit(place: str) -> Iterator[None]:
    """Raise `Unclear` where the connection broke while the commit was under way, for it may have arrived."""
    try:
        yield
    except DBAPIError as error:
        if not error.connection_invalidated:
            raise
        raise Unclear(
            f"{place} went away while a change was being stored, so it may or may not be there.",
            hint="Look before you ask again.",
        ) from error


def _sentence(place: str, error: SQLAlchemyError) -> Exception:
    if isinstance(error, PoolTimeout):
        return Unavailable(f"{place} had no free connection for too long.", hint="Try again in a moment.")
    if not isinstance(error, DBAPIError):
        return error
    known = _of_sqlite(error.orig) if isinstance(error.orig, sqlite3.Error) else _of_postgresql(error)
    if known is None:
        return error
    what, hint = known
    return Unavailable(f"{place} {what}.", hint=hint)


def _of_sqlite(error: sqlite3.Error) -> tuple[str, str] | None:
    if isinstance(error, sqlite3.IntegrityError):
        return None
    text = f"{getattr(error, 'sqlite_errorname', '')} {error}".lower()
    return next(((what, hint) for sign, what, hint in _SQLITE if sign in text), None)


def _of_postgresql(error: DBAPIError) -> tuple[str, str] | None:
    """By SQLSTATE. A failed connection attempt has none, and then only its text tells a wrong password from a dead server."""
    state = getattr(error.orig, "sqlstate", None)
    if state is None:
        text = str(error.orig).lower()
        if "password" in text or "authentication" in text:
            return _POSTGRESQL[0][1:]
        if "does not exist" in text:
            return _POSTGRESQL[1][1:]
        return _UNREACHABLE if type(error.orig).__name__ in ("OperationalError", "ConnectionTimeout") else None
    if state.startswith("08"):
        return _UNREACHABLE
    return next(((what, hint) for sign, what, hint in _POSTGRESQL if state.startswith(sign)), None)
