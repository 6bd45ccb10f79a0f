"""`countersign ask` beside a process that runs: that one answers, and nothing else is different."""

import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from bot.cli.beside import wire
from tests.support.serving import Serving
from tests.support.shell import PROGRAM, Shell
from tests.support.terminal import Terminal

DEPLOY = "deploy checkout v42 to production"


@pytest.fixture
def serving(shell: Shell) -> Iterator[Serving]:
    serving = Serving(shell)
    serving.wait_for("ready")
    _wait_for(shell.data / wire.FILE)
    yield serving
    serving.close()


@pytest.fixture
def alone(tmp_path: Path, bytecode: Path, config: Path) -> Shell:
    """The same world without anybody beside it."""
    return Shell(tmp_path / "alone", bytecode=bytecode, config=config)


@pytest.mark.usefixtures("serving")
def test_the_process_that_runs_answers_and_the_command_line_loads_nothing(shell: Shell) -> None:
    command = [PROGRAM.with_name("python"), "-X", "importtime", "-m", "bot.cli.main", "ask", "--as", "dev", "status"]
    done = subprocess.run(command, env=shell.environ, capture_output=True, text=True, check=True)
    assert "All 8 workloads are healthy." in done.stdout
    loaded = {row.rpartition("|")[2].strip() for row in done.stderr.splitlines()}
    assert "bot.cli.beside.caller" in loaded
    assert loaded.isdisjoint({"asyncio", "pydantic", "sqlalchemy", "bot.bootstrap", "bot.usecases.door", "rich"})


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize(
    "words",
    [
        ("--json", "status checkout in production"),
        ("status checkout in production",),
        (DEPLOY,),
        ("deploy chekout v42 to production",),
        ("deploy checkout",),
        ("--json", "approve 99"),
    ],
    ids=" ".join,
)
def test_answers_and_exit_codes_are_the_same(shell: Shell, alone: Shell, words: tuple[str, ...]) -> None:
    beside, by_itself = (each("ask", "--as", "dev", *words) for each in (shell, alone))
    assert (beside.code, beside.err) == (by_itself.code, by_itself.err)
    assert _without_what_differs(beside.out) == _without_what_differs(by_itself.out)


@pytest.mark.usefixtures("serving")
def test_what_moves_while_one_asks_twice_is_shown_in_the_same_shape(shell: Shell, alone: Shell) -> None:
    beside, by_itself = (each("ask", "--as", "dev", "metrics checkout in production") for each in (shell, alone))
    assert (beside.code, beside.err) == (by_itself.code, by_itself.err)
    assert "p95" in beside.out
    assert _without_numbers(beside.out) == _without_numbers(by_itself.out)


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize("options", [(), ("--json",)])
def test_somebody_unknown_is_told_so_in_the_same_words(shell: Shell, alone: Shell, options: tuple[str, ...]) -> None:
    said = [each("ask", "--as", "sree", *options, "status") for each in (shell, alone)]
    assert said[0] == said[1]
    assert said[0].code == 2


@pytest.mark.usefixtures("serving")
def test_a_terminal_shows_the_same_panel(shell: Shell, alone: Shell) -> None:
    shown = []
    for each in (shell, alone):
        with Terminal(PROGRAM, "ask", "--as", "dev", DEPLOY, environ=each.environ) as terminal:
            panel = terminal.wait_for("pending ─╯")
            assert terminal.colours
            assert terminal.ended() == 0
            shown.append(_without_what_differs(panel))
    assert shown[0] == shown[1]


def test_a_change_is_run_there_and_its_end_is_told_here(serving: Serving, shell: Shell) -> None:
    shell.ask("dev", DEPLOY)
    ended = shell.ask("sre", "approve 1")
    assert (ended.code, ended.json["proposal"]["status"]) == (0, "succeeded")
    assert shell.ask("dev", "deploy search v43 to staging").code == 4
    listed = shell("audit", "list", "--json").out
    runners = {json.loads(line)["actor"] for line in listed.splitlines() if '"run:started"' in line}
    assert len(runners) == 1
    assert f"-{serving.process.pid}-" in runners.pop()


