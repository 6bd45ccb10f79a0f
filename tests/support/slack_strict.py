"""A strict gate in front of the Slack-compatible server: it refuses what Slack would refuse, and breaks when it is told to.

The server behind it is lenient (any token, any block, no limits). Everything the bot sends passes here and is held to Slack's rules; what
breaks one is answered as Slack answers and noted in `broken`, which stories assert to be empty.
"""

import asyncio
import itertools
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp import web

from tests.support.ports import free_port
from tests.support.slack import APP, APP_TOKEN, BOT_TOKEN, TEAM
from tests.support.slack_rules import complaints, outgoing_complaints
from tests.support.slack_streams import SESSION, STREAMS, Streams

_TRIGGER_SECONDS = 3.0
_TOO_OLD = "expired_trigger_id"


@dataclass(kw_only=True)
class Call:
    """One call of the bot, and the error it got ("" if none)."""

    method: str
    arguments: dict[str, Any]
    error: str = ""


@dataclass(kw_only=True)
class Faults:
    """What is to go wrong. `limited` are calls by method still to be answered 429; `errors` by method; `lost` posts are carried out and
    their answers lost; `duplicates` are how many times more each delivery comes."""

    limited: dict[str, int] = field(default_factory=dict)
    retry_after: int = 1
    errors: dict[str, str] = field(default_factory=dict)
    lost: dict[str, int] = field(default_factory=dict)
    duplicates: int = 0
    delay: float = 0.0
    users: dict[str, dict[str, Any]] = field(default_factory=dict)
    down: bool = False


