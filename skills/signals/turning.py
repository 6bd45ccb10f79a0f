"""When a signal turned, and in which direction it goes. Robust: a few wild measurements move neither answer."""

from collections.abc import Sequence
from itertools import combinations
from statistics import median

LEAST = 3
"""Measurements that each side of a turn has to have."""


def turn(values: Sequence[float]) -> int | None:
    """The place of the first value after the turn: where two levels, one before and one after, fit the values best, in absolute
    deviations from the medians. None for too few values, and where one level fits as well as two.

    Whether the two levels differ by more than chance is another question. Source: J. Bai, “Least Absolute Deviation Estimation of a
    Shift”, Econometric Theory 11 (1995).
    """
    places = range(LEAST, len(values) - LEAST + 1)
    costs = {place: _deviation(values[:place]) + _deviation(values[place:]) for place in places}
    best = min(costs, key=lambda place: (costs[place], place), default=None)
    return best if best is not None and costs[best] < _deviation(values) else None


def slope(values: Sequence[float]) -> float:
    """By how much the values rise from one to the next: the median slope of all pairs; 0.0 for fewer than two.

    Source: P. K. Sen, “Estimates of the Regression Coefficient Based on Kendall's Tau”, Journal of the American Statistical Association
    63 (1968).
    """
    rises = [(after - before) / (j - i) for (i, before), (j, after) in combinations(enumerate(values), 2)]
    return median(rises) if rises else 0.0


def _deviation(values: Sequence[float]) -> float:
    middle = median(values) if values else 0.0
    return sum(abs(value - middle) for value in values)
