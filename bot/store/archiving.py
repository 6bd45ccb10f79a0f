"""Taking entries out of the database once they are kept elsewhere. Their hashes stay, so the tree, the chain and every proof hold.

What is gone is known from the log itself: the last entry `audit:archived` says up to where, and exactly those entries may be missing.
"""

import json
from typing import TYPE_CHECKING

from sqlalchemy import delete, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.hidden import ARCHIVED, ERASED
from bot.store.tables import audit_entries, audit_texts
from skills.core.canonical import Json
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database


async def archived(database: "Database", organization: Organization) -> int:
    """Up to which number the entries were archived, as the log says; 0 where none were, or where what it says cannot be read."""
    mine = (audit_entries.c.organization == organization) & (audit_entries.c.verb == ARCHIVED)
    query = select(audit_entries.c.body).where(mine).order_by(audit_entries.c.seq.desc()).limit(1)
    async with database.reading() as connection:
        body = (await connection.execute(query)).scalar()
    try:
        upto = json.loads(body)["facts"]["upto"] if body else 0
    except (KeyError, TypeError, ValueError):
        return 0
    return upto if isinstance(upto, int) else 0


async def erasures(connection: AsyncConnection, organization: Organization, upto: int) -> dict[str, Json]:
    """The fingerprints that entries up to this number bear of what was erased, by erasure: without them nobody could tell that from a theft."""
    mine = (audit_entries.c.organization == organization) & (audit_entries.c.seq <= upto)
    query = select(audit_entries.c.verb, audit_entries.c.body).where(mine, audit_entries.c.verb.in_((ERASED, ARCHIVED)))
    found: dict[str, Json] = {}
    for row in await connection.execute(query.order_by(audit_entries.c.seq)):
        facts = json.loads(row.body)["facts"]
        found |= {facts["erasure"]: facts["fingerprint"]} if row.verb == ERASED else facts.get("erasures", {})
    return found


async def drop(connection: AsyncConnection, organization: Organization, upto: int) -> int:
    """Take the entries up to this number out, with what they hide as far as it was not erased. Under the lock of the audit head; how many they were."""
    gone = (audit_entries.c.organization == organization) & (audit_entries.c.seq <= upto)
    hidden = (audit_texts.c.organization == organization) & (audit_texts.c.seq <= upto)
    count = (await connection.execute(select(func.count()).select_from(audit_entries).where(gone))).scalar_one()
    # What was erased stays listed: the entry that says so has a fingerprint of the whole list.
    await connection.execute(delete(audit_texts).where(hidden, audit_texts.c.erasure.is_(None)))
    await connection.execute(delete(audit_entries).where(gone))
    return int(count)
