"""What the price sheet looks like: exact decimal numbers, none of them negative, and a currency."""

from decimal import Decimal
from typing import Annotated

from pydantic import AfterValidator, BeforeValidator, Field

from bot.configuration.shapes import Name, Shape
from skills.core.catalog import shown
from skills.core.money import currency

MOST = Decimal(1_000_000_000)


def _price(given: object) -> Decimal:
    """The decimal number as it is written: the shortest spelling of the float that YAML reads is what stands in the file."""
    if isinstance(given, Decimal):
        return given
    if isinstance(given, bool) or not isinstance(given, int | float):
        raise ValueError("should be a number, such as 0.0312.")  # noqa: TRY004 - pydantic takes ValueError for a complaint
    number = Decimal(repr(given))
    if not 0 <= number <= MOST:
        raise ValueError("should be a price of zero or more; credits and discounts are no prices.")
    return number


def _currency(code: str) -> str:
    try:
        return currency(code)
    except ValueError:
        raise ValueError(
            f"“{shown(code)}” is not a currency; write the three letters of ISO 4217, such as EUR."
        ) from None


Price = Annotated[Decimal, BeforeValidator(_price)]
CurrencyCode = Annotated[str, AfterValidator(_currency)]


class PricesShape(Shape):
    """prices.yaml."""

    currency: CurrencyCode
    error_percent: Annotated[int, Field(ge=0, le=100)] = 25
    cpu_hour: Price | None = None
    memory_hour: Price | None = None
    storage_month: dict[str, Price] = Field(default={})
    load_balancer_hour: Price | None = None
    traffic_out: Price | None = None
    node_hour: dict[str, Price] = Field(default={})
    factors: dict[Name, Price] = Field(default={})
    shared_namespaces: list[Name] = Field(default=[])
