"""Days put together to months: the buckets of a statement, and what each of its lines comes to in them."""

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

from skills.core.periods import Period
from skills.core.ports.costs import Line


def by_month(days: Sequence[Period], lines: Sequence[Line]) -> tuple[tuple[Period, ...], tuple[Line, ...]]:
    """The calendar's months, of which the first and the last may be cut. Where no day of a month is known, the month is not."""
    if not days:
        return (), tuple(lines)
    months = tuple(Period(start=days[0].start, end=days[-1].end).months())
    slices = [[index for index, day in enumerate(days) if day.start in month] for month in months]
    return months, tuple(
        replace(
            line,
            amounts=_summed(line.amounts, slices),
            quantities=_summed(line.quantities, slices) if line.quantities else (),
        )
        for line in lines
    )


def _summed(values: Sequence[Decimal | None], slices: Sequence[Sequence[int]]) -> tuple[Decimal | None, ...]:
    known = ([value for index in each if (value := values[index]) is not None] for each in slices)
    return tuple(sum(each, Decimal()) if each else None for each in known)
