"""What was paid day by day, as a chart with what was done marked in it, and as the same in numbers."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, tzinfo
from decimal import Decimal

from skills.core.money import Money
from skills.core.periods import Period, Unit, around, day_of
from skills.core.ports.past_changes import Done, PastChange
from skills.core.report import Chart, Curve, Mark, Table
from skills.costing.account import Daily

_MOST_MARKS = 8
_MOST_DAYS, _MOST_WEEKS = 16, 120
_TOLD = (Done.DEPLOY, Done.SCALING, Done.RESIZING)


@dataclass(frozen=True, kw_only=True)
class Look:
    """Whose days they are, and what changes have to be told apart by: the service's name, the environment's."""

    zone: tzinfo
    named: bool
    placed: bool

    def said(self, change: PastChange) -> str:
        return said(change, named=self.named, placed=self.placed)

    def mark(self, change: PastChange) -> str:
        """The same in a few letters, since a picture has no room."""
        return said(change, named=self.named, placed=False).removesuffix(" replicas")


def chart(spent: Daily, period: Period, changes: Sequence[PastChange], look: Look) -> Chart | None:
    """The days of the period that are known; None where there are fewer than two."""
    days = [
        (bucket, amount)
        for bucket, amount in zip(spent.buckets, spent.amounts, strict=True)
        if bucket.start in period and amount is not None
    ]
    if len(days) < 2:
        return None
    points = tuple((_noon(bucket, look.zone), float(amount)) for bucket, amount in days)
    first, last = days[0][0].start, days[-1][0].last
    told = [each for each in changes if each.done in _TOLD and first <= day_of(each.at, look.zone) <= last]
    return Chart(
        title="What a day cost",
        unit=spent.currency,
        curves=(Curve(name="a day", points=points),),
        marks=tuple(Mark(at=each.at, text=look.mark(each)) for each in _weightiest(told)),
        table=Table(
            title=f"Over time, in {spent.currency}",
            columns=("period", "cost", "each day", "what was done"),
            rows=tuple(_rows(spent, days, told, look)),
        ),
    )


def said(change: PastChange, *, named: bool, placed: bool) -> str:
    """“checkout 2 → 3 replicas in production”, “#17 v41 → v42”."""
    words = [f"#{change.proposal}" if change.proposal else "", change.service if named else "", change.what]
    return " ".join([*(each for each in words if each), *([f"in {change.environment}"] if placed else [])])


def _rows(
    spent: Daily, days: Sequence[tuple[Period, Decimal]], changes: Sequence[PastChange], look: Look
) -> Iterator[tuple[str, str, str, str]]:
    """By days, weeks or months, so that there are not too many."""
    unit = Unit.DAY if len(days) <= _MOST_DAYS else Unit.WEEK if len(days) <= _MOST_WEEKS else Unit.MONTH
    groups: dict[Period, list[Decimal]] = {}
    for bucket, amount in days:
        groups.setdefault(around(bucket.start, unit), []).append(amount)
    whole = Period(start=days[0][0].start, end=days[-1][0].end)
    for group, amounts in groups.items():
        inside = group.common(whole) or group
        total = Money(amount=sum(amounts, Decimal()), currency=spent.currency)
        each = Money(amount=total.amount / len(amounts), currency=spent.currency)
        done = dict.fromkeys(look.said(change) for change in changes if day_of(change.at, look.zone) in group)
        yield str(inside), str(total), str(each), ", ".join(done)


def _weightiest(changes: Sequence[PastChange]) -> Sequence[PastChange]:
    """What moves costs most likely, where there is not room for all; oldest first."""
    if len(changes) <= _MOST_MARKS:
        return changes
    picked = sorted(changes, key=lambda each: (each.done is Done.DEPLOY, -each.at.timestamp()))[:_MOST_MARKS]
    return sorted(picked, key=lambda each: each.at)


def _noon(bucket: Period, zone: tzinfo) -> datetime:
    return datetime.combine(bucket.start, time(12), zone).astimezone(UTC)
