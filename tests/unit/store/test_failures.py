"""A driver's complaint becomes a sentence, or stays what it is."""

import sqlite3

import psycopg
import pytest
from sqlalchemy.exc import DBAPIError, NoResultFound, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from bot.store.failures import explained, explained_commit
from skills.core.errors import Unavailable, Unclear


def sentence(error: Exception) -> str:
    with pytest.raises(Unavailable) as told, explained("The database"):
        raise error
    return str(told.value)


@pytest.mark.parametrize(
    ("complaint", "told"),
    [
        (sqlite3.OperationalError("database is locked"),
         "The database is locked by another process. Wait for that process or stop it, then try again."),
        (sqlite3.OperationalError("database or disk is full"),
         "The database could not grow, because the disk is full. Free some space, then try again."),
        (sqlite3.OperationalError("disk I/O error"),
         "The database could not be read or written. Check the disk and the permissions of the directory."),
        (sqlite3.DatabaseError("database disk image is malformed"), "The database is damaged. Restore it from a backup."),
        (psycopg.errors.DeadlockDetected("x"), "The database was too busy with other writers. Try again."),
        (psycopg.errors.InsufficientPrivilege("x"),
         "The database does not let this user do that. Grant the user the right to create and write its tables."),
        (psycopg.errors.InvalidPassword("x"),
         "The database refused the user or the password. Check the user and the password in the database URL."),
        (psycopg.OperationalError("connection failed: FATAL: password authentication failed for user \"bot\""),
         "The database refused the user or the password. Check the user and the password in the database URL."),
        (psycopg.OperationalError("consuming input failed: server closed the connection unexpectedly"),
         "The database did not answer. Check that it runs and can be reached from here."),
        (psycopg.errors.TooManyConnections("x"),
         "The database is out of memory, disk or connections. Free some, then try again."),
    ],
)  # fmt: skip
def test_what_an_operator_can_mend_is_a_sentence(complaint: Exception, told: str) -> None:
    assert sentence(OperationalError("SELECT", None, complaint)) == told


def test_an_exhausted_pool_is_a_sentence() -> None:
    assert sentence(PoolTimeout("x")) == "The database had no free connection for too long. Try again in a moment."


@pytest.mark.parametrize(
    "bug",
    [
        OperationalError("SELECT", None, sqlite3.OperationalError("no such table: full_moons")),
        DBAPIError("SELECT", None, sqlite3.IntegrityError("UNIQUE constraint failed: locked.full")),
        DBAPIError("SELECT", None, psycopg.errors.UniqueViolation("x")),
        NoResultFound("x"),
        KeyError("x"),
    ],
)
def test_a_bug_stays_what_it_is(bug: Exception) -> None:
    with pytest.raises(type(bug)) as raised, explained("The database"):
        raise bug
    assert raised.value is bug


def test_a_connection_that_breaks_during_the_commit_leaves_it_unclear() -> None:
    broken = DBAPIError("COMMIT", None, psycopg.OperationalError("gone"), connection_invalidated=True)
    with pytest.raises(Unclear) as told, explained_commit("The database"):
        raise broken
    assert str(told.value) == (
        "The database went away while a change was being stored, so it may or may not be there. Look before you ask again."
    )


def test_a_commit_that_is_refused_is_not_unclear() -> None:
    refused = DBAPIError("COMMIT", None, psycopg.errors.SerializationFailure("x"))
    with pytest.raises(DBAPIError), explained_commit("The database"):
        raise refused
