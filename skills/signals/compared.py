"""What one signal says when before and after are compared: better, worse, or not enough to tell."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from statistics import median

from skills.core.checkup import Condition
from skills.core.ports.metrics import Series, Signal
from skills.signals.statistics import RARE, chance, enough, rise, scatter, wilson
from skills.signals.wording import duration, durations, percent, rate, span

LEAST_RISE = 0.002
"""A rise of the share of failures below this, or below a quarter of what it was, is nobody's concern."""

MOST_RISE = 0.01
"""It is only called healthy where a rise above this, or above half of what it was, can be ruled out."""

FAILING = 0.05
"""A service of which more than this share of requests fails is not well, whatever it was before."""

LEAST_DELAY = 0.010
"""Seconds by which latency may always grow; beyond that a quarter, and beyond the scatter that it had."""

FULL = 0.9
COLLAPSE = 0.1
_ENOUGH_REQUESTS = 100
_CONCEIVABLE = 1e9


@dataclass(frozen=True, kw_only=True)
class Said:
    """What one signal says. `text` are its numbers; `why` is a sentence unless it is healthy; `worse` than before, or just bad."""

    condition: Condition
    text: str
    why: str = ""
    worse: bool = False


@dataclass(frozen=True, kw_only=True)
class Side:
    """What was measured before, or after. A signal that is not there is not measured for this service at all."""

    series: Mapping[Signal, Series]
    length: timedelta
    step: timedelta

    def values(self, signal: Signal) -> tuple[float, ...]:
        found = self.series.get(signal)
        return found.values if found else ()

    def requests(self) -> tuple[int, int]:
        """(failed, total), as far as both were measured: each measurement counts for the step that it covers."""
        failed = total = 0.0
        traffic, errors = self.series.get(Signal.TRAFFIC), self.series.get(Signal.ERRORS)
        if traffic and errors:
            shares = dict(errors.points)
            for moment, rate_then in traffic.points:
                share = shares.get(moment)
                if rate_then is not None and share is not None:
                    requests = min(max(0.0, rate_then), _CONCEIVABLE) * self.step.total_seconds()
                    total += requests
                    failed += requests * min(max(share, 0.0), 1.0)
        return round(failed), max(round(total), round(failed))


def errors(before: Side, after: Side) -> Said | None:
    """The share of failures; None where that is not measured."""
    if Signal.ERRORS not in after.series and Signal.ERRORS not in before.series:
        return None
    then, now = before.requests(), after.requests()
    if Signal.TRAFFIC not in after.series and Signal.TRAFFIC not in before.series:
        why = "Its errors are measured and its traffic is not, so how much they weigh cannot be told."
        return Said(condition=Condition.UNCLEAR, text="", why=why)
    if not now[1]:
        why = f"No requests were measured in the {span(after.length)} after it."
        return Said(condition=Condition.UNCLEAR, text="no requests", why=why)
    share = now[0] / now[1]
    if not then[1]:
        text = f"errors {percent(share)}"
        if wilson(*now).low > FAILING:
            return Said(condition=Condition.DEGRADED, text=text, why=f"{percent(share)} of requests fail.")
        why = f"No requests were measured in the {span(before.length)} before it, so there is nothing to compare with."
        return Said(condition=Condition.UNCLEAR, text=text, why=why)
    return _errors(then, now, after)


def _errors(then: tuple[int, int], now: tuple[int, int], after: Side) -> Said:
    was, share, grown = then[0] / then[1], now[0] / now[1], rise(then, now)
    text = f"errors {percent(was)} → {percent(share)}"
    if grown.low > max(LEAST_RISE, was / 4):
        why = f"{percent(share)} of requests fail, and it was {percent(was)} before."
        return Said(condition=Condition.DEGRADED, text=text, why=why, worse=True)
    if wilson(*now).low > FAILING:
        why = f"{percent(share)} of requests fail. That is no worse than before ({percent(was)}), so this change is not the cause."
        return Said(condition=Condition.DEGRADED, text=text, why=why)
    if grown.high > max(MOST_RISE, was / 2):
        why = f"{now[1]} requests in {span(after.length)} are too few to tell whether errors rose."
        return Said(condition=Condition.UNCLEAR, text=text, why=why)
    return Said(condition=Condition.HEALTHY, text=text)


def latency(before: Side, after: Side) -> Said | None:
    """What 95 of 100 requests take at most; None where that is not measured."""
    then, now = before.values(Signal.LATENCY), after.values(Signal.LATENCY)
    if not then and not now:
        return None
    if not then or not now:
        which = (
            f"before it; it is {duration(median(now))} now"
            if now
            else f"after it; it was {duration(median(then))} before"
        )
        return Said(condition=Condition.UNCLEAR, text="", why=f"Latency was not measured {which}.")
    was, value = median(then), median(now)
    text = f"p95 {durations(was, value)}"
    bearable = max(LEAST_DELAY, was / 4, 3 * scatter(then))
    grown, rare = value - was > bearable, chance(then, now) < RARE
    if grown and rare:
        why = f"95 of 100 requests take up to {duration(value)}, and it was {duration(was)} before."
        return Said(condition=Condition.DEGRADED, text=text, why=why, worse=True)
    if grown or not enough(len(then), len(now)):
        why = f"{len(then)} measurements of latency before and {len(now)} after are too few to compare."
        return Said(condition=Condition.UNCLEAR, text=text, why=why)
    return Said(condition=Condition.HEALTHY, text=text)


def traffic(before: Side, after: Side) -> Said | None:
    """Only speaks where traffic all but ceased."""
    then, now = before.values(Signal.TRAFFIC), after.values(Signal.TRAFFIC)
    if not then or not now or sum(then) * before.step.total_seconds() < _ENOUGH_REQUESTS:
        return None
    was, value = median(then), median(now)
    if value >= COLLAPSE * was or chance(now, then) >= RARE:
        return None
    text = f"traffic {rate(was)} → {rate(value)}"
    why = f"It gets {rate(value)}, and got {rate(was)} before."
    return Said(condition=Condition.DEGRADED, text=text, why=why, worse=True)


def memory(before: Side, after: Side) -> Said | None:
    """Only speaks where the pods came close to what they may use, and were not before."""
    for signal in (Signal.MEMORY, Signal.SATURATION):
        then, now = before.values(signal), after.values(signal)
        if then and now and median(then) <= FULL < median(now) and chance(then, now) < RARE:
            text = f"{signal.value} {percent(median(then))} → {percent(median(now))}"
            why = f"Its pods use {percent(median(now))} of what they may, and used {percent(median(then))} before."
            return Said(condition=Condition.DEGRADED, text=text, why=why, worse=True)
    return None
