"""What something is going to cost, as an answer: what was paid so far, what comes on top of it with its range, and how that was worked out."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal

from skills.core.errors import BadInput
from skills.core.money import Money
from skills.core.periods import Period, Unit, around
from skills.core.ports.costs import Accounts, Statement
from skills.core.ports.forecasting import Forecaster, Range
from skills.core.report import Chart, Curve, Finding, Part, Report, Table, Text
from skills.costing.account import Daily, daily
from skills.costing.anomalies import Course
from skills.costing.foreseeing import FARTHEST, HISTORY, Foreseen, foresee
from skills.costing.spending import Asked
from skills.costing.telling import in_, margin, origin

LOOKED_BACK = timedelta(days=200)
"""More history than this is not asked for: what is older says little about what comes."""

_SHOWN = 42
_LEAST = Decimal("0.01")
"""Of what a usual day costs: what is off by less is no anomaly, and stays in the history."""


async def foretell(asked: Asked, accounts: Accounts, forecaster: Forecaster) -> Report:
    """The whole answer, in the currency in which most is paid. Raises `Unavailable` where the forecaster cannot."""
    statement = accounts.statements[0]
    title = f"Forecast for {asked.scope}, {asked.period}"
    spent = dearest(daily(statement, asked.scope))
    days = known_days(spent, statement.final_until) if spent else []
    known = sum(value is not None for _, value in days)
    if spent is None or known < HISTORY:
        said = f"Nobody can foresee what {asked.scope} is going to cost: {HISTORY} final days are needed, and {known} are known."
        return Report(title=title, summary=said, parts=(Text(text=origin(statement.source, asked.now)),))
    refuse_out_of_reach(asked.period, days[-1][0])
    found = await foresee(
        days, forecaster, until=[asked.period.end], since=asked.period.start, least=least(days)
    )  # fmt: skip
    assert found is not None, "enough days are known"
    so_far = _so_far(spent, asked.period, statement.final_until)
    return Report(
        title=title,
        summary=_summary(asked, statement, spent, so_far, found.sums[0]),
        parts=tuple(_parts(asked, accounts, spent, days, found)),
    )


def dearest(found: Sequence[Daily]) -> Daily | None:
    """Of several currencies the one in which most is paid: amounts of two are never added."""
    return max(found, key=lambda each: sum((a for a in each.amounts if a is not None), Decimal()), default=None)


def known_days(spent: Daily, final_until: date) -> list[tuple[date, float | None]]:
    """The days that are final, from the first of which anything is known."""
    days = [
        (bucket.start, None if amount is None else float(amount))
        for bucket, amount in zip(spent.buckets, spent.amounts, strict=True)
        if bucket.end <= final_until
    ]
    first = next((index for index, (_, value) in enumerate(days) if value is not None), len(days))
    return days[first:]


def least(days: Sequence[tuple[date, float | None]]) -> float:
    """What a day has to be off by at least to be worth a word: a hundredth of a usual one, and a coin."""
    values = sorted(value for _, value in days if value is not None)
    return max(0.01, float(_LEAST) * abs(values[len(values) // 2])) if values else 0.01


def refuse_out_of_reach(period: Period, last: date) -> None:
    """Raises `BadInput` for what is over, and for what is too far ahead."""
    if period.end <= last + timedelta(days=1):
        raise BadInput(f"{period} is over, so there is nothing to foresee.", hint="Ask what it cost instead.")
    if (period.end - last).days - 1 > FARTHEST:
        raise BadInput(f"{period} is too far ahead.", hint=f"I look {FARTHEST} days ahead at most.")


def _so_far(spent: Daily, period: Period, final_until: date) -> Decimal:
    return sum(
        (
            amount
            for bucket, amount in zip(spent.buckets, spent.amounts, strict=True)
            if amount is not None and bucket.start in period and bucket.end <= final_until
        ),
        Decimal(),
    )


def _summary(asked: Asked, statement: Statement, spent: Daily, so_far: Decimal, ahead: Range) -> str:
    def told(value: float) -> str:
        return Money(amount=so_far + amount_of(value), currency=spent.currency).brief

    what = str(asked.scope)
    paid = Money(amount=so_far, currency=spent.currency).brief
    already = f", of which {paid} are paid" if so_far else ""
    return (
        f"{what[:1].upper()}{what[1:]} is going to cost about {told(ahead.expected)} {in_(asked.period)}{already}: nine of ten times from "
        f"{told(ahead.low)} to {told(ahead.high)} ({margin(statement.source)})."
    )


def _parts(
    asked: Asked, accounts: Accounts, spent: Daily, days: Sequence[tuple[date, float | None]], found: Foreseen
) -> list[Part]:  # fmt: skip
    parts: list[Part] = [_chart(spent, days, found, asked.period)]
    for each in found.looked.anomalies:
        if each.course is Course.LASTS:
            text = f"What has been unusual since {each.start} is left out: if it stays, it comes on top."
            parts.append(Finding(text=text, severity="warning"))
    parts += [Finding(text=text, severity="warning") for text in (*accounts.statements[0].partial, *accounts.troubles)]
    others = [each.currency for each in daily(accounts.statements[0], asked.scope) if each.currency != spent.currency]
    beside = f" What is paid in {', '.join(others)} is not in it." if others else ""
    how = (
        f"Worked out from {sum(value is not None for _, value in days)} final days, to {days[-1][0]}; days that were unusual are left out. "
        "The range is that of the forecast alone: how far the amounts themselves may be off comes on top. "
    )
    parts.append(Text(text=f"{how}{origin(accounts.statements[0].source, asked.now)}{beside}"))
    return parts


def _chart(spent: Daily, days: Sequence[tuple[date, float | None]], found: Foreseen, period: Period) -> Chart:
    past = list(days[-_SHOWN:])
    axis = [day for day, _ in past] + [day for day, _ in found.days]
    gap: list[float | None] = [None] * len(past)
    curves = {
        "so far": [value for _, value in past] + [None] * len(found.days),
        "expected": gap + [each.expected for _, each in found.days],
        "at least": gap + [each.low for _, each in found.days],
        "at most": gap + [each.high for _, each in found.days],
    }
    return Chart(
        title="What a day costs",
        unit=spent.currency,
        curves=tuple(
            Curve(name=name, points=tuple((_noon(day), value) for day, value in zip(axis, values, strict=True)))
            for name, values in curves.items()
        ),
        table=_table(spent, found, period),
    )


def _table(spent: Daily, found: Foreseen, period: Period) -> Table:
    """By week, or by month where there are many."""
    ahead = [(day, each) for day, each in found.days if day in period]
    unit = Unit.WEEK if len(ahead) <= 100 else Unit.MONTH
    groups: dict[Period, list[float]] = {}
    for day, each in ahead:
        inside = around(day, unit).common(Period(start=ahead[0][0], end=period.end))
        groups.setdefault(inside or period, []).append(each.expected)
    rows = tuple(
        (str(group), str(Money(amount=amount_of(sum(values)), currency=spent.currency)))
        for group, values in groups.items()
    )
    return Table(title=f"What is to come, in {spent.currency}", columns=("period", "about"), rows=rows)


def amount_of(value: float) -> Decimal:
    """A forecast has no more digits than a coin."""
    return Decimal(f"{value:.2f}")


def _noon(day: date) -> datetime:
    return datetime.combine(day, time(12), UTC)
