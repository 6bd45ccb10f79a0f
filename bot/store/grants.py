"""Standing approvals as rows: who approved what in advance, and how often that was used."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean_text
from bot.store.tables import grants
from skills.core.grant import Grant
from skills.core.names import Organization, Subject

if TYPE_CHECKING:
    from bot.store.database import Database


class Grants:
    """The organization's standing approvals, read only."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def live(self, now: datetime) -> Sequence[Grant]:
        """Those that can be used at this moment, oldest first."""
        async with self._database.reading() as connection:
            return await _live(connection, self._organization, now)

    async def by_number(self, number: int) -> Grant | None:
        query = select(grants).where(grants.c.organization == self._organization, grants.c.number == number)
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
            return _grant(row) if row else None


class GrantBook:
    """Standing approvals within one transaction."""

    def __init__(
        self,
        connection: AsyncConnection,
        organization: Organization,
        *,
        next_number: Callable[[], Awaitable[int]],
        changed: Callable[[], None],
    ) -> None:
        self.next_number = next_number
        self._connection = connection
        self._organization = organization
        self._changed = changed

    async def of(self, grantee: Subject, now: datetime) -> Sequence[Grant]:
        """What was approved in advance for this person and can be used now, oldest first."""
        return [
            each for each in await _live(self._connection, self._organization, now) if each.bounds.grantee == grantee
        ]

    async def add(self, grant: Grant) -> Grant:
        """Write it down; as it is kept, without secrets."""
        kept = {**grant.to_json(), "reason": clean_text(grant.reason)}
        given = Grant.from_json(kept)
        await self._connection.execute(
            insert(grants).values(
                organization=self._organization, number=given.number, grantee=given.bounds.grantee, granter=given.granter,
                given=kept, until=given.until, uses=0, most=given.most,
            )
        )  # fmt: skip
        self._changed()
        return given

    async def use(self, grant: Grant, now: datetime) -> bool:
        """Count one use; False if it was used up, revoked or over just before."""
        mine = (grants.c.organization == self._organization) & (grants.c.number == grant.number)
        can = (grants.c.uses < grants.c.most) & grants.c.revoked_at.is_(None) & (grants.c.until > now)
        done = await self._connection.execute(update(grants).where(mine, can).values(uses=grants.c.uses + 1))
        self._changed()
        return done.rowcount == 1

    async def revoke(self, number: int, now: datetime) -> bool:
        """End it; False if it had ended."""
        mine = (grants.c.organization == self._organization) & (grants.c.number == number)
        live = grants.c.revoked_at.is_(None) & (grants.c.until > now)
        done = await self._connection.execute(update(grants).where(mine, live).values(revoked_at=now))
        self._changed()
        return done.rowcount == 1


async def _live(connection: AsyncConnection, organization: Organization, now: datetime) -> Sequence[Grant]:
    query = (
        select(grants)
        .where(grants.c.organization == organization, grants.c.until > now, grants.c.revoked_at.is_(None))
        .where(grants.c.uses < grants.c.most)
        .order_by(grants.c.number)
    )
    return [_grant(row) for row in await connection.execute(query)]


def _grant(row: Row[Any]) -> Grant:
    return Grant.from_json({**row.given, "uses": row.uses})
