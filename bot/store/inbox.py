"""Deliveries from outside, stored before they are acknowledged: a crash loses none, and a repeated one is known.

Deliveries that arrive while a commit is under way share the next one, so that their rate is not bounded by how long a disk takes to be sure.
"""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Update, delete, func, select, update

from bot.store.columns import storable
from bot.store.statements import insert
from bot.store.tables import deliveries
from skills.core.canonical import Json
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database

KEPT = timedelta(hours=24)
"""How long the key of a delivery that was dealt with is remembered."""

BATCH = 200

WAITING, CLAIMED, DONE, GIVEN_UP = "waiting", "claimed", "done", "given up"


@dataclass(frozen=True, kw_only=True)
class Delivery:
    """Something that came in and was claimed. `attempts` counts the claims, this one included; times are UTC."""

    key: str
    kind: str
    body: Mapping[str, Json]
    attempts: int
    received_at: datetime


@dataclass(frozen=True, kw_only=True)
class _Arrival:
    row: dict[str, Any]
    stored: "asyncio.Future[bool]"


class Inbox:
    """The organization's deliveries. Any number of processes may put and claim at once."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization
        self._arrivals: list[_Arrival] = []
        self._storing: asyncio.Task[None] | None = None

    async def put(self, key: str, kind: str, body: Mapping[str, Any]) -> bool:
        """Store a delivery; True when it is committed, False if the key was seen before. Raises `Unavailable` if it could not be stored."""
        now = self._database.clock()
        row = {
            "organization": self._organization, "key": storable(key), "kind": kind, "body": body, "state": WAITING,
            "attempts": 0, "received_at": now, "due_at": now, "error": "",
        }  # fmt: skip
        arrival = _Arrival(row=row, stored=asyncio.get_running_loop().create_future())
        self._arrivals.append(arrival)
        if self._storing is None or self._storing.done():
            self._storing = asyncio.create_task(self._store_arrivals())
        return await arrival.stored

    async def claim(self, executor: str, limit: int, lease: timedelta, *, kind: str = "") -> list[Delivery]:
        """Take up to `limit` deliveries that are due, oldest first, for as long as `lease`; then they can be claimed again.

        With a `kind`, only of that kind.
        """
        now = self._database.clock()
        wanted = [deliveries.c.kind == kind] if kind else []
        due = (
            select(deliveries)
            .where(self._mine(), deliveries.c.state.in_((WAITING, CLAIMED)), deliveries.c.due_at <= now, *wanted)
            .order_by(deliveries.c.received_at, deliveries.c.key)
            .limit(limit)
            .with_for_update(skip_locked=True)
        )
        async with self._database.writing() as connection:
            found = (await connection.execute(due)).all()
            if found:
                taken = update(deliveries).where(self._mine(), deliveries.c.key.in_([row.key for row in found]))
                await connection.execute(
                    taken.values(
                        state=CLAIMED, executor=executor, due_at=now + lease, attempts=deliveries.c.attempts + 1
                    )
                )
        return [
            Delivery(key=row.key, kind=row.kind, body=row.body, attempts=row.attempts + 1, received_at=row.received_at)
            for row in found
        ]

    async def done(self, *keys: str) -> None:
        """Dealt with, in one commit: the keys stay known for a day, what people wrote goes at once."""
        done = update(deliveries).where(self._mine(), deliveries.c.key.in_(keys))
        await self._change(done.values(state=DONE, body={}))

    async def retry(self, key: str, at: datetime, error: str) -> None:
        """Let it be claimed again from `at` on."""
        await self._change(self._at(key).values(state=WAITING, due_at=at, error=error))

    async def give_up(self, key: str, error: str) -> None:
        """No more attempts; the delivery stays for a day, with its error."""
        await self._change(self._at(key).values(state=GIVEN_UP, error=error))

    async def sweep(self, older_than: timedelta = KEPT) -> int:
        """Forget deliveries that were dealt with and arrived longer ago than this; returns how many."""
        old = deliveries.c.received_at < self._database.clock() - older_than
        async with self._database.writing() as connection:
            result = await connection.execute(
                delete(deliveries).where(self._mine(), deliveries.c.state.in_((DONE, GIVEN_UP)), old)
            )
            return result.rowcount

    async def depth(self) -> int:
        """How many deliveries wait or are being dealt with."""
        query = select(func.count()).where(self._mine(), deliveries.c.state.in_((WAITING, CLAIMED)))
        async with self._database.reading() as connection:
            return (await connection.execute(query)).scalar_one()

    async def drained(self) -> None:
        """Returns when everything put so far is stored or refused."""
        while self._storing is not None and not self._storing.done():
            await asyncio.wait([self._storing])

    async def _store_arrivals(self) -> None:
        while self._arrivals:
            batch, self._arrivals = self._arrivals[:BATCH], self._arrivals[BATCH:]
            try:
                new = await self._insert(batch)
            except Exception:  # noqa: BLE001 - whatever one row did to the batch, the others get their own attempt
                await self._store_singly(batch)
            else:
                for arrival in batch:
                    _settle(arrival, new)

    async def _store_singly(self, batch: Sequence[_Arrival]) -> None:
        for arrival in batch:
            try:
                new = await self._insert([arrival])
            except Exception as error:  # noqa: BLE001 - it is raised where the delivery was put
                if not arrival.stored.done():
                    arrival.stored.set_exception(error)
            else:
                _settle(arrival, new)

    async def _insert(self, batch: Sequence[_Arrival]) -> set[str]:
        """Insert in one commit; returns the keys that were new."""
        unique = {arrival.row["key"]: arrival.row for arrival in reversed(batch)}
        async with self._database.writing() as connection:
            statement = insert(connection, deliveries).values(list(unique.values())).on_conflict_do_nothing()
            return set((await connection.execute(statement.returning(deliveries.c.key))).scalars())

    async def _change(self, statement: Update) -> None:
        async with self._database.writing() as connection:
            await connection.execute(statement)

    def _at(self, key: str) -> Update:
        return update(deliveries).where(self._mine(), deliveries.c.key == key)

    def _mine(self) -> ColumnElement[bool]:
        return deliveries.c.organization == self._organization


def _settle(arrival: _Arrival, new: set[str]) -> None:
    """Tell the one who put it. A key taken from `new` is new only for the first of its deliveries in a batch."""
    if not arrival.stored.done():
        arrival.stored.set_result(arrival.row["key"] in new)
    new.discard(arrival.row["key"])