class StrictSlack:
    """The proxy. `url` is what the bot takes for Slack's API."""

    def __init__(self, behind: str, session: aiohttp.ClientSession) -> None:
        self.port = free_port()
        self.calls: list[Call] = []
        self.broken: list[str] = []
        self.faults = Faults()
        self._behind = behind
        self._session = session
        self._triggers: dict[str, float] = {}
        self._sockets: dict[str, str] = {}
        self._uploads: dict[str, str] = {}
        self._announced: dict[str, int] = {}
        self._open: set[web.WebSocketResponse] = set()
        self._events = itertools.count(1)
        self.streams = Streams(forward=self._to_the_server)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/api/"

    def made(self, method: str) -> list[Call]:
        """The calls of a method that succeeded."""
        return [call for call in self.calls if call.method == method and not call.error]

    async def press_slacks_stop(self, user: str, channel: str, thread: str) -> None:
        """Somebody presses the button that Slack itself shows, which it does while the session says that the bot is at work."""
        assert self.streams.sessions.get((channel, thread)) == "processing", "there is no such button"
        number = next(self._events)
        event = {
            "type": "agent_session_stopped", "user": user, "channel": channel, "thread_ts": thread, "event_ts": "1.0",
            "streaming_message_ts": self.streams.stopped_by_user(channel, thread),
        }  # fmt: skip
        payload = {
            "type": "event_callback", "team_id": TEAM, "api_app_id": APP, "event_id": f"EvS{number}", "event": event,
        }  # fmt: skip
        envelope = {"envelope_id": f"own-{number}", "type": "events_api", "payload": payload}
        await next(iter(self._open)).send_str(json.dumps({**envelope, "accepts_response_payload": False}))

    async def drop_sockets(self) -> None:
        for opened in list(self._open):
            await opened.close()

    def app(self) -> web.Application:
        app = web.Application(client_max_size=5_000_000)
        app.router.add_post("/api/{method}", self._api)
        app.router.add_post("/upload/v1/{id}", self._upload)
        app.router.add_post("/_hooks/response/{id}", self._hook)
        app.router.add_get("/socket/{id}", self._socket)
        return app

    async def _api(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        arguments = await _arguments(request)
        call = Call(method=method, arguments=arguments)
        self.calls.append(call)
        if self.faults.down:
            return web.Response(status=503)
        if self.faults.limited.get(method, 0) > 0 or self.streams.over_the_limit(method):
            self.faults.limited[method] = max(self.faults.limited.get(method, 0) - 1, 0)
            call.error = "ratelimited"
            limited = {"ok": False, "error": "ratelimited"}
            return web.json_response(limited, status=429, headers={"Retry-After": str(self.faults.retry_after)})
        call.error = self._refusal(method, arguments, request.headers.get("Authorization", ""))
        if call.error:
            return web.json_response({"ok": False, "error": call.error})
        answer = await self._forward(method, arguments)
        if self.faults.lost.get(method, 0) > 0:
            self.faults.lost[method] -= 1
            assert request.transport is not None
            request.transport.close()
        return web.json_response(answer)

    def _refusal(self, method: str, arguments: dict[str, Any], authorization: str) -> str:
        if method in self.faults.errors:
            return self.faults.errors[method]
        wanted = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        if authorization != f"Bearer {wanted}":
            return "invalid_auth"
        if method == "views.open":
            asked = self._triggers.get(str(arguments.get("trigger_id")))
            if asked is None or time.monotonic() - asked > _TRIGGER_SECONDS:
                return _TOO_OLD
        if method == "files.completeUploadExternal" and not isinstance(arguments.get("files"), str):
            return "invalid_arguments"
        if refused := self.streams.refusal(method, arguments):
            return refused
        found = [
            *complaints(arguments),
            *outgoing_complaints(method, arguments),
            *self.streams.broken(method, arguments),
        ]
        self.broken.extend(f"{method}: {complaint}" for complaint in found)
        return "invalid_blocks" if found else ""

    async def _to_the_server(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        token = APP_TOKEN if method == "apps.connections.open" else BOT_TOKEN
        headers, url = {"Authorization": f"Bearer {token}"}, f"{self._behind}/api/{method}"
        if method == "files.completeUploadExternal":
            # Slack takes a list that is spelled as JSON in a form; the server behind wants the list itself.
            arguments = {**arguments, "files": json.loads(arguments["files"])}
        async with self._session.post(url, json=arguments, headers=headers) as response:
            answer: dict[str, Any] = await response.json()
        return answer

    async def _forward(self, method: str, arguments: dict[str, Any]) -> dict[str, Any]:
        if method in (*STREAMS, SESSION):
            return await self.streams.carry_out(method, arguments)
        answer = await self._to_the_server(method, arguments)
        if method == "apps.connections.open":
            behind = answer["url"]
            name = behind.rsplit("/", 1)[1]
            self._sockets[name] = behind
            answer["url"] = f"ws://127.0.0.1:{self.port}/socket/{name}"
        if method == "files.getUploadURLExternal" and answer.get("ok"):
            behind = answer["upload_url"]
            name = behind.rsplit("/", 1)[1]
            self._uploads[name], self._announced[name] = behind, int(arguments["length"])
            answer["upload_url"] = f"http://127.0.0.1:{self.port}/upload/v1/{name}"
        if method == "users.info" and answer.get("ok"):
            answer["user"].update(self.faults.users.get(answer["user"]["id"], {}))
        return answer

    async def _upload(self, request: web.Request) -> web.Response:
        """The bytes of a file, as many as were announced, and without the token, which is none of this address's business."""
        name, content = request.match_info["id"], await request.read()
        self.calls.append(Call(method="upload", arguments={"bytes": len(content)}))
        if len(content) != self._announced[name] or "Authorization" in request.headers:
            self.broken.append("upload: another length than announced, or with a token")
        async with self._session.post(self._uploads[name], data=content) as response:
            return web.Response(status=response.status, text=await response.text())

    async def _hook(self, request: web.Request) -> web.Response:
        body = await request.json()
        self.calls.append(Call(method="response_url", arguments=body))
        found = [*complaints(body), *outgoing_complaints("response_url", body)]
        self.broken.extend(f"response_url: {complaint}" for complaint in found)
        url = f"{self._behind}/_hooks/response/{request.match_info['id']}"
        async with self._session.post(url, json=body) as response:
            return web.Response(status=response.status, text=await response.text())

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        ours = web.WebSocketResponse()
        await ours.prepare(request)
        self._open.add(ours)
        try:
            async with self._session.ws_connect(self._sockets[request.match_info["id"]]) as behind:
                down = asyncio.create_task(self._downwards(behind, ours))
                async for message in ours:
                    if message.type == aiohttp.WSMsgType.TEXT:
                        await behind.send_str(message.data)
                down.cancel()
        finally:
            self._open.discard(ours)
        return ours

    async def _downwards(self, behind: aiohttp.ClientWebSocketResponse, ours: web.WebSocketResponse) -> None:
        async for message in behind:
            text = message.data.replace(urlsplit(self._behind).netloc, f"127.0.0.1:{self.port}")
            trigger = (json.loads(text).get("payload") or {}).get("trigger_id")
            if trigger:
                self._triggers[trigger] = time.monotonic()
            if self.faults.delay:
                await asyncio.sleep(self.faults.delay)
            is_delivery = "envelope_id" in text
            for _ in range(1 + (self.faults.duplicates if is_delivery else 0)):
                await ours.send_str(text)


@asynccontextmanager
async def strict_slack(behind: str) -> AsyncIterator[StrictSlack]:
    """The proxy in front of the server at `behind`."""
    async with aiohttp.ClientSession() as session:
        proxy = StrictSlack(behind, session)
        runner = web.AppRunner(proxy.app(), shutdown_timeout=1.0)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", proxy.port).start()
        try:
            yield proxy
        finally:
            await proxy.drop_sockets()
            await runner.cleanup()


async def _arguments(request: web.Request) -> dict[str, Any]:
    if request.content_type == "application/json":
        body: dict[str, Any] = await request.json()
        return body
    return {**request.query, **dict(await request.post())}
