"""Access reviews as rows: what was asked about whose roles and teams, and what the answer was."""

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean_text
from bot.store.tables import access_campaigns, access_questions
from skills.core.campaign import Campaign, Question, Word
from skills.core.membership import Membership, Withdrawn
from skills.core.names import Organization, Subject

if TYPE_CHECKING:
    from bot.store.database import Database


class Reviews:
    """The organization's campaigns, read only."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def latest(self) -> Campaign | None:
        """The newest campaign."""
        async with self._database.reading() as connection:
            return await _latest(connection, self._organization)

    async def campaign(self, number: int) -> Campaign | None:
        mine = (access_campaigns.c.organization == self._organization) & (access_campaigns.c.number == number)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(access_campaigns).where(mine))).first()
            return _campaign(row) if row else None

    async def questions(self, campaign: int) -> Sequence[Question]:
        """All of a campaign, in their order."""
        async with self._database.reading() as connection:
            return await _questions(connection, self._organization, campaign)

    async def question(self, number: int) -> Question | None:
        mine = (access_questions.c.organization == self._organization) & (access_questions.c.number == number)
        async with self._database.reading() as connection:
            row = (await connection.execute(select(access_questions).where(mine))).first()
            return _question(row) if row else None

    async def withdrawn(self) -> Withdrawn:
        """Everything that was ever revoked, and when it was last."""
        person, membership = access_questions.c.person, access_questions.c.membership
        query = (
            select(person, membership, func.max(access_questions.c.at).label("last"))
            .where(access_questions.c.organization == self._organization, access_questions.c.word == Word.REVOKE.value)
            .group_by(person, membership)
        )
        found: dict[Subject, dict[Membership, datetime]] = {}
        async with self._database.reading() as connection:
            for row in await connection.execute(query):
                found.setdefault(Subject(row.person), {})[Membership.read(row.membership)] = row.last
        return Withdrawn(at=found)


class ReviewBook:
    """Campaigns within one transaction. Whoever begins with `next_campaign` is alone with them until its end."""

    def __init__(
        self,
        connection: AsyncConnection,
        organization: Organization,
        *,
        number: Callable[[str, int], Awaitable[int]],
        changed: Callable[[], None],
    ) -> None:
        self._connection = connection
        self._organization = organization
        self._number = number
        self._changed = changed

    async def next_campaign(self) -> int:
        return await self._number("access-campaign", 1)

    async def latest(self) -> Campaign | None:
        """The newest, as this transaction sees it."""
        return await _latest(self._connection, self._organization)

    async def open(self, campaign: Campaign, questions: Sequence[Question]) -> Sequence[Question]:
        """Write down a campaign and what it asks, numbered."""
        await self._connection.execute(
            insert(access_campaigns).values(
                organization=self._organization, number=campaign.number, opened_by=campaign.opened_by,
                reason=clean_text(campaign.reason), opened_at=campaign.opened_at, due_at=campaign.due_at,
                unanswered=campaign.unanswered,
            )
        )  # fmt: skip
        last = await self._number("access-question", len(questions))
        rows = [
            {
                "organization": self._organization, "number": number, "campaign": campaign.number, "person": each.person,
                "person_name": clean_text(each.person_name), "membership": str(each.membership), "gives": list(each.gives),
                "by": "", "by_name": "", "reason": "",
            }
            for number, each in enumerate(questions, last - len(questions) + 1)
        ]  # fmt: skip
        await self._connection.execute(insert(access_questions), rows)
        self._changed()
        return await _questions(self._connection, self._organization, campaign.number)

    async def answer(self, number: int, word: Word, *, by: str, by_name: str, reason: str, now: datetime) -> bool:
        """Of any number of people who answer at once, one gets True."""
        mine = (access_questions.c.organization == self._organization) & (access_questions.c.number == number)
        values = {
            "word": word.value, "by": by, "by_name": clean_text(by_name), "reason": clean_text(reason), "at": now
        }  # fmt: skip
        done = await self._connection.execute(
            update(access_questions).where(mine, access_questions.c.word.is_(None)).values(**values)
        )
        return self._did(done.rowcount)

    async def waiting(self, campaign: int) -> Sequence[Question]:
        """What nobody has answered, as this transaction sees it."""
        return [each for each in await self.all(campaign) if each.word is None]

    async def all(self, campaign: int) -> Sequence[Question]:
        """Every question, as this transaction sees it."""
        return await _questions(self._connection, self._organization, campaign)

    async def escalate(self, campaign: int, now: datetime) -> bool:
        """False if that was done before, or the campaign is over."""
        return await self._mark(campaign, access_campaigns.c.escalated_at.is_(None), escalated_at=now)

    async def close(self, campaign: int, now: datetime) -> bool:
        """False if it was closed before."""
        return await self._mark(campaign, closed_at=now)

    async def _mark(self, campaign: int, *conditions: Any, **values: Any) -> bool:
        mine = (access_campaigns.c.organization == self._organization) & (access_campaigns.c.number == campaign)
        open_ = access_campaigns.c.closed_at.is_(None)
        done = await self._connection.execute(update(access_campaigns).where(mine, open_, *conditions).values(**values))
        return self._did(done.rowcount)

    def _did(self, rows: int) -> bool:
        if rows:
            self._changed()
        return rows == 1


async def _latest(connection: AsyncConnection, organization: Organization) -> Campaign | None:
    query = select(access_campaigns).where(access_campaigns.c.organization == organization)
    row = (await connection.execute(query.order_by(access_campaigns.c.number.desc()).limit(1))).first()
    return _campaign(row) if row else None


async def _questions(connection: AsyncConnection, organization: Organization, campaign: int) -> Sequence[Question]:
    mine = (access_questions.c.organization == organization) & (access_questions.c.campaign == campaign)
    found = await connection.execute(select(access_questions).where(mine).order_by(access_questions.c.number))
    return [_question(row) for row in found]


def _campaign(row: Row[Any]) -> Campaign:
    return Campaign(
        number=row.number, opened_by=row.opened_by, reason=row.reason, opened_at=row.opened_at, due_at=row.due_at,
        unanswered=row.unanswered, escalated_at=row.escalated_at, closed_at=row.closed_at,
    )  # fmt: skip


def _question(row: Row[Any]) -> Question:
    return Question(
        number=row.number, campaign=row.campaign, person=Subject(row.person), person_name=row.person_name,
        membership=Membership.read(row.membership), gives=tuple(row.gives), word=Word(row.word) if row.word else None,
        by=row.by, by_name=row.by_name, reason=row.reason, at=row.at,
    )  # fmt: skip
