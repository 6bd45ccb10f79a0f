"""What skills need to know about prices: what a replica of some size comes to."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Protocol

from skills.core.money import Money
from skills.core.ports.costs import Category
from skills.core.ports.usage import Thing
from skills.core.ports.workloads import Size


class Prices(Protocol):
    """A list of prices in one currency."""

    @property
    def error(self) -> Decimal:
        """The share by which sums may be off."""

    @property
    def reconciled(self) -> bool:
        """Was that share measured against a bill?"""

    @property
    def configured(self) -> bool:
        """Has anything a price at all?"""

    def parts(self, size: Size, environment: str) -> Sequence[tuple[Category, Money]]:
        """What a replica of this size costs in a month of 730 hours, by what it is for; nothing for what has no size or no price."""

    def thing(self, thing: Thing) -> Money | None:
        """What a volume or a load balancer costs in a month of 730 hours; None for what has no price."""
