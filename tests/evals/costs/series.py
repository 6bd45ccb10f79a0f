"""Daily costs of services that nobody has, made of parts whose truth is known: a level, a week, a month, growth, noise, and what went wrong.

Everything is drawn from a seed, so that a series is the same in every run. A series is one year long unless it says otherwise.
"""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum
from random import Random

FIRST = date(2025, 1, 1)
YEAR = 365
QUIET = 75
"""So many days pass before the first thing goes wrong: whoever looks has to know what is usual."""


class Event(StrEnum):
    """What goes wrong with costs."""

    SPIKE = "spike"  # one day
    PLATEAU = "plateau"  # three to six days, then as before
    SHIFT = "shift"  # and it stays
    DROP = "drop"  # three to six days of less
    LEAK = "leak"  # a little more every day for two weeks, then as before


@dataclass(frozen=True, kw_only=True)
class Truth:
    """From day number `start` to just before `end`, costs were `size` times what they would have been (at its end, for a leak)."""

    event: Event
    start: int
    end: int
    size: float


@dataclass(frozen=True, kw_only=True)
class Made:
    """A series, with its truth. `noise` is the usual scatter as a share of the level. None is a day that nobody knows."""

    shape: str
    seed: int
    noise: float
    values: tuple[float | None, ...]
    truths: tuple[Truth, ...] = ()

    @property
    def days(self) -> tuple[tuple[date, float | None], ...]:
        return tuple((FIRST + timedelta(days=index), value) for index, value in enumerate(self.values))


Shape = Callable[[Random, int], tuple[list[float], float]]
"""So many days of costs without anything wrong, and how much they scatter."""


def _week(rng: Random, low: float) -> list[float]:
    """What a weekday costs against the usual; Saturdays and Sundays cost `low` of it."""
    return [1 + rng.uniform(-0.06, 0.06) for _ in range(5)] + [low * (1 + rng.uniform(-0.05, 0.05)) for _ in range(2)]


def _made(
    level: Sequence[float], rng: Random, *, week: Sequence[float] | None = None, noise: float = 0.03,
    tails: float = 0.0, memory: float = 0.0,
) -> list[float]:  # fmt: skip
    """Levels times the week times noise, whose tails may be fat, or which remembers what it was the day before."""
    values, last = [], 0.0
    for index, usual in enumerate(level):
        drawn = rng.gauss(0, 1) / (math.sqrt(max(rng.gammavariate(tails / 2, 2 / tails), 0.05)) if tails else 1)
        last = memory * last + math.sqrt(1 - memory**2) * drawn
        weekday = (FIRST + timedelta(days=index)).weekday()
        values.append(max(0.0, usual * (week[weekday] if week else 1.0) * (1 + noise * last)))
    return values


def _flat(rng: Random, n: int) -> tuple[list[float], float]:
    noise = rng.uniform(0.005, 0.03)
    return _made([rng.uniform(20, 400)] * n, rng, noise=noise), noise


def _noisy(rng: Random, n: int) -> tuple[list[float], float]:
    noise = rng.uniform(0.08, 0.14)
    return _made([rng.uniform(20, 400)] * n, rng, noise=noise), noise


def _office(rng: Random, n: int) -> tuple[list[float], float]:
    noise = rng.uniform(0.02, 0.06)
    return _made([rng.uniform(20, 900)] * n, rng, week=_week(rng, rng.uniform(0.25, 0.7)), noise=noise), noise


def _weekend(rng: Random, n: int) -> tuple[list[float], float]:
    noise = rng.uniform(0.02, 0.06)
    return _made([rng.uniform(20, 300)] * n, rng, week=_week(rng, rng.uniform(1.6, 3.0)), noise=noise), noise


def _growing(rng: Random, n: int) -> tuple[list[float], float]:
    first, monthly, noise = rng.uniform(20, 400), rng.uniform(0.03, 0.10), rng.uniform(0.02, 0.05)
    return _made([first * (1 + monthly * day / 30) for day in range(n)], rng, week=_week(rng, 0.7), noise=noise), noise


def _compounding(rng: Random, n: int) -> tuple[list[float], float]:
    first, monthly, noise = rng.uniform(20, 200), rng.uniform(0.03, 0.08), rng.uniform(0.02, 0.05)
    return _made([first * (1 + monthly) ** (day / 30) for day in range(n)], rng, noise=noise), noise


def _shrinking(rng: Random, n: int) -> tuple[list[float], float]:
    first, monthly, noise = rng.uniform(100, 500), rng.uniform(0.03, 0.06), rng.uniform(0.02, 0.05)
    return _made(
        [first * (1 - monthly) ** (day / 30) for day in range(n)], rng, week=_week(rng, 0.6), noise=noise
    ), noise


