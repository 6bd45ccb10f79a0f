"""Signals as pictures and numbers: the charts and tables that any answer about them shows."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from statistics import median

from skills.core.ports.metrics import Series, Signal, Window
from skills.core.proposal import Proposal
from skills.core.report import Chart, Curve, Mark, Table
from skills.signals.turned import Turned
from skills.signals.wording import PER_SECOND, duration, percent, rate

CHARTS: Mapping[str, tuple[str, tuple[Signal, ...]]] = {
    "Latency": ("s", (Signal.TYPICAL, Signal.LATENCY)),
    "Traffic": (PER_SECOND, (Signal.TRAFFIC,)),
    "Errors": ("%", (Signal.ERRORS,)),
    "Saturation": ("%", (Signal.CPU, Signal.MEMORY, Signal.THROTTLED, Signal.SATURATION)),
}
"""One for each golden signal: its unit, and the curves in it."""

LABELS: Mapping[Signal, str] = {signal: "CPU" if signal is Signal.CPU else signal.value for signal in Signal}
"""What the signals are called in front of people."""


def numbers(found: Mapping[Signal, Series], marks: Sequence[Mark]) -> Table:
    """What was usual, least, most and last; and, where something was deployed meanwhile, what was usual before and after the last time."""
    columns = ["signal", "now", "median", "least", "most"]
    if marks:
        columns += [f"median before {marks[-1].text}", "and after"]
    rows = []
    for signal, series in found.items():
        values = series.values
        cells = [values[-1], median(values), min(values), max(values)]
        row = [LABELS[signal], *(spoken(signal, value) for value in cells)]
        if marks:
            row += [_usual(signal, part) for part in _halves(series, marks[-1])]
        rows.append(tuple(row))
    return Table(columns=tuple(columns), rows=tuple(rows))


def _halves(series: Series, mark: Mark) -> Iterator[list[float]]:
    yield [value for at, value in series.points if value is not None and at <= mark.at]
    yield [value for at, value in series.points if value is not None and at > mark.at]


def _usual(signal: Signal, values: Sequence[float]) -> str:
    return spoken(signal, median(values)) if values else "not measured"


def chart(name: str, found: Mapping[Signal, Series], marks: tuple[Mark, ...]) -> Chart | None:
    """The chart of this name in `CHARTS`; None where nothing of it was measured. All series are of one window."""
    unit, signals = CHARTS[name]
    curves = [(signal, found[signal]) for signal in signals if signal in found]
    if not curves:
        return None
    scale = 100 if unit == "%" else 1
    return Chart(
        title=name,
        unit=unit,
        curves=tuple(Curve(name=LABELS[signal], points=_scaled(series, scale)) for signal, series in curves),
        marks=marks,
        table=_over_time(name, curves),
    )


def _scaled(series: Series, scale: int) -> tuple[tuple[datetime, float | None], ...]:
    return tuple((at, value if value is None else value * scale) for at, value in series.points)


def _over_time(name: str, curves: Sequence[tuple[Signal, Series]]) -> Table:
    """A handful of moments, for whoever cannot see the curve."""
    points = [series.points for _, series in curves]
    count = len(points[0])
    lasts = points[0][-1][0] - points[0][0][0]
    form = "%m-%d %H:%M" if lasts > timedelta(hours=20) else "%H:%M" if lasts > timedelta(minutes=20) else "%H:%M:%S"
    picked = sorted({round(index * (count - 1) / (_MOMENTS - 1)) for index in range(_MOMENTS)})
    rows = tuple(
        (
            points[0][index][0].strftime(form),
            *(
                "–" if (value := each[index][1]) is None else spoken(signal, value)
                for (signal, _), each in zip(curves, points, strict=True)
            ),
        )
        for index in picked
    )
    return Table(title=name, columns=("UTC", *(LABELS[signal] for signal, _ in curves)), rows=rows)


_MOMENTS = 7


def spoken(signal: Signal, value: float) -> str:
    """A value of a signal, in its unit."""
    if signal in (Signal.TYPICAL, Signal.LATENCY):
        return duration(value)
    return rate(value) if signal is Signal.TRAFFIC else percent(value)


def moved(turned: Sequence[Turned]) -> Table:
    """What turned for the worse, in numbers."""
    rows = tuple(
        (
            LABELS[each.signal],
            "the same" if each.was is None else spoken(each.signal, each.was),
            "not measured" if each.vanished else spoken(each.signal, each.value),
            f"{each.since:%H:%M:%S}" if each.since else "all the time",
        )
        for each in turned
    )
    return Table(title="What moved", columns=("signal", "before", "then", "since (UTC)"), rows=rows)


def charts_of(turned: Sequence[Turned], found: Mapping[Signal, Series], marks: tuple[Mark, ...]) -> list[Chart]:
    """The charts that show these, the most telling first, two at most."""
    signals = {each.signal for each in turned}
    wanted = [name for name in _TELLING if signals & set(CHARTS[name][1])]
    return [drawn for name in wanted[:_MOST_CHARTS] if (drawn := chart(name, found, marks))]


_TELLING = ("Errors", "Latency", "Traffic", "Saturation")
_MOST_CHARTS = 2


def marks_of(past: Sequence[Proposal], window: Window) -> tuple[Mark, ...]:
    """Our own changes in the window, oldest first."""
    begun = [(proposal.started_at, proposal) for proposal in past if proposal.started_at]
    return tuple(
        Mark(at=at, text=f"#{proposal.id} {proposal.skill}")
        for at, proposal in sorted(begun, key=lambda pair: pair[0])
        if window.start < at <= window.end
    )
