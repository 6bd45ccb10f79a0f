"""What was paid in a period, as an answer: the sum with its error, what it was for, whose it was, how it went, and what is missing."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta, tzinfo

from skills.core.cost_delta import percent
from skills.core.money import Money, spoken, totals
from skills.core.periods import Period
from skills.core.ports.costs import Accounts, Category, Statement
from skills.core.ports.past_changes import PastChange
from skills.core.report import Command, Finding, Part, Report, Table, Text
from skills.costing.account import (
    SPREAD,
    UNALLOCATED,
    Entry,
    Row,
    Scope,
    daily,
    entries,
    final_part,
    known_buckets,
    rows,
    spread,
    summed,
    used,
)
from skills.costing.picturing import Look, chart
from skills.costing.telling import compared, in_, margin, measured, open_days, origin

NO_TEAM = "(no team)"
_KINDS = {Category.SHARED: "shared by everybody", Category.IDLE: "idle", Category.UNALLOCATED: "belongs to nobody"}
_LONG = 100
"""Days from which on the period before is not looked at: it would take as much reading again."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """What is asked, and when. `by` is what to divide by: service, team, environment, project or kind; "" for what is most telling."""

    scope: Scope
    period: Period
    now: datetime
    today: date
    zone: tzinfo
    by: str = ""

    @property
    def looked_at(self) -> Period:
        """The period and the one before it, to compare."""
        before = self.period.before
        return Period(start=before.start, end=self.period.end) if self.period.length <= _LONG else self.period

    @property
    def look(self) -> Look:
        """How changes are named in charts: only by what is not the same for all of them."""
        return Look(zone=self.zone, named=not self.scope.service, placed=not self.scope.environment)

    @property
    def title(self) -> str:
        by = f" by {self.by}" if self.by else ""
        return f"Cost of {self.scope}{by}, {self.period}"


def spending(asked: Asked, accounts: Accounts, changes: Sequence[PastChange], *, notes: str = "") -> Report:
    """The whole answer, by the first source that knows anything of it."""
    statement = answering(asked, accounts)
    found = entries(statement, asked.period)
    statement = replace(statement, source=measured(statement.source, asked.scope, accounts.past))
    mine = _scoped(found, asked.scope)
    own = summed(used(mine))
    if not own:
        return _nothing(asked, statement, accounts)
    parts: list[Part] = [*_split(asked, found, mine)]
    parts += [
        drawn for spent in daily(statement, asked.scope) if (drawn := chart(spent, asked.period, changes, asked.look))
    ]
    parts += _apart(mine)
    parts += _missing(asked, statement, accounts)
    parts += _others(asked, accounts, statement)
    parts.append(Text(text=f"{_foot(asked, statement)} {notes}".strip()))
    parts.append(Command(text=_why(asked), does="find out what made the difference"))
    return Report(title=asked.title, summary=_summary(asked, statement, own), parts=tuple(parts))


def answering(asked: Asked, accounts: Accounts) -> Statement:
    """The first in the order of belief that knows anything of what is asked: a bill need not know services."""
    knowing = (each for each in accounts.statements if summed(used(_scoped(entries(each, asked.period), asked.scope))))
    return next(knowing, accounts.statements[0])


def _scoped(found: Sequence[Entry], scope: Scope) -> tuple[Entry, ...]:
    """What belongs to a scope itself; what is shared and idle in it is told beside it."""
    common = not (scope.service or scope.team)
    return tuple(each for each in found if scope.holds(each.whose) and (common or each.category not in SPREAD))


def _summary(asked: Asked, statement: Statement, own: Sequence[Money]) -> str:
    what = str(asked.scope)
    so_far = " so far" if asked.today in asked.period else ""
    said = f"{what[:1].upper()}{what[1:]} cost {spoken(own)} {in_(asked.period)}{so_far} ({margin(statement.source)})"
    return f"{said}{_against_before(asked, statement)}."


def _against_before(asked: Asked, statement: Statement) -> str:
    """“, €9.20 (8.9 %) more than in October 2026”; of a period that is not over, its final days against as many before."""
    over = final_part(asked.period, statement.final_until)
    if over is None or asked.period.length > _LONG:
        return ""
    before = asked.period.before
    whole = over == asked.period
    if not whole and over.length < before.length:
        before = Period(start=before.start, end=before.start + timedelta(days=over.length))
    was = summed(used(_scoped(entries(statement, before), asked.scope)))
    if not was:
        return f", and nothing is known of it {in_(before)}"
    words = compared(summed(used(_scoped(entries(statement, over), asked.scope))), was)
    if not words:
        return ""
    against = f"{'as ' if words.startswith('as ') else 'than '}{in_(before)}"
    return f", {words} {against}" if whole else f"; {over}: {words} {against}"


def _split(asked: Asked, found: Sequence[Entry], mine: Sequence[Entry]) -> Iterator[Part]:
    """What it was for; and, of more than one service, whose it was."""
    if asked.by != "kind":
        yield from _divided(asked, found, asked.by or _telling(asked.scope))
    yield _by_kind(asked, found, mine)


def _telling(scope: Scope) -> str:
    if not scope.service:
        return "service"
    return "" if scope.environment else "environment"


def _by_kind(asked: Asked, found: Sequence[Entry], mine: Sequence[Entry]) -> Table:
    """Compute, memory, storage, network, shared and idle: for a service or a team the latter two as its part of them."""
    whole = used(mine)
    own = summed(whole)
    lines = [_kind_row(kind, whole, own) for kind in Category if any(each.category is kind for each in whole)]
    lines.append(("together", spoken_exactly(own), "100 %"))
    if asked.scope.service or asked.scope.team:
        parts = [each for each in spread(used(found)) if each.category in SPREAD and asked.scope.holds(each.whose)]
        lines += [
            (f"its part of what is {_KINDS[kind]}", spoken_exactly(part), "beside it")
            for kind in SPREAD
            if (part := summed(each for each in parts if each.category is kind))
        ]
        if parts:
            lines.append(("with these", spoken_exactly(totals((*own, *summed(parts)))), ""))
    return Table(title="What it was for", columns=("kind", "cost", "share"), rows=tuple(lines))


def _kind_row(kind: Category, whole: Sequence[Entry], own: Sequence[Money]) -> tuple[str, str, str]:
    cost = summed(each for each in whole if each.category is kind)
    return _KINDS.get(kind, kind.value), spoken_exactly(cost), _share(cost, own)


def _divided(asked: Asked, found: Sequence[Entry], by: str) -> Iterator[Table]:
    """Rows that add up to the whole: of what is shared and idle each has its part, and what belongs to nobody has a row of its own."""
    if not by:
        return
    parts = [each for each in spread(used(found)) if asked.scope.holds(each.whose)]
    made = rows(parts, lambda each: _name(each, by))
    whole = summed(parts)
    lines = [_cells(row, whole) for row in made]
    if len(lines) > 1:
        columns = {name: summed(each for each in parts if _column(each) == name) for name in ("own", "shared", "idle")}
        sums = (spoken_exactly(columns[name]) if columns[name] else "–" for name in columns)
        lines.append(("together", *sums, spoken_exactly(whole), "100 %"))
    yield Table(
        title=f"By {by}", columns=(by, "its own", "part of shared", "part of idle", "cost", "share"), rows=tuple(lines)
    )


def _column(entry: Entry) -> str:
    return entry.category.value if entry.category in SPREAD else "own"


def _cells(row: Row, whole: Sequence[Money]) -> tuple[str, ...]:
    amounts = (spoken_exactly(part) if part else "–" for part in (row.own, row.shared, row.idle))
    return row.name, *amounts, spoken_exactly(row.whole), _share(row.whole, whole)


def _name(entry: Entry, by: str) -> str:
    """Under which name something is told."""
    whose = entry.whose
    if by == "environment":
        return whose.environment or UNALLOCATED
    if not whose.known:
        return _KINDS[entry.category] if entry.category in SPREAD else UNALLOCATED
    if by == "team":
        return whose.team or NO_TEAM
    if by == "project":
        return whose.project or "(no project)"
    return whose.service or UNALLOCATED


def _apart(mine: Sequence[Entry]) -> Iterator[Part]:
    """Credits, refunds and tax are in no sum of usage."""
    said = [
        f"{kind.value} {spoken_exactly(cost)}"
        for kind in (Category.CREDIT, Category.REFUND, Category.TAX)
        if (cost := summed(each for each in mine if each.category is kind))
    ]
    if said:
        yield Text(text=f"Not in these sums: {', '.join(said)}.")


def _missing(asked: Asked, statement: Statement, accounts: Accounts) -> Iterator[Part]:
    """What is not known, so that nobody takes the sum for more than it is."""
    for text in (*statement.partial, *accounts.troubles):
        yield Finding(text=text, severity="warning")
    days = _whole_days(statement)
    known = [bucket for bucket, amount in days if amount and bucket.start in asked.period]
    if known and known[0].start > asked.period.start:
        yield Finding(
            text=f"Nothing is known before {Period(start=known[0].start, end=known[0].end)}.", severity="warning"
        )
    holes = [bucket for bucket, amount in days if not amount and _between(bucket, known)]
    if holes:
        some = ", ".join(str(each) for each in holes[:3]) + (f" and {len(holes) - 3} more" if len(holes) > 3 else "")
        yield Finding(text=f"Not known at all, and in no sum: {some}.", severity="warning")


def _whole_days(statement: Statement) -> Sequence[tuple[Period, bool]]:
    """Each bucket with whether anything of it is known."""
    return list(zip(statement.buckets, known_buckets(statement), strict=True))


def _between(bucket: Period, known: Sequence[Period]) -> bool:
    return bool(known) and known[0].end <= bucket.start and bucket.end <= known[-1].start


def _others(asked: Asked, accounts: Accounts, statement: Statement) -> Iterator[Part]:
    """What further sources say: never added, and worth a word because they should agree."""
    for other in accounts.statements:
        if other.source.name == statement.source.name:
            continue
        cost = summed(used(_scoped(entries(other, asked.period), asked.scope)))
        if cost:
            yield Text(text=f"{other.source.name} says {spoken(cost)} ({margin(other.source)}).")


def _nothing(asked: Asked, statement: Statement, accounts: Accounts) -> Report:
    summary = f"Nothing is known of what {asked.scope} cost {in_(asked.period)}."
    parts = (*_missing(asked, statement, accounts), Text(text=_foot(asked, statement)))
    return Report(title=asked.title, summary=summary, parts=parts)


def _foot(asked: Asked, statement: Statement) -> str:
    said = [open_days(statement, asked.period, asked.today), origin(statement.source, asked.now)]
    if statement.currencies[1:]:
        said.append("Amounts in different currencies are never added.")
    return " ".join(each for each in said if each)


def _why(asked: Asked) -> str:
    scope = asked.scope
    words = [
        scope.service,
        f"team {scope.team}" if scope.team else "",
        f"in {scope.environment}" if scope.environment else "",
    ]
    period = f"{asked.period.start}..{asked.period.last}"
    return " ".join(["cost-change", *(each for each in words if each), period])


def _share(part: Sequence[Money], whole: Sequence[Money]) -> str:
    """“12 %”; nothing where there are several currencies."""
    if len(part) != 1 or len(whole) != 1:
        return "–"
    share = part[0].share(whole[0])
    return "–" if share is None else percent(share)


def spoken_exactly(amounts: Sequence[Money]) -> str:
    """To the smallest coin, for tables."""
    return " + ".join(str(each) for each in amounts) or "–"
