"""An organization's side of the database: what it can read, and the door to what it can change."""

from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from sqlalchemy import ColumnElement, exists, select

from bot.store import rows
from bot.store.alarms import Alarms, unacknowledged
from bot.store.audit import AuditLog
from bot.store.checkpoints import Checkpoints
from bot.store.cost_books import KeptStatements, PricedDays, ReconciledPeriods
from bot.store.errors import SafeMode
from bot.store.glasses import Glasses
from bot.store.grants import Grants
from bot.store.inbox import Inbox
from bot.store.incident_effects import IncidentEffects
from bot.store.incidents import StoredIncidents
from bot.store.locks import Locks
from bot.store.memory import Memory
from bot.store.messages import Messages
from bot.store.notices import Notices
from bot.store.pages import Pages
from bot.store.pasts import Pasts
from bot.store.reviews import Reviews
from bot.store.stand_ins import StandIns
from bot.store.tables import checkups, proposals, targets
from bot.store.transaction import Transaction
from bot.store.tree import Tree
from bot.store.votes import Votes
from skills.core.names import Organization, ProposalId, Subject
from skills.core.proposal import Proposal, Status

if TYPE_CHECKING:
    from bot.store.database import Database

log = structlog.get_logger()

_LOOKS_AT_ONCE = 50
OPEN = (Status.PENDING, Status.APPROVED, Status.RUNNING)


