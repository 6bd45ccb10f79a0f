"""What somebody means to spend: so much for a service, a team, an environment or everything, in each month, quarter or year."""

from collections.abc import Sequence
from dataclasses import dataclass

from skills.core.money import Money
from skills.core.periods import Unit


@dataclass(frozen=True, kw_only=True)
class Budget:
    """`amount` for each of the calendar's `per`. Empty names mean everybody's; names are the catalog's.

    `alerts` are the per cents of it at which somebody is told, in rising order.
    """

    name: str
    amount: Money
    per: Unit
    service: str = ""
    environment: str = ""
    team: str = ""
    alerts: Sequence[int] = (80, 100)
