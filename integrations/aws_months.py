"""Months as AWS billed them: what is kept of each, and several of them joined to the days that somebody asks about. Pure."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

from integrations.aws_bill import Row
from skills.core.canonical import Json
from skills.core.money import Currency
from skills.core.periods import Period
from skills.core.ports.costs import Category, Line, Whose

Amounts = list[Decimal | None]


@dataclass(frozen=True, kw_only=True)
class Month:
    """What AWS said of a month."""

    month: Period
    read_at: datetime
    rows: tuple[Row, ...]
    estimated: date | None
    partial: tuple[str, ...] = ()

    def to_json(self) -> Json:
        return {
            "rows": [
                [row.service, row.environment, row.category.value, row.currency, row.item, row.unit, _texts(row.amounts), _texts(row.quantities)]
                for row in self.rows
            ],
            "estimated": self.estimated.isoformat() if self.estimated else None,
            "partial": list(self.partial),
        }  # fmt: skip

    @classmethod
    def from_json(cls, month: Period, read_at: datetime, said: Any) -> "Month":
        return cls(
            month=month, read_at=read_at, partial=tuple(said["partial"]),
            estimated=date.fromisoformat(said["estimated"]) if said["estimated"] else None,
            rows=tuple(
                Row(
                    service=service, environment=environment, category=Category(category), currency=Currency(code), item=item, unit=unit,
                    amounts=_decimals(amounts), quantities=_decimals(quantities),
                )
                for service, environment, category, code, item, unit, amounts, quantities in said["rows"]
            ),
        )  # fmt: skip


def _texts(amounts: Sequence[Decimal | None]) -> list[Json]:
    return [None if each is None else format(each, "f") for each in amounts]


def _decimals(amounts: Sequence[str | None]) -> tuple[Decimal | None, ...]:
    return tuple(None if each is None else Decimal(each) for each in amounts)


def lines(
    months: Sequence[Month], days: Sequence[Period], environments: Sequence[str], team_of: Callable[[str], str]
) -> Iterator[Line]:
    """Rows of several months joined: a thing that is in some of the months costs nothing in the others that were asked."""
    places = {day.start: index for index, day in enumerate(days)}
    known = _known(months, places)
    rows: dict[tuple[Any, ...], tuple[Amounts, Amounts]] = {}
    for month in months:
        for row in month.rows:
            if not environments or row.environment in environments:
                key = (row.whose, row.category, row.currency, row.item, row.unit)
                amounts, had = rows.setdefault(key, (list(known), list(known)))
                _put(month, row.amounts, places, amounts)
                _put(month, row.quantities, places, had)
    for (whose, category, code, item, unit), (amounts, had) in rows.items():
        team = team_of(whose.service) if whose.service else ""
        yield Line(
            whose=Whose(service=whose.service, environment=whose.environment, team=team), category=category, currency=code,
            item=item, unit=unit, amounts=tuple(amounts), quantities=tuple(had) if unit else (),
        )  # fmt: skip


def _known(months: Sequence[Month], places: dict[date, int]) -> Amounts:
    """Nothing on the days that were asked about, and unknown on the others."""
    known: Amounts = [None] * len(places)
    for month in months:
        last = min(month.month.end, month.read_at.date() + timedelta(days=1))
        for day in month.month.days():
            if day in places and day < last:
                known[places[day]] = Decimal()
    return known


def _put(month: Month, values: Sequence[Decimal | None], places: dict[date, int], into: Amounts) -> None:
    for day, value in zip(month.month.days(), values, strict=False):
        if value is not None and day in places:
            into[places[day]] = value
