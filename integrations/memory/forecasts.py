"""Forecasts without a library: the last weeks go on as they were, give or take what they were off.

The twin of a forecaster, for tests and for who wants nothing else: it knows no trend.
"""

from collections.abc import Sequence
from statistics import NormalDist, fmean, median, pstdev

from skills.core.ports.forecasting import Projection, Range

_WEEK, _WEEKS = 7, 4
_OUT = NormalDist().inv_cdf(0.95)


class SeasonalNaive:
    """Satisfies `Forecaster`: each weekday is as its last four were in the middle."""

    async def project(self, history: Sequence[float], *, ahead: int, sums: Sequence[tuple[int, int]]) -> Projection:
        recent = list(history[-_WEEK * _WEEKS :])
        usual = [median(recent[start::_WEEK]) for start in range(_WEEK)]
        off = [value - usual[index % _WEEK] for index, value in enumerate(recent)]
        day, level = pstdev(off), pstdev([fmean(off[start : start + _WEEK]) for start in range(0, len(off), _WEEK)])
        expected = [usual[(len(recent) + index) % _WEEK] for index in range(ahead)]
        return Projection(
            days=tuple(_around(each, day * _OUT) for each in expected),
            sums=tuple(
                _around(sum(expected[start:end]), _OUT * ((end - start) * day**2 + (level * (end - start)) ** 2) ** 0.5)
                for start, end in sums
            ),
        )


def _around(value: float, out: float) -> Range:
    return Range(low=value - out, expected=value, high=value + out)
