"""Why a period cost more or less than the one before, as an answer: causes that add up to the cent, and who did what meanwhile."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from skills.core.money import Currency, Money, coin
from skills.core.periods import Period, day_of
from skills.core.ports.costs import Accounts, Category, Statement
from skills.core.ports.past_changes import Done, PastChange
from skills.core.report import Finding, Part, Report, Table, Text
from skills.costing.account import SPREAD, Entry, daily, entries, final_part, summed, used
from skills.costing.changing import Cause, Change, Effect, Item, explain
from skills.costing.picturing import chart, said
from skills.costing.spending import Asked, answering
from skills.costing.telling import compared, in_, margin, open_days, origin

_MOST = 10
_SUSPECTS = 5
_WORDS: Mapping[Cause, str] = {
    Cause.DAYS: "longer or shorter period", Cause.AMOUNT: "more or less of it", Cause.MIX: "dearer or cheaper kinds of it",
    Cause.PRICE: "another price", Cause.NEW: "new", Cause.GONE: "gone", Cause.OTHER: "not counted in units",
}  # fmt: skip
_BY_CHANGE = (Cause.AMOUNT, Cause.NEW, Cause.GONE, Cause.MIX)
"""What somebody's change brings about, as a rule; a price is the vendor's, and the length of a month nobody's."""


@dataclass(frozen=True, kw_only=True)
class Compared:
    """Two periods of which the days are final, and what each cost."""

    before: Period
    after: Period
    then: tuple[Entry, ...]
    now: tuple[Entry, ...]


def comparison(asked: Asked, statement: Statement) -> Compared | None:
    """The final days of the period, against the calendar's period before or as many of its first days; None where no day is final."""
    after = final_part(asked.period, statement.final_until)
    if after is None:
        return None
    before = asked.period.before
    if after != asked.period and after.length < before.length:
        before = Period(start=before.start, end=before.start + timedelta(days=after.length))
    then, now = (_scoped(entries(statement, each), asked) for each in (before, after))
    return Compared(before=before, after=after, then=then, now=now)


def difference(asked: Asked, accounts: Accounts, changes: Sequence[PastChange]) -> Report:
    """The whole answer, for the currency in which most is paid; others are named."""
    statement = answering(asked, accounts)
    title = f"Why {asked.scope} cost what it did {in_(asked.period)}"
    found = comparison(asked, statement)
    if found is None:
        summary = f"No day of {asked.period} is final yet, so there is nothing to compare."
        return Report(title=title, summary=summary, parts=(Text(text=_foot(asked, statement)),))
    was, is_ = summed(found.then), summed(found.now)
    if not was or not is_:
        missing = found.before if not was else found.after
        summary = f"Nothing is known of what {asked.scope} cost {in_(missing)}, so there is nothing to compare."
        return Report(title=title, summary=summary, parts=(Text(text=_foot(asked, statement)),))
    currency = is_[0].currency
    change = _explained(found, currency)
    suspects = _suspects(change, found, changes)
    parts: list[Part] = [*_accused(suspects, asked, currency), _by_cause(change, currency), *_by_item(change, currency)]
    for spent in daily(statement, asked.scope):
        both = Period(start=found.before.start, end=max(found.after.end, asked.period.end))
        if spent.currency == currency and (drawn := chart(spent, both, changes, asked.look)):
            parts.append(drawn)
    parts += [Finding(text=text, severity="warning") for text in (*statement.partial, *accounts.troubles)]
    parts.append(Text(text=_foot(asked, statement, others=[each.currency for each in is_[1:]])))
    return Report(title=title, summary=_summary(asked, statement, found, change, currency), parts=tuple(parts))


def _scoped(found: Sequence[Entry], asked: Asked) -> tuple[Entry, ...]:
    common = not (asked.scope.service or asked.scope.team)
    mine = (each for each in used(found) if asked.scope.holds(each.whose))
    # What comes to nothing is not there: so it is new where it begins, and gone where it ends.
    return tuple(each for each in mine if (common or each.category not in SPREAD) and (each.cost or each.quantity))


def _explained(found: Compared, currency: Currency) -> Change:
    then, now = ([_item(each) for each in side if each.currency == currency] for side in (found.then, found.now))
    return explain(then, now, days=(found.before.length, found.after.length), coin=coin(currency))


def _item(entry: Entry) -> Item:
    """Only kinds of one thing stand for each other (classes of storage, types of machines), so only they can be a mix."""
    whose = entry.whose
    unit = f"{whose.service}/{whose.environment}/{entry.category.value}/{entry.unit}" if entry.unit else ""
    return Item(name=_name(entry), cost=entry.cost, unit=unit, amount=entry.quantity)


