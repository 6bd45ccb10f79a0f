"""Broken glass as rows, one a proposal, with the look at it afterwards."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean_text
from bot.store.statements import insert_once
from bot.store.tables import glasses
from skills.core.glass import Glass, Review
from skills.core.names import Digest, Organization, ProposalId, Subject
from skills.core.verdict import Requirement

if TYPE_CHECKING:
    from bot.store.database import Database


class Glasses:
    """The organization's broken glass, read only."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def of(self, proposal: ProposalId) -> Glass | None:
        found = await self._many(glasses.c.proposal == proposal, limit=1)
        return found[0] if found else None

    async def latest(self, limit: int = 50) -> Sequence[Glass]:
        """What nobody has reviewed first, then the newest first."""
        return await self._many(limit=limit)

    async def unreviewed(self) -> Sequence[Glass]:
        return await self._many(glasses.c.reviewed_at.is_(None), limit=None)

    async def overdue(self, now: datetime) -> Sequence[Glass]:
        """What should have been reviewed by now, and nobody was reminded of."""
        late = glasses.c.reviewed_at.is_(None) & glasses.c.reminded_at.is_(None) & (glasses.c.review_due <= now)
        return await self._many(late, limit=50)

    async def _many(self, *conditions: ColumnElement[bool], limit: int | None) -> Sequence[Glass]:
        query = select(glasses).where(glasses.c.organization == self._organization, *conditions)
        query = query.order_by(glasses.c.reviewed_at.is_not(None), glasses.c.at.desc(), glasses.c.proposal.desc())
        async with self._database.reading() as connection:
            return [glass_of(row) for row in await connection.execute(query.limit(limit))]


class GlassBook:
    """Broken glass within one transaction. `touched` is told of each proposal whose card changes by it."""

    def __init__(
        self,
        connection: AsyncConnection,
        organization: Organization,
        *,
        touched: Callable[[ProposalId], Awaitable[None]],
    ) -> None:
        self._connection = connection
        self._organization = organization
        self._touched = touched

    async def add(self, glass: Glass) -> bool:
        """Write it down, without secrets; False if the glass of this proposal was broken before."""
        new = await insert_once(
            self._connection, glasses, organization=self._organization, proposal=glass.proposal, subject=glass.subject,
            name=clean_text(glass.name), digest=glass.digest, reason=clean_text(glass.reason), incident=glass.incident,
            confidential=glass.confidential, at=glass.at, until=glass.until, review_due=glass.review_due,
            stands_for=[each.to_json() for each in glass.stands_for], note="",
        )  # fmt: skip
        if new:
            await self._touched(glass.proposal)
        return new

    async def review(self, proposal: ProposalId, review: Review) -> bool:
        """Note what was found; of any number of callers at once, one gets True."""
        found = {
            "reviewed_at": review.at, "reviewer": review.by, "reviewer_name": clean_text(review.name), "note": clean_text(review.note),
        }  # fmt: skip
        return await self._change(proposal, glasses.c.reviewed_at.is_(None), **found)

    async def remind(self, proposal: ProposalId, now: datetime) -> bool:
        """Note that people are being reminded; False where they were, or where there is nothing left to do."""
        due = glasses.c.reminded_at.is_(None) & glasses.c.reviewed_at.is_(None)
        return await self._change(proposal, due, reminded_at=now)

    async def _change(self, proposal: ProposalId, still: ColumnElement[bool], **values: Any) -> bool:
        mine = (glasses.c.organization == self._organization) & (glasses.c.proposal == proposal)
        done = await self._connection.execute(update(glasses).where(mine, still).values(**values))
        if done.rowcount != 1:
            return False
        await self._touched(proposal)
        return True


def glass_of(row: Row[Any]) -> Glass:
    review = None
    if row.reviewed_at:
        review = Review(at=row.reviewed_at, by=Subject(row.reviewer), name=row.reviewer_name, note=row.note)
    return Glass(
        proposal=ProposalId(row.proposal),
        digest=Digest(row.digest),
        subject=Subject(row.subject),
        name=row.name,
        reason=row.reason,
        incident=row.incident,
        confidential=row.confidential,
        at=row.at,
        until=row.until,
        stands_for=tuple(Requirement.from_json(each) for each in row.stands_for),
        review_due=row.review_due,
        review=review,
    )
