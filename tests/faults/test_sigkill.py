"""Real processes, killed with SIGKILL in the middle of a run: the next one finishes it, and nothing happens twice."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def countersign(data: Path, *words: str) -> list[str]:
    return [sys.executable, "-m", "bot.cli.main", "--config", str(ROOT / "config"), "--data", str(data), *words]


def ask(data: Path, who: str, text: str) -> dict[str, object]:
    done = subprocess.run(
        countersign(data, "ask", "--as", who, "--json", text),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    answer: dict[str, object] = json.loads(done.stdout)
    return answer


def status_of(data: Path) -> str:
    listed = subprocess.run(
        countersign(data, "audit", "list", "--subject", "proposal/1", "--json"),
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    verbs = [json.loads(line)["verb"] for line in listed.stdout.splitlines()]
    return [verb for verb in verbs if verb.startswith("run:")][-1]


@pytest.mark.parametrize("lived", [0.4, 1.1, 2.0, 3.0], ids=lambda seconds: f"after-{seconds}s")
def test_a_killed_run_is_finished_by_the_next_process_and_repeats_nothing(tmp_path: Path, lived: float) -> None:
    ask(tmp_path, "dev", "deploy checkout v42 to production")
    running = subprocess.Popen(
        countersign(tmp_path, "ask", "--as", "sre", "--json", "approve 1"),
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
    )  # fmt: skip
    time.sleep(lived)
    os.kill(running.pid, signal.SIGKILL)
    running.wait()
    answer = ask(tmp_path, "sre", "approve 1")
    assert answer["kind"] in {"decision", "refused"}
    worker = subprocess.run(
        countersign(tmp_path, "worker", "--until-idle"),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=90,
    )
    assert worker.returncode == 0, worker.stderr
    assert status_of(tmp_path) == "run:succeeded"
    effects = json.loads((tmp_path / "cluster.json").read_text())["effects"]
    assert len(effects) == 1
    verified = subprocess.run(
        countersign(tmp_path, "audit", "verify"), cwd=ROOT, capture_output=True, text=True, check=False, timeout=60
    )
    assert verified.returncode == 0, verified.stdout
