"""The app manifest, generated from the skills."""

import re
from pathlib import Path
from typing import Any

import pytest

from bot.slack.manifest import EVENTS, SCOPES, SLACKS_OWN, as_json, command_of, manifest
from skills.core.registry import discover

ROOT = Path(__file__).parents[3]
SHIPPED = ROOT / "config" / "slack_manifest.json"


def test_the_shipped_manifest_is_current() -> None:
    assert SHIPPED.read_text() == as_json(manifest(discover())), "write as_json(manifest(discover())) to it"


def test_every_skill_has_a_command_that_slack_lets_an_app_have() -> None:
    commands = manifest(discover())["features"]["slash_commands"]
    names = [command["command"] for command in commands]
    assert names[0] == "/ops"
    assert set(names) == {"/ops", *(command_of(_command(skill)) for skill in discover())}
    assert len(names) == len(set(names))
    assert not {name.removeprefix("/") for name in names} & SLACKS_OWN
    assert {"/deploy", "/ops-status", "/ops-help"} <= set(names)


def test_the_limits_of_slack_are_kept() -> None:
    made = manifest(discover(), "http", "https://bot.example")
    about, features = made["display_information"], made["features"]
    assert len(about["name"]) <= 35
    assert len(about["description"]) <= 140
    assert 174 <= len(about["long_description"]) <= 4000
    assert len(features["agent_view"]["agent_description"]) <= 300
    assert 1 <= len(features["agent_view"]["suggested_prompts"]) <= 4
    for command in features["slash_commands"]:
        assert re.fullmatch(r"/[a-z0-9_-]{1,31}", command["command"])
        assert 1 <= len(command["description"]) <= 2000
        assert command["url"] == "https://bot.example/slack/events"


def test_the_two_modes_differ_in_where_slack_delivers() -> None:
    socket, http = manifest(discover()), manifest(discover(), "http", "https://bot.example/")
    assert socket["settings"]["socket_mode_enabled"] is True
    assert "request_url" not in socket["settings"]["event_subscriptions"]
    assert http["settings"]["socket_mode_enabled"] is False
    assert http["settings"]["event_subscriptions"]["request_url"] == "https://bot.example/slack/events"
    assert http["settings"]["interactivity"]["request_url"] == "https://bot.example/slack/events"


def test_http_mode_needs_a_public_address() -> None:
    with pytest.raises(ValueError, match="public https:// address"):
        manifest(discover(), "http")
    with pytest.raises(ValueError, match="public https:// address"):
        manifest(discover(), "http", "http://bot.example")


def test_no_scope_is_asked_for_that_nothing_uses() -> None:
    source = "".join(path.read_text() for path in (ROOT / "bot" / "slack").rglob("*.py") if path.name != "manifest.py")
    uses = {
        "app_mentions:read": "app_mention" in EVENTS,
        "assistant:write": "agent_view" in manifest(discover())["features"],
        "bookmarks:read": "bookmarks.list" in source,
        "bookmarks:write": "bookmarks.add" in source,
        "canvases:write": "conversations.canvases.create" in source,
        "channels:manage": "conversations.create" in source,
        "channels:read": "conversations.list" in source,
        "groups:read": "conversations.list" in source,
        "groups:write": "conversations.create" in source,
        "pins:write": "pins.add" in source,
        "channels:history": "conversations.history" in source,
        "groups:history": "conversations.history" in source,
        "chat:write": "chat.postMessage" in source,
        "commands": bool(manifest(discover())["features"]["slash_commands"]),
        "files:write": "files.getUploadURLExternal" in source,
        "im:history": "message.im" in EVENTS,
        "users:read": "users.info" in source,
    }
    assert {scope for scope, used in uses.items() if used} == set(SCOPES)
    assert manifest(discover())["oauth_config"]["scopes"]["bot"] == sorted(SCOPES)


def _command(skill: Any) -> str:
    """Skills of one topic share a command."""
    return skill.topic if skill.topic and skill.name.startswith(f"{skill.topic}-") else str(skill.name)
