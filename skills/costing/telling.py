"""How figures are told: with their source, how far they may be off, how old they are, and what is not final."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta

from skills.core.cost_delta import percent
from skills.core.durations import spelled
from skills.core.money import Money, totals
from skills.core.periods import Period, Unit
from skills.core.ports.costs import Basis, Reconciled, Source, Statement
from skills.costing.account import Scope
from skills.costing.reconciling import error

_MINUTE = timedelta(minutes=1)


def measured(source: Source, scope: Scope, past: Sequence[Reconciled]) -> Source:
    """The source with the error of one service alone, where that was compared with a bill by itself."""
    off = error(past, scope.service) if scope.service and source.reconciled else None
    return source if off is None or source.basis is Basis.BILL else replace(source, error=off)


def margin(source: Source) -> str:
    """“estimate, ±15 %, not reconciled”, “as billed”."""
    if source.basis is Basis.BILL:
        return "as billed"
    word = "estimate" if source.basis is Basis.ESTIMATE else "allocated shares"
    if source.error is None:
        return f"{word}, error unknown, not reconciled"
    return (
        f"{word}, ±{percent(source.error)}, {'reconciled against the bill' if source.reconciled else 'not reconciled'}"
    )


def origin(source: Source, now: datetime) -> str:
    """“Source: price sheet × the simulated cluster, read 3m ago; days are those of UTC.”"""
    age = now - source.read_at
    read = "read just now" if age < _MINUTE else f"read {spelled(age)} ago"
    paid = "; what was paid in advance is spread over its days" if source.amortized else ""
    return f"Source: {source.name}, {read}; days are those of {source.zone}{paid}."


def open_days(statement: Statement, period: Period, today: date) -> str:
    """What of the period is not final, or is still to come; nothing where all of it is over."""
    said = []
    first = max(period.start, statement.final_until)
    last = min(period.end, today + timedelta(days=1))
    if first < last:
        days = Period(start=first, end=last)
        said.append(f"{days} {'is' if days.length == 1 else 'are'} not final")
    if period.end > today + timedelta(days=1):
        to_come = Period(start=max(period.start, today + timedelta(days=1)), end=period.end)
        said.append(f"{to_come} {'is' if to_come.length == 1 else 'are'} still to come")
    return f"{'; '.join(said)}." if said else ""


def in_(period: Period) -> str:
    """“in November 2026”, “on 30 November 2026”, “from 23 to 29 November 2026”."""
    if period.unit is Unit.DAY:
        return f"on {period}"
    return f"in {period}" if period.unit in (Unit.MONTH, Unit.QUARTER, Unit.YEAR) else f"from {period}"


def compared(now: Sequence[Money], before: Sequence[Money]) -> str:
    """“€9.20 (8.9 %) more”, “as much”; nothing where the two are not of one currency."""
    if len(now) != 1 or len(before) != 1 or now[0].currency != before[0].currency:
        return ""
    (difference,) = totals([now[0], -before[0]])
    if not difference.rounded().amount:
        return "as much"
    share = difference.share(before[0])
    more = "more" if difference.amount > 0 else "less"
    size = Money(amount=abs(difference.amount), currency=difference.currency)
    return f"{size.brief}{f' ({percent(abs(share))})' if share is not None else ''} {more}"
