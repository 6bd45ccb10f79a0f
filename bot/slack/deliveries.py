"""What arrives from Slack, told apart and cut down to what is needed before it is stored.

Verification tokens, whole messages and profiles are left behind: what is not kept cannot leak.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from bot.slack.views.waiting import STOP

COMMAND, MENTION, DIRECT_MESSAGE, BUTTON, MODAL = "command", "mention", "direct_message", "button", "modal"
STOPPED = "stopped"
"""Somebody pressed Stop: our button or Slack's own."""


@dataclass(frozen=True, kw_only=True)
class Arrival:
    """A delivery worth keeping. The same delivery made twice by Slack has the same key."""

    key: str
    kind: str
    body: dict[str, Any]


def arrival(body: Mapping[str, Any]) -> Arrival | None:
    """What this payload asks of us; None if it is of a kind that is ignored on purpose."""
    if "command" in body:
        return _command(body)
    match body.get("type"):
        case "event_callback":
            return _event(body)
        case "block_actions":
            return _button(body)
        case "view_submission":
            return _modal(body)
        case _:
            return None


def teams_of(body: Mapping[str, Any]) -> set[str]:
    """The workspaces that this payload says it is for."""
    named = {_text(body, "team_id"), _text(body, "team", "id"), _text(body, "user", "team_id")}
    if body.get("type") == "event_callback":
        named = {_text(body, "team_id")}
        authorizations = body.get("authorizations")
        for each in authorizations if isinstance(authorizations, list) else ():
            named.add(_text(each, "team_id"))
    return named - {""}


def _event(body: Mapping[str, Any]) -> Arrival | None:
    event, key = body.get("event"), _text(body, "event_id")
    if not isinstance(event, dict) or not key:
        return None
    if event.get("type") == "agent_session_stopped":
        return _session_stopped(f"event:{key}", event)
    kind = {"app_mention": MENTION, "message": DIRECT_MESSAGE}.get(str(event.get("type")))
    ours = kind == MENTION or event.get("channel_type") == "im"
    user, channel, ts = _text(event, "user"), _text(event, "channel"), _text(event, "ts")
    said_by_a_person = not (event.get("bot_id") or event.get("subtype") or event.get("hidden") or event.get("edited"))
    if kind is None or not (ours and said_by_a_person and user and channel and ts):
        return None
    kept = {
        "user": user,
        "channel": channel,
        "thread": _text(event, "thread_ts") or ts,
        "reply": _text(event, "thread_ts") not in ("", ts),
        "text": _text(event, "text"),
        "team": _text(body, "team_id"),
        "bot": _bot_user(body),
    }
    return Arrival(key=f"event:{key}", kind=kind, body=kept)


def _session_stopped(key: str, event: Mapping[str, Any]) -> Arrival | None:
    """Slack's own button, which names a thread; ours is told apart by its action, and names a question."""
    kept = {
        name: _text(event, field) for name, field in (("user", "user"), ("channel", "channel"), ("thread", "thread_ts"))
    }
    return Arrival(key=key, kind=STOPPED, body=kept) if all(kept.values()) else None


def _command(body: Mapping[str, Any]) -> Arrival | None:
    key = _text(body, "trigger_id")
    kept = {
        "user": _text(body, "user_id"),
        "channel": _text(body, "channel_id"),
        "command": _text(body, "command"),
        "text": _text(body, "text"),
        "team": _text(body, "team_id"),
        "response_url": _text(body, "response_url"),
    }
    return Arrival(key=f"command:{key}", kind=COMMAND, body=kept) if key and kept["user"] else None


def _button(body: Mapping[str, Any]) -> Arrival | None:
    pressed = body.get("actions")
    key = _text(body, "trigger_id")
    if not key or not isinstance(pressed, list) or not pressed or not isinstance(pressed[0], dict):
        return None
    kept = {
        "user": _text(body, "user", "id"),
        "channel": _text(body, "channel", "id") or _text(body, "container", "channel_id"),
        "ts": _text(body, "container", "message_ts") or _text(body, "message", "ts"),
        "thread": _text(body, "container", "thread_ts") or _text(body, "message", "thread_ts"),
        "action": _text(pressed[0], "action_id"),
        "value": _text(pressed[0], "value") or _text(pressed[0], "selected_option", "value"),
        "trigger": key,
        "team": _text(body, "team", "id"),
        "response_url": _text(body, "response_url"),
        "ephemeral": bool((body.get("container") or {}).get("is_ephemeral")),
    }
    kind = STOPPED if kept["action"] == STOP else BUTTON
    return Arrival(key=f"button:{key}", kind=kind, body=kept) if kept["user"] else None


def _modal(body: Mapping[str, Any]) -> Arrival | None:
    key, view = _text(body, "trigger_id") or _text(body, "view", "id"), body.get("view")
    if not key or not isinstance(view, dict):
        return None
    kept = {
        "user": _text(body, "user", "id"),
        "team": _text(body, "team", "id"),
        "callback": _text(view, "callback_id"),
        "metadata": _text(view, "private_metadata"),
        "values": _values(view),
    }
    return Arrival(key=f"modal:{key}", kind=MODAL, body=kept) if kept["user"] else None


def _values(view: Mapping[str, Any]) -> dict[str, str]:
    """By action id, what was entered."""
    entered = (view.get("state") or {}).get("values") or {}
    return {
        action: _text(field, "value")
        for block in entered.values()
        for action, field in block.items()
        if _text(field, "value")
    }


def _bot_user(body: Mapping[str, Any]) -> str:
    authorizations = body.get("authorizations")
    first = authorizations[0] if isinstance(authorizations, list) and authorizations else {}
    return _text(first, "user_id")


def _text(body: object, *path: str) -> str:
    """The string at the end of the path, or "" if anything on the way is of another shape."""
    for name in path:
        body = body.get(name) if isinstance(body, dict) else None
    return body if isinstance(body, str) else ""
