"""Signed requests as Slack sends them, and an ASGI application called without a server."""

import hashlib
import hmac
import json
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from starlette.types import ASGIApp

from tests.support.slack import APP, DEV, GENERAL, SECRET, TEAM

FORM, JSON = "application/x-www-form-urlencoded", "application/json"


def signed(body: bytes, *, at: float, secret: str = SECRET, kind: str = FORM) -> dict[str, str]:
    """The headers of a request sent at `at` (seconds since 1970)."""
    stamp = str(int(at))
    digest = hmac.new(secret.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    return {"x-slack-request-timestamp": stamp, "x-slack-signature": f"v0={digest}", "content-type": kind}


def command(text: str = "status", *, trigger: str = "1.2.3", **other: str) -> bytes:
    fields = {
        "command": "/ops", "text": text, "user_id": DEV, "channel_id": GENERAL, "team_id": TEAM, "api_app_id": APP,
        "trigger_id": trigger, "response_url": "https://hooks.slack.com/commands/x", **other,
    }  # fmt: skip
    return urlencode(fields).encode()


def mention(event_id: str = "Ev1", **other: Any) -> bytes:
    event = {"type": "app_mention", "user": DEV, "channel": GENERAL, "ts": "1.1", "text": "<@U0BOT> status"}
    body = {"type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": event_id, "event": event}
    return json.dumps({**body, **other}).encode()


async def post(app: ASGIApp, body: bytes, headers: Mapping[str, str], path: str = "/slack/events") -> tuple[int, str]:
    """(status, text) of one POST."""
    scope = {
        "type": "http", "method": "POST", "path": path, "raw_path": path.encode(), "query_string": b"", "root_path": "",
        "scheme": "http", "http_version": "1.1", "server": ("test", 80), "client": ("test", 1),
        "headers": [(name.lower().encode(), value.encode("latin-1")) for name, value in headers.items()],
    }  # fmt: skip
    pieces = [body[i : i + 65536] for i in range(0, len(body), 65536)] or [b""]
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        piece = pieces.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(message)

    await app(scope, receive, send)
    text = b"".join(message.get("body", b"") for message in sent if message["type"] == "http.response.body")
    return int(sent[0]["status"]), text.decode()
