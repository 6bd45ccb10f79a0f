"""PostgreSQL servers of a test's own, which may be stopped, started again, copied and promoted. They listen on a port, so that the heir of one has its address."""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import psycopg

from tests.support.databases import pgserver
from tests.support.ports import free_port

Stop = Literal["fast", "immediate"]
"""In order, or as a crash does: what was committed is found again, and nothing else is kept."""


class PostgresServer:
    """One data directory and the server that runs on it."""

    def __init__(self, folder: Path, port: int, binaries: Path, user: str | None) -> None:
        self.folder = folder
        self.port = port
        self._binaries = binaries
        self._user = user

    @property
    def url(self) -> str:
        return f"postgresql://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        """Returns when it takes connections; one that follows another server takes those that read."""
        options = f"-p {self.port} -h 127.0.0.1 -k '' -c fsync=off -c max_wal_senders=4 -c hot_standby=on"
        self._ctl("-w", "-t", "60", "-l", str(self.folder.parent / f"{self.folder.name}.log"), "-o", options, "start")

    def stop(self, how: Stop) -> None:
        self._ctl("-w", "-m", how, "stop")

    def restart(self, how: Stop) -> None:
        self.stop(how)
        self.start()

    def copied(self, name: str) -> "PostgresServer":
        """A standby, not started, that follows this server until it is promoted."""
        copy = PostgresServer(self.folder.with_name(name), free_port(), self._binaries, self._user)
        self._run("pg_basebackup", "-d", self.url, "-D", str(copy.folder), "-R", "-X", "stream", "-c", "fast")
        return copy

    def follows(self, size: int) -> bool:
        """Has this standby all that is needed to know an audit log of this size?"""
        with psycopg.connect(self.url) as connection:
            found = connection.execute("SELECT max(size) FROM audit_heads").fetchone()
        return bool(found and found[0] == size)

    def promote(self) -> None:
        self._ctl("-w", "-t", "60", "promote")

    def _ctl(self, *words: str) -> None:
        self._run("pg_ctl", "-D", str(self.folder), *words)

    def _run(self, program: str, *words: str) -> None:
        # Not through pipes: the server would inherit them, and whoever reads them would wait for its end.
        with tempfile.TemporaryFile() as said:
            command = [self._binaries / program, *words]
            done = subprocess.run(command, stdout=said, stderr=said, user=self._user, check=False, timeout=120)
            said.seek(0)
            assert done.returncode == 0, said.read().decode()


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """A new one, running; it and its copies are gone at the end."""
    package = pgserver()
    binaries = Path(package.__file__).parent / "pginstall18" / "bin"
    home = Path(tempfile.mkdtemp(prefix="countersign-server-"))
    user = _owner(package, home)
    server = PostgresServer(home / "primary", free_port(), binaries, user)
    server._run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(server.folder), "--no-sync")
    server.start()
    try:
        yield server
    finally:
        for folder in (each for each in home.iterdir() if (each / "postmaster.pid").exists()):
            PostgresServer(folder, 0, binaries, user).stop("immediate")
        shutil.rmtree(home, ignore_errors=True)


def _owner(package: Any, home: Path) -> str | None:
    """Who runs the server: PostgreSQL refuses to be root."""
    if os.geteuid() != 0:
        return None
    package.utils.ensure_user_exists("pgserver")
    shutil.chown(home, "pgserver")
    return "pgserver"
