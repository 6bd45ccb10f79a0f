"""Statements made by hand, and whoever shows them: for tests of answers about costs."""

from collections.abc import Collection, Sequence
from datetime import UTC, date, datetime, timedelta, tzinfo
from decimal import Decimal

from skills.core.errors import Unavailable
from skills.core.money import currency
from skills.core.periods import Period
from skills.core.ports.costs import Accounts, Basis, Category, Granularity, Line, Source, Statement, Wanted, Whose
from skills.core.ports.past_changes import PastChange

NOW = datetime(2026, 12, 1, 12, tzinfo=UTC)


class TheDays:
    """Satisfies `Days`: noon of the first of December."""

    zone: tzinfo = UTC

    def now(self) -> datetime:
        return NOW

    def today(self) -> date:
        return NOW.date()


def line(
    whose: Whose, category: Category, *amounts: str | None, code: str = "EUR", item: str = "", unit: str = "", quantities: Sequence[str | None] = ()
) -> Line:  # fmt: skip
    return Line(
        whose=whose, category=category, currency=currency(code), item=item or category.value, unit=unit,
        amounts=tuple(None if each is None else Decimal(each) for each in amounts),
        quantities=tuple(None if each is None else Decimal(each) for each in quantities),
    )  # fmt: skip


def days_from(start: date, count: int) -> tuple[Period, ...]:
    return tuple(Period(start=start + timedelta(days=n), end=start + timedelta(days=n + 1)) for n in range(count))


def statement(
    start: date, *lines: Line, basis: Basis = Basis.ESTIMATE, name: str = "price sheet", error: str | None = "0.15", partial: Sequence[str] = (),
    final_until: date = date(2026, 11, 30), reconciled: bool = False,
) -> Statement:  # fmt: skip
    """Day by day from `start`, for as many days as the lines have amounts."""
    buckets = days_from(start, len(lines[0].amounts) if lines else 1)
    return Statement(
        source=Source(
            name=name, basis=basis, zone="UTC", read_at=NOW - timedelta(minutes=5), error=Decimal(error) if error else None, reconciled=reconciled
        ),
        period=Period(start=start, end=buckets[-1].end), granularity=Granularity.DAY, buckets=buckets, lines=lines, final_until=final_until,
        partial=tuple(partial),
    )  # fmt: skip


class TheBooks:
    """Satisfies `Books`: always the same, whatever is asked. `asked` are the questions."""

    def __init__(self, *statements: Statement, troubles: Sequence[str] = (), down: str = "") -> None:
        self._accounts = Accounts(statements=statements, troubles=tuple(troubles))
        self._down = down
        self.asked: list[Wanted] = []

    async def accounts(self, wanted: Wanted) -> Accounts:
        self.asked.append(wanted)
        if self._down:
            raise Unavailable(self._down)
        return self._accounts


class ThePast:
    """Satisfies `PastChanges` with these."""

    def __init__(self, *changes: PastChange) -> None:
        self._changes = changes

    async def changes(
        self, *, since: datetime, until: datetime, services: Collection[str] = (), environments: Collection[str] = ()
    ) -> Sequence[PastChange]:
        return [
            each
            for each in self._changes
            if since <= each.at < until
            and (not services or each.service in services)
            and (not environments or each.environment in environments)
        ]
