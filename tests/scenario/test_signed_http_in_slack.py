"""The main story once more, with Slack delivering signed requests to a web server."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from pathlib import Path

import uvicorn
from starlette.applications import Starlette

from bot.slack.edge import SlackEdge
from tests.support.ports import free_port
from tests.support.slack import DEV, SRE, local_slack, words_of
from tests.support.slack_office import bot


class _Server(uvicorn.Server):
    def capture_signals(self):  # type: ignore[no-untyped-def,override]  # a test does not catch signals
        return nullcontext()


@asynccontextmanager
async def serving(edge: SlackEdge, port: int) -> AsyncIterator[None]:
    app = Starlette(routes=list(edge.routes()))
    server = _Server(uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, lifespan="off"))
    task = asyncio.create_task(server.serve())
    try:
        while not server.started:
            await asyncio.sleep(0.01)
        yield
    finally:
        server.should_exit = True
        await task


async def test_deploy_by_signed_http(tmp_path: Path) -> None:
    port = free_port()
    async with (
        local_slack(tmp_path, request_url=f"http://127.0.0.1:{port}/slack/events") as slack,
        bot(tmp_path / "data", f"{slack.url}/api/", mode="http", speed=10.0) as process,
        serving(process.edge, port),
    ):
        await process.ready()
        await slack.command(DEV, "/deploy", "checkout v42 to production")
        card = await slack.wait_for(lambda m: "Deploy checkout v42" in words_of(m))
        await slack.press(SRE, card, "Approve")
        await slack.wait_for(lambda m: f"<@{DEV}>" in words_of(m) and "✅ #1" in words_of(m))

        await slack.command(DEV, "/ops", "status checkout")
        answer = await slack.wait_for(lambda m: m.get("ephemeral_to") == DEV)
        assert "v42" in words_of(answer)
