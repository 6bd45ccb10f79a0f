"""A whole bot on a Slack-compatible server: the embedded world, what runs it, and the Slack edge, in quick time."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager, suppress
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bot.bootstrap import Settings, World, open_world
from bot.slack.edge import SlackEdge, Tempo
from bot.usecases.door import Door
from skills.core.errors import Unavailable
from skills.core.names import ProposalId
from skills.core.proposal import Origin, Proposal, Status
from tests.support.slack import APP_TOKEN, BOT_TOKEN, SECRET, TEAM, LocalSlack, local_slack
from tests.support.slack_strict import StrictSlack, strict_slack
from tests.support.worlds import CONFIG

HURRIED = Tempo(between=0.05, again=0.1, patience=0.0, ping=0.2, learn_again=0.1)


class QuickTime:
    """A clock that begins now and runs `speed` times as fast."""

    def __init__(self, speed: float = 20.0) -> None:
        self._speed = speed
        self._began, self._zero = datetime.now(UTC), time.monotonic()

    def __call__(self) -> datetime:
        return self._began + timedelta(seconds=(time.monotonic() - self._zero) * self._speed)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._speed)


class Bot:
    """One process of the bot."""

    def __init__(self, world: World, edge: SlackEdge, running: "asyncio.Task[None]") -> None:
        self.world = world
        self.edge = edge
        self._running = running

    async def die(self) -> None:
        """The process ends; what it had open in the database stays open, as nobody can tell the difference."""
        await self.edge.stop(1.0)
        self._running.cancel()
        await asyncio.gather(self._running, return_exceptions=True)

    async def ready(self) -> None:
        await asyncio.wait_for(self.edge.connected(), 10)


@asynccontextmanager
async def bot(
    data: Path,
    api_url: str,
    *,
    mode: str = "socket",
    speed: float = 20.0,
    runs: bool = True,
    door: Callable[[Door], Door] = lambda door: door,
    also: str = "",
    channels: str = "",
    **tempo: Any,
) -> AsyncIterator[Bot]:
    """A bot with its data in `data`; again with the same folder is a restart, or another replica (which then `runs` nothing).

    `door` may put something else behind the door; `also` stands in organization.yaml besides, and `channels` in its part about Slack.
    """
    clock = QuickTime(speed)
    config = data.parent / "config"
    _configure(config, mode, also, channels)
    secrets = {
        "SLACK_BOT_TOKEN": BOT_TOKEN,
        "SLACK_APP_TOKEN": APP_TOKEN,
        "SLACK_SIGNING_SECRET": SECRET,
        "SLACK_API_URL": api_url,
    }
    settings = Settings.from_environ(secrets, config=config, data=data)
    async with open_world(settings, clock=clock, sleep=clock.sleep) as world:
        running = asyncio.create_task(_run(world) if runs else asyncio.sleep(0))
        slack = SlackEdge(replace(world, door=door(world.door)), tempo=replace(HURRIED, **tempo))
        process = Bot(world, slack, running)
        await slack.start()
        try:
            yield process
        finally:
            await process.die()


class Scene:
    """A server, the strict proxy in front of it, and a bot."""

    def __init__(self, slack: LocalSlack, strict: StrictSlack, bot: Bot, data: Path) -> None:
        self.slack = slack
        self.strict = strict
        self.bot = bot
        self.data = data
        self.elsewhere = Origin(edge="cli")

    async def proposal(self, number: int) -> Proposal:
        found = await self.bot.world.store.proposal(ProposalId(number))
        assert found is not None
        return found

    async def opened(self, title: str) -> dict[str, Any]:
        """The window of this title, once it is open."""
        async with asyncio.timeout(10):
            while True:
                for view in await self.slack.modals():
                    if view["title"]["text"] == title:
                        return view
                await asyncio.sleep(0.03)


@asynccontextmanager
async def scene(folder: Path, **more: Any) -> AsyncIterator[Scene]:
    """Everything, ready. On leaving, nothing that was sent may have broken a rule of Slack's or of ours."""
    async with AsyncExitStack() as stack:
        slack = await stack.enter_async_context(local_slack(folder))
        strict = await stack.enter_async_context(strict_slack(slack.url))
        process = await stack.enter_async_context(bot(folder / "data", strict.url, **more))
        await process.ready()
        yield Scene(slack, strict, process, folder / "data")
        assert strict.broken == []


def _configure(config: Path, mode: str, also: str, channels: str) -> None:
    """The shipped configuration, for the workspace of the tests."""
    config.mkdir(parents=True, exist_ok=True)
    for each in CONFIG.iterdir():
        target = config / each.name
        if not target.exists() and each.name != "organization.yaml":
            target.symlink_to(each)
    organization = (CONFIG / "organization.yaml").read_text()
    organization = organization.replace("  mode: socket # or http\n", f"  mode: {mode}\n  team: {TEAM}\n")
    if channels:
        organization = organization.replace("slack:\n", f"slack:\n  channels: {{{channels}}}\n")
    (config / "organization.yaml").write_text(f"{organization}\n{also}")


async def _run(world: World) -> None:
    """Runs what is approved, as the engine does, without its database."""
    runner, check_up = world.runner(), world.checkups()
    while True:
        with suppress(Unavailable):
            for proposal in await world.store.open():
                if proposal.status is not Status.PENDING:
                    while await runner.advance(proposal.id):
                        pass
            await check_up()
        await asyncio.sleep(0.02)
