"""Why costs changed between two periods: their lengths, how much was had, what it was made of, and what it cost apiece.

For things that are counted in the same unit (core-hours, GiB-hours):

* **days**: the second period was longer or shorter, at what a day cost in the first;
* **amount**: more or less was had each day, at the average price of the first period;
* **mix**: more of it was of the dearer kind, or less, at the prices of the first period;
* **price**: the same thing cost more or less apiece.

What is new and what is gone has no second price, and what is not counted (a fee) has none at all: these stand for themselves. The causes
add up to the change to the cent, because what rounding leaves over goes to the largest.

Source: price-volume-mix analysis as in any textbook of cost accounting, for example C. T. Horngren et al., “Cost Accounting”, chapter 14.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import TypeAlias, TypeVar

CENT = Decimal("0.01")
_NOTHING = Decimal()
K = TypeVar("K")


class Cause(StrEnum):
    """What a part of the change comes from, as it is told."""

    DAYS = "length of the period"
    AMOUNT = "amount"
    MIX = "mix"
    PRICE = "price"
    NEW = "new"
    GONE = "gone"
    OTHER = "not counted in units"


@dataclass(frozen=True, kw_only=True)
class Item:
    """One thing that was paid for in a period. `amount` is how much of it, in `unit`; None where it is not counted. All are finite.

    `name` is the same in both periods, and `unit` is what may be added up (“core-hours”).
    """

    name: str
    cost: Decimal
    unit: str = ""
    amount: Decimal | None = None

    @property
    def counted(self) -> bool:
        return bool(self.unit) and self.amount is not None and self.amount > 0


@dataclass(frozen=True, kw_only=True)
class Effect:
    """So much of the change comes from this cause in this item."""

    item: str
    cause: Cause
    cost: Decimal


@dataclass(frozen=True, kw_only=True)
class Change:
    """What two periods cost, rounded to the smallest coin, and effects that add up to exactly the difference, the largest first."""

    before: Decimal
    after: Decimal
    effects: tuple[Effect, ...]

    @property
    def by_cause(self) -> Mapping[Cause, Decimal]:
        return _summed((each.cause, each.cost) for each in self.effects)

    @property
    def by_item(self) -> Mapping[str, Decimal]:
        return _summed((each.item, each.cost) for each in self.effects)


_Key: TypeAlias = tuple[str, Cause]


def explain(
    before: Sequence[Item], after: Sequence[Item], *, days: tuple[int, int], coin: Decimal = CENT
) -> Change:  # fmt: skip
    """From what to what, and why. `days` are the lengths of the two periods; `coin` is the smallest amount of the currency.

    An item that is named twice in a period counts once, as the sum. Raises `ValueError` for a period without days.
    """
    if min(days) < 1:
        raise ValueError("a period has at least one day")
    then, now = _once(before), _once(after)
    effects: dict[_Key, Decimal] = defaultdict(Decimal)
    by_unit: dict[str, list[str]] = defaultdict(list)
    for name, item in then.items():
        if item.counted and _counted(now.get(name), item.unit):
            by_unit[item.unit].append(name)
    for shared in by_unit.values():
        _of_unit(shared, then, now, days=days, effects=effects)
    explained = {name for name, _ in effects}
    for name in dict.fromkeys([*then, *now]):
        if name not in explained:
            _alone(then.get(name), now.get(name), effects)
    total_before, total_after = (_rounded(_total(each.values()), coin) for each in (then, now))
    rounded = _adding_up(effects, total_after - total_before, coin)
    found = (Effect(item=name, cause=cause, cost=cost) for (name, cause), cost in rounded.items() if cost)
    largest_first = sorted(found, key=lambda each: (-abs(each.cost), each.item, each.cause))
    return Change(before=total_before, after=total_after, effects=tuple(largest_first))


def _of_unit(
    shared: Sequence[str],
    then: Mapping[str, Item],
    now: Mapping[str, Item],
    *,
    days: tuple[int, int],
    effects: dict[_Key, Decimal],
) -> None:
    """Split the change of items that are in both periods and counted in one unit."""
    had, has = (sum((each[name].amount or _NOTHING for name in shared), _NOTHING) for each in (then, now))
    longer = Decimal(days[1]) / days[0]
    average = _total(then[name] for name in shared) / had if shared else _NOTHING
    for name in shared:
        was, is_ = then[name], now[name]
        amount_before, amount_after = was.amount or _NOTHING, is_.amount or _NOTHING
        price = was.cost / amount_before
        by_days = was.cost * (longer - 1)
        share = amount_before / had
        by_amount = (has - had * longer) * share * average
        by_price = is_.cost - amount_after * price
        effects[name, Cause.DAYS] += by_days
        effects[name, Cause.AMOUNT] += by_amount
        effects[name, Cause.PRICE] += by_price
        effects[name, Cause.MIX] += (is_.cost - was.cost) - by_days - by_amount - by_price


def _alone(was: Item | None, is_: Item | None, effects: dict[_Key, Decimal]) -> None:
    """What is new, gone, or not counted."""
    if was is None and is_ is not None:
        effects[is_.name, Cause.NEW] += is_.cost
    elif was is not None and is_ is None:
        effects[was.name, Cause.GONE] -= was.cost
    elif was is not None and is_ is not None:
        effects[was.name, Cause.OTHER] += is_.cost - was.cost


def _adding_up(effects: Mapping[_Key, Decimal], total: Decimal, coin: Decimal) -> dict[_Key, Decimal]:
    """Each rounded to the coin; what that leaves over goes, coin by coin, to those that lost most by it."""
    rounded = {key: _rounded(cost, coin) for key, cost in effects.items()}
    left = int((total - sum(rounded.values(), _NOTHING)) / coin)
    step = coin if left > 0 else -coin
    lost = sorted(effects, key=lambda key: ((rounded[key] - effects[key]) * (1 if left > 0 else -1), key))
    for index in range(abs(left)):
        rounded[lost[index % len(lost)]] += step
    return rounded


def _once(items: Iterable[Item]) -> dict[str, Item]:
    found: dict[str, Item] = {}
    for each in items:
        other = found.get(each.name)
        if other is None:
            found[each.name] = each
            continue
        counted = other.unit == each.unit and other.amount is not None and each.amount is not None
        amount = (other.amount or _NOTHING) + (each.amount or _NOTHING) if counted else None
        found[each.name] = Item(name=each.name, cost=other.cost + each.cost, unit=each.unit, amount=amount)
    return found


def _counted(item: Item | None, unit: str) -> bool:
    return item is not None and item.counted and item.unit == unit


def _total(items: Iterable[Item]) -> Decimal:
    return sum((each.cost for each in items), _NOTHING)


def _rounded(cost: Decimal, coin: Decimal) -> Decimal:
    return cost.quantize(coin, rounding=ROUND_HALF_EVEN)


def _summed(pairs: Iterable[tuple[K, Decimal]]) -> dict[K, Decimal]:
    found: dict[K, Decimal] = defaultdict(Decimal)
    for key, cost in pairs:
        found[key] += cost
    return dict(found)
