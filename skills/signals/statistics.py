"""Robust statistics for comparing a little data before with a little data after.

Each formula is a few lines, and its source is beside it; a numerical library would weigh fifty megabytes for the same figures.
"""

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from statistics import NormalDist, median

CONFIDENT = NormalDist().inv_cdf(0.975)
"""1.96: bounds at this many standard errors hold the true value in 95 of 100 cases."""

RARE = 0.01
"""A difference that chance alone brings about less often than this is taken to be one."""

SEARCHED = 120
"""About as many places are looked at to find where a signal turned."""

SURE = NormalDist().inv_cdf(1 - RARE / SEARCHED)
"""3.8: bounds at this many standard errors hold where the best of so many places was picked, too (Bonferroni's correction)."""

_TO_SIGMA = 1.4826
_EXACT_UP_TO = 600


@dataclass(frozen=True, kw_only=True)
class Interval:
    """Where the true value probably lies."""

    low: float
    high: float


def scatter(values: Sequence[float]) -> float:
    """The median absolute deviation times 1.4826, which for normal data estimates the standard deviation; 0.0 for no data.

    Half of the data may be wild without moving it. Source: P. J. Rousseeuw, C. Croux, “Alternatives to the Median Absolute Deviation”,
    Journal of the American Statistical Association 88 (1993), section 1.
    """
    if not values:
        return 0.0
    middle = median(values)
    return _TO_SIGMA * median(abs(value - middle) for value in values)


def wilson(failed: int, total: int, *, errors: float = CONFIDENT) -> Interval:
    """The score interval, at so many standard errors, for the share behind `failed` of `total`; everything is possible where there was nothing.

    It holds for small samples and for no failures at all. Source: E. B. Wilson, “Probable Inference, the Law of Succession, and
    Statistical Inference”, Journal of the American Statistical Association 22 (1927).
    """
    if total <= 0:
        return Interval(low=0.0, high=1.0)
    z2, share = errors**2, failed / total
    centre = share + z2 / (2 * total)
    spread = errors * math.sqrt(share * (1 - share) / total + (errors / (2 * total)) ** 2)
    scale = 1 + z2 / total
    low = (centre - spread) / scale if failed else 0.0
    return Interval(low=low, high=(centre + spread) / scale if failed < total else 1.0)


def rise(before: tuple[int, int], after: tuple[int, int], *, errors: float = CONFIDENT) -> Interval:
    """By how much the share of failures grew, at so many standard errors; each side is (failed, total). Negative where it fell.

    Made of two Wilson intervals. Source: R. G. Newcombe, “Interval Estimation for the Difference between Independent Proportions”,
    Statistics in Medicine 17 (1998), method 10.
    """
    then, now = wilson(*before, errors=errors), wilson(*after, errors=errors)
    p, q = _share(before), _share(after)
    low = (q - p) - math.hypot(q - now.low, then.high - p)
    high = (q - p) + math.hypot(now.high - q, p - then.low)
    return Interval(low=low, high=high)


def chance(before: Sequence[float], after: Sequence[float]) -> float:
    """How often chance alone makes `after` rank as high above `before` as it does: the one-sided rank-sum test.

    Exact for few values without ties, else by the normal approximation, corrected for ties and continuity. 1.0 where a side is empty.
    Source: H. B. Mann, D. R. Whitney, “On a Test of Whether one of Two Random Variables is Stochastically Larger than the Other”, Annals
    of Mathematical Statistics 18 (1947); for ties M. Hollander, D. A. Wolfe, “Nonparametric Statistical Methods”, section 4.1.
    """
    m, n = len(before), len(after)
    if not m or not n:
        return 1.0
    above = sum((b > a) + (b == a) / 2 for a in before for b in after)
    ties = Counter([*before, *after]).values()
    if max(ties) == 1 and m * n <= _EXACT_UP_TO:
        return sum(_orders(m, n)[round(above) :]) / math.comb(m + n, n)
    everything = m + n
    tied = sum(t**3 - t for t in ties) / (everything * (everything - 1))
    variance = m * n / 12 * (everything + 1 - tied)
    if variance <= 0:
        return 1.0
    return 1 - NormalDist().cdf((above - m * n / 2 - 0.5) / math.sqrt(variance))


def enough(before: int, after: int) -> bool:
    """Could `chance` find anything in so many values: is the least that it can say below `RARE`?"""
    return min(before, after) >= 3 and math.comb(before + after, after) * RARE >= 1


def _orders(m: int, n: int) -> list[int]:
    """For each u, in how many orders of m and n values exactly u pairs have the second above the first.

    They are the coefficients of a Gaussian binomial. Source: G. E. Andrews, “The Theory of Partitions”, chapter 3.
    """
    ways = [1] + [0] * (m * n)
    for i in range(1, n + 1):
        for u in range(m * n, m + i - 1, -1):
            ways[u] -= ways[u - m - i]
        for u in range(i, m * n + 1):
            ways[u] += ways[u - i]
    return ways


def _share(side: tuple[int, int]) -> float:
    failed, total = side
    return failed / total if total else 0.0
