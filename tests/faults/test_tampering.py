"""Random tampering with the tables of the audit log, on both databases: all of it is found, and the first bad entry named."""

import random

from bot.store import Database, Store
from tests.support.tampering import filled, tampered, written

TRIES = 120
"""10,000 on each in `make bench`."""


async def test_every_random_tampering_is_found_and_the_first_bad_entry_named(database: Database, store: Store) -> None:
    original = await filled(store, database)
    remembered = await store.audit.head()
    dice = random.Random(7)
    for _ in range(TRIES):
        tables, first_bad = tampered(original, dice)
        await written(tables, database)
        found = await store.audit.verify(expect=[remembered])
        assert not found.ok, tables
        assert found.first_bad == first_bad, found.problem
    await written(original, database)
    assert (await store.audit.verify(expect=[remembered])).ok