def _seasons(rng: Random, n: int) -> tuple[list[float], float]:
    level, depth, phase = rng.uniform(50, 300), rng.uniform(0.05, 0.15), rng.uniform(0, 6)
    waves = [level * (1 + depth * math.sin(phase + day * 2 * math.pi / 180)) for day in range(n)]
    return _made(waves, rng, week=_week(rng, 0.8), noise=0.03), 0.03


def _first_of_month(rng: Random, n: int) -> tuple[list[float], float]:
    level, fee, noise = rng.uniform(20, 200), rng.uniform(0.8, 3.0), rng.uniform(0.02, 0.05)
    values = _made([level] * n, rng, week=_week(rng, 0.8), noise=noise)
    return [v + (level * fee if (FIRST + timedelta(days=i)).day == 1 else 0) for i, v in enumerate(values)], noise


def _end_of_month(rng: Random, n: int) -> tuple[list[float], float]:
    level, more, noise = rng.uniform(20, 200), rng.uniform(0.5, 1.2), rng.uniform(0.02, 0.05)
    values = _made([level] * n, rng, noise=noise)
    ends = [(FIRST + timedelta(days=i + 2)).day <= 2 for i in range(n)]
    return [v * (1 + more * end) for v, end in zip(values, ends, strict=True)], noise


def _fat_tails(rng: Random, n: int) -> tuple[list[float], float]:
    noise = rng.uniform(0.03, 0.06)
    return _made([rng.uniform(50, 400)] * n, rng, week=_week(rng, 0.8), noise=noise, tails=4.0), noise * math.sqrt(2)


def _remembering(rng: Random, n: int) -> tuple[list[float], float]:
    noise = rng.uniform(0.03, 0.06)
    return _made([rng.uniform(50, 400)] * n, rng, week=_week(rng, 0.7), noise=noise, memory=0.6), noise


def _wandering(rng: Random, n: int) -> tuple[list[float], float]:
    level, noise, levels = rng.uniform(80, 400), rng.uniform(0.02, 0.04), []
    for _ in range(n):
        level *= math.exp(rng.gauss(0, 0.006))
        levels.append(level)
    return _made(levels, rng, week=_week(rng, 0.75), noise=noise), noise


def _tiny(rng: Random, n: int) -> tuple[list[float], float]:
    return _made([rng.uniform(0.01, 0.2)] * n, rng, noise=0.3), 0.3


SHAPES: dict[str, Shape] = {
    "flat": _flat, "noisy": _noisy, "office hours": _office, "busy weekends": _weekend, "growing": _growing, "compounding": _compounding,
    "shrinking": _shrinking, "seasons": _seasons, "first of the month": _first_of_month, "end of the month": _end_of_month,
    "fat tails": _fat_tails, "remembering": _remembering, "wandering": _wandering,
}  # fmt: skip
UNIMPORTANT: dict[str, Shape] = {"tiny amounts": _tiny}
"""Of these nothing is worth telling, whatever happens."""

GAPS = 0.02


def made(
    shape: str, seed: int, *, days: int = YEAR, wrong: bool = True, gaps: bool = True, events_before: int = YEAR
) -> Made:  # fmt: skip
    """The series of this shape and seed. With `wrong`, things go wrong in it that begin before a day; with `gaps`, some days are not known."""
    rng = Random(f"{shape}/{seed}")
    values, noise = {**SHAPES, **UNIMPORTANT}[shape](rng, days)
    truths = tuple(_events(rng, days, noise)) if wrong else ()
    truths = tuple(each for each in truths if each.start < events_before)
    for truth in truths:
        values = _with(values, truth)
    holes = {i for i in range(days) if gaps and rng.random() < GAPS} - {t.start for t in truths}
    known = tuple(None if index in holes else round(value, 4) for index, value in enumerate(values))
    return Made(shape=shape, seed=seed, noise=noise, values=known, truths=truths)


def unimportant(seed: int) -> Made:
    """A service that costs cents, and doubles and halves as it likes."""
    return replace(made("tiny amounts", seed, wrong=False), truths=())


def _events(rng: Random, days: int, noise: float) -> Iterator[Truth]:
    """At least 25 % and five and a half times the usual scatter, at least seven weeks apart."""
    start = QUIET + rng.randrange(40)
    while start < days - 25:
        event = rng.choice(list(Event))
        least = max(0.25, 5.5 * noise)
        size = least * math.exp(rng.uniform(0, 1.2))
        length = {Event.SPIKE: 1, Event.SHIFT: days - start, Event.LEAK: 14}.get(event, rng.randint(3, 6))
        factor = max(0.05, 1 - size) if event is Event.DROP else 1 + size
        yield Truth(event=event, start=start, end=start + length, size=factor)
        start += 49 + rng.randrange(120)


def _with(values: Sequence[float], truth: Truth) -> list[float]:
    inside = range(truth.start, min(truth.end, len(values)))
    changed = list(values)
    for index in inside:
        grown = (index - truth.start + 1) / (truth.end - truth.start) if truth.event is Event.LEAK else 1.0
        changed[index] *= 1 + (truth.size - 1) * grown
    return changed