class Store:
    """Bound to one organization; there is no way to ask for another's rows. It is the `Ledger` that skills read."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self.organization = organization
        self.audit = AuditLog(database, organization)
        self.tree = Tree(database, organization)
        self.checkpoints = Checkpoints(database, organization)
        self.alarms = Alarms(database, organization)
        self.inbox = Inbox(database, organization)
        self.messages = Messages(database, organization)
        self.votes = Votes(database, organization)
        self.incidents = StoredIncidents(database, organization)
        self.incident_effects = IncidentEffects(database, organization)
        self.notices = Notices(database, organization)
        self.locks = Locks(database, organization)
        self.pages = Pages(database, organization)
        self.stand_ins = StandIns(database, organization)
        self.grants = Grants(database, organization)
        self.glasses = Glasses(database, organization)
        self.pasts = Pasts(database, organization)
        self.priced_days = PricedDays(database, organization)
        self.kept_statements = KeptStatements(database, organization)
        self.reconciliations = ReconciledPeriods(database, organization)
        self.reviews = Reviews(database, organization)
        self._memory = Memory(database, organization)
        self.cursor = self._memory.cursor
        self.set_cursor = self._memory.set_cursor
        self.recall = self._memory.recall
        self.remember = self._memory.remember
        self.remember_first = self._memory.remember_first
        self.forget = self._memory.forget
        self.take = self._memory.take
        self._database = database
        self._told_unreadable: set[int] = set()

    @asynccontextmanager
    async def begin(self, *, in_safe_mode: bool = False) -> AsyncIterator[Transaction]:
        """A transaction that commits on a clean exit, audit entries included, and leaves nothing behind on an exception.

        Raises `Unaudited` instead of committing a change of a proposal, decision or effect without an entry, `Unavailable` when the database
        cannot be used, `Unclear` if it went away during the commit, and, unless `in_safe_mode`, `SafeMode` while an alarm about the audit
        log is open.
        """
        async with self._database.writing() as connection:
            if not in_safe_mode and (alarms := await unacknowledged(connection, self.organization)):
                raise SafeMode(alarms[0].problem)
            transaction = Transaction(connection, self.organization, clock=self._database.clock)
            yield transaction
            await transaction.finish()

    async def proposal(self, id: ProposalId) -> Proposal | None:
        """Raises `Anticipated` for one that somebody made unreadable, as the next two do; where many are asked for, it is left out."""
        return await self._one(proposals.c.id == id)

    async def proposal_by_handle(self, handle: str) -> Proposal | None:
        return await self._one(proposals.c.handle == handle)

    async def proposal_by_request(self, request_key: str) -> Proposal | None:
        return await self._one(proposals.c.request_key == request_key)

    async def proposals(
        self,
        *,
        statuses: Collection[Status] = (),
        requester: Subject | None = None,
        service: str | None = None,
        environment: str | None = None,
        since: datetime | None = None,
        limit: int = 50,
    ) -> tuple[Proposal, ...]:
        """Newest first; each condition that is given narrows the answer. `since` is about when they were asked for."""
        conditions: list[ColumnElement[bool]] = []
        if statuses:
            conditions.append(proposals.c.status.in_(statuses))
        if requester is not None:
            conditions.append(proposals.c.requester == requester)
        if since is not None:
            conditions.append(proposals.c.created_at >= since)
        if service is not None or environment is not None:
            conditions.append(self._touching(service, environment))
        return await self._many(*conditions, limit=limit)

    async def changes(
        self, *, service: str | None = None, environment: str | None = None, limit: int = 50
    ) -> tuple[Proposal, ...]:
        """Proposals that were run, or are running, newest first."""
        conditions: list[ColumnElement[bool]] = [proposals.c.started_at.is_not(None)]
        if service is not None or environment is not None:
            conditions.append(self._touching(service, environment))
        return await self._many(*conditions, limit=limit)

    async def open(self) -> tuple[Proposal, ...]:
        """Every proposal that is pending, approved or running, newest first."""
        return await self._many(proposals.c.status.in_(OPEN), limit=None)

    async def checkups_due(self, now: datetime) -> tuple[Proposal, ...]:
        """Every proposal whose service is to be looked at by `now`, newest first."""
        due = (checkups.c.organization == self.organization) & (checkups.c.proposal == proposals.c.id)
        return await self._many(
            exists().where(due, checkups.c.done_at.is_(None), checkups.c.due_at <= now), limit=_LOOKS_AT_ONCE
        )

    async def versions(self, ids: Collection[ProposalId]) -> dict[ProposalId, int]:
        """The version of each of these proposals that exists."""
        query = select(proposals.c.id, proposals.c.version).where(
            proposals.c.organization == self.organization, proposals.c.id.in_(ids)
        )
        async with self._database.reading() as connection:
            return {ProposalId(row.id): row.version for row in await connection.execute(query)}

    async def changed_since(self, change: int, limit: int = 100) -> Sequence[tuple[int, ProposalId]]:
        """(change, proposal) for each proposal whose last change came after `change`, in the order of the changes.

        Change numbers are handed out in the order of commits, so a watcher that passes on the last one it saw misses nothing. A proposal
        that changed several times appears once, with its latest change.
        """
        query = (
            select(proposals.c.change, proposals.c.id)
            .where(proposals.c.organization == self.organization, proposals.c.change > change)
            .order_by(proposals.c.change)
            .limit(limit)
        )
        async with self._database.reading() as connection:
            return [(row.change, ProposalId(row.id)) for row in await connection.execute(query)]

    def _touching(self, service: str | None, environment: str | None) -> ColumnElement[bool]:
        where: list[Any] = [targets.c.organization == self.organization, targets.c.proposal == proposals.c.id]
        if service is not None:
            where.append(targets.c.service == service)
        if environment is not None:
            where.append(targets.c.environment == environment)
        return exists().where(*where)

    async def _one(self, condition: ColumnElement[bool]) -> Proposal | None:
        found = await self._many(condition, limit=1)
        return found[0] if found else None

    async def _many(self, *conditions: ColumnElement[bool], limit: int | None) -> tuple[Proposal, ...]:
        query = rows.of(self.organization).where(*conditions).order_by(proposals.c.id.desc()).limit(limit)
        unreadable = rows.refuse if limit == 1 else self._left_out
        async with self._database.reading() as connection:
            return await rows.load(connection, self.organization, query, unreadable=unreadable)

    def _left_out(self, unreadable: rows.Unreadable) -> None:
        """One bad row among many must not keep the others from being seen. Said once, since some look every second."""
        if unreadable.id not in self._told_unreadable:
            self._told_unreadable.add(unreadable.id)
            log.error("a proposal is left out", proposal=unreadable.id, problem=str(unreadable))
