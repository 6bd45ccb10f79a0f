"""Which signals of a service turned for the worse within a window, and are still bad.

Nobody says beforehand when to look, so the place of the turn is searched, and what differs there has to be beyond the chance that such a
search finds something (`SURE`), beyond what matters to anybody, and beyond the scatter that there was before. A daily peak raises traffic,
which is no trouble; a single wild measurement is no level; and what is over is not reported.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median

from skills.core.ports.metrics import Series, Signal
from skills.signals.compared import COLLAPSE, FAILING, FULL, LEAST_DELAY, LEAST_RISE, MOST_RISE, Side
from skills.signals.statistics import RARE, SEARCHED, SURE, chance, rise, scatter, wilson
from skills.signals.turning import LEAST, slope, turn

_FEW_FAILURES = 5
_FEW_REQUESTS = 20
_ENOUGH_REQUESTS = 100
_LATELY = 5
THROTTLED = 0.25
"""Pods that have to wait for the processor in more than this share of the scheduler's periods are slow because of it: the level of
`CPUThrottlingHigh`, the alert that kube-prometheus comes with.
"""


@dataclass(frozen=True, kw_only=True)
class Turned:
    """A signal for the worse: from `was` to `value`, in its unit, `since` that moment (UTC), the end of the first step in which it showed.

    `was` and `since` are None for what was as bad all the time. `vanished` says that there is no measurement any more. `left` are the
    seconds after which memory is used up if it goes on like this.
    """

    signal: Signal
    value: float
    was: float | None = None
    since: datetime | None = None
    vanished: bool = False
    left: float | None = None


def all_turned(seen: Side) -> tuple[Turned, ...]:
    """Every signal that turned for the worse in what was seen."""
    found = [judge(seen) for judge in (errors, latency, traffic, throttled, memory)]
    slow = any(each and each.signal is Signal.LATENCY for each in found)
    return tuple(each for each in found if each and (each.signal is not Signal.THROTTLED or each.since or slow))


def errors(seen: Side) -> Turned | None:
    """The share of failures rose, or is more than anybody bears. Says nothing where it is not known of how many requests."""
    series = seen.series.get(Signal.ERRORS)
    at = _turn(series)
    if at is not None:
        before, after = _parted(seen, at)
        then, now, lately = before.requests(), after.requests(), _latest(after).requests()
        if then[1] and now[1] and lately[1]:
            was, share = then[0] / then[1], now[0] / now[1]
            bearable = was + max(MOST_RISE, was / 2)
            beyond_chance = rise(then, now, errors=SURE).low > max(LEAST_RISE, was / 4)
            if beyond_chance and now[0] >= _FEW_FAILURES and share > bearable and lately[0] / lately[1] > bearable:
                return Turned(signal=Signal.ERRORS, was=was, value=share, since=at)
    whole, lately = seen.requests(), _latest(seen).requests()
    failing = whole[0] >= _FEW_FAILURES and wilson(*whole, errors=SURE).low > FAILING
    if failing and lately[1] and lately[0] / lately[1] > FAILING:
        return Turned(signal=Signal.ERRORS, value=whole[0] / whole[1])
    return None


def latency(seen: Side) -> Turned | None:
    """What 95 of 100 requests take at most rose by half, and by more than it scatters."""
    at = _turn(seen.series.get(Signal.LATENCY))
    if at is None:
        return None
    before, after = _parted(seen, at)
    then, now = before.values(Signal.LATENCY), after.values(Signal.LATENCY)
    if len(then) < LEAST or len(now) < LEAST or _hardly_asked(after):
        return None
    was, value = median(then), median(now)
    bearable = was + max(LEAST_DELAY, was / 2, 3 * scatter(then))
    if value > bearable and median(now[-LEAST:]) > bearable and _rare(then, now):
        return Turned(signal=Signal.LATENCY, was=was, value=value, since=at)
    return None


def traffic(seen: Side) -> Turned | None:
    """Hardly anybody comes any more; or nothing is measured of it at the end, which with pods that do not run is the same."""
    series = seen.series.get(Signal.TRAFFIC)
    if series is None or sum(series.values) * seen.step.total_seconds() < _ENOUGH_REQUESTS:
        return None
    tail = _silence(series)
    if len(tail) >= LEAST:
        return Turned(signal=Signal.TRAFFIC, was=median(series.values), value=0.0, since=tail[0], vanished=True)
    at = _turn(series)
    if at is None:
        return None
    before, after = _parted(seen, at)
    then, now = before.values(Signal.TRAFFIC), after.values(Signal.TRAFFIC)
    if not then or not now:
        return None
    low = COLLAPSE * median(then)
    few = sum(then) * before.step.total_seconds() < _ENOUGH_REQUESTS
    if few or median(now) >= low or median(now[-LEAST:]) >= low or not _rare(now, then):
        return None
    return Turned(signal=Signal.TRAFFIC, was=median(then), value=median(now), since=at)


def throttled(seen: Side) -> Turned | None:
    """The pods wait for the processor. Who always did is only of interest beside latency, so that says no `since`."""
    values = seen.values(Signal.THROTTLED)
    if len(values) < LEAST or median(values[-_LATELY:]) <= THROTTLED:
        return None
    at = _turn(seen.series.get(Signal.THROTTLED))
    if at is not None:
        before, after = _parted(seen, at)
        then, now = before.values(Signal.THROTTLED), after.values(Signal.THROTTLED)
        if then and median(now) > max(THROTTLED, 2 * median(then)) and _rare(then, now):
            return Turned(signal=Signal.THROTTLED, was=median(then), value=median(now), since=at)
    return Turned(signal=Signal.THROTTLED, value=median(values[-_LATELY:]))


def memory(seen: Side) -> Turned | None:
    """The pods are close to their limit and come closer."""
    values = seen.values(Signal.MEMORY)
    third = len(values) // 3
    if third < LEAST or median(values[-_LATELY:]) <= FULL:
        return None
    was, value = median(values[:third]), median(values[-_LATELY:])
    each = slope(values[-2 * third :])
    if each <= 0 or value - was < (1 - FULL) / 2 or not _rare(values[:third], values[-third:]):
        return None
    left = max(0.0, (1 - value) / each * seen.step.total_seconds())
    return Turned(signal=Signal.MEMORY, was=was, value=value, left=left)


def _turn(series: Series | None) -> datetime | None:
    """When, among the moments at which something was measured."""
    points = [(at, value) for at, value in series.points if value is not None] if series else []
    place = turn([value for _, value in points])
    return None if place is None else points[place][0]


def _parted(seen: Side, at: datetime) -> tuple[Side, Side]:
    return _part(seen, lambda moment: moment < at), _part(seen, lambda moment: moment >= at)


def _latest(seen: Side) -> Side:
    """The last few measurements."""
    moments = sorted({at for series in seen.series.values() for at, value in series.points if value is not None})
    return _part(seen, lambda moment: moment in moments[-_LATELY:])


def _part(seen: Side, wanted: Callable[[datetime], bool]) -> Side:
    series = {
        signal: Series(points=tuple((at, value) for at, value in each.points if wanted(at)))
        for signal, each in seen.series.items()
    }
    return replace(seen, series=series)


def _silence(series: Series) -> Sequence[datetime]:
    """The moments at the end at which nothing was measured, where something was before."""
    measured = [at for at, value in series.points if value is not None]
    return [at for at, _ in series.points if measured and at > measured[-1]]


def _hardly_asked(seen: Side) -> bool:
    """Of so few requests, the slowest alone make the percentile. Where traffic is not measured, they are taken to be enough."""
    rates = seen.values(Signal.TRAFFIC)
    return bool(rates) and sum(rates) * seen.step.total_seconds() < _FEW_REQUESTS


def _rare(low: Sequence[float], high: Sequence[float]) -> bool:
    """Does `high` lie above `low` beyond the chance that a search for the best place finds something?

    Where every value lies above every other, ties among themselves do not matter, and one of so many orders is all that chance has.
    """
    if low and high and max(low) < min(high):
        return math.comb(len(low) + len(high), len(high)) * RARE >= SEARCHED
    return chance(low, high) < RARE / SEARCHED
