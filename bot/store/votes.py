"""What people thought of answers: one vote a person and answer, the last one given."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import select

from bot.store.audit import clean_text
from bot.store.statements import put
from bot.store.tables import votes
from skills.core.names import Organization, Subject

if TYPE_CHECKING:
    from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Vote:
    """One person's opinion of one answer. `text` is what had been asked, without secrets, and `skill` what it was taken for. `at` is UTC."""

    key: str
    subject: Subject
    vote: str
    at: datetime
    text: str
    skill: str | None


class Votes:
    """The organization's votes."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def cast(self, key: str, subject: Subject, *, vote: str, text: str, skill: str | None) -> None:
        """Put this vote in place of the person's earlier one on the answer called `key`."""
        async with self._database.writing() as connection:
            await put(
                connection, votes, organization=self._organization, key=key, subject=subject, vote=vote,
                at=self._database.clock(), text=clean_text(text), skill=skill,
            )  # fmt: skip

    async def latest(self, limit: int = 100) -> Sequence[Vote]:
        """Newest first."""
        query = (
            select(votes)
            .where(votes.c.organization == self._organization)
            .order_by(votes.c.at.desc(), votes.c.key, votes.c.subject)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [
                Vote(
                    key=row.key, subject=Subject(row.subject), vote=row.vote, at=row.at, text=row.text, skill=row.skill
                )
                for row in await connection.execute(query)
            ]
