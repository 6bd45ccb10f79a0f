"""Bills in a CSV file, one line for each month and service, for those whose vendor has no interface that is worth a question.

Columns: `month` (2026-10), `cost` (a decimal number), `currency`, and, where known, `service`, `environment` and `category` (as ours are named).
"""

import asyncio
import csv
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from pathlib import Path

from skills.core.catalog import shown
from skills.core.errors import BadInput, Unavailable
from skills.core.money import Currency, currency
from skills.core.periods import Period, Unit, around
from skills.core.ports.costs import Basis, Category, Granularity, Line, Source, Statement, Wanted, Whose

_NEEDED = ("month", "cost", "currency")
_MOST = 4 * 1024 * 1024


@dataclass(frozen=True, kw_only=True)
class _Row:
    month: Period
    whose: Whose
    category: Category
    currency: Currency
    cost: Decimal


class BillFile:
    """Satisfies `Costs`, by month. The file is read each time: whoever adds a month need not restart anything."""

    def __init__(self, path: Path, *, clock: Callable[[], datetime]) -> None:
        self._path = path
        self._clock = clock

    async def statement(self, wanted: Wanted) -> Statement:
        """The months of a period. Raises `Unavailable` for days, and where nothing is there; `BadInput` for a line that makes no sense."""
        if wanted.granularity is not Granularity.MONTH:
            raise Unavailable(f"{self._path.name} knows months and no days.", hint="Ask for whole months.")
        rows = await asyncio.to_thread(lambda: list(self._rows()))
        buckets = tuple(wanted.period.months())
        known = {row.month for row in rows}
        lines = tuple(
            Line(
                whose=row.whose, category=row.category, currency=row.currency, item=row.category.value,
                amounts=tuple(row.cost if row.month == bucket else Decimal() if bucket in known else None for bucket in buckets),
            )
            for row in rows
            if row.month in buckets and (not wanted.environments or row.whose.environment in wanted.environments)
        )  # fmt: skip
        if not lines:
            raise Unavailable(f"{self._path.name} has no bill of {wanted.period}.")
        now = self._clock()
        source = Source(
            name=self._path.name, basis=Basis.BILL, zone="UTC", read_at=now, error=Decimal(), reconciled=True
        )  # fmt: skip
        return Statement(
            source=source, period=wanted.period, granularity=wanted.granularity, buckets=buckets, lines=lines,
            final_until=around(now.date(), Unit.MONTH).start,
        )  # fmt: skip

    def _rows(self) -> Iterator[_Row]:
        try:
            if self._path.stat().st_size > _MOST:
                raise BadInput(f"{self._path.name} is too large to be a list of monthly sums.")
            text = self._path.read_text(encoding="utf-8-sig")
        except (OSError, UnicodeDecodeError) as error:
            raise Unavailable(f"{self._path.name} cannot be read.", hint="Check bills in costs.yaml.") from error
        reader = csv.DictReader(text.splitlines())
        missing = [name for name in _NEEDED if name not in (reader.fieldnames or ())]
        if missing:
            raise BadInput(
                f"{self._path.name}, line 1: no column {missing[0]}.", hint=f"It needs {', '.join(_NEEDED)}."
            )
        for number, each in enumerate(reader, 2):
            yield _row(each, f"{self._path.name}, line {number}")


def _row(each: Mapping[str, str | None], where: str) -> _Row:
    def cell(name: str) -> str:
        return (each.get(name) or "").strip()

    try:
        month = around(date.fromisoformat(f"{cell('month')}-01"), Unit.MONTH)
    except ValueError:
        raise BadInput(f"{where}: “{shown(cell('month'))}” is no month.", hint="Write it like 2026-10.") from None
    try:
        cost, code = Decimal(cell("cost")), currency(cell("currency"))
        category = Category(cell("category") or "other")
    except (InvalidOperation, ValueError):
        said = f"{cell('cost')} {cell('currency')} {cell('category')}"
        raise BadInput(f"{where}: “{shown(said)}” is no amount of money.", hint="Write it like 1234.50,EUR.") from None
    if not cost.is_finite():
        raise BadInput(f"{where}: “{shown(cell('cost'))}” is no number.", hint="Write it like 1234.50.")
    whose = Whose(service=cell("service"), environment=cell("environment"))
    return _Row(month=month, whose=whose, category=category, currency=code, cost=cost)
