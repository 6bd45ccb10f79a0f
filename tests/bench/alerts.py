"""Ten thousand alerts in a minute, as Alertmanager would deliver them: how long until each delivery has its answer, what stands on the cards
afterwards, and how often Slack was called for that.

`countersign serve` runs as a process of its own on SQLite, with a Slack that says yes to everything. Beside it, in the same run and on the same
server software, an address that reads a delivery and does nothing.
"""

import asyncio
import json
import os
import re
import secrets
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import aiohttp
import yaml
from aiohttp import web

from tests.bench.ack import FakeSlack, free_port, process
from tests.bench.figures import percentile, show, show_times
from tests.support.alertmanager import delivery, told
from tests.support.worlds import CONFIG

ALERTS, SECONDS, EACH = 10_000, int(os.environ.get("BENCH_SECONDS", "60")), 10
CHANNEL = "C01ALERTS"
SECRET = secrets.token_hex(16)
SERVICES = ("checkout", "payments", "search", "web")
BARE = """
import sys, uvicorn
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Route
async def take(request): await request.body(); return Response("ok")
async def ready(request): return Response("ok")
uvicorn.run(Starlette(routes=[Route("/hooks/alertmanager", take, methods=["POST"]), Route("/readyz", ready)]), port=int(sys.argv[1]), log_level="error")
"""


class CountingSlack(FakeSlack):
    """Counts the calls about the channel of alerts, and keeps the newest text of each message there."""

    def __init__(self) -> None:
        super().__init__()
        self.calls: Counter[str] = Counter()
        self.texts: dict[str, str] = {}

    async def call(self, request: web.Request) -> web.Response:
        method = request.match_info["method"]
        sent = await request.post() if request.content_type != "application/json" else await request.json()
        if not method.startswith("chat.") or sent.get("channel") != CHANNEL:
            return await super().call(request)
        self.calls[method] += 1
        ts = str(sent.get("ts") or f"{time.time():.6f}")
        self.texts[ts] = str(sent.get("text", "")) + str(sent.get("blocks", ""))
        return web.json_response({"ok": True, "channel": CHANNEL, "ts": ts, "message": {}})

    def counted(self) -> int:
        """How many alerts its messages say, taken together."""
        found = (re.search(r"(\d+) alerts? fires?", text) for text in self.texts.values())
        return sum(int(each[1]) for each in found if each)


def deliveries() -> Sequence[bytes]:
    """All alerts differ; each delivery is about one service, as grouping makes them."""
    fired = datetime.now(UTC).replace(microsecond=0)
    return [
        delivery(*(
            told("HighErrorRate", fingerprint=f"f{first + n}", fired=fired, severity="critical", deployment=SERVICES[first // EACH % len(SERVICES)])
            for n in range(EACH)
        ))
        for first in range(0, ALERTS, EACH)
    ]  # fmt: skip


async def load(port: int, bodies: Sequence[bytes]) -> tuple[list[float], int]:
    """Deliver them evenly over `SECONDS`, on schedule whether or not earlier ones were answered. Durations and failures."""
    taken: list[float] = []
    failed = 0

    async def deliver(session: aiohttp.ClientSession, body: bytes) -> None:
        nonlocal failed
        began = time.perf_counter()
        headers = {"Authorization": f"Bearer {SECRET}"}
        async with session.post(f"http://127.0.0.1:{port}/hooks/alertmanager", data=body, headers=headers) as response:
            await response.read()
            failed += response.status != 200
        taken.append(time.perf_counter() - began)

    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session, asyncio.TaskGroup() as tasks:
        start = time.perf_counter()
        for number, body in enumerate(bodies):
            await asyncio.sleep(max(0.0, start + number * SECONDS / len(bodies) - time.perf_counter()))
            tasks.create_task(deliver(session, body))
    return taken, failed


async def measured(slack: CountingSlack, folder: Path) -> list[float]:
    """Figures of `countersign serve`."""
    port = free_port()
    config = folder / "config"
    shutil.copytree(CONFIG, config)
    organization = yaml.safe_load((config / "organization.yaml").read_text())
    organization["slack"] = {"mode": "http", "listen": f"127.0.0.1:{port}", "channels": {"alerts": CHANNEL}}
    (config / "organization.yaml").write_text(yaml.safe_dump(organization))
    environ = {
        "SLACK_BOT_TOKEN": "xoxb-0",
        "SLACK_SIGNING_SECRET": secrets.token_hex(16),
        "SLACK_API_URL": f"{slack.url}/api/",
        "COUNTERSIGN_ALERTMANAGER_SECRET": SECRET,
        "COUNTERSIGN_LOG": os.environ.get("BENCH_LOG", "error"),
    }
    command = ("-m", "bot.cli.main", "--config", str(config), "--data", str(folder / "data"), "serve")
    async with process(port, *command, environ=environ):
        taken, failed = await load(port, deliveries())
        in_the_minute = dict(slack.calls)
        ended = time.monotonic()
        while slack.counted() != ALERTS and time.monotonic() < ended + 120:
            await asyncio.sleep(0.5)
        after = time.monotonic() - ended
    show_times(
        "alerts: countersign serve, SQLite", taken, alerts=ALERTS, for_s=SECONDS, refused=failed, on_cards=slack.counted(),
        cards_true_after_s=round(after, 1), cards=len(slack.texts), slack_calls=in_the_minute, slack_calls_in_all=slack.calls.total(),
    )  # fmt: skip
    return taken


async def main() -> None:
    slack = CountingSlack()
    async with slack.serving():
        port = free_port()
        async with process(port, "-c", BARE, str(port), environ={}):
            peer, failed = await load(port, deliveries()[: ALERTS // EACH // 4])
        show_times("alerts: bare address", peer, refused=failed)
        with tempfile.TemporaryDirectory() as folder:
            ours = await measured(slack, Path(folder))
        show("alerts: p99 ratio to the bare address", ratio=round(percentile(ours, 0.99) / percentile(peer, 0.99), 1))
        print(json.dumps(list(slack.texts.values())[:1])[:600]) if os.environ.get("BENCH_LOUD") else None


if __name__ == "__main__":
    asyncio.run(main())