@pytest.mark.usefixtures("serving")
def test_not_waiting_returns_at_once_and_leaves_no_process_behind(shell: Shell) -> None:
    shell.ask("dev", DEPLOY)
    ended = shell.ask("sre", "approve 1", "--no-wait")
    assert (ended.code, ended.json["proposal"]["status"]) == (0, "approved")
    assert not (shell.data / "countersign.log").exists()  # a process left behind would write there


def test_ctrl_c_leaves_the_change_running_and_says_so(unhurried: Shell) -> None:
    with contextlib.closing(Serving(unhurried)) as serving:
        serving.wait_for("ready")
        _wait_for(unhurried.data / wire.FILE)
        unhurried.ask("dev", DEPLOY)
        with Terminal(PROGRAM, "ask", "--as", "sre", "approve 1", environ=unhurried.environ) as terminal:
            terminal.wait_for("#1 …")
            terminal.press("\x03")
            terminal.wait_for("The change goes on without this terminal.")
            assert terminal.ended() == 130
        _until(lambda: "runs v42" in unhurried.ask("dev", "status checkout in production").out)


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGSTOP], ids=["killed", "stopped", "paused"])
def test_whoever_is_left_without_an_answer_asks_again_and_it_happens_once(unhurried: Shell, end: int) -> None:
    """Killed and stopped, it is gone; paused, it keeps the engine, so what was recorded is told when the waiting is over."""
    with contextlib.closing(Serving(unhurried, COUNTERSIGN_GRACE_SECONDS="0")) as serving:
        serving.wait_for("ready")
        _wait_for(unhurried.data / wire.FILE)
        unhurried.ask("dev", DEPLOY)
        asking = unhurried.start("ask", "--as", "sre", "--json", "--wait", "30", "approve 1")
        _until(lambda: '"run:started"' in unhurried("audit", "list", "--json").out)
        serving.process.send_signal(end)
        if end == signal.SIGSTOP:
            time.sleep(1)
            serving.process.send_signal(signal.SIGCONT)
        out, err = asking.communicate(timeout=90)
    assert (asking.returncode, err) == (0, b"")
    assert json.loads(out)["proposal"]["status"] == "succeeded"
    listed = [json.loads(line)["verb"] for line in unhurried("audit", "list", "--subject", "proposal/1", "--json").out.splitlines()]  # fmt: skip
    assert listed.count("proposal:approved") == listed.count("run:started") == listed.count("effect:applied") == 1


def test_an_edited_configuration_is_not_answered_by_who_has_not_read_it(
    tmp_path: Path, bytecode: Path, config: Path
) -> None:
    mine = Path(shutil.copytree(config, tmp_path / "config"))
    shell = Shell(tmp_path / "data", bytecode=bytecode, config=mine)
    with contextlib.closing(Serving(shell)) as serving:
        serving.wait_for("ready")
        _wait_for(shell.data / wire.FILE)
        assert shell.ask("newcomer", "status").code == 2
        people = mine / "people.yaml"
        people.write_text(people.read_text().replace("subject: dev", "subject: dev\n  aliases: [newcomer]", 1))
        assert shell.ask("newcomer", "status").code == 0


def test_what_a_dead_process_left_is_in_nobodys_way(serving: Serving, shell: Shell) -> None:
    serving.process.kill()
    serving.process.wait()
    assert (shell.data / wire.FILE).is_socket()
    assert shell.ask("dev", "status").code == 0
    with contextlib.closing(Serving(shell)) as heir:
        heir.wait_for("ready")
        _until(lambda: _answers(shell.data))


