"""What is to be said unasked, each once: written with what it is about, told by whichever edge can."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import Row, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import clean
from bot.store.statements import insert_once
from bot.store.tables import notices
from skills.core.kept_report import report_from_json
from skills.core.names import Organization
from skills.core.notice import Notice, Recipient, recipient_from_json, recipient_to_json
from skills.core.report import Report

if TYPE_CHECKING:
    from bot.store.database import Database


class Notices:
    """The organization's notices, in the order in which they were committed."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def after(self, number: int, limit: int = 100) -> Sequence[Notice]:
        """Those with a higher number, oldest first: a reader that passes on the last number it saw misses none."""
        query = select(notices).where(notices.c.organization == self._organization, notices.c.number > number)
        async with self._database.reading() as connection:
            found = await connection.execute(query.order_by(notices.c.number).limit(limit))
            return [_notice(row) for row in found]

    async def latest(self, limit: int = 100) -> Sequence[Notice]:
        """Newest first."""
        query = select(notices).where(notices.c.organization == self._organization)
        async with self._database.reading() as connection:
            found = await connection.execute(query.order_by(notices.c.number.desc()).limit(limit))
            return [_notice(row) for row in found]


async def is_there(connection: AsyncConnection, organization: Organization, key: str) -> bool:
    """Was something said under this key before?"""
    query = select(notices.c.number).where(notices.c.organization == organization, notices.c.key == key)
    return (await connection.execute(query)).first() is not None


async def add(
    connection: AsyncConnection,
    organization: Organization,
    number: int,
    key: str,
    *,
    to: Recipient,
    report: Report,
    now: datetime,
) -> bool:
    """Keep it, without secrets; False if another transaction was first to say something under this key."""
    return await insert_once(
        connection, notices, organization=organization, number=number, key=key, recipient=recipient_to_json(to),
        report=clean(report.to_json()), at=now,
    )  # fmt: skip


def _notice(row: Row[Any]) -> Notice:
    return Notice(
        number=row.number,
        key=row.key,
        to=recipient_from_json(row.recipient),
        report=report_from_json(row.report),
        at=row.at,
    )