def _name(entry: Entry) -> str:
    """“checkout in production: compute”, the same in both periods."""
    whose, what = entry.whose, entry.category.value
    if entry.category is Category.SHARED:
        who = f"{entry.item}, shared"
        return f"{who} in {whose.environment}: {entry.unit or 'cost'}" if whose.environment else who
    if entry.category in (Category.UNALLOCATED, Category.OTHER, Category.STORAGE) and entry.item:
        what = entry.item if entry.category is not Category.STORAGE else f"storage {entry.item}"
    elif entry.unit == "GiB" and entry.category is Category.NETWORK:
        what = "traffic"
    elif entry.unit == "load-balancer-hours":
        what = "load balancer"
    who = whose.service or (
        f"team {whose.team}" if whose.team else "nobody's" if entry.category is not Category.IDLE else "nodes"
    )
    unit = f" ({entry.unit})" if entry.category is Category.UNALLOCATED and entry.unit else ""
    return f"{who} in {whose.environment}: {what}{unit}" if whose.environment else f"{who}: {what}{unit}"


def _summary(asked: Asked, statement: Statement, found: Compared, change: Change, currency: Currency) -> str:
    after, before = (Money(amount=each, currency=currency) for each in (change.after, change.before))
    what = str(asked.scope)
    words = compared((after,), (before,))
    head = f"{what[:1].upper()}{what[1:]} cost {after.brief} {in_(found.after)} ({margin(statement.source)})"
    if words == "as much":
        return f"{head}, as much as {in_(found.before)}."
    mostly = [each for each in change.effects if (each.cost > 0) == (change.after > change.before)][:1]
    because = (
        f", mostly {mostly[0].item} ({_WORDS[mostly[0].cause]}, {_signed(mostly[0].cost, currency)})" if mostly else ""
    )
    return f"{head}, {words} than {in_(found.before)}{because}."


def _by_cause(change: Change, currency: Currency) -> Table:
    causes = sorted(change.by_cause.items(), key=lambda each: -abs(each[1]))
    lines = [(_WORDS[cause], _exactly(cost, currency)) for cause, cost in causes]
    lines.append(("together", _exactly(change.after - change.before, currency)))
    return Table(title="Why", columns=("cause", "difference"), rows=tuple(lines))


def _by_item(change: Change, currency: Currency) -> Iterator[Table]:
    """The largest effects; the others as one line, so that it adds up."""
    if not change.effects:
        return
    lines = [(each.item, _WORDS[each.cause], _exactly(each.cost, currency)) for each in change.effects[:_MOST]]
    if rest := change.effects[_MOST:]:
        left = sum((each.cost for each in rest), Decimal())
        lines.append((f"{len(rest)} smaller ones", "", _exactly(left, currency)))
    yield Table(title="Where", columns=("what", "cause", "difference"), rows=tuple(lines))


def _suspects(change: Change, found: Compared, changes: Sequence[PastChange]) -> list[tuple[PastChange, Decimal]]:
    """What was done to the things that moved, each with what its service's effects come to; the largest first."""
    moved: dict[tuple[str, str], Decimal] = {}
    names = {_name(each): (each.whose.service, each.whose.environment) for each in (*found.then, *found.now)}
    for effect in change.effects:
        if effect.cause in _BY_CHANGE and _is_up_to_people(effect):
            moved[names[effect.item]] = moved.get(names[effect.item], Decimal()) + effect.cost
    suspects = [
        (each, moved[each.service, each.environment])
        for each in changes
        if moved.get((each.service, each.environment)) and each.done is not Done.OTHER
    ]
    return sorted(suspects, key=lambda pair: (pair[0].done is Done.DEPLOY, -abs(pair[1]), pair[0].at))[:_SUSPECTS]


def _is_up_to_people(effect: Effect) -> bool:
    """Traffic and what is idle follow from other things."""
    return not effect.item.endswith((": idle", ": traffic"))


def _accused(suspects: Sequence[tuple[PastChange, Decimal]], asked: Asked, currency: Currency) -> Iterator[Finding]:
    for change, cost in suspects:
        day = day_of(change.at, asked.zone)
        by = f" by {change.by}" if change.by else ""
        likely = change.done is not Done.DEPLOY
        yield Finding(
            text=f"{said(change, named=True, placed=True)} on {day.day} {day:%B}{by}",
            since=change.at,
            confidence="likely" if likely else "possible",
            evidence=(f"what it reserved and kept there makes {_exactly(cost, currency)} of the difference",),
        )


def _signed(cost: Decimal, currency: Currency) -> str:
    return Money(amount=cost, currency=currency).signed


def _exactly(cost: Decimal, currency: Currency) -> str:
    amount = Money(amount=cost, currency=currency)
    return f"+{amount}" if cost > 0 else str(amount)


def _foot(asked: Asked, statement: Statement, others: Sequence[Currency] = ()) -> str:
    said_ = [open_days(statement, asked.period, asked.today), origin(statement.source, asked.now)]
    if others:
        said_.append(
            f"What was paid in {' and '.join(others)} is not in it: amounts in different currencies are never added."
        )
    return " ".join(each for each in said_ if each)
