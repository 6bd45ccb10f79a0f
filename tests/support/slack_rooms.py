"""The methods of Slack that rooms need, as strict as Slack is about names, lengths, closed channels and who may be invited."""

import json
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web

from tests.support.slack import free_port

BOT = "U0BOT"
_NAME = re.compile(r"[a-z0-9_-]{1,80}")


class SlackWithRooms:
    """A workspace with `users`; `errors` by method are answered instead, `limited` calls get 429, `lost` ones are carried out and not answered."""

    def __init__(self, users: dict[str, str]) -> None:
        self.port = free_port()
        self.users = users  # account -> "" or the error that inviting it gives
        self.channels: dict[str, dict[str, Any]] = {}
        self.members: dict[str, set[str]] = {}
        self.bookmarks: dict[str, list[dict[str, str]]] = {}
        self.pins: set[tuple[str, str]] = set()
        self.messages: dict[str, list[dict[str, Any]]] = {}
        self.canvases: dict[str, str] = {}
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.errors: dict[str, dict[str, Any]] = {}
        self.limited: dict[str, int] = {}
        self.lost: set[str] = set()

    def made(self, method: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == method]

    def add(self, name: str, *, creator: str, purpose: str = "") -> str:
        id = f"C{len(self.channels) + 1:03}"
        self.channels[id] = {
            "id": id, "name": name, "creator": creator, "is_archived": False, "is_private": False,
            "purpose": {"value": purpose}, "topic": {"value": ""},
        }  # fmt: skip
        self.members[id] = {creator}
        return id

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        is_json = request.content_type == "application/json"
        arguments = await request.json() if is_json else {**request.query, **dict(await request.post())}
        self.calls.append((method, arguments))
        if self.limited.get(method, 0) > 0:
            self.limited[method] -= 1
            return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": "1"})
        if method in self.errors:
            return web.json_response({"ok": False, **self.errors[method]})
        said = getattr(self, method.replace(".", "_"))(arguments)
        if method in self.lost:
            self.lost.discard(method)
            assert request.transport is not None
            request.transport.close()
        return web.json_response({"ok": "error" not in said, **said})

    def auth_test(self, _: dict[str, Any]) -> dict[str, Any]:
        return {"user_id": BOT, "team_id": "T01TEST", "url": "https://acme.slack.com/", "user": "countersign"}

    def conversations_create(self, asked: dict[str, Any]) -> dict[str, Any]:
        if not _NAME.fullmatch(asked["name"]):
            return {"error": "invalid_name_specials"}
        if any(channel["name"] == asked["name"] for channel in self.channels.values()):
            return {"error": "name_taken"}
        id = self.add(asked["name"], creator=BOT)
        self.channels[id]["is_private"] = asked.get("is_private") == "true"
        return {"channel": self.channels[id]}

    def conversations_list(self, asked: dict[str, Any]) -> dict[str, Any]:
        private = asked["types"] == "private_channel"
        found = [channel for channel in self.channels.values() if channel["is_private"] == private]
        start = int(asked.get("cursor") or 0)
        cursor = str(start + 1) if start + 1 < len(found) else ""  # one a page, so that paging is needed
        return {"channels": found[start : start + 1], "response_metadata": {"next_cursor": cursor}}

    def conversations_info(self, asked: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(asked["channel"])
        if not channel:
            return {"error": "channel_not_found"}
        canvas = {"canvas": {"file_id": f"F{channel['id']}"}} if channel["id"] in self.canvases else {}
        return {"channel": {**channel, "properties": canvas}}

    def conversations_setPurpose(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        return self._set("purpose", asked)

    def conversations_setTopic(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        return self._set("topic", asked)

    def conversations_members(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self._closed(asked["channel"]) or {"members": sorted(self.members[asked["channel"]])}

    def conversations_invite(self, asked: dict[str, Any]) -> dict[str, Any]:
        if closed := self._closed(asked["channel"]):
            return closed
        errors = []
        for account in asked["users"].split(","):
            error = self.users.get(account, "user_not_found")
            if account in self.members[asked["channel"]]:
                error = "already_in_channel"
            if error:
                errors.append({"user": account, "ok": False, "error": error})
            else:
                self.members[asked["channel"]].add(account)
        return {"error": errors[0]["error"], "errors": errors} if errors else {}

    def conversations_archive(self, asked: dict[str, Any]) -> dict[str, Any]:
        channel = self.channels.get(asked["channel"])
        if not channel:
            return {"error": "channel_not_found"}
        if channel["is_archived"]:
            return {"error": "already_archived"}
        channel["is_archived"] = True
        return {}

    def bookmarks_list(self, asked: dict[str, Any]) -> dict[str, Any]:
        return self._closed(asked["channel_id"]) or {"bookmarks": self.bookmarks.get(asked["channel_id"], [])}

    def bookmarks_add(self, asked: dict[str, Any]) -> dict[str, Any]:
        self.bookmarks.setdefault(asked["channel_id"], []).append({"title": asked["title"], "link": asked["link"]})
        return {}

    def pins_add(self, asked: dict[str, Any]) -> dict[str, Any]:
        pin = (asked["channel"], asked["timestamp"])
        if pin in self.pins:
            return {"error": "already_pinned"}
        self.pins.add(pin)
        return {}

    def chat_postMessage(self, asked: dict[str, Any]) -> dict[str, Any]:  # noqa: N802 - Slack's name
        if closed := self._closed(asked["channel"]) if asked["channel"].startswith("C") else {}:
            return closed
        ts = f"1700000000.{len(self.calls):06}"
        self.messages.setdefault(asked["channel"], []).append({**asked, "ts": ts, "user": BOT})
        return {"channel": asked["channel"], "ts": ts}

    def chat_update(self, asked: dict[str, Any]) -> dict[str, Any]:
        for message in self.messages.get(asked["channel"], []):
            if message["ts"] == asked["ts"]:
                message.update(text=asked["text"], blocks=asked["blocks"])
                return {"ts": asked["ts"]}
        return {"error": "message_not_found"}

    def conversations_history(self, asked: dict[str, Any]) -> dict[str, Any]:
        return {"messages": self.messages.get(asked["channel"], [])}

    def conversations_canvases_create(self, asked: dict[str, Any]) -> dict[str, Any]:
        if asked["channel_id"] in self.canvases:
            return {"error": "channel_canvas_already_exists"}
        self.canvases[asked["channel_id"]] = asked["document_content"]["markdown"]
        return {"canvas_id": f"F{asked['channel_id']}"}

    def canvases_edit(self, asked: dict[str, Any]) -> dict[str, Any]:
        (change,) = asked["changes"]
        assert change["operation"] == "replace", json.dumps(change)
        self.canvases[asked["canvas_id"].removeprefix("F")] = change["document_content"]["markdown"]
        return {}

    def _set(self, field: str, asked: dict[str, Any]) -> dict[str, Any]:
        if len(asked[field]) > 250:
            return {"error": "too_long"}
        if closed := self._closed(asked["channel"]):
            return closed
        self.channels[asked["channel"]][field] = {"value": asked[field]}
        return {"channel": self.channels[asked["channel"]]}

    def _closed(self, id: str) -> dict[str, Any]:
        if id not in self.channels:
            return {"error": "channel_not_found"}
        return {"error": "is_archived"} if self.channels[id]["is_archived"] else {}


@asynccontextmanager
async def slack_with_rooms(users: dict[str, str]) -> AsyncIterator[SlackWithRooms]:
    """One that listens on a port of its own."""
    double = SlackWithRooms(users)
    app = web.Application()
    app.router.add_post("/api/{method}", double.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.2)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", double.port).start()
    try:
        yield double
    finally:
        await runner.cleanup()
