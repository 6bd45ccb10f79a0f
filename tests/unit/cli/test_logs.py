"""What stands in the logs, and what never does."""

import io
import json
import logging
import stat
from pathlib import Path
from typing import Any

import pytest
import structlog

from bot import logs


@pytest.fixture
def stream() -> io.StringIO:
    stream = io.StringIO()
    logs.to_stream("info", stream=stream)
    return stream


def lines(stream: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_a_line_is_one_json_object_with_time_level_and_logger(stream: io.StringIO) -> None:
    logging.getLogger("bot.x").info("ready on %s", "3000", extra={"database": "sqlite"})
    (line,) = lines(stream)
    assert line.pop("timestamp").endswith("Z")
    assert line == {"event": "ready on 3000", "level": "info", "logger": "bot.x", "database": "sqlite"}


def test_the_facts_of_the_request_are_on_every_line_inside_and_on_none_outside(stream: io.StringIO) -> None:
    log = logging.getLogger("bot.x")
    with logs.bound(organization="acme", actor="dev"), logs.bound(proposal=3):
        log.info("inside")
    log.info("outside")
    inside, outside = lines(stream)
    assert (inside["organization"], inside["actor"], inside["proposal"]) == ("acme", "dev", 3)
    assert "actor" not in outside


def test_secrets_are_in_no_line_wherever_they_stand(stream: io.StringIO) -> None:
    secret = "xoxb-0123456789-abcdef"
    log = logging.getLogger("bot.x")
    log.info("token %s", secret, extra={"password": "hunter2", "nested": {"deep": [secret], "api_key": "k"}})
    problem = ValueError(f"postgresql://user:hunter2@db/x {secret}")
    log.error("failed", exc_info=problem)
    assert secret not in stream.getvalue()
    assert "hunter2" not in stream.getvalue()
    first, second = lines(stream)
    assert first["nested"] == {"deep": ["(redacted)"], "api_key": "(redacted)"}
    assert "ValueError: postgresql://(redacted)@db/x (redacted)" in second["exception"]


def test_loggers_of_structlog_write_to_the_same_place(stream: io.StringIO, capsys: pytest.CaptureFixture[str]) -> None:
    structlog.get_logger().warning("the store is out of reach", problem="token=abc")
    (line,) = lines(stream)
    assert (line["event"], line["problem"], line["level"]) == (
        "the store is out of reach",
        "token=(redacted)",
        "warning",
    )
    assert capsys.readouterr().out == ""


def test_chatty_libraries_are_only_heard_when_they_warn(stream: io.StringIO) -> None:
    logging.getLogger("sqlalchemy.engine").info("SELECT")
    logging.getLogger("slack_bolt").warning("careful")
    assert [line["event"] for line in lines(stream)] == ["careful"]


def test_a_log_file_is_not_made_before_its_first_line_and_is_private(tmp_path: Path) -> None:
    logs.to_file(tmp_path / "data", "warning")
    logging.getLogger("bot.x").info("too quiet")
    assert not (tmp_path / "data").exists()
    logging.getLogger("bot.x").warning("half a character \ud83d")
    file = tmp_path / "data" / "countersign.log"
    assert json.loads(file.read_text())["level"] == "warning"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


def test_the_last_place_given_is_where_logs_go(stream: io.StringIO) -> None:
    other = io.StringIO()
    logs.to_stream("info", stream=other)
    logging.getLogger("bot.x").info("once")
    assert stream.getvalue() == ""
    assert len(lines(other)) == 1


def test_text_is_for_people(tmp_path: Path) -> None:
    stream = io.StringIO()
    logs.to_stream("info", stream=stream, as_json=False)
    logging.getLogger("bot.x").info("ready", extra={"port": 3000})
    assert "ready" in stream.getvalue()
    assert "port=3000" in stream.getvalue()


@pytest.mark.parametrize(
    ("environ", "level"), [({}, "info"), ({"COUNTERSIGN_LOG": "DEBUG"}, "debug"), ({"COUNTERSIGN_LOG": "loud"}, "info")]
)
def test_the_environment_has_the_last_word_on_the_level(environ: dict[str, str], level: str) -> None:
    assert logs.chosen_level(environ, "info") == level


def test_a_folder_that_cannot_be_written_to_stops_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").write_text("a file, not a folder")
    logs.to_file(tmp_path / "data", "warning")
    logging.getLogger("bot.x").warning("lost")
    assert capsys.readouterr().err == ""
