"""What skills need of whoever knows how to continue a row of numbers."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True, kw_only=True)
class Range:
    """Nine of ten times the truth is from `low` to `high`; half of the time it is above `expected`. All are finite."""

    low: float
    expected: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Projection:
    """The days to come, one by one, and the sums that were asked for. The range of a sum is narrower than the sum of ranges."""

    days: tuple[Range, ...]
    sums: tuple[Range, ...]


class Forecaster(Protocol):
    """Continues daily values that have a weekly season."""

    async def project(self, history: Sequence[float], *, ahead: int, sums: Sequence[tuple[int, int]]) -> Projection:
        """The next `ahead` days after `history` (at least four weeks of finite numbers), and sums over days i to before j of them.

        Equal questions have equal answers. Raises `Unavailable` where it cannot be done.
        """
