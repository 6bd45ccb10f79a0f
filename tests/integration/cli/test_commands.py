"""What the command line does besides asking."""

import json

import yaml

from tests.support.shell import CONFIG, Shell


def test_help_names_every_command_and_every_exit_code(shared: Shell) -> None:
    ended = shared("--help")
    assert ended.code == 0
    for word in ("chat", "ask", "serve", "worker", "doctor", "skills", "manifest", "audit", "story", "demo-slack"):
        assert f"    {word} " in ended.out
    assert "3    refused by policy" in ended.out


def test_help_loads_nothing_heavy(shared: Shell) -> None:
    ended = shared("--help", PYTHONPROFILEIMPORTTIME="1")
    for heavy in ("pydantic", "sqlalchemy", "structlog", "rich", "asyncio", "bot.bootstrap"):
        assert f" {heavy}\n" not in ended.err


def test_a_question_loads_neither_the_engine_nor_a_vendor(shared: Shell) -> None:
    ended = shared("ask", "--as", "dev", "--json", "status", PYTHONPROFILEIMPORTTIME="1")
    assert ended.code == 0
    for heavy in ("dbos", "kubernetes", "slack_bolt", "slack_sdk", "alembic", "uvicorn", "starlette"):
        assert f" {heavy}\n" not in ended.err


def test_without_a_command_there_is_help(shared: Shell) -> None:
    ended = shared()
    assert ended.code == 0
    assert ended.out.startswith("usage: countersign")


def test_the_version(shared: Shell) -> None:
    assert shared("--version").out == "countersign 0.1.0\n"


def test_an_unknown_command_is_one_sentence(shared: Shell) -> None:
    ended = shared("destroy")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith("countersign: argument COMMAND: invalid choice: 'destroy'")
    assert ended.err.count("\n") == 1


def test_skills_need_no_configuration(shared: Shell) -> None:
    ended = shared("skills", "--json", COUNTERSIGN_CONFIG="/nonexistent")
    assert ended.code == 0
    skills = {skill["name"]: skill for skill in json.loads(ended.out)["skills"]}
    assert skills["deploy"]["kind"] == "change"
    assert skills["deploy"]["examples"]
    assert "service" in skills["deploy"]["params"]["properties"]
    assert "approve" in skills


def test_the_story_goes_as_told(shell: Shell) -> None:
    ended = shell("story")
    assert ended.code == 0, ended.out
    assert ended.out.endswith("✓ Everything went as told.\n")
    assert "sre › why is checkout failing in production?\nDiagnosis of checkout\n" in ended.out
    assert "\x1b" not in ended.out
    assert max(len(line) for line in ended.out.splitlines()) <= 100
    assert not (shell.data / "countersign.sqlite3").exists()  # it has a world of its own


def test_the_story_says_what_did_not_go_as_told(shell: Shell) -> None:
    """In a world where the developer has no role, the very first proposal is refused."""
    config = shell.data.parent / "config"
    config.mkdir()
    for file in CONFIG.rglob("*.yaml"):
        copy = config / file.relative_to(CONFIG)
        copy.parent.mkdir(exist_ok=True)
        copy.write_text(file.read_text().replace("roles: [developer]", "roles: []"))
    ended = shell("--config", str(config), "story")
    assert ended.code == 1
    assert "✗ Not as told: “deploy checkout v42 to production” was not proposed:" in ended.out


def test_the_slack_manifest_lists_a_command_for_each_skill(shared: Shell) -> None:
    ended = shared("manifest")
    assert ended.code == 0
    made = yaml.safe_load(ended.out)
    commands = [command["command"] for command in made["features"]["slash_commands"]]
    assert commands[0] == "/ops"
    assert "/deploy" in commands
    assert made["settings"]["socket_mode_enabled"] is True


def test_the_http_manifest_needs_the_public_address(shared: Shell) -> None:
    ended = shared("manifest", "--mode", "http")
    assert (ended.code, ended.out) == (2, "")
    assert ended.err == "In http mode Slack needs the public https:// address of the bot: give it with --request-url.\n"
    made = yaml.safe_load(shared("manifest", "--mode", "http", "--request-url", "https://bot.example").out)
    assert made["settings"]["event_subscriptions"]["request_url"] == "https://bot.example/slack/events"
