"""The embedded world for tests: the shipped configuration, a fresh data folder, and time that passes only when somebody sleeps."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot.bootstrap import Settings, World, open_world
from bot.usecases.answers import Answer
from bot.usecases.run import Runner
from integrations.memory.cluster import MemoryCluster
from skills.core.names import ProposalId
from skills.core.proposal import Origin, Proposal

CONFIG = Path(__file__).parents[2] / "config"
CLI = Origin(edge="cli")


class SlowTime:
    """A clock that stands still until somebody sleeps on it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    async def sleep(self, seconds: float) -> None:
        self.now += timedelta(seconds=max(seconds, 0.0))
        await asyncio.sleep(0)

    def pass_by(self, **span: float) -> None:
        self.now += timedelta(**span)


class Office:
    """A world, its clock, and short ways to say things in it."""

    def __init__(self, world: World, time: SlowTime) -> None:
        self.world = world
        self.time = time

    @property
    def cluster(self) -> MemoryCluster:
        cluster = self.world.clusters["production"]
        assert isinstance(cluster, MemoryCluster)
        return cluster

    async def say(self, who: str, text: str, *, key: str | None = None) -> Answer:
        """One request as this person."""
        actor = self.world.actor(who)
        return await self.world.door.request(actor, text, origin=CLI, key=key or secrets.token_hex(8))

    def runner(self, *, executor: str = "test") -> Runner:
        """A new process, as far as runs are concerned."""
        return self.world.runner(executor=executor)

    async def check_up(self, *, executor: str = "test") -> int:
        """Look at whatever is due to be looked at after its run."""
        return await self.world.checkups(executor=executor)()

    async def run(self, number: int, runner: Runner | None = None) -> Proposal:
        """Advance a proposal until there is nothing more to do, and return it."""
        runner = runner or self.runner()
        while await runner.advance(ProposalId(number)):
            pass
        return await self.proposal(number)

    async def proposal(self, number: int) -> Proposal:
        found = await self.world.store.proposal(ProposalId(number))
        assert found is not None
        return found

    async def verbs(self, number: int) -> list[str]:
        """The audit trail of a proposal, verbs only."""
        entries = await self.world.store.audit.entries(subject=f"proposal/{number}")
        return [entry.verb for entry in entries]


@asynccontextmanager
async def open_office(
    data: Path, *, config: Path = CONFIG, environ: dict[str, str] | None = None, time: SlowTime | None = None
) -> AsyncIterator[Office]:
    """The shipped world with its data in `data`. Opening the same folder again is a restart, with the clock set back unless `time` is given."""
    time = time or SlowTime()
    settings = Settings.from_environ(environ or {}, config=config, data=data)
    async with open_world(settings, clock=time, sleep=time.sleep) as world:
        yield Office(world, time)
