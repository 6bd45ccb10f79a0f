"""`countersign demo-slack`: the embedded world behind a Slack-compatible server on this machine, to be clicked in a browser."""

import argparse
import asyncio
import contextlib
import dataclasses
import shutil
import signal
import socket
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import AsyncIterator
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from bot.bootstrap import open_world
from bot.cli.beside.listener import answering
from bot.cli.beside.wire import world_of
from bot.slack.edge import SlackEdge
from bot.ticking import ticking
from skills.core.errors import NotAllowed, Unavailable

if TYPE_CHECKING:
    from bot.settings import Settings

PORT = 3900
_TEAM, _BOT_TOKEN, _APP_TOKEN = "T01DEMO", "xoxb-demo", "xapp-demo"
_PEERS = Path(__file__).resolve().parents[2] / "tests" / "peers"
_LOCK = _PEERS / "package-lock.json"
_PACKAGE = "local-slack-linux-x64"
_READY_SECONDS = 15.0
_PEOPLE = (
    ("U01DEV", "dev", "Developer"),
    ("U02SRE", "sre", "SRE"),
    ("U03LEAD", "lead", "Platform Lead"),
    ("U04GUEST", "guest", "Guest"),
)


def run(_arguments: argparse.Namespace, settings: "Settings") -> int:
    """Serve the demonstration until Ctrl-C; 0 then. COUNTERSIGN_DEMO_PORT chooses another port than 3900."""
    return asyncio.run(demo(settings, int(settings.environ.get("COUNTERSIGN_DEMO_PORT") or PORT)))


async def demo(settings: "Settings", port: int) -> int:
    """The server, the world, its engine and the Slack edge, for as long as nobody presses Ctrl-C. Raises `NotAllowed`, `Unavailable`."""
    program = _installed()
    if program is None:
        program = await _install()
    stopped = _until_interrupted()
    async with _server(program, port) as url, open_world(_for_the_demo(settings, url)) as world:
        if not world.configuration.simulated:
            raise NotAllowed("The demonstration needs a configuration whose clusters are simulated.")
        edge = SlackEdge(world, dates=False)  # the local server shows Slack's date tokens as they are
        if await world.start_engine() is None:
            print("Another process on this data folder runs what is approved.", file=sys.stderr)
        await edge.start()
        try:
            await asyncio.wait_for(edge.connected(), _READY_SECONDS)
            print(_welcome(url))
            async with ticking(world, edge), answering(world, world_of(world.settings)):
                await stopped.wait()
        finally:
            print("\nStopping.")
            await edge.stop(2.0)
            await world.stop_engine(2.0)
    return 0


def server_configuration() -> dict[str, object]:
    """What the server is told: the demonstration's people, channels and app."""
    members = [id for id, _, _ in _PEOPLE]
    return {
        "workspace": {"name": "Acme", "domain": "acme", "teamId": _TEAM},
        "app": {
            "appId": "A01APP", "botUserId": "U0BOT", "botName": "countersign", "botToken": _BOT_TOKEN,
            "appToken": _APP_TOKEN, "signingSecret": "demo", "mode": "socket",
        },
        "users": [{"id": id, "name": name, "real_name": title} for id, name, title in _PEOPLE],
        "channels": [
            {"id": "C01GEN", "name": "general", "members": [*members, "U0BOT"]},
            {"id": "C02DEPLOYS", "name": "deploys", "members": [*members, "U0BOT"]},
        ],
    }  # fmt: skip


def _for_the_demo(settings: "Settings", url: str) -> "Settings":
    """The same world, led to the local server and away from any real workspace or database."""
    environ = {
        name: value
        for name, value in settings.environ.items()
        if not name.startswith(("SLACK_", "COUNTERSIGN_DATABASE"))
    }
    environ |= {"SLACK_BOT_TOKEN": _BOT_TOKEN, "SLACK_APP_TOKEN": _APP_TOKEN, "SLACK_API_URL": f"{url}/api/"}
    return dataclasses.replace(settings, environ=environ)


def _installed() -> Path | None:
    program = _PEERS / "node_modules" / _PACKAGE / "bin" / "local-slack"
    return program if program.exists() else None


async def _install() -> Path:
    """The server, by npm, at the version that the lock file names. Raises `NotAllowed` where that is impossible."""
    npm = shutil.which("npm")
    if npm is None or not _LOCK.exists():
        raise NotAllowed(
            "The Slack-compatible server is not installed.",
            hint="In a checkout of the project, with npm installed, run: npm ci --prefix tests/peers",
        )
    print("Installing the Slack-compatible server …")
    quiet = ("--silent", "--no-audit", "--no-fund")
    install = await asyncio.create_subprocess_exec(npm, "ci", "--prefix", str(_PEERS), *quiet)
    program = _installed() if await install.wait() == 0 else None
    if program is None:
        raise Unavailable("npm could not install the Slack-compatible server.", hint="Its message stands above.")
    return program


@contextlib.asynccontextmanager
async def _server(program: Path, port: int) -> AsyncIterator[str]:
    """The server on loopback's name; stopped on leaving. Yields its address. Raises `NotAllowed`, `Unavailable`."""
    with socket.socket() as probe:
        if probe.connect_ex(("127.0.0.1", port)) == 0:
            raise NotAllowed(f"Port {port} is taken.", hint="Choose another one with COUNTERSIGN_DEMO_PORT.")
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory(prefix="countersign-slack-") as folder:
        described = _described(Path(folder))
        process = await asyncio.create_subprocess_exec(
            str(program), "--config", str(described), "--port", str(port), "--base-host", "127.0.0.1",
            stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        try:
            await _answers(url, process)
            yield url
        finally:
            with contextlib.suppress(ProcessLookupError):
                process.terminate()
            await process.wait()


def _described(folder: Path) -> Path:
    described = folder / "slack.yaml"
    described.write_text(yaml.safe_dump(server_configuration()))
    return described


async def _answers(url: str, process: asyncio.subprocess.Process) -> None:
    async with asyncio.timeout(_READY_SECONDS):
        while process.returncode is None:
            if await asyncio.to_thread(_is_up, f"{url}/_control/state"):
                return
            await asyncio.sleep(0.05)
    raise Unavailable("The Slack-compatible server ended at once.")


def _is_up(url: str) -> bool:
    try:
        with urllib.request.urlopen(url, timeout=1) as response:  # noqa: S310 - an address of this machine, made above
            return bool(response.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def _until_interrupted() -> asyncio.Event:
    stopped, loop = asyncio.Event(), asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    return stopped


def _welcome(url: str) -> str:
    return f"""
Countersign is in a Slack of its own: open {url} in a browser.

  1. As Developer, in #general:   @countersign deploy checkout v42 to production
  2. Press Approve: your own request is not yours to approve.
  3. Switch to SRE (top left) and press Approve; watch the card.
  4. v43 crashes: deploy it, approve it, ask “@countersign why is checkout failing in production?” at once, and see it go back by itself.
  5. Misspell something: @countersign deploy chekout v42 to staging
  6. Declare an incident: @countersign declare an incident for checkout: returns 500s sev2; look into the channel that opens.

Also: /ops status · /deploy v42 of checkout in prod · a direct message to countersign. As Guest, everything is refused.
Ctrl-C stops everything.
"""
