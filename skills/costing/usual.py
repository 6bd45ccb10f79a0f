"""What a day usually costs: a level that may grow, times what its weekday costs against the rest of the week.

Everything is a median, so that up to half of what is looked at may be wild without moving it. Floats stay in here: what comes out of it is
a score, never an amount that anybody is told.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from statistics import median

WEEK = 7
WEEKS = 8
"""So much of the past says what is usual: long enough for eight of each weekday, short enough to follow what grows."""

LEAST = 4
"""With fewer whole weeks than this, nothing is usual yet."""

_TO_SIGMA = 1.4826
_RECENT = 4


@dataclass(frozen=True, kw_only=True)
class Usual:
    """What the next day should cost, and how far days are off as a rule (one standard deviation, estimated from the median deviation).

    `furthest` is the third largest deviation there was, as a multiple of that. `past` are the days that were looked at as they should have been.
    """

    value: float
    scatter: float
    furthest: float
    past: tuple[float, ...]


def usual(past: Sequence[float]) -> Usual | None:
    """What the day after `past` should cost; the last day of it is the day before. None where there are fewer than four weeks.

    Deviations are measured as shares of what was expected where amounts are positive, because what costs twice as much scatters twice as far.
    """
    weeks = min(WEEKS, len(past) // WEEK)
    if weeks < LEAST:
        return None
    days = past[len(past) - weeks * WEEK :]
    # A whole week has every weekday once, so that its median level does not depend on the weekday that it begins with.
    means = [sum(days[start : start + WEEK]) / WEEK for start in range(0, len(days), WEEK)]
    slope = _slope(means)
    trend = _trend(means, slope)
    lines = [trend + slope * ((index - len(days)) / WEEK) for index in range(len(days) + 1)]
    relative = min(lines) > 0 and min(days) >= 0
    seasons = [_season(days, lines, weekday, relative=relative) for weekday in range(WEEK)]
    expected = [_times(line, seasons[index % WEEK], relative=relative) for index, line in enumerate(lines)]
    scale = [abs(each) if relative else 1.0 for each in expected]
    off = [abs(day - each) / (unit or 1.0) for day, each, unit in zip(days, expected, scale, strict=False)]
    spread = _TO_SIGMA * median(off)
    furthest = sorted(off)[-3] / spread if spread else 0.0
    return Usual(value=expected[-1], scatter=spread * scale[-1], furthest=furthest, past=tuple(expected[:-1]))


def _slope(weeks: Sequence[float]) -> float:
    """By how much a week differs from the one before: the median over all pairs.

    Source: P. K. Sen, “Estimates of the Regression Coefficient Based on Kendall's Tau”, Journal of the American Statistical Association 63 (1968).
    """
    pairs = [
        (later - earlier) / (j - i) for i, earlier in enumerate(weeks) for j, later in enumerate(weeks[i + 1 :], i + 1)
    ]
    return median(pairs)


def _trend(weeks: Sequence[float], slope: float) -> float:
    """The level on the day after the last of these weeks, from the last few alone: what was long ago says less."""
    recent = list(enumerate(weeks))[-_RECENT:]
    return median(mean + slope * (len(weeks) - index - 0.5) for index, mean in recent)


def _season(days: Sequence[float], lines: Sequence[float], weekday: int, *, relative: bool) -> float:
    """What this place in the week costs against the level: a factor, or a difference where there are amounts below nothing."""
    pairs = [(days[index], lines[index]) for index in range(weekday, len(days), WEEK)]
    return median(day / line if relative else day - line for day, line in pairs)


def _times(line: float, season: float, *, relative: bool) -> float:
    return line * season if relative else line + season
