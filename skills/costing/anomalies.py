"""Days that cost unusually much or little: robust, by the weekday, with a minimum effect.

A day is compared with what is usual (`usual`). It is unusual where all of this holds:

* it is off by at least `FAR` times the usual scatter, or three days in a row are off by that much together, or by `BEYOND` times the
  third furthest that a day has been off in the last eight weeks, whichever is more: scatter with fat tails is no alarm;
* it is off by at least `SHARE` of what was expected, and by at least the amount that the caller says: what is small is not worth telling;
* the same edge of a month (its first or last three days) was not off as far in the two months before: a fee on the first is no surprise twice.

Days in a row are one anomaly. What is unusual is kept out of what is usual; what stays for a week is the new level from then on, and was a
shift. Going back to the level before a shift is the end of it, and nothing new. Days that nobody knows are passed over.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from itertools import pairwise
from statistics import median

from skills.costing.usual import WEEK, WEEKS, Usual, usual

FAR = 5.0
BEYOND = 1.3
SHARE = 0.2
_GOES_ON = 0.5
"""A day that is off by half as much belongs to an anomaly that is under way."""

_EDGE = 3
_SAME_EDGE = 1.5


class Course(StrEnum):
    """How an anomaly went."""

    PASSED = "passed"
    STAYED = "stayed"  # for a week and longer: this is the level now
    LASTS = "lasts"  # the last day that is known belongs to it, and it is younger than a week


@dataclass(frozen=True, kw_only=True)
class Anomaly:
    """From `start` to `end` (both in it) cost `actual` where `expected` was usual. `score` is its worst day, in standard deviations."""

    start: date
    end: date
    expected: float
    actual: float
    score: float
    course: Course

    @property
    def rise(self) -> bool:
        return self.actual > self.expected

    @property
    def length(self) -> int:
        """Days."""
        return (self.end - self.start).days + 1


def anomalies(days: Sequence[tuple[date, float | None]], *, least: float) -> tuple[Anomaly, ...]:
    """What was unusual in days that follow each other, oldest first. Nothing of the first four weeks can be; `least` is the smallest amount that counts.

    All values are finite. Raises `ValueError` where days are missing from the row; one that is not known is None.
    """
    return looked_at(days, least=least).anomalies


@dataclass(frozen=True, kw_only=True)
class Looked:
    """What a row of days comes to: what was unusual, and what each day would have cost without it, at the level of the last one.

    `edges` are the days of a month that cost more or less every time, by how much, as a share: 1 is the first, -1 the last.
    """

    anomalies: tuple[Anomaly, ...]
    usual: tuple[float, ...]
    edges: Mapping[int, float]


def looked_at(days: Sequence[tuple[date, float | None]], *, least: float) -> Looked:
    """The same as `anomalies`, with what is usual."""
    if any(later - earlier != timedelta(days=1) for (earlier, _), (later, _) in pairwise(days)):
        raise ValueError("days have to follow each other")
    looking = _Looking(least=least)
    for day, value in days:
        looking.at(day, value)
    return Looked(anomalies=looking.found(), usual=tuple(looking.base), edges=looking.recurring())


@dataclass(kw_only=True)
class _Open:
    """An anomaly under way: its days with what was expected of them, and how far the worst of them was off."""

    rise: bool
    days: list[tuple[date, float, float]]
    score: float


@dataclass(frozen=True, kw_only=True)
class _Move:
    """From one level to another: by a factor where amounts are positive, else by a difference."""

    factor: float | None = None
    step: float = 0.0

    def of(self, value: float) -> float:
        return value + self.step if self.factor is None else value * self.factor

    @property
    def back(self) -> "_Move":
        return _Move(step=-self.step) if self.factor is None else _Move(factor=1 / self.factor)


@dataclass(kw_only=True)
class _Looking:
    """What has been seen so far, day by day. `base` is what is usual: as it was, without what was unusual."""

    least: float
    base: list[float] = field(default_factory=list)
    recent: list[tuple[float, float]] = field(default_factory=list)
    edges: dict[int, tuple[float, float]] = field(default_factory=dict)
    shifts: list[tuple[int, _Move]] = field(default_factory=list)
    started: list[date] = field(default_factory=list)
    open: _Open | None = None
    done: list[Anomaly] = field(default_factory=list)

    def at(self, day: date, value: float | None) -> None:
        """Look at the next day."""
        normal = usual(self.base[-WEEK * WEEKS :])
        if normal is None:
            self.base.append(self._like_last_week() if value is None else value)
            self.started.append(day)
            return
        if self.started:
            self._look_back(normal)
        if value is None:
            self.base.append(normal.value)
        else:
            self._judge(day, value, normal)

    def found(self) -> tuple[Anomaly, ...]:
        """Everything, the one that lasts included."""
        if self.open:
            self._close(Course.LASTS)
        return tuple(self.done)

    def recurring(self) -> dict[int, float]:
        """The edges that were off in each of the last two months, to the same side and far enough to be told."""
        pairs = {edge: pair for edge, pair in self.edges.items() if pair[0] * pair[1] > 0}
        return {edge: sum(pair) / 2 for edge, pair in pairs.items() if min(map(abs, pair)) >= SHARE}

    def _like_last_week(self) -> float:
        return self.base[-WEEK] if len(self.base) >= WEEK else (self.base[-1] if self.base else 0.0)

    def _look_back(self, normal: Usual) -> None:
        """Learn the edges of months from the first weeks, of which nobody knew what was usual."""
        known = len(normal.past)
        for index, day in enumerate(self.started[-known:], len(self.base) - known):
            expected = normal.past[index - len(self.base) + known]
            if edge(day):
                self._remember_edge(day, self.base[index], expected)
                self.base[index] = expected
        self.started = []

    def _judge(self, day: date, value: float, normal: Usual) -> None:
        off = value - normal.value
        scatter = max(normal.scatter, 1e-9)
        self.recent = [*self.recent[-2:], (off, scatter)]
        goes_on = self.open is not None and self.open.rise == (off > 0)
        unusual = self._unusual(off, normal, ease=_GOES_ON if goes_on else 1.0)
        known_edge = self._known_edge(day, value, normal.value)
        self._remember_edge(day, value, normal.value)
        if unusual and not known_edge and self._went_back(value, normal):
            unusual = False
        if self.open and not (unusual and not known_edge and goes_on):
            self._close(Course.PASSED)
        if not unusual or known_edge:
            self.base.append(normal.value if unusual else value)
            return
        if self.open is None:
            self.open = _Open(rise=off > 0, days=[], score=0.0)
        self.open.days.append((day, normal.value, value))
        self.open.score = max(self.open.score, abs(off) / scatter)
        self.base.append(normal.value)
        if len(self.open.days) >= WEEK:
            self._adopt()

    def _unusual(self, off: float, normal: Usual, *, ease: float) -> bool:
        """Is this far enough off, in amount, in share, and against what is usual?"""
        if abs(off) < max(self.least, SHARE * abs(normal.value)) * ease:
            return False
        far = max(FAR, BEYOND * normal.furthest) * ease
        if abs(off) >= far * normal.scatter:
            return True
        together = sum(each for each, _ in self.recent)
        spread = sum(scatter**2 for _, scatter in self.recent) ** 0.5
        same = all((each > 0) == (off > 0) and abs(each) >= self.least for each, _ in self.recent)
        return len(self.recent) == 3 and same and abs(together) >= far * spread

    def _known_edge(self, day: date, value: float, expected: float) -> bool:
        """Was the same edge of one of the last two months off as far, to the same side?"""
        off = _share(value, expected)
        before = max(self.edges.get(edge(day), (0.0, 0.0)), key=abs)
        return before * off > 0 and abs(off) <= _SAME_EDGE * abs(before)

    def _remember_edge(self, day: date, value: float, expected: float) -> None:
        if which := edge(day):
            last, _ = self.edges.get(which, (0.0, 0.0))
            self.edges[which] = _share(value, expected), last

    def _went_back(self, value: float, normal: Usual) -> bool:
        """Is this what was usual before the last shift, some weeks ago at most? Then it is usual again."""
        if self.open or not self.shifts:
            return False
        when, move = self.shifts[-1]
        before = move.back.of(normal.value)
        near = max(FAR / 2 * move.back.of(normal.scatter) if move.factor else normal.scatter, SHARE / 2 * abs(before))
        if len(self.base) - when > WEEK * WEEKS or abs(value - before) > near:
            return False
        self.base = [move.back.of(each) for each in self.base]
        self.shifts.pop()
        self.recent = []
        return True

    def _close(self, course: Course) -> None:
        assert self.open is not None
        days = self.open.days
        self.done.append(
            Anomaly(
                start=days[0][0],
                end=days[-1][0],
                expected=sum(expected for _, expected, _ in days),
                actual=sum(actual for _, _, actual in days),
                score=self.open.score,
                course=course,
            )
        )
        self.open = None

    def _adopt(self) -> None:
        """A week of it: this is the level now, so everything before is moved to it, and the week counts as it was."""
        assert self.open is not None
        days = self.open.days
        if min(self.base) >= 0 and all(expected > 0 < actual for _, expected, actual in days):
            move = _Move(factor=median(actual / expected for _, expected, actual in days))
        else:
            move = _Move(step=median(actual - expected for _, expected, actual in days))
        self.base = [move.of(each) for each in self.base]
        self.shifts.append((len(self.base), move))
        self.base[-len(days) :] = [actual for _, _, actual in days]
        self.recent = []
        self._close(Course.STAYED)


def _share(value: float, expected: float) -> float:
    """How far off, as a share of what was expected; as it is where nothing was."""
    return (value - expected) / (abs(expected) or 1.0)


def edge(day: date) -> int:
    """Which edge of a month this is: 1 to 3 for its first days, -1 to -3 for its last; 0 in between."""
    if day.day <= _EDGE:
        return day.day
    to_next = next(back for back in range(1, 32) if (day + timedelta(days=back)).day == 1)
    return -to_next if to_next <= _EDGE else 0
