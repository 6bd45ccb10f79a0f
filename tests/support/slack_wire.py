"""Slack's API as a list of answers, for tests of what calls it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import web
from slack_sdk.web.async_client import AsyncWebClient

from tests.support.ports import free_port


class Wire:
    """Answers each call with the next prepared answer for its method, else with a plain success. `cut` is a connection that breaks."""

    def __init__(self) -> None:
        self.port = free_port()
        self.calls: list[tuple[str, dict[str, Any]]] = []
        self.prepared: dict[str, list[Any]] = {}
        self._posted = 0

    @property
    def client(self) -> AsyncWebClient:
        return AsyncWebClient(token="xoxb-secret-token", base_url=f"http://127.0.0.1:{self.port}/api/", timeout=5)

    @property
    def hook(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    def methods(self) -> list[str]:
        return [method for method, _ in self.calls]

    async def answer(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        json = request.content_type == "application/json"
        self.calls.append((method, await request.json() if json else dict(request.query)))
        answers = self.prepared.get(method)
        answer = answers.pop(0) if answers else self._success(method)
        if answer == "cut":
            assert request.transport is not None
            request.transport.close()
            return web.Response()
        if isinstance(answer, web.Response):
            return answer
        return web.json_response(answer)

    def _success(self, method: str) -> dict[str, Any]:
        self._posted += 1
        channel = self.calls[-1][1].get("channel", "")
        return {
            "ok": True,
            "channel": channel,
            "ts": f"{self._posted}.0",
            "user": {"id": self.calls[-1][1].get("user")},
        }


def limited(seconds: str) -> web.Response:
    return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers={"Retry-After": seconds})


def error(code: str) -> dict[str, Any]:
    return {"ok": False, "error": code}


@asynccontextmanager
async def wire() -> AsyncIterator[Wire]:
    made = Wire()
    app = web.Application()
    app.router.add_post("/api/{method}", made.answer)
    app.router.add_post("/{method}", made.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", made.port).start()
    try:
        yield made
    finally:
        await runner.cleanup()
