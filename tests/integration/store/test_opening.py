"""Opening a database: what is created, what is refused, and in which words."""

import asyncio
import os
import shutil
import socket
import sqlite3
import stat
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from sqlalchemy import text

from bot.store import Database, schema
from bot.store.engines import WAL_FROM
from skills.core.errors import BadInput, Unavailable
from skills.core.names import Organization
from tests.support.databases import Clock, PostgreSQL
from tests.support.proposals import propose


async def refusal(url: str) -> str:
    with pytest.raises(Unavailable) as refused:
        await Database.open(url, clock=Clock())
    return str(refused.value)


async def test_what_was_stored_is_there_after_opening_again(database_url: str, clock: Clock) -> None:
    for number in (1, 2):
        database = await Database.open(database_url, clock=clock)
        assert (await propose(database.store(Organization("acme")), number)).id == number
        await database.ping()
        await database.close()
        await database.close()


async def test_several_processes_may_open_a_new_database_at_once(database_url: str, clock: Clock) -> None:
    opened = await asyncio.gather(*[Database.open(database_url, clock=clock) for _ in range(4)])
    stores = [database.store(Organization("acme")) for database in opened]
    numbers = await asyncio.gather(*[propose(store, n) for n, store in enumerate(stores)])
    assert sorted(proposal.id for proposal in numbers) == [1, 2, 3, 4]
    for database in opened:
        await database.close()


async def test_nobody_else_may_read_a_new_file(tmp_path: Path) -> None:
    path = tmp_path / "new" / "store.db"
    database = await Database.open(f"sqlite:///{path}", clock=Clock())
    await database.close()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


