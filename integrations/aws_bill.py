"""What Cost Explorer answers, read: groups of a month's days as lines, in our own categories. Pure.

Source: https://docs.aws.amazon.com/aws-cost-management/latest/APIReference/API_GetCostAndUsage.html
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, InvalidOperation
from typing import Any

from skills.core.money import Currency, currency
from skills.core.ports.costs import Category, Whose

APART = {"Credit": Category.CREDIT, "Refund": Category.REFUND, "Tax": Category.TAX}
"""Types of records that are no price of anything used."""

_CATEGORIES: Sequence[tuple[str, Category]] = (
    ("compute cloud - compute", Category.COMPUTE), ("fargate", Category.COMPUTE), ("lambda", Category.COMPUTE), ("ec2 container service", Category.COMPUTE),
    ("elastic block store", Category.STORAGE), ("simple storage service", Category.STORAGE), ("elastic file system", Category.STORAGE),
    ("glacier", Category.STORAGE), ("backup", Category.STORAGE), ("ec2 container registry", Category.STORAGE),
    ("load balancing", Category.NETWORK), ("virtual private cloud", Category.NETWORK), ("cloudfront", Category.NETWORK), ("data transfer", Category.NETWORK),
    ("route 53", Category.NETWORK), ("direct connect", Category.NETWORK), ("nat gateway", Category.NETWORK),
    ("kubernetes", Category.SHARED), ("cloudwatch", Category.SHARED), ("cloudtrail", Category.SHARED), ("support", Category.SHARED),
    ("key management", Category.SHARED), ("guardduty", Category.SHARED), ("config", Category.SHARED), ("tax", Category.TAX),
)  # fmt: skip
_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_PLAIN = re.compile(r"[^A-Za-z0-9 ().,/&:-]")


@dataclass(frozen=True, kw_only=True)
class Row:
    """One thing on the days of a month; None where a day has no word of it."""

    service: str
    environment: str
    category: Category
    currency: Currency
    item: str
    unit: str = ""
    amounts: tuple[Decimal | None, ...] = ()
    quantities: tuple[Decimal | None, ...] = ()

    @property
    def whose(self) -> Whose:
        return Whose(service=self.service, environment=self.environment)


@dataclass(kw_only=True)
class Reading:
    """The answers about one month, put together. `estimated` is the first day that AWS calls an estimate."""

    days: Mapping[str, int]
    estimated: date | None = None
    odd: set[str] = field(default_factory=set)
    _sums: dict[tuple[str, str, Category, Currency, str], list[Decimal | None]] = field(default_factory=dict)
    _had: dict[tuple[str, str, Category, Currency, str], dict[int, tuple[Decimal, str]]] = field(default_factory=dict)

    def take(self, page: Mapping[str, Any], *, metric: str, environment: str, apart: bool) -> None:
        """One page of an answer. `apart` says that it is grouped by the type of record, and not by tag and service."""
        for result in page.get("ResultsByTime") or ():
            day = str((result.get("TimePeriod") or {}).get("Start", ""))[:10]
            index = self.days.get(day)
            if index is None:
                continue
            if result.get("Estimated"):
                begun = date.fromisoformat(day)
                self.estimated = min(self.estimated or begun, begun)
            for group in result.get("Groups") or ():
                self._group(group, index, metric=metric, environment=environment, apart=apart)

    def rows(self) -> Iterator[Row]:
        """Everything, with what nobody said anything about on a day of a thing that there was left open."""
        for key, amounts in self._sums.items():
            service, environment, category, code, item = key
            had = self._had.get(key, {})
            units = {unit for _, unit in had.values()}
            counted = len(units) == 1 and len(had) == sum(amount is not None for amount in amounts)
            quantities = tuple(had[index][0] if index in had else None for index in range(len(amounts)))
            yield Row(
                service=service, environment=environment, category=category, currency=code, item=item,
                unit=units.pop() if counted else "", amounts=tuple(amounts), quantities=quantities if counted else (),
            )  # fmt: skip

    def _group(self, group: Mapping[str, Any], index: int, *, metric: str, environment: str, apart: bool) -> None:
        keys = [str(each) for each in group.get("Keys") or ()]
        said = (group.get("Metrics") or {}).get(metric) or {}
        amount = _number(said.get("Amount"))
        if not keys or amount is None:
            self.odd.add(keys[-1] if keys else "a group without a name")
            return
        try:
            code = currency(str(said.get("Unit", "")))
        except ValueError:
            self.odd.add(keys[-1])
            return
        service, item = ("", keys[0]) if apart else (_tagged(keys[0]), keys[-1])
        category = APART.get(item, Category.OTHER) if apart else category_of(item)
        if not service and not apart and category not in (Category.SHARED, Category.TAX):
            category = Category.UNALLOCATED
        key = (service, environment, category, code, _PLAIN.sub("", item)[:80])
        row = self._sums.setdefault(key, [None] * len(self.days))
        row[index] = (row[index] or Decimal()) + amount
        self._quantity(key, index, (group.get("Metrics") or {}).get("UsageQuantity") or {})

    def _quantity(
        self, key: tuple[str, str, Category, Currency, str], index: int, said: Mapping[str, Any]
    ) -> None:  # fmt: skip
        """How much of it there was, where AWS counts it all in one unit ("N/A" where it does not)."""
        amount, unit = _number(said.get("Amount")), str(said.get("Unit", ""))
        if amount is not None and unit and unit != "N/A":
            before = self._had.setdefault(key, {}).get(index)
            self._had[key][index] = (amount + (before[0] if before else 0), unit[:30])


def category_of(service: str) -> Category:
    """Where one of AWS's own services belongs; what is none of these is something else that was used."""
    plain = service.lower()
    return next((category for words, category in _CATEGORIES if words in plain), Category.OTHER)


def _tagged(key: str) -> str:
    """The value in `service$checkout`; "" for what has no tag, or one that is no name."""
    value = key.partition("$")[2]
    return value if _NAME.fullmatch(value) else ""


def _number(said: object) -> Decimal | None:
    """A finite number, or None: AWS spells amounts as text."""
    try:
        number = Decimal(str(said))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None
