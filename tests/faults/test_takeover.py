"""Two processes on one PostgreSQL: one is killed in mid-run, the other goes on. This is also what watches DBOS's private recovery verb."""

import json
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from tests.support.databases import PostgreSQL
from tests.support.shell import Shell


class Shared(Shell):
    """The command line on a shared database and a shared simulated cluster."""

    def __init__(self, data: Path, url: str, *, bytecode: Path) -> None:
        super().__init__(data, bytecode=bytecode, COUNTERSIGN_DATABASE_URL=url)
        self._url = url

    @contextmanager
    def running(self, *words: str) -> Iterator[subprocess.Popen[bytes]]:
        """A process that is gone at the end, whatever happened."""
        process = self.start(*words)
        try:
            yield process
        finally:
            process.kill()
            process.communicate()

    def verbs(self) -> list[str]:
        query = "SELECT verb FROM audit_entries WHERE subject = 'proposal/1' ORDER BY seq"
        with psycopg.connect(self._url) as connection:
            return [verb for (verb,) in connection.execute(query)]

    def runs(self) -> int:
        """The process that runs the proposal, as its executor's name says."""
        query = "SELECT name FROM audit_people JOIN audit_entries ON actor = pseudonym WHERE verb = 'run:started'"
        with psycopg.connect(self._url) as connection:
            ((executor,),) = connection.execute(query).fetchall()
        return int(executor.rsplit("-", 2)[1])

    def wait_until_gone(self, pid: int) -> None:
        until = time.monotonic() + 30
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < until, f"{pid} never ends; {self.log()}"
            time.sleep(0.05)

    def log(self) -> str:
        log = self.data / "countersign.log"
        return log.read_text()[-2000:] if log.exists() else "nothing logged"

    def wait_for(self, verb: str) -> None:
        until = time.monotonic() + 20
        while verb not in self.verbs():
            assert time.monotonic() < until, f"no {verb} in a minute, but {self.verbs()}; {self.log()}"
            time.sleep(0.05)

    def effects(self) -> int:
        return len(json.loads((self.data / "cluster.json").read_text())["effects"])


@pytest.fixture
def shared(tmp_path: Path, postgresql: PostgreSQL, bytecode: Path) -> Shared:
    shared = Shared(tmp_path / "data", postgresql.fresh(), bytecode=bytecode)
    assert shared("ask", "--as", "dev", "deploy web v42 to production").code == 0
    return shared


def test_a_run_whose_process_is_killed_goes_on_in_another_one(shared: Shared) -> None:
    with shared.running("ask", "--as", "sre", "approve 1") as first:
        shared.wait_for("effect:applied")
        with shared.running("worker", "--until-idle") as second:
            first.kill()
            second.communicate(timeout=90)
            assert second.returncode == 0
    verbs = shared.verbs()
    # On a slow machine its service may have been looked at already.
    assert [verb for verb in verbs if not verb.startswith("health:")][-1] == "run:succeeded"
    assert verbs.count("run:started") == verbs.count("effect:intended") == verbs.count("effect:applied") == 1
    assert shared.effects() == 1
    assert shared("audit", "verify").code == 0


def test_two_engines_run_one_approval_once(shared: Shared) -> None:
    assert shared("ask", "--as", "sre", "--no-wait", "approve 1").code == 0
    with shared.running("worker", "--until-idle") as one, shared.running("worker", "--until-idle") as other:
        for worker in (one, other):
            worker.communicate(timeout=90)
            assert worker.returncode == 0
    verbs = shared.verbs()
    assert verbs.count("run:started") == verbs.count("run:succeeded") == 1
    assert shared.effects() == 1
