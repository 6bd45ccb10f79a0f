"""`countersign demo-slack`, as somebody uses it: it says where to look, works, and leaves nothing behind."""

import asyncio
import os
import signal
import sys
from pathlib import Path

import aiohttp
import pytest

from tests.support.peers import need
from tests.support.ports import free_port
from tests.support.slack import DEV, PROGRAM, LocalSlack, words_of


async def test_the_demonstration_works_and_ends_with_ctrl_c(tmp_path: Path) -> None:
    need("local-slack", PROGRAM.exists(), "npm ci --prefix tests/peers")
    port = free_port()
    environ = {**os.environ, "COUNTERSIGN_DEMO_PORT": str(port), "PYTHONUNBUFFERED": "1"}
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "bot.cli.main", "--data", str(tmp_path), "demo-slack",
        env=environ, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(30), aiohttp.ClientSession() as session:
            said = (await process.stdout.readuntil(b"in a browser")).decode()
            assert f"http://127.0.0.1:{port}" in said
            slack = LocalSlack(f"http://127.0.0.1:{port}", session)
            await slack.mention(DEV, "deploy checkout v42 to staging")
            done = await slack.wait_for(lambda m: "✅ #1 Deploy checkout v42 to staging" in words_of(m))
            assert "<!date" not in words_of(done)
            await slack.mention(DEV, "declare an incident for checkout: returns 500s sev2")
            room = await slack.channel_named("checkout-returns-500s")
            await slack.wait_for(lambda m: "investigating" in words_of(m), channel=room)
            process.send_signal(signal.SIGINT)
            rest = (await process.stdout.read()).decode()
        assert await process.wait() == 0
        assert "Traceback" not in rest
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    with pytest.raises(ConnectionRefusedError):
        await asyncio.open_connection("127.0.0.1", port)