async def test_sqlite_is_told_to_be_careful(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path}/store.db", clock=Clock())
    async with database.reading() as connection:
        found = {
            name: (await connection.execute(text(f"PRAGMA {name}"))).scalar()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    await database.close()
    journal = "wal" if sqlite3.sqlite_version_info >= WAL_FROM else "truncate"
    assert found == {"journal_mode": journal, "synchronous": 2, "foreign_keys": 1, "busy_timeout": 5000}


async def test_opening_does_not_import_alembic(tmp_path: Path) -> None:
    code = (
        "import asyncio, sys; from datetime import UTC, datetime; from bot.store import Database\n"
        "async def main(): await (await Database.open(sys.argv[1], clock=lambda: datetime.now(UTC))).close()\n"
        "asyncio.run(main()); print([name for name in ('alembic', 'psycopg') if name in sys.modules])"
    )
    for _ in ("new", "known"):
        done = await asyncio.to_thread(
            subprocess.run,
            [sys.executable, "-c", code, f"sqlite:///{tmp_path}/store.db"],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        assert done.stdout == "[]\n"


@pytest.mark.parametrize("url", ["", "nonsense", "mysql://u:hunter2@h/d", "sqlite://", "sqlite:///:memory:"])
async def test_a_url_that_is_not_understood_is_refused_without_repeating_it(url: str) -> None:
    with pytest.raises(BadInput) as refused:
        await Database.open(url, clock=Clock())
    assert str(refused.value) == (
        "The database URL is not understood. Write sqlite:////path/to/file.db or postgresql://user:password@host/database."
    )


async def test_a_database_of_a_newer_version_is_refused(database_url: str, clock: Clock) -> None:
    database = await Database.open(database_url, clock=clock)
    async with database.writing() as connection:
        await connection.execute(text("UPDATE countersign_revision SET version_num = '9999'"))
    await database.close()
    assert await refusal(database_url) == (
        f"{database.place} was written by a newer version of Countersign (its revision is 9999, this version knows {schema.HEAD})."
        " Upgrade Countersign, or point it to another database."
    )


async def test_a_file_that_is_no_database_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    path.write_text("Dear diary, " * 100)
    assert await refusal(f"sqlite:///{path}") == (
        f"The database file {path} is not a database of Countersign. Point to another file, or restore this one from a backup."
    )


async def test_a_damaged_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    await (await Database.open(f"sqlite:///{path}", clock=Clock())).close()
    whole = path.read_bytes()
    path.write_bytes(whole[:100] + b"\xff" * (len(whole) - 100))
    assert await refusal(f"sqlite:///{path}") == f"The database file {path} is damaged. Restore it from a backup."


async def test_a_locked_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.store.engines.BUSY_SECONDS", 0)
    path = tmp_path / "store.db"
    await (await Database.open(f"sqlite:///{path}", clock=Clock())).close()
    with closing(sqlite3.connect(path)) as other:
        other.execute("BEGIN EXCLUSIVE")
        assert await refusal(f"sqlite:///{path}") == (
            f"The database file {path} is locked by another process. Wait for that process or stop it, then try again."
        )


async def test_a_read_only_file_is_refused() -> None:
    with directory_of_nobody() as directory, as_nobody():
        path = directory / "store.db"
        await (await Database.open(f"sqlite:///{path}", clock=Clock())).close()
        path.chmod(0o400)
        assert await refusal(f"sqlite:///{path}") == (
            f"The database file {path} is read-only. Give this user permission to write the file and its directory."
        )


async def test_a_directory_in_which_nothing_may_be_created_is_refused() -> None:
    with directory_of_nobody() as directory, as_nobody():
        directory.chmod(0o500)
        path = directory / "new" / "store.db"
        assert await refusal(f"sqlite:///{path}") == (
            f"The database file {path} could not be created. Give this user permission to write the file and its directory."
        )


async def test_a_path_that_leads_through_a_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    assert await refusal(f"sqlite:///{tmp_path}/file/store.db") == (
        f"The database file {tmp_path}/file/store.db could not be opened: a part of its path is not a directory. Check the path and the disk."
    )


async def test_a_server_that_is_not_there_is_named_without_the_password() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        assert await refusal(f"postgresql://bot:hunter2@127.0.0.1:{port}/ops") == (
            "The PostgreSQL database ops at 127.0.0.1 did not answer. Check that it runs and can be reached from here."
        )


async def test_a_database_that_the_server_does_not_have_is_named(postgresql: PostgreSQL) -> None:
    url = postgresql.fresh()
    name = url.split("?")[0].rsplit("/", 1)[1]
    assert await refusal(url.replace(f"/{name}?", "/absent?")) == (
        "The PostgreSQL database absent at the local socket does not have that database."
        " Create it, or correct its name in the database URL."
    )


async def test_a_server_that_closes_our_connections_is_found_again(postgresql: PostgreSQL, clock: Clock) -> None:
    database = await Database.open(postgresql.fresh(), clock=clock)
    await database.ping()
    async with database.writing() as connection:
        others = "FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()"
        await connection.execute(text(f"SELECT pg_terminate_backend(pid) {others}"))
    await database.ping()
    await database.close()


async def test_a_file_that_is_deleted_under_our_feet_is_named(tmp_path: Path) -> None:
    path = tmp_path / "store.db"
    database = await Database.open(f"sqlite:///{path}", clock=Clock())
    path.unlink()
    with pytest.raises(Unavailable) as refused:
        await propose(database.store(Organization("acme")))
    await database.close()
    assert str(refused.value) == (
        f"The database file {path} was moved or deleted while it was in use. Put it back, or restart Countersign."
    )


async def test_a_server_on_which_nothing_may_be_written_is_named(postgresql: PostgreSQL, clock: Clock) -> None:
    url = postgresql.fresh()
    await (await Database.open(url, clock=clock)).close()
    read_only = f"{url}{'&' if '?' in url else '?'}options=-cdefault_transaction_read_only%3Don"
    database = await Database.open(read_only, clock=clock)
    with pytest.raises(Unavailable) as refused:
        await propose(database.store(Organization("acme")))
    await database.close()
    assert str(refused.value) == f"{database.place} is read-only (a standby?). Point to the primary server."


async def test_a_full_pool_does_not_hang_for_ever(tmp_path: Path) -> None:
    database = await Database.open(f"sqlite:///{tmp_path}/store.db", clock=Clock())
    pings = [database.ping() for _ in range(60)]
    await asyncio.gather(*pings)
    await database.close()


@contextmanager
def directory_of_nobody() -> Iterator[Path]:
    """A directory that the user of `as_nobody` owns."""
    directory = Path(tempfile.mkdtemp())
    if os.geteuid() == 0:
        os.chown(directory, 65534, 65534)
    try:
        yield directory
    finally:
        directory.chmod(0o700)
        shutil.rmtree(directory)


@contextmanager
def as_nobody() -> Iterator[None]:
    """Without the rights of root, to whom no file is read-only."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)
