"""`countersign serve` as a process: ready, working, and ending in order."""

import json
import re
import signal
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.serving import Serving
from tests.support.shell import Shell, bytecode_of, hurried

_AUDIT = ("audit_entries", "audit_heads", "audit_nodes")
Tables = dict[str, list[tuple[Any, ...]]]


def _tables(database: Path) -> Tables:
    with closing(sqlite3.connect(database)) as connection:
        return {table: connection.execute(f"SELECT * FROM {table}").fetchall() for table in _AUDIT}


def _restore(database: Path, backup: Tables) -> None:
    """The audit log as it was, under a process that goes on."""
    with closing(sqlite3.connect(database, timeout=10)) as connection, connection:
        for table, rows in backup.items():
            connection.execute(f"DELETE FROM {table}")
            connection.executemany(f"INSERT INTO {table} VALUES ({', '.join('?' * len(rows[0]))})", rows)


def _wait_until_remembered(file: Path, *, size: int) -> None:
    until = time.monotonic() + 30
    while not file.exists() or json.loads(file.read_text())["size"] < size:
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def shell(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    config = hurried(tmp_path / "config")
    return Shell(tmp_path / "data", bytecode=bytecode_of(tmp_path_factory), config=config)


@pytest.fixture
def unhurried(tmp_path: Path, tmp_path_factory: pytest.TempPathFactory) -> Shell:
    """A world in which a rollout takes seconds, so that something can happen meanwhile."""
    return Shell(tmp_path / "data", bytecode=bytecode_of(tmp_path_factory))


@pytest.fixture
def serving(shell: Shell) -> Iterator[Serving]:
    serving = Serving(shell)
    yield serving
    serving.close()


def test_it_is_alive_and_ready_and_says_how_each_part_is(serving: Serving) -> None:
    assert serving.get("/livez") == (200, "ok\n")
    status, body = serving.get("/readyz")
    assert status == 200
    assert json.loads(body) == {
        "ready": True,
        "serving": {"ok": True, "text": "serving"},
        "database": {"ok": True, "text": "sqlite"},
        "engine": {"ok": True, "text": "running"},
        "audit": {"ok": True, "text": "kept"},
    }
    assert serving.lines[0]["event"].startswith("Slack is not configured:")
    assert serving.stop() == 0
    assert [line["event"] for line in serving.lines[-2:]] == ["stopping", "stopped"]


def test_it_runs_what_other_processes_ask_for_and_counts_it(serving: Serving, shell: Shell) -> None:
    serving.wait_for("ready")
    shell.ask("dev", "deploy checkout v42 to production")
    ended = shell.ask("sre", "approve 1")
    assert (ended.code, ended.json["proposal"]["status"]) == (0, "succeeded")
    shell.ask("dev", "deploy web v42 to production")
    status, body = serving.get("/metrics")
    assert status == 200
    assert 'countersign_proposals{status="pending"} 1.0' in body
    assert re.search(r"^countersign_audit_entries [1-9]", body, re.MULTILINE)
    assert "countersign_engine_running 1.0" in body
    entries = shell("audit", "list", "--subject", "proposal/1", "--json").out
    started = next(json.loads(line) for line in entries.splitlines() if '"run:started"' in line)
    assert f"-{serving.process.pid}-" in started["actor"]  # the serving process, not the one that asked


def test_a_database_restored_under_it_means_safe_mode_within_a_second(serving: Serving, shell: Shell) -> None:
    serving.wait_for("ready")
    database = shell.data / "countersign.sqlite3"
    shell.ask("dev", "deploy checkout v42 to production")
    backup = _tables(database)
    shell.ask("dev", "deploy web v42 to production")
    _wait_until_remembered(shell.data / "audit-head.json", size=2)
    _restore(database, backup)
    told = serving.wait_for("safe mode")
    assert told["problem"].startswith("it counts 1 entries, and 2 were there before.")
    status, body = serving.get("/readyz")
    assert status == 200
    assert json.loads(body)["audit"]["text"].startswith("safe mode: it counts 1 entries")
    assert "countersign_safe_mode 1.0" in serving.get("/metrics")[1]
    refused = shell.ask("dev", "deploy search v42 to production")
    assert refused.code == 4
    assert refused.json["text"].startswith("I am in safe mode and only answer questions")
    assert shell.ask("dev", "status").code == 0


def test_while_stopping_it_is_alive_but_not_ready(shell: Shell) -> None:
    serving = Serving(shell, COUNTERSIGN_DRAIN_SECONDS="2")
    try:
        serving.wait_for("ready")
        serving.process.send_signal(signal.SIGTERM)
        serving.wait_for("stopping")
        assert serving.get("/livez")[0] == 200
        status, body = serving.get("/readyz")
        assert status == 503
        assert json.loads(body)["serving"] == {"ok": False, "text": "stopping"}
        assert serving.process.wait(timeout=30) == 0
    finally:
        serving.close()


def test_a_second_signal_ends_it_at_once(shell: Shell) -> None:
    serving = Serving(shell, COUNTERSIGN_DRAIN_SECONDS="600")
    try:
        serving.wait_for("ready")
        serving.process.send_signal(signal.SIGTERM)
        serving.wait_for("stopping")
        assert serving.stop(signal.SIGINT) == 128 + signal.SIGINT
    finally:
        serving.close()


def test_what_runs_when_it_is_told_to_stop_comes_to_its_end_first(unhurried: Shell) -> None:
    serving = Serving(unhurried, COUNTERSIGN_GRACE_SECONDS="20")
    try:
        serving.wait_for("ready")
        unhurried.ask("dev", "deploy web v42 to production")
        unhurried.ask("sre", "approve 1", "--no-wait")
        until = time.monotonic() + 30
        while '"run:started"' not in unhurried("audit", "list", "--json").out:
            assert time.monotonic() < until
        assert serving.stop() == 0
    finally:
        serving.close()
    entries = unhurried("audit", "list", "--subject", "proposal/1", "--json").out
    ends = [json.loads(line) for line in entries.splitlines() if '"run:succeeded"' in line]
    assert [f"-{serving.process.pid}-" in end["actor"] for end in ends] == [True]


def test_a_change_that_runs_when_it_is_killed_is_finished_by_the_next_one(unhurried: Shell) -> None:
    first = Serving(unhurried)
    try:
        first.wait_for("ready")
        unhurried.ask("dev", "deploy checkout v42 to production")
        unhurried.ask("sre", "approve 1", "--wait", "1")
        first.process.kill()
        first.process.wait()
    finally:
        first.close()
    assert unhurried("worker", "--until-idle").code == 0
    entries = unhurried("audit", "list", "--subject", "proposal/1", "--json").out
    assert entries.count('"effect:applied"') == 1
    assert entries.count('"run:succeeded"') == 1


def test_a_port_in_use_is_a_sentence(shell: Shell) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        ended = shell("serve", COUNTERSIGN_LISTEN=address)
    assert ended.code == 2
    assert ended.err.splitlines()[-1] == (
        f"Cannot listen on {address}: address already in use. Choose another address in organization.yaml (slack.listen) "
        "or with COUNTERSIGN_LISTEN."
    )
    assert "Traceback" not in ended.err


@pytest.mark.parametrize(
    ("environ", "sentence"),
    [
        (
            {"COUNTERSIGN_LISTEN": "3000"},
            "  COUNTERSIGN_LISTEN: “3000” is not an address; write host:port, for instance 127.0.0.1:3000.",
        ),
        ({"COUNTERSIGN_GRACE_SECONDS": "long"}, "COUNTERSIGN_GRACE_SECONDS is “long”. Give seconds, from 0 to 3600."),
        (
            {"SLACK_BOT_TOKEN": "xoxb-1234567890-abcdef"},
            "Slack in socket mode also needs SLACK_APP_TOKEN. Set it, or unset the others.",
        ),
    ],
)
def test_what_is_missing_or_misspelled_is_a_sentence(shell: Shell, environ: dict[str, str], sentence: str) -> None:
    ended = shell("serve", **environ)
    assert ended.code == 2
    assert ended.err.splitlines()[-1] == sentence


def test_with_slack_out_of_reach_it_serves_but_is_not_ready(shell: Shell) -> None:
    serving = Serving(
        shell,
        SLACK_BOT_TOKEN="xoxb-1234567890-abcdef",
        SLACK_APP_TOKEN="xapp-1-A1-1234567890-abcdef",
        SLACK_API_URL="http://127.0.0.1:1/api/",
    )
    try:
        status, body = serving.get("/readyz")
        assert status == 503
        assert json.loads(body)["slack"]["ok"] is False
        assert json.loads(body)["engine"]["ok"] is True
        assert serving.get("/livez")[0] == 200
        assert serving.stop() == 0
        assert "xoxb-" not in str(serving.lines)
    finally:
        serving.close()
