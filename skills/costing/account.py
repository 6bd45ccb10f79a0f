"""Adding up what a statement says: for a period and a scope, by whom and by what, with what is shared and idle divided by a rule.

The rule: within an environment, what is shared and what is idle belongs to services in proportion to what their CPU and memory cost in the
same period. Where nothing has CPU or memory of its own, both stay as they are.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import lru_cache
from typing import cast

from skills.core.money import Currency, Money, totals
from skills.core.periods import Period
from skills.core.ports.costs import SPREADABLE, Category, Statement, Whose

SPREAD = SPREADABLE
_WEIGHED = (Category.COMPUTE, Category.MEMORY)
_NONE = Decimal()
UNALLOCATED = "(belongs to nobody)"


@dataclass(frozen=True, kw_only=True)
class Scope:
    """Whose costs are meant; "" for everybody's. Names are the catalog's."""

    service: str = ""
    environment: str = ""
    team: str = ""

    def holds(self, whose: Whose) -> bool:
        return (
            (not self.service or whose.service == self.service)
            and (not self.environment or whose.environment == self.environment)
            and (not self.team or whose.team == self.team)
        )

    def __str__(self) -> str:
        """“checkout in production”, “everything of team shop”, “everything”."""
        what = self.service or ("everything" if not self.team else f"everything of team {self.team}")
        return f"{what} in {self.environment}" if self.environment else what


@dataclass(frozen=True, kw_only=True)
class Entry:
    """What one thing came to in a period, as far as it is known. `quantity` is None where the source does not say how much of it there was."""

    whose: Whose
    category: Category
    currency: Currency
    cost: Decimal
    item: str = ""
    unit: str = ""
    quantity: Decimal | None = None

    @property
    def money(self) -> Money:
        return Money(amount=self.cost, currency=self.currency)


@dataclass(frozen=True, eq=False)
class _This:
    """A statement as the object that it is: comparing two of them by their numbers takes longer than adding those up."""

    statement: Statement

    def __hash__(self) -> int:
        return id(self.statement)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _This) and other.statement is self.statement


def entries(statement: Statement, period: Period) -> tuple[Entry, ...]:
    """One for each line of which anything is known in the period. The last few are remembered, since an answer needs them again and again."""
    return _entries(_This(statement), period)


@lru_cache(maxsize=16)
def _entries(this: _This, period: Period) -> tuple[Entry, ...]:
    statement = this.statement
    inside = [index for index, bucket in enumerate(statement.buckets) if bucket.start in period]
    if not inside:
        return ()
    part = slice(inside[0], inside[-1] + 1)
    found = []
    for line in statement.lines:
        cost = _known(line.amounts[part])
        if cost is not None:
            found.append(
                Entry(
                    whose=line.whose, category=line.category, currency=line.currency, cost=cost, item=line.item, unit=line.unit,
                    quantity=_known(line.quantities[part]) if line.quantities else None,
                )
            )  # fmt: skip
    return tuple(found)


def _known(amounts: Sequence[Decimal | None]) -> Decimal | None:
    """The sum of what is known; as a rule that is everything, and then it is summed as it is."""
    try:
        return sum(cast("Sequence[Decimal]", amounts), _NONE)
    except TypeError:
        # Looking for a None beforehand would compare each number with it, which takes ten times as long.
        known = [amount for amount in amounts if amount is not None]
        return sum(known, _NONE) if known else None


def used(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """Without credits, refunds and tax."""
    return tuple(each for each in found if each.category.used)


def summed(found: Iterable[Entry]) -> tuple[Money, ...]:
    """The sum in each currency."""
    return totals(each.money for each in found)


@dataclass(frozen=True, kw_only=True)
class Row:
    """One part of the whole: what is its own, and its parts of what is shared and idle, each in every currency there is."""

    name: str
    own: tuple[Money, ...] = ()
    shared: tuple[Money, ...] = ()
    idle: tuple[Money, ...] = ()

    @property
    def whole(self) -> tuple[Money, ...]:
        return totals((*self.own, *self.shared, *self.idle))


def spread(found: Iterable[Entry]) -> tuple[Entry, ...]:
    """The same with what is shared and idle given to those who use it, by the rule above. The sum stays the same to the last digit."""
    kept: list[Entry] = []
    common: dict[tuple[str, Currency], list[Entry]] = {}
    weights: dict[tuple[str, Currency], dict[Whose, Decimal]] = {}
    for each in found:
        place = (each.whose.environment, each.currency)
        if each.category in SPREAD:
            common.setdefault(place, []).append(each)
            continue
        kept.append(each)
        if each.category in _WEIGHED and each.cost > 0:
            mine = weights.setdefault(place, {})
            mine[each.whose] = mine.get(each.whose, _NONE) + each.cost
    for place, shared in common.items():
        kept += [part for each in shared for part in _divided(each, weights.get(place, {}))]
    return tuple(kept)


def _divided(common: Entry, weights: Mapping[Whose, Decimal]) -> Iterable[Entry]:
    """One entry as parts; the last takes what rounding leaves over."""
    if not weights:
        yield common
        return
    whole, left = sum(weights.values(), _NONE), common.cost
    *others, last = weights
    for whose in others:
        part = common.cost * weights[whose] / whole
        left -= part
        yield replace(common, whose=whose, cost=part, quantity=None)
    yield replace(common, whose=last, cost=left, quantity=None)


def rows(found: Iterable[Entry], name: Callable[[Entry], str]) -> tuple[Row, ...]:
    """By name, the dearest first; what belongs to nobody comes last."""
    by_name: dict[str, dict[str, list[Money]]] = {}
    for each in found:
        column = each.category.value if each.category in SPREAD else "own"
        by_name.setdefault(name(each), {}).setdefault(column, []).append(each.money)
    made = [
        Row(
            name=key,
            own=totals(columns.get("own", ())),
            shared=totals(columns.get(Category.SHARED.value, ())),
            idle=totals(columns.get(Category.IDLE.value, ())),
        )
        for key, columns in by_name.items()
    ]
    return tuple(sorted(made, key=lambda row: (row.name == UNALLOCATED, -_largest(row.whole), row.name)))


def _largest(amounts: Sequence[Money]) -> Decimal:
    return amounts[0].amount if amounts else _NONE


@dataclass(frozen=True, kw_only=True)
class Daily:
    """What every bucket came to, in one currency; None where nothing of it is known."""

    currency: Currency
    buckets: tuple[Period, ...]
    amounts: tuple[Decimal | None, ...]


def daily(statement: Statement, scope: Scope) -> tuple[Daily, ...]:
    """What was used in a scope, bucket by bucket, in each currency; what is shared and idle only where no service or team is meant."""
    common = not (scope.service or scope.team)
    rows: dict[Currency, list[Sequence[Decimal | None]]] = {}
    for line in statement.lines:
        if line.category.used and scope.holds(line.whose) and (common or line.category not in SPREAD):
            rows.setdefault(line.currency, []).append(line.amounts)
    return tuple(
        Daily(
            currency=currency,
            buckets=statement.buckets,
            amounts=tuple(_known(column) for column in zip(*found, strict=True)),
        )
        for currency, found in rows.items()
    )


def known_buckets(statement: Statement) -> Sequence[bool]:
    """Of each bucket, whether anything of it is known."""
    if any(all(amount is not None for amount in line.amounts) for line in statement.lines):
        return [True] * len(statement.buckets)
    rows = [line.amounts for line in statement.lines]
    return [any(amount is not None for amount in column) for column in zip(*rows, strict=True)] or [False] * len(
        statement.buckets
    )


def final_part(period: Period, final_until: date) -> Period | None:
    """The days of a period that will not change any more."""
    end = min(period.end, final_until)
    return Period(start=period.start, end=end) if end > period.start else None
