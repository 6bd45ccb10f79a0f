"""Two processes on one PostgreSQL: one is killed in mid-run, the other goes on. This is also what watches DBOS's private recovery verb."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.support.databases import PostgreSQL

ROOT = Path(__file__).parents[2]


class Shell:
    """The command line on a shared database and a shared simulated cluster."""

    def __init__(self, data: Path, url: str) -> None:
        self.data = data
        self.environ = {**os.environ, "COUNTERSIGN_DATABASE_URL": url}

    def words(self, *words: str) -> list[str]:
        return [
            sys.executable,
            "-m",
            "bot.cli.main",
            "--config",
            str(ROOT / "config"),
            "--data",
            str(self.data),
            *words,
        ]

    def start(self, *words: str) -> subprocess.Popen[bytes]:
        silent = subprocess.DEVNULL
        return subprocess.Popen(self.words(*words), cwd=ROOT, env=self.environ, stdout=silent, stderr=silent)

    def run(self, *words: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.words(*words), cwd=ROOT, env=self.environ, capture_output=True, text=True, check=False, timeout=100
        )

    def verbs(self) -> list[str]:
        listed = self.run("audit", "list", "--subject", "proposal/1", "--json")
        return [json.loads(line)["verb"] for line in listed.stdout.splitlines()]

    def wait_for(self, verb: str) -> None:
        until = time.monotonic() + 30
        while verb not in self.verbs():
            assert time.monotonic() < until, f"no {verb} in half a minute"


def test_a_run_whose_process_is_killed_goes_on_in_another_one(tmp_path: Path, postgresql: PostgreSQL) -> None:
    shell = Shell(tmp_path, postgresql.fresh())
    assert shell.run("ask", "--as", "dev", "deploy web v42 to production").returncode == 0
    first = shell.start("ask", "--as", "sre", "approve 1")
    shell.wait_for("effect:applied")
    second = shell.start("worker", "--until-idle")
    first.send_signal(signal.SIGKILL)
    first.wait()
    assert second.wait(timeout=90) == 0
    verbs = shell.verbs()
    assert verbs[-1] == "run:succeeded"
    assert verbs.count("run:started") == verbs.count("effect:intended") == verbs.count("effect:applied") == 1
    assert len(json.loads((tmp_path / "cluster.json").read_text())["effects"]) == 1
    assert shell.run("audit", "verify").returncode == 0


def test_two_engines_run_one_approval_once(tmp_path: Path, postgresql: PostgreSQL) -> None:
    shell = Shell(tmp_path, postgresql.fresh())
    assert shell.run("ask", "--as", "dev", "deploy web v42 to production").returncode == 0
    assert shell.run("ask", "--as", "sre", "--no-wait", "approve 1").returncode == 0
    others = [shell.start("worker", "--until-idle") for _ in range(2)]
    assert [other.wait(timeout=90) for other in others] == [0, 0]
    verbs = shell.verbs()
    assert verbs.count("run:started") == verbs.count("run:succeeded") == 1
    assert len(json.loads((tmp_path / "cluster.json").read_text())["effects"]) == 1
