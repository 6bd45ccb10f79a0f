"""`countersign doctor`, and what `ask` says, when something is not as it should be."""

import json
import os
import shutil
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from bot.bootstrap import Check, Settings
from bot.cli.doctor import examine, exit_of
from bot.engine.lock import EngineLock
from tests.support.shell import CONFIG, Shell
from tests.support.worlds import open_office

TOKENS = {"SLACK_BOT_TOKEN": "xoxb-1234567890-abcdef", "SLACK_APP_TOKEN": "xapp-1-A1-1234567890-abcdef"}


@contextmanager
def slack_that_answers(answer: dict[str, object]) -> Iterator[str]:
    """The URL of a Slack whose every method answers this."""

    class Answer(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.dumps(answer).encode()
            self.send_response(200)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


async def what(data: Path, *, config: Path = CONFIG, **environ: str) -> tuple[int, dict[str, Check]]:
    """The exit code that is due, and the checks by what they looked at."""
    settings = Settings.from_environ(environ, config=config, data=data)
    found = [examined async for examined in examine(settings)]
    return exit_of(found), {examined.check.what: examined.check for examined in found}


def test_all_is_well_in_a_fresh_world(shell: Shell) -> None:
    ended = shell("doctor")
    assert (ended.code, ended.err) == (0, "")
    assert ended.out.endswith("\nAll is well.\n")
    for line in (
        "✓ production: cluster: simulated, 4 workloads\n",
        "✓ audit log: intact, 0 entries\n",
        "✓ engine: free; the next process that needs it takes it\n",
        "✓ slack: not configured, which is fine without Slack; otherwise set SLACK_BOT_TOKEN and SLACK_APP_TOKEN\n",
    ):
        assert line in ended.out


def test_every_mistake_of_the_configuration_is_a_line(shell: Shell, tmp_path: Path) -> None:
    config = tmp_path / "config"
    shutil.copytree(CONFIG, config)
    text = (config / "organization.yaml").read_text().replace("timezone: UTC", "timezon: UTC").replace("json", "jsn")
    (config / "organization.yaml").write_text(text)
    ended = shell("--config", str(config), "doctor")
    assert ended.code == 2
    assert (
        "✗ configuration: organization.yaml, line 5: timezon: is not a known key. Did you mean timezone?\n" in ended.out
    )
    assert "log.format" in ended.out
    assert ended.out.endswith("\n2 things are not well.\n")


async def test_a_configuration_that_is_not_there(tmp_path: Path) -> None:
    code, checks = await what(tmp_path / "data", config=tmp_path / "nowhere")
    assert code == 2
    assert checks["configuration"].ok is False


async def test_a_database_from_a_newer_version(shell: Shell) -> None:
    async with open_office(shell.data):
        pass
    with closing(sqlite3.connect(shell.data / "countersign.sqlite3")) as connection:
        connection.execute("UPDATE countersign_revision SET version_num = '9999'")
        connection.commit()
    code, checks = await what(shell.data)
    assert code == 4
    assert "was written by a newer version of Countersign" in checks["database"].text
    asked = shell.ask("dev", "status")
    assert (asked.code, asked.json["kind"]) == (4, "error")


async def test_a_file_that_is_no_database(tmp_path: Path) -> None:
    (tmp_path / "countersign.sqlite3").write_text("this is no database, however long it may be " * 100)
    code, checks = await what(tmp_path)
    assert (code, checks["database"].ok) == (4, False)


async def test_a_database_that_somebody_else_has_locked(shell: Shell) -> None:
    async with open_office(shell.data):
        pass
    with closing(sqlite3.connect(shell.data / "countersign.sqlite3", isolation_level=None)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        asked = shell.ask("dev", "status")
    assert (asked.code, asked.json["kind"]) == (4, "error")
    assert "locked" in asked.json["text"] or "busy" in asked.json["text"]


async def test_a_data_folder_that_is_a_file(shell: Shell) -> None:
    shell.data.write_text("")
    code, checks = await what(shell.data)
    assert code == 2
    sentence = f"{shell.data} is a file. Move it, or choose a folder with COUNTERSIGN_DATA."
    assert checks["data folder"].text == sentence
    asked = shell.ask("dev", "status")
    assert (asked.code, asked.json["kind"]) == (4, "error")


async def test_a_tampered_audit_log(tmp_path: Path) -> None:
    async with open_office(tmp_path) as office:
        await office.say("dev", "deploy checkout v42 to production")
    with closing(sqlite3.connect(tmp_path / "countersign.sqlite3")) as connection:
        connection.execute("UPDATE audit_entries SET body = replace(body, 'checkout', 'chequout')")
        connection.commit()
    code, checks = await what(tmp_path)
    assert code == 4
    assert checks["audit log"].text.startswith("NOT as it was written:")


async def test_an_engine_that_runs_in_another_process_is_named(tmp_path: Path) -> None:
    lock = EngineLock(tmp_path)
    assert lock.acquire()
    code, checks = await what(tmp_path)
    lock.release()
    assert (code, checks["engine"].text) == (0, f"running in process {os.getpid()}")


async def test_half_of_the_slack_tokens(tmp_path: Path) -> None:
    code, checks = await what(tmp_path, SLACK_APP_TOKEN=TOKENS["SLACK_APP_TOKEN"])
    assert code == 2
    assert checks["slack"].text == "SLACK_BOT_TOKEN must be set for socket mode (Slack's app settings show them)."


def test_a_wrong_slack_token_is_told_and_not_shown(shell: Shell) -> None:
    with slack_that_answers({"ok": False, "error": "invalid_auth"}) as url:
        ended = shell("doctor", **TOKENS, SLACK_API_URL=url)
    assert ended.code == 4
    assert "✗ slack: the bot token is not valid. Copy it again from “OAuth & Permissions” of the app.\n" in ended.out
    assert "xoxb" not in ended.out + ended.err


async def test_a_good_slack_token(tmp_path: Path) -> None:
    with slack_that_answers({"ok": True, "team": "Acme", "team_id": "T1", "user": "countersign"}) as url:
        code, checks = await what(tmp_path, **TOKENS, SLACK_API_URL=url)
    assert code == 0
    assert checks["slack"].text == "connected to Acme as countersign"


async def test_a_slack_that_is_out_of_reach(tmp_path: Path) -> None:
    nowhere = "http://127.0.0.1:1/api/"
    code, checks = await what(tmp_path, **TOKENS, SLACK_API_URL=nowhere)
    assert code == 4
    assert checks["slack"].text == f"{nowhere} cannot be reached. Look at the network, a proxy, or the firewall."


async def test_something_that_is_not_slack(tmp_path: Path) -> None:
    with slack_that_answers({"hello": "world"}) as url:
        code, checks = await what(tmp_path, **TOKENS, SLACK_API_URL=url)
    assert (code, checks["slack"].ok) == (4, False)


async def test_the_doctor_names_those_whose_roles_nobody_confirmed(tmp_path: Path) -> None:
    shutil.copytree(CONFIG, tmp_path / "config")
    organization = tmp_path / "config" / "organization.yaml"
    organization.write_text(organization.read_text().replace("  # membership_days: 90 #", "  membership_days: 90 #"))
    code, checks = await what(tmp_path / "data", config=tmp_path / "config")
    assert code == 4
    assert checks["memberships"].text == (
        "not confirmed lately, so without roles and teams: dev, sre, lead, guest. "
        "Look at them, and set “confirmed” in people.yaml."
    )
