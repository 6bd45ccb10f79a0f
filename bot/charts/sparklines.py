"""A chart as lines of text: for each curve its course in eighths of a line's height, and its numbers."""

import math
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from bot.charts.scales import known, most_telling, told
from skills.core.report import Chart, Curve

EIGHTHS = "▁▂▃▄▅▆▇█"
GAP = " "
NAMED = 8
MARKS = 6
LEAST = 16
"""Columns below which a course shows nothing."""

_WIDEST_NAME = 20


def sparklines(chart: Chart, width: int) -> list[str]:
    """Lines of at most `width` columns, each curve on the same scale from zero; none where the terminal is too narrow, or nothing is known."""
    curves, others = most_telling(chart, NAMED)
    values = known(chart.curves)
    if not values:
        return []
    names = [_cut(curve.name) for curve in curves]
    facts = [_facts(curve, chart.unit) for curve in curves]
    beside = max(map(len, names))
    columns = width - beside - max(map(len, facts)) - 4
    if columns < LEAST:
        return []
    begin, end = _span(chart)
    top = max([*values, 0.0]) or 1.0
    lines = [
        f"{name:<{beside}}  {_course(curve, begin, end, columns, top)}  {fact}".rstrip()
        for name, curve, fact in zip(names, curves, facts, strict=True)
    ]
    if others:
        lines.append(f"and {len(others)} others, none of them higher")
    return [*lines, *_below(chart, begin, end, columns, beside + 2)]


def _facts(curve: Curve, unit: str) -> str:
    """“12 ms to 1.2 s, now 340 ms”."""
    values = known([curve])
    if not values:
        return "no data"
    last = known([Curve(name="", points=curve.points[-1:])])
    return f"{told(min(values), unit)} to {told(max(values), unit)}, now {told(last[0], unit) if last else 'no data'}"


def _course(curve: Curve, begin: datetime, end: datetime, columns: int, top: float) -> str:
    """In each column the highest value of its time, so that no peak is lost. A value lasts until the next point, and a gap does, too."""
    highest = [-math.inf] * columns
    places = [_column(at, begin, end, columns) for at, _ in curve.points]
    for (_, value), place, following in zip(curve.points, places, [*places[1:], 0], strict=True):
        if value is not None and math.isfinite(value):
            for column in range(place, max(place + 1, following)):
                highest[column] = max(highest[column], value)
    return "".join(GAP if value == -math.inf else EIGHTHS[_eighth(value / top)] for value in highest)


def _eighth(share: float) -> int:
    return max(0, min(7, math.ceil(share * 8) - 1))


def _below(chart: Chart, begin: datetime, end: datetime, columns: int, indent: int) -> list[str]:
    """The time axis, with a wedge at each mark, and what the marks are."""
    axis = list(f"{_at(begin, begin, end)}{' ' * columns}"[:columns])
    closing = f"{_at(end, begin, end)} UTC"
    axis[columns - len(closing) :] = closing
    marks = sorted((mark for mark in chart.marks if begin <= mark.at <= end), key=lambda mark: mark.at)
    wedges = [" "] * columns
    for mark in marks:
        wedges[_column(mark.at, begin, end, columns)] = "▲"
    pointed = ["".join([" " * indent, *wedges]).rstrip()] if marks else []
    named = [f"{' ' * indent}▲ {_at(mark.at, begin, end)} {' '.join(mark.text.split())}" for mark in marks[:MARKS]]
    more = [f"{' ' * indent}and {len(marks) - MARKS} more"] if len(marks) > MARKS else []
    return [*pointed, f"{' ' * indent}{''.join(axis)}", *named, *more]


def _at(moment: datetime, begin: datetime, end: datetime) -> str:
    return f"{moment.astimezone(UTC):{'%m-%d %H:%M' if end - begin > timedelta(hours=24) else '%H:%M'}}"


def _column(at: datetime, begin: datetime, end: datetime, columns: int) -> int:
    return min(columns - 1, int((at - begin) / (end - begin) * columns)) if end > begin else 0


def _span(chart: Chart) -> tuple[datetime, datetime]:
    moments: Sequence[datetime] = [at for curve in chart.curves for at, _ in curve.points]
    return min(moments), max(moments)


def _cut(name: str) -> str:
    """Cut in the middle: the names of neighbours often differ at their ends alone."""
    name = " ".join(name.split())
    return name if len(name) <= _WIDEST_NAME else f"{name[: _WIDEST_NAME - 9]}…{name[-8:]}"
