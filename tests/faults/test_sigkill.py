"""Real processes, killed with SIGKILL in the middle of a run: the next one finishes it, and nothing happens twice."""

import json
import time

import pytest

from tests.support.shell import Shell


@pytest.mark.parametrize("lived", [0.5, 1.0, 1.8, 2.8], ids=lambda seconds: f"after-{seconds}s")
def test_a_killed_run_is_finished_by_the_next_process_and_repeats_nothing(shell: Shell, lived: float) -> None:
    shell.ask("dev", "deploy checkout v42 to production")
    running = shell.start("ask", "--as", "sre", "--json", "approve 1")
    time.sleep(lived)
    running.kill()
    running.communicate()
    assert shell.ask("sre", "approve 1").json["kind"] in {"decision", "refused"}
    worker = shell("worker", "--until-idle")
    assert worker.code == 0, worker.err
    listed = shell("audit", "list", "--subject", "proposal/1", "--json").out
    verbs = [json.loads(line)["verb"] for line in listed.splitlines()]
    # On a slow machine its service may have been looked at already.
    assert [verb for verb in verbs if not verb.startswith("health:")][-1] == "run:succeeded"
    assert verbs.count("run:started") == verbs.count("effect:intended") == verbs.count("effect:applied") == 1
    assert len(json.loads((shell.data / "cluster.json").read_text())["effects"]) == 1
    assert shell("audit", "verify").code == 0
