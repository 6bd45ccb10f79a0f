"""Measurements and answers about costs: written by whoever looks at the clock, read by answers. No decision rests on them, so no audit entry does."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.cost_tables import kept_statements, priced_days, reconciliations
from bot.store.statements import insert_once, put
from skills.core.canonical import Json
from skills.core.money import Currency, Money
from skills.core.names import Organization
from skills.core.periods import Period, parse
from skills.core.ports.costs import Category, Reconciled, Whose

if TYPE_CHECKING:
    from bot.store.database import Database

Key = tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class PricedLine:
    """What one thing had, and what that cost. `quantity` is in `unit`."""

    whose: Whose
    category: Category
    currency: Currency
    item: str
    unit: str
    quantity: Decimal
    amount: Decimal

    @property
    def key(self) -> Key:
        """What makes it the same thing in another hour. Whose it is belongs to it: what changes hands becomes another line."""
        whose = self.whose
        return (whose.service, whose.environment, whose.team, whose.project, self.category, self.currency, self.item, self.unit)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class PricedDay:
    """One day of an environment: which of its hours, counted from midnight, were looked at, and what that comes to."""

    environment: str
    day: date
    hours: frozenset[int]
    lines: tuple[PricedLine, ...]


class PricedDays:
    """The organization's own book of what ran, at what price."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def note(self, environment: str, day: date, hour: int, lines: Iterable[PricedLine]) -> bool:
        """Add what an hour had; False if that hour was noted before, by whichever process. Atomic."""
        mine = {"organization": self._organization, "environment": environment, "day": day.isoformat()}
        async with self._database.writing() as connection:
            await insert_once(connection, priced_days, **mine, hours=[], lines=[])
            noted, known = await self._locked(connection, mine)
            if hour in noted:
                return False
            sums = {line.key: line for line in known}
            for each in lines:
                sums[each.key] = _added(sums.get(each.key), each)
            await put(
                connection, priced_days, **mine, hours=sorted({*noted, hour}), lines=[_spelled(line) for line in sums.values()]
            )  # fmt: skip
            return True

    async def noted(self, environment: str, day: date, hour: int) -> bool:
        """Was this hour looked at?"""
        found = await self.read([environment], Period(start=day, end=date.fromordinal(day.toordinal() + 1)))
        return any(hour in each.hours for each in found)

    async def read(self, environments: Sequence[str], period: Period) -> Sequence[PricedDay]:
        """What is known of these environments, by day."""
        query = (
            select(priced_days)
            .where(priced_days.c.organization == self._organization, priced_days.c.environment.in_(environments))
            .where(priced_days.c.day >= period.start.isoformat(), priced_days.c.day < period.end.isoformat())
            .order_by(priced_days.c.day, priced_days.c.environment)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            PricedDay(
                environment=row.environment, day=date.fromisoformat(row.day), hours=frozenset(row.hours or ()),
                lines=tuple(_line(each) for each in row.lines or ()),
            )
            for row in rows
        ]  # fmt: skip

    async def _locked(self, connection: AsyncConnection, mine: dict[str, Any]) -> tuple[set[int], list[PricedLine]]:
        """The day as it is, for nobody else to change until this transaction ends."""
        query = select(priced_days.c.hours, priced_days.c.lines).where(
            *(priced_days.c[name] == value for name, value in mine.items())
        )
        row = (await connection.execute(query.with_for_update())).one()
        return set(row.hours or ()), [_line(each) for each in row.lines or ()]


class KeptStatements:
    """What sources said that charge for each question, so that a restart does not ask again."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def recall(self, source: str, key: str) -> tuple[datetime, Json] | None:
        """When it was said, and what."""
        table = kept_statements.c
        query = select(table.read_at, table.said).where(
            table.organization == self._organization, table.source == source, table.key == key
        )
        async with self._database.reading() as connection:
            row = (await connection.execute(query)).first()
        return (row.read_at, row.said) if row and row.said is not None else None

    async def keep(self, source: str, key: str, said: Json, read_at: datetime) -> None:
        """In place of what was kept of the same question."""
        async with self._database.writing() as connection:
            await put(
                connection, kept_statements, organization=self._organization, source=source, key=key, read_at=read_at, said=said
            )  # fmt: skip


class ReconciledPeriods:
    """How estimates compared with bills. Satisfies `Reconciliations`."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def keep(self, found: Reconciled) -> None:
        """Write a comparison down; the same period and scope again replaces it, since bills are corrected."""
        compared: Json = {"estimated": found.estimated.to_json(), "billed": found.billed.to_json()}
        async with self._database.writing() as connection:
            await put(
                connection, reconciliations, organization=self._organization, source=found.source, period=found.period.spelled(),
                scope=found.scope, compared=compared,
            )  # fmt: skip

    async def past(self, source: str) -> Sequence[Reconciled]:
        """Comparisons of what this source estimated, newest first, of each period that of everything before those of services."""
        table = reconciliations.c
        query = (
            select(table.period, table.scope, table.compared)
            .where(table.organization == self._organization, table.source == source)
            .order_by(table.period.desc(), table.scope)
        )
        async with self._database.reading() as connection:
            rows = (await connection.execute(query)).all()
        return [
            Reconciled(
                period=parse(row.period), source=source, scope=row.scope, estimated=Money.from_json(row.compared["estimated"]),
                billed=Money.from_json(row.compared["billed"]),
            )
            for row in rows
        ]  # fmt: skip


def _added(known: PricedLine | None, more: PricedLine) -> PricedLine:
    if known is None:
        return more
    return PricedLine(
        whose=more.whose, category=more.category, currency=more.currency, item=more.item, unit=more.unit,
        quantity=known.quantity + more.quantity, amount=known.amount + more.amount,
    )  # fmt: skip


def _spelled(line: PricedLine) -> Json:
    return [*line.key, format(line.quantity, "f"), format(line.amount, "f")]


def _line(value: Sequence[str]) -> PricedLine:
    service, environment, team, project, category, currency, item, unit, quantity, amount = value
    return PricedLine(
        whose=Whose(service=service, environment=environment, team=team, project=project), category=Category(category),
        currency=Currency(currency), item=item, unit=unit, quantity=Decimal(quantity), amount=Decimal(amount),
    )  # fmt: skip
