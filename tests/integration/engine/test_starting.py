"""Starting the engine on a PostgreSQL that it has never seen, while this process reads. It then also looks after what was run."""

import asyncio

from sqlalchemy import text

from bot.engine.engine import Engine
from bot.store import Database
from skills.core.errors import Unavailable
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

    async def look() -> int:
        """Fails at first, as it does while the store is out of reach."""
        nonlocal tries
        tries += 1
        if tries == 1:
            raise Unavailable("The database is gone.")
        looked.set()
        return 0

    tries, looked = 0, asyncio.Event()
    reader = asyncio.create_task(read())
    await reading.wait()
    engine = Engine(
        store=database.store(Organization("acme")), runner=Idle(), leases=database.leases, executor="test",
        database_url=url, lock=None, check_up=look,
    )  # fmt: skip
    await asyncio.wait_for(engine.start(), 60)
    started.set()
    assert engine.alive
    await asyncio.wait_for(looked.wait(), 30)
    await reader
    await engine.stop(0)
    await database.close()
