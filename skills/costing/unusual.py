"""Unusual days of costs as an answer: what was off, by how much, and what was done just before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from skills.core.money import Money
from skills.core.periods import Period, day_of, midnight
from skills.core.ports.costs import Accounts, Statement
from skills.core.ports.past_changes import Done, PastChange
from skills.core.report import Command, Finding, Report, Text
from skills.costing.account import Scope, daily
from skills.costing.anomalies import Anomaly, Course, anomalies
from skills.costing.foretelling import amount_of, dearest, known_days, least
from skills.costing.picturing import said
from skills.costing.spending import Asked
from skills.costing.telling import margin, origin

BEFORE = timedelta(days=100)
"""So many days before the period say what is usual: eight weeks, and the edges of three months."""

_MOST = 10
_SUSPECTS = 3
_JUST_BEFORE = timedelta(days=2)
_MOVING = (Done.SCALING, Done.RESIZING)


@dataclass(frozen=True, kw_only=True)
class Unusual:
    """One anomaly of one scope."""

    scope: Scope
    anomaly: Anomaly
    money: Money

    @property
    def period(self) -> Period:
        return Period(start=self.anomaly.start, end=self.anomaly.end + timedelta(days=1))


def unusual_days(asked: Asked, statement: Statement) -> list[Unusual]:
    """What was unusual in the period, the most expensive first: service by service in each environment, and what belongs to none as a whole."""
    found = [each for scope in _scopes(asked.scope, statement) for each in _of(scope, asked.period, statement)]
    return sorted(found, key=lambda each: (-abs(each.money.amount), str(each.scope), each.anomaly.start))


def told(asked: Asked, accounts: Accounts, found: Sequence[Unusual], changes: Sequence[PastChange]) -> Report:
    """The whole answer."""
    statement = accounts.statements[0]
    findings = [_finding(each, changes, asked) for each in found[:_MOST]]
    more = f" {len(found) - _MOST} smaller ones are not shown." if len(found) > _MOST else ""
    how = (
        "A day is unusual where it is off by a fifth or more of what its weekday usually costs, by a hundredth of a usual day or more, and far beyond "
        f"the usual scatter; fees that come every month are none. Amounts: {margin(statement.source)}. {origin(statement.source, asked.now)}{more}"
    )
    return Report(
        title=f"Unusual costs of {asked.scope}, {asked.period}",
        summary=_summary(asked, statement, found),
        parts=(
            *findings,
            *(Finding(text=text, severity="warning") for text in (*statement.partial, *accounts.troubles)),
            Text(text=how),
        ),
    )


def _scopes(scope: Scope, statement: Statement) -> list[Scope]:
    pairs = {
        (line.whose.service, line.whose.environment)
        for line in statement.lines
        if line.category.used and scope.holds(line.whose)
    }
    return [Scope(service=service, environment=environment) for service, environment in sorted(pairs) if service]


def _of(scope: Scope, period: Period, statement: Statement) -> list[Unusual]:
    spent = dearest(daily(statement, scope))
    days = known_days(spent, statement.final_until) if spent else []
    if spent is None or not days:
        return []
    return [
        Unusual(scope=scope, anomaly=each, money=Money(amount=amount_of(each.actual - each.expected), currency=spent.currency))
        for each in anomalies(days, least=least(days))
        if each.end >= period.start and each.start < period.end
    ]  # fmt: skip


def _summary(asked: Asked, statement: Statement, found: Sequence[Unusual]) -> str:
    known = (
        Period(start=statement.buckets[0].start, end=statement.final_until)
        if statement.buckets and statement.final_until > statement.buckets[0].start
        else None
    )
    if known is None or not known.common(asked.period):
        return f"Nothing is known of {asked.period} yet."
    if not found:
        return f"Nothing about the cost of {asked.scope} was unusual in {asked.period}."
    one = len(found) == 1
    return f"{len(found)} thing{'' if one else 's'} about the cost of {asked.scope} {'was' if one else 'were'} unusual in {asked.period}."


def _finding(each: Unusual, changes: Sequence[PastChange], asked: Asked) -> Finding:
    way = "more" if each.anomaly.rise else "less"
    size = Money(amount=abs(each.money.amount), currency=each.money.currency)
    usual = Money(amount=amount_of(each.anomaly.expected), currency=each.money.currency)
    ended = {
        Course.PASSED: "it has passed",
        Course.STAYED: "and stayed at the new level from then on",
        Course.LASTS: "it lasts",
    }[each.anomaly.course]
    suspects = _suspects(each, changes, asked)
    evidence = tuple(
        f"Suspect: {said(change, named=False, placed=True)}{f', by {change.by}' if change.by else ''}, on {_day(change.at, asked)}"
        for change in suspects
    )
    name = each.scope.service
    return Finding(
        text=f"{each.scope} cost {size.brief} {way} than the usual {usual.brief} from {each.period}; {ended}.",
        severity="warning" if each.anomaly.rise else "info",
        confidence="likely" if any(change.done in _MOVING for change in suspects) else "",
        evidence=evidence or ("Nothing that was done just before is known.",),
        offer=Command(
            text=f"cost-change {name} in {each.scope.environment} {each.period.start}..{each.period.last}",
            does="see what made the difference",
        ),
    )


def _suspects(each: Unusual, changes: Sequence[PastChange], asked: Asked) -> list[PastChange]:
    """What was done to the same service from two days before to the end of its first day: what moves costs first, then the latest."""
    start = midnight(each.anomaly.start, asked.zone)
    near = [
        change
        for change in changes
        if (change.service, change.environment) == (each.scope.service, each.scope.environment)
        and start - _JUST_BEFORE <= change.at < start + timedelta(days=1)
    ]
    return sorted(near, key=lambda change: (change.done not in _MOVING, -change.at.timestamp()))[:_SUSPECTS]


def _day(at: datetime, asked: Asked) -> str:
    day = day_of(at, asked.zone)
    return f"{day.day} {day:%B %Y}"


def affected(found: Sequence[Unusual]) -> list[str]:
    """The services whose changes are worth looking up."""
    return list(dict.fromkeys(each.scope.service for each in found[:_MOST]))