@pytest.mark.usefixtures("serving")
def test_only_its_user_reaches_it(shell: Shell) -> None:
    assert (shell.data / wire.FILE).stat().st_mode & 0o777 == 0o600


@pytest.mark.usefixtures("serving")
@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_somebody_else_is_not_answered_even_where_the_file_lets_them(shell: Shell) -> None:
    for path in (shell.data, *list(shell.data.parents)[:-2]):
        path.chmod(path.stat().st_mode | 0o055)
    (shell.data / wire.FILE).chmod(0o666)
    hello = wire.line({"countersign": wire.PROTOCOL, "world": "any"})
    assert _said_to(shell.data, hello) != b""
    assert _said_to(shell.data, hello, uid=65534) == b""


@pytest.mark.usefixtures("serving")
@pytest.mark.parametrize(
    "said", [b"", b"\n", b"{}\n", b"[1]\n", b"not json\n", b"\xff\xfe\n", b'{"countersign": 1, "world": "another"}\n']
)
def test_what_is_no_request_of_this_world_is_sent_away_and_hurts_nobody(shell: Shell, said: bytes) -> None:
    answered = _said_to(shell.data, said)
    assert b"welcome" not in answered
    assert shell.ask("dev", "status").code == 0


def test_a_conversation_answers_as_well(shell: Shell) -> None:
    with Terminal(PROGRAM, "chat", environ=shell.environ) as terminal:
        terminal.wait_for("dev ›")
        _wait_for(shell.data / wire.FILE)
        assert _answers(shell.data)
        assert shell.ask("dev", DEPLOY).json["id"] == 1
        terminal.say("/quit")
        assert terminal.ended() == 0
    assert not (shell.data / wire.FILE).exists()


def test_a_second_bot_is_refused_by_name_of_the_first(serving: Serving, shell: Shell) -> None:
    ended = shell("serve", COUNTERSIGN_LISTEN="127.0.0.1:0")
    assert ended.code == 2
    assert ended.err.splitlines()[-1] == (
        f"Process {serving.process.pid} serves {shell.data} already, and with SQLite there is one bot. "
        "Stop it, give this one another data folder, or use PostgreSQL for several."
    )
    assert serving.get("/readyz")[0] == 200


def _said_to(data: Path, said: bytes, *, uid: int | None = None) -> bytes:
    """What comes back before the connection is closed, for a process of this user."""
    code = (
        "import os, socket, sys; os.setuid(int(sys.argv[2])); s = socket.socket(socket.AF_UNIX); s.connect(sys.argv[1]);"
        "s.sendall(bytes.fromhex(sys.argv[3])); s.shutdown(socket.SHUT_WR); sys.stdout.buffer.write(s.makefile('rb').read())"
    )
    with wire.address(data) as address:
        here = ["python3", "-c", code, address, str(os.geteuid() if uid is None else uid), said.hex()]
        passed = [int(address.split("/")[4])] if address.startswith("/proc/") else []
        return subprocess.run(here, capture_output=True, check=False, pass_fds=passed, timeout=20).stdout


def _answers(data: Path) -> bool:
    with wire.address(data) as address, socket.socket(socket.AF_UNIX) as connection:
        return connection.connect_ex(address) == 0


def _wait_for(path: Path) -> None:
    _until(path.exists)


def _until(true: Callable[[], bool]) -> None:
    until = time.monotonic() + 30
    while not true():
        assert time.monotonic() < until
        time.sleep(0.05)


def _without_what_differs(text: str) -> str:
    """Ids, handles and times of day are another each time."""
    return re.sub(r"\d\d:\d\d(:\d\d)?|\d{4}-\d\d-\d\dT[\d:.+]+|[0-9a-f]{8,}", "…", text)


def _without_numbers(text: str) -> str:
    """Two looks at live numbers are moments apart: what is left is which were shown, and how."""
    return re.sub(r"[\d.:,]+ *|[▁▂▃▄▅▆▇█]", "…", text)
