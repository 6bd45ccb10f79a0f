"""What a row of days goes on to cost: from what was usual, with the edges of months added, and a range that says how sure that is."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from skills.core.ports.forecasting import Forecaster, Range
from skills.costing.anomalies import Looked, edge, looked_at
from skills.costing.usual import LEAST, WEEK

HISTORY = LEAST * WEEK
"""So many days have to be known before anything is foreseen."""

FARTHEST = 366


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """The days to come, what the sums asked for come to, and what was seen in the days before. The ranges hold nine of ten times."""

    days: tuple[tuple[date, Range], ...]
    sums: tuple[Range, ...]
    looked: Looked


async def foresee(
    days: Sequence[tuple[date, float | None]],
    forecaster: Forecaster,
    *,
    until: Sequence[date],
    least: float,
    since: date | None = None,
) -> Foreseen | None:
    """What comes after the last of these days, which follow each other; each sum is from the day after it, or from `since`
    where that is later, to just before one of `until`.

    None where fewer than four weeks are known. Raises `Unavailable` where the forecaster cannot, `ValueError` for a day that is not ahead.
    """
    known = [index for index, (_, value) in enumerate(days) if value is not None]
    if len(known) < HISTORY:
        return None
    last = days[-1][0]
    lengths = [(each - last).days - 1 for each in until]
    if min(lengths) < 1 or (since and since >= min(until)) or max(lengths) > FARTHEST:
        raise ValueError(f"from the next day to {FARTHEST} days ahead can be foreseen")
    first = max(0, (since - last).days - 1) if since else 0
    looked = looked_at(days[known[0] :], least=least)
    projection = await forecaster.project(
        looked.usual, ahead=max(lengths), sums=[(first, length) for length in lengths]
    )
    ahead = [last + timedelta(days=index + 1) for index in range(max(lengths))]
    more = [looked.edges.get(edge(day), 0.0) * each.expected for day, each in zip(ahead, projection.days, strict=True)]
    never_negative = all(value is None or value >= 0 for _, value in days)
    return Foreseen(
        days=tuple((day, _moved(each, extra, never_negative)) for day, each, extra in zip(ahead, projection.days, more, strict=True)),
        sums=tuple(
            _moved(each, sum(more[first:length]), never_negative) for each, length in zip(projection.sums, lengths, strict=True)
        ),
        looked=looked,
    )  # fmt: skip


def _moved(given: Range, by: float, never_negative: bool) -> Range:
    floor = 0.0 if never_negative else float("-inf")
    return Range(
        low=max(floor, given.low + by), expected=max(floor, given.expected + by), high=max(floor, given.high + by)
    )
