"""How well what is unusual is found: against series whose truth is known."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from skills.costing.anomalies import Anomaly, anomalies
from tests.evals.costs.series import FIRST, SHAPES, Event, Made, Truth, made, unimportant

LEAST = 1.0
"""The smallest amount a day that counts, in whatever currency."""

IN_TIME = 3
"""Something has to be found within so many days; a leak while it leaks."""


@dataclass(frozen=True, kw_only=True)
class Judged:
    """One series: which of its truths were found in time, and what was told that is none."""

    made: Made
    found: tuple[Truth, ...]
    missed: tuple[Truth, ...]
    false: tuple[Anomaly, ...]


def judge(series: Made) -> Judged:
    """Look at the series day by day, as somebody would who looks every morning."""
    return judged_by(series, anomalies(series.days, least=LEAST))


def judged_by(series: Made, told: Sequence[Anomaly]) -> Judged:
    """What somebody told, against what is true."""
    found = [truth for truth in series.truths if any(_finds(each, truth) for each in told)]
    false = [each for each in told if not any(_about(each, truth) for truth in series.truths)]
    return Judged(
        made=series,
        found=tuple(found),
        missed=tuple(truth for truth in series.truths if truth not in found),
        false=tuple(false),
    )


def _finds(told: Anomaly, truth: Truth) -> bool:
    """Does it begin in time, and go the same way?"""
    start = FIRST + timedelta(days=truth.start)
    until = FIRST + timedelta(days=truth.end if truth.event is Event.LEAK else truth.start + IN_TIME)
    return start <= told.start < until and told.rise == (truth.size > 1)


def _about(told: Anomaly, truth: Truth) -> bool:
    """Does it overlap what went wrong, or the day after it ended? Telling the same thing twice is not wrong, but telling its end as news is."""
    start = FIRST + timedelta(days=truth.start)
    return start <= told.start < FIRST + timedelta(days=min(truth.end, truth.start + 14)) and told.rise == (
        truth.size > 1
    )


def all_series(seeds: Iterable[int]) -> list[Made]:
    """Every shape once for each seed, and services that cost next to nothing."""
    return [each for seed in seeds for each in (*(made(shape, seed) for shape in SHAPES), unimportant(seed))]


def figures(judged: Sequence[Judged]) -> dict[str, float | int]:
    """The share of what was found, and false alarms for each service and year."""
    found, missed = (sum(len(getattr(each, what)) for each in judged) for what in ("found", "missed"))
    false = sum(len(each.false) for each in judged)
    years = sum(len(each.made.values) for each in judged) / 365
    return {
        "service-years": round(years), "events": found + missed, "found": round(found / max(1, found + missed), 4),
        "false alarms a service-year": round(false / years, 3),
    }  # fmt: skip


def table(judged: Sequence[Judged]) -> str:
    """The same by shape and by event."""
    lines = [f"{'':20}{'events':>8}{'found':>8}{'false':>8}"]
    for shape in dict.fromkeys(each.made.shape for each in judged):
        some = [each for each in judged if each.made.shape == shape]
        found, missed = sum(len(each.found) for each in some), sum(len(each.missed) for each in some)
        lines.append(f"{shape:20}{found + missed:8}{found:8}{sum(len(each.false) for each in some):8}")
    hits = Counter(truth.event for each in judged for truth in each.found)
    total = hits + Counter(truth.event for each in judged for truth in each.missed)
    lines += [f"{event.value:20}{total[event]:8}{hits[event]:8}" for event in Event]
    return "\n".join(lines)
