"""Signed heads of the audit log: signed notes whose text is origin, size and root."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import Select, select, update

from bot.store.statements import insert_once
from bot.store.tables import audit_checkpoints
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database


@dataclass(frozen=True, kw_only=True)
class Signed:
    """A head as it was signed. `at` is UTC and not signed; `note` may bear signatures of witnesses, too."""

    size: int
    at: datetime
    note: str


class Checkpoints:
    """The organization's, one for each size at most."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def add(self, size: int, note: str) -> bool:
        """Keep a signed head. False if another process kept one of this size first."""
        async with self._database.writing() as connection:
            return await insert_once(
                connection, audit_checkpoints, organization=self._organization, size=size, at=self._database.clock(), note=note,
            )  # fmt: skip

    async def cosign(self, size: int, note: str) -> None:
        """Replace the note of this size by the same with more signatures."""
        mine = (audit_checkpoints.c.organization == self._organization) & (audit_checkpoints.c.size == size)
        async with self._database.writing() as connection:
            await connection.execute(update(audit_checkpoints).where(mine).values(note=note))

    async def latest(self) -> Signed | None:
        """The one over the most entries."""
        found = await self._read(self._mine().order_by(audit_checkpoints.c.size.desc()).limit(1))
        return found[0] if found else None

    async def after(self, size: int, limit: int = 1_000) -> Sequence[Signed]:
        """Those over more than `size` entries, the smallest first."""
        query = self._mine().where(audit_checkpoints.c.size > size)
        return await self._read(query.order_by(audit_checkpoints.c.size).limit(limit))

    def _mine(self) -> Select[tuple[int, datetime, str]]:
        columns = (audit_checkpoints.c.size, audit_checkpoints.c.at, audit_checkpoints.c.note)
        return select(*columns).where(audit_checkpoints.c.organization == self._organization)

    async def _read(self, query: Select[tuple[int, datetime, str]]) -> list[Signed]:
        async with self._database.reading() as connection:
            return [Signed(size=row.size, at=row.at, note=row.note) for row in await connection.execute(query)]
