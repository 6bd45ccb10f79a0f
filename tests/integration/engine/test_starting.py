"""Starting the engine on a PostgreSQL that it has never seen, while this process reads."""

import asyncio

from sqlalchemy import text

from bot.engine.engine import Engine
from bot.store import Database
from skills.core.names import Organization, ProposalId
from tests.support.databases import NOON, PostgreSQL


class Idle:
    """A runner with nothing to run."""

    async def advance(self, proposal_id: ProposalId) -> bool:
        return False

    async def give_up(self, proposal_id: ProposalId, reference: str) -> None:
        """Nothing was begun."""

    async def pause(self) -> None:
        """Nothing to wait for."""


async def test_a_transaction_of_ours_does_not_keep_the_engine_from_starting(postgresql: PostgreSQL) -> None:
    url = postgresql.fresh()
    database = await Database.open(url, clock=lambda: NOON)
    reading, started = asyncio.Event(), asyncio.Event()

    async def read() -> None:
        async with database.reading() as connection:
            await connection.execute(text("SELECT count(*) FROM proposals"))
            reading.set()
            await asyncio.wait([asyncio.create_task(started.wait())], timeout=1.0)

    reader = asyncio.create_task(read())
    await reading.wait()
    engine = Engine(
        store=database.store(Organization("acme")), runner=Idle(), leases=database.leases, executor="test",
        database_url=url, lock=None,
    )  # fmt: skip
    await asyncio.wait_for(engine.start(), 60)
    started.set()
    assert engine.alive
    await reader
    await engine.stop(0)
    await database.close()
