"""The Slack app manifest, made from the skills: what to paste into “Create an app from a manifest”.

Slack keeps some command names for itself (/status, /help, …); an app's command of that name would never arrive. Those skills get the
prefix of the free command, /ops-status; typed input is understood with and without it.
"""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Literal

from bot.slack.app import PATH
from bot.slack.views.text import clip
from skills.core.skill import Kind, Skill

FREE = "ops"
"""The command that takes any request."""

PREFIX = f"{FREE}-"

SLACKS_OWN = frozenset({
    "active", "apps", "archive", "away", "call", "canvas", "collapse", "dm", "dnd", "expand", "feed", "feedback", "help",
    "huddle", "invite", "join", "keys", "kick", "leave", "list", "me", "msg", "mute", "open", "part", "prefs", "remind",
    "remove", "rename", "search", "shortcuts", "shrug", "star", "status", "topic", "unarchive", "who",
})  # fmt: skip

SCOPES: Mapping[str, str] = {
    "app_mentions:read": "to be spoken to in channels",
    "assistant:write": "agent_view, the place for direct messages with what is being done and a button to stop it, needs it",
    "bookmarks:read": "to see which links stand above an incident's room already",
    "bookmarks:write": "to put the links of an incident above its room",
    "canvases:write": "to write a post-mortem into the canvas of an incident's room",
    "channels:history": "to look for a message after a crash instead of posting it twice, in public channels",
    "channels:manage": "to make, name, fill and close the rooms of incidents",
    "channels:read": "to find a room that was half made when a process died, and to see who is in it",
    "chat:write": "to answer, and to keep cards up to date",
    "commands": "the slash commands",
    "files:write": "to post charts as pictures",
    "groups:history": "the same look in private channels that the bot was invited to",
    "groups:read": "the same look at the rooms of confidential incidents",
    "groups:write": "to make, name, fill and close the rooms of confidential incidents",
    "im:history": "to be spoken to directly",
    "pins:write": "to pin what matters in an incident's room",
    "users:read": "to refuse guests, bots, strangers and deactivated accounts",
}
"""Each scope and what it is for; a test holds them to the methods and events that are used."""

EVENTS = ("agent_session_stopped", "app_mention", "message.im")

_DESCRIPTION, _AGENT, _LONG, _HINT, _PROMPTS = 140, 300, 4000, 1000, 4
_LONG_DESCRIPTION = (
    "Ask in plain words. See exactly what would change: every step, before and after, the real difference, the risk and whom "
    "it touches. A second person countersigns with a button. Countersign then runs that, once, and nothing else; it shows how it goes, "
    "goes back by itself where a rollout fails, and writes every step to an audit log that anyone can verify."
)


def manifest(
    skills: Iterable[Skill[Any] | type[Skill[Any]]], mode: Literal["socket", "http"] = "socket", request_url: str = ""
) -> dict[str, Any]:
    """The manifest for these skills. `request_url` is the public address of the bot, needed in http mode. Raises `ValueError` without."""
    known = sorted(skills, key=lambda skill: skill.name)
    url = _events_url(request_url) if mode == "http" else ""
    if mode == "http" and not url.startswith("https://"):
        raise ValueError("In http mode Slack needs the public https:// address of the bot: give it with --request-url.")
    return {
        "_metadata": {"major_version": 2},
        "display_information": {
            "name": "Countersign",
            "description": "Shows what would change, has a second person countersign it, runs exactly that, once.",
            "long_description": clip(_LONG_DESCRIPTION, _LONG),
            "background_color": "#1f3a2e",
        },
        "features": {
            "app_home": {
                "home_tab_enabled": False,
                "messages_tab_enabled": True,
                "messages_tab_read_only_enabled": False,
            },
            "bot_user": {"display_name": "countersign", "always_online": True},
            "agent_view": {
                "agent_description": clip(_agent(known), _AGENT),
                "suggested_prompts": [
                    {"title": clip(text, 75), "message": text} for text in _examples(known)[:_PROMPTS]
                ],
            },
            "slash_commands": [_free(known, url), *_commands(known, url)],
        },
        "oauth_config": {"scopes": {"bot": sorted(SCOPES)}},
        "settings": {
            "event_subscriptions": {**_at(url, "request_url"), "bot_events": sorted(EVENTS)},
            "interactivity": {"is_enabled": True, **_at(url, "request_url")},
            "org_deploy_enabled": False,
            "socket_mode_enabled": mode == "socket",
            "token_rotation_enabled": False,
        },
    }


def as_json(made: Mapping[str, Any]) -> str:
    """As it is shipped in `config/slack_manifest.json`."""
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


def command_of(name: str) -> str:
    """The slash command of a skill."""
    return f"/{PREFIX}{name}" if name in SLACKS_OWN else f"/{name}"


def _commands(skills: list[Any], url: str) -> list[dict[str, Any]]:
    """One for each skill, and one for all that share a topic."""
    topics: dict[str, list[Any]] = {}
    for skill in skills:
        if skill.topic:
            topics.setdefault(skill.topic, []).append(skill)
    alone = [
        _command(skill, url) for skill in skills if not skill.name.startswith(f"{skill.topic}-") or not skill.topic
    ]
    return sorted(
        [*alone, *(_topical(topic, some, url) for topic, some in topics.items())], key=lambda made: str(made["command"])
    )


def _topical(topic: str, skills: list[Any], url: str) -> dict[str, Any]:
    words = [skill.name.removeprefix(f"{topic}-") for skill in skills if skill.name.startswith(f"{topic}-")]
    return {
        "command": command_of(topic),
        "description": clip(f"Everything about {topic}s: {', '.join(words)}.", _DESCRIPTION),
        "usage_hint": clip(" | ".join(words), _HINT),
        "should_escape": False,
        **_at(url, "url"),
    }


def _command(skill: Any, url: str) -> dict[str, Any]:
    example = next(iter(skill.examples), "")
    hint = example.removeprefix(skill.name).strip()
    return {
        "command": command_of(skill.name),
        "description": clip(skill.sentence(), _DESCRIPTION),
        **({"usage_hint": clip(hint, _HINT)} if hint else {}),
        "should_escape": False,
        **_at(url, "url"),
    }


def _free(skills: list[Any], url: str) -> dict[str, Any]:
    hint = next(iter(_examples(skills)), "help")
    return {
        "command": f"/{FREE}",
        "description": "Ask for anything that Countersign can do.",
        "usage_hint": clip(hint, _HINT),
        "should_escape": False,
        **_at(url, "url"),
    }


def _examples(skills: list[Any]) -> list[str]:
    """One example of each skill that somebody might begin with: changes first, then queries."""
    order = {Kind.CHANGE: 0, Kind.QUERY: 1}
    chosen = sorted((skill for skill in skills if skill.kind in order and skill.examples), key=lambda s: order[s.kind])
    return [skill.examples[0] for skill in chosen]


def _agent(skills: list[Any]) -> str:
    names = ", ".join(skill.name for skill in skills if skill.kind is not Kind.DECISION)
    return f"Does what platform teams need, with a second person's approval: {names}. Say it in a sentence; nothing changes before somebody else has agreed."


def _at(url: str, field: str) -> dict[str, str]:
    return {field: url} if url else {}


def _events_url(request_url: str) -> str:
    return request_url if not request_url or request_url.endswith(PATH) else request_url.rstrip("/") + PATH
