"""Money: a decimal amount with its currency. Never a float, and never two currencies in one sum.

A rate from one currency to another is a decision of the organization's and changes every day, so nothing here converts: what is in two
currencies stays two amounts, and says so.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_HALF_EVEN, Decimal, InvalidOperation
from typing import Any, NewType

from skills.core.canonical import Json
from skills.core.errors import BadInput

Currency = NewType("Currency", str)
"""Three letters of ISO 4217, such as EUR. Sources that count in something else ("credits") are refused where they are read."""

_CODE = re.compile(r"[A-Z]{3}")
_SIGNS: Mapping[str, str] = {"EUR": "€", "USD": "$", "GBP": "£", "JPY": "¥"}
_MINOR: Mapping[str, int] = {
    "BHD": 3, "CLP": 0, "IQD": 3, "ISK": 0, "JOD": 3, "JPY": 0, "KRW": 0, "KWD": 3, "LYD": 3, "OMR": 3, "PYG": 0, "TND": 3, "UGX": 0, "VND": 0,
}  # fmt: skip
"""How many digits follow the point, where it is not two (ISO 4217, table A.1)."""


class TwoCurrencies(BadInput):
    """Amounts in different currencies do not make one amount."""

    def __init__(self, one: Currency, other: Currency) -> None:
        super().__init__(f"{one} and {other} do not make one amount.", hint="Ask for each currency by itself.")


def currency(code: str) -> Currency:
    """The currency of this code, in any case. Raises `ValueError` for what is no code."""
    if not _CODE.fullmatch(code.strip().upper()):
        raise ValueError("A currency is three letters of ISO 4217, such as EUR.")
    return Currency(code.strip().upper())


@dataclass(frozen=True, kw_only=True)
class Money:
    """So much of a currency; negative for what comes back. Raises `ValueError` for what is no finite number."""

    amount: Decimal
    currency: Currency

    def __post_init__(self) -> None:
        if not isinstance(self.amount, Decimal) or not self.amount.is_finite():
            raise ValueError(f"{self.amount!r} is no amount of money")

    def __add__(self, other: "Money") -> "Money":
        return Money(amount=self.amount + self._same(other), currency=self.currency)

    def __sub__(self, other: "Money") -> "Money":
        return Money(amount=self.amount - self._same(other), currency=self.currency)

    def __neg__(self) -> "Money":
        return Money(amount=-self.amount, currency=self.currency)

    def __mul__(self, times: "Decimal | int") -> "Money":
        return Money(amount=self.amount * times, currency=self.currency)

    def __lt__(self, other: "Money") -> bool:
        return self.amount < self._same(other)

    def __gt__(self, other: "Money") -> bool:
        return self.amount > self._same(other)

    def share(self, whole: "Money") -> Decimal | None:
        """What part of `whole` this is, 1 being all of it; None where the whole is nothing."""
        return self.amount / amount if (amount := self._same(whole)) else None

    def rounded(self) -> "Money":
        """To the smallest coin of the currency, halves to the even one."""
        return Money(amount=self.amount.quantize(coin(self.currency), rounding=ROUND_HALF_EVEN), currency=self.currency)

    def _same(self, other: "Money") -> Decimal:
        if other.currency != self.currency:
            raise TwoCurrencies(self.currency, other.currency)
        return other.amount

    def __str__(self) -> str:
        """To the smallest coin: “€1,234.50”, “−$3.00”, “120.00 CHF”."""
        return _spelled(self.rounded().amount, self.currency)

    @property
    def brief(self) -> str:
        """As people say it: coins only where there is not much else. “€1,235”, “€12.30”, “€0.004”."""
        size = abs(self.amount)
        if size >= 100:
            return _spelled(self.amount.quantize(Decimal(1), rounding=ROUND_HALF_EVEN), self.currency)
        if size and size < Decimal("0.01"):
            return _spelled(Decimal(f"{self.amount:.1g}"), self.currency)
        return str(self)

    @property
    def signed(self) -> str:
        """The same as a difference: “+€412”, “−€12.30”."""
        return f"+{self.brief}" if self.amount > 0 else self.brief

    def to_json(self) -> dict[str, Json]:
        """The amount as text, since a number in JSON may be read as a float."""
        return {"amount": format(self.amount, "f"), "currency": self.currency}

    @classmethod
    def from_json(cls, value: Mapping[str, Any]) -> "Money":
        return money(value["amount"], value["currency"])


def money(amount: "str | int | Decimal", code: str) -> Money:
    """`money("12.50", "EUR")`. Raises `ValueError` for what is no number or no currency; a float is one of these."""
    if isinstance(amount, bool | float) or not isinstance(amount, str | int | Decimal):
        raise ValueError(f"{amount!r} is no exact amount")  # noqa: TRY004 - callers catch one error for bad amounts
    try:
        return Money(amount=Decimal(amount), currency=currency(code))
    except InvalidOperation:
        raise ValueError(f"{amount!r} is no amount of money") from None


def coin(code: Currency) -> Decimal:
    """The smallest amount of a currency: 0.01, 1, 0.001."""
    return Decimal(1).scaleb(-_MINOR.get(code, 2))


def hundredths(amount: Money) -> int:
    """In whole hundredths, rounded up: what is barely above a limit is above it."""
    return int((amount.amount * 100).to_integral_value(rounding=ROUND_CEILING))


def totals(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """The sum in each currency, the largest first. Nothing where there is nothing to add."""
    sums: dict[Currency, Decimal] = {}
    for each in amounts:
        sums[each.currency] = sums.get(each.currency, Decimal()) + each.amount
    found = (Money(amount=amount, currency=code) for code, amount in sums.items())
    return tuple(sorted(found, key=lambda each: (-abs(each.amount), each.currency)))


def spoken(amounts: Iterable[Money]) -> str:
    """Amounts of several currencies beside each other: “€412 and $20”."""
    *head, last = [each.brief for each in amounts] or ["nothing"]
    return f"{', '.join(head)} and {last}" if head else last


def _spelled(amount: Decimal, code: Currency) -> str:
    sign, number = "−" if amount < 0 else "", f"{abs(amount):,f}"
    symbol = _SIGNS.get(code)
    return f"{sign}{symbol}{number}" if symbol else f"{sign}{number} {code}"
