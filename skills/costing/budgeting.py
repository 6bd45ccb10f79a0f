"""How a budget stands: what of it is spent, by whom, what is foreseen until its period ends, and what of that is worth telling."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from skills.core.budget import Budget
from skills.core.cost_delta import percent
from skills.core.errors import Unavailable
from skills.core.money import Money
from skills.core.periods import Period, around
from skills.core.ports.costs import Accounts
from skills.core.ports.forecasting import Forecaster
from skills.costing.account import SPREAD, Daily, Scope, daily, entries, rows, used
from skills.costing.foreseeing import foresee
from skills.costing.foretelling import amount_of, known_days, least

_MOST_SPENDERS = 3


@dataclass(frozen=True, kw_only=True)
class Foreseen:
    """What the whole period is going to cost, nine of ten times from `low` to `high`."""

    low: Money
    expected: Money
    high: Money


@dataclass(frozen=True, kw_only=True)
class Standing:
    """One budget on one day. `foreseen` is None where nobody can tell, `unseen` are currencies that are paid as well and are not in it."""

    budget: Budget
    period: Period
    spent: Money
    foreseen: Foreseen | None
    spenders: tuple[tuple[str, Money], ...] = ()
    unseen: tuple[str, ...] = ()

    @property
    def share(self) -> Decimal:
        """What part of it is spent; all of it where it is nothing and something was."""
        share = self.spent.share(self.budget.amount)
        return share if share is not None else Decimal(bool(self.spent.amount))

    @property
    def left(self) -> Money:
        return self.budget.amount - self.spent

    @property
    def reached(self) -> int | None:
        """The highest threshold that was crossed."""
        return max((each for each in self.budget.alerts if self.share * 100 >= each), default=None)

    @property
    def foreseen_beyond(self) -> bool:
        """Is it going to be exceeded, more likely than not, and is not yet?"""
        return (
            self.foreseen is not None
            and self.foreseen.expected > self.budget.amount
            and not self.spent > self.budget.amount
        )


def history(budget: Budget, today: date) -> Period:
    """The days that have to be known: the period so far, and enough before to foresee the rest."""
    start = min(around(today, budget.per).start, today - timedelta(days=200))
    return Period(start=start, end=today + timedelta(days=1))


async def stand(budget: Budget, accounts: Accounts, forecaster: Forecaster, today: date) -> Standing:
    """From the first statement, in the budget's currency alone: nothing is converted."""
    statement, period = accounts.statements[0], around(today, budget.per)
    scope = Scope(service=budget.service, environment=budget.environment, team=budget.team)
    found = daily(statement, scope)
    currency = budget.amount.currency
    mine = next((each for each in found if each.currency == currency), None)
    spent = _spent(mine, period) if mine else Decimal()
    return Standing(
        budget=budget,
        period=period,
        spent=Money(amount=spent, currency=currency),
        foreseen=await _foreseen(mine, statement.final_until, period, forecaster) if mine else None,
        spenders=_spenders(accounts, scope, period, budget),
        unseen=tuple(str(each.currency) for each in found if each.currency != currency),
    )


def _spent(spent: Daily, period: Period, until: date | None = None) -> Decimal:
    return sum(
        (
            amount
            for bucket, amount in zip(spent.buckets, spent.amounts, strict=True)
            if amount is not None and bucket.start in period and (until is None or bucket.end <= until)
        ),
        Decimal(),
    )


async def _foreseen(spent: Daily, final_until: date, period: Period, forecaster: Forecaster) -> Foreseen | None:
    days = known_days(spent, final_until)
    if not days or days[-1][0] >= period.last:
        return None
    try:
        found = await foresee(days, forecaster, until=[period.end], since=period.start, least=least(days))
    except Unavailable:
        return None
    if found is None:
        return None
    paid, (ahead,) = _spent(spent, period, final_until), found.sums
    low, expected, high = (
        Money(amount=paid + amount_of(each), currency=spent.currency)
        for each in (ahead.low, ahead.expected, ahead.high)
    )
    return Foreseen(low=low, expected=expected, high=high)


def _spenders(accounts: Accounts, scope: Scope, period: Period, budget: Budget) -> tuple[tuple[str, Money], ...]:
    """Those who spent most of it: services, or of one service its environments."""
    inside = [
        each
        for each in used(entries(accounts.statements[0], period))
        if scope.holds(each.whose) and each.category not in SPREAD and each.currency == budget.amount.currency
    ]
    by = rows(
        inside,
        lambda each: (each.whose.environment if scope.service else each.whose.service) or "what belongs to nobody",
    )
    return tuple((row.name, row.whole[0]) for row in by[:_MOST_SPENDERS] if row.whole)


def scope_words(budget: Budget) -> str:
    return str(Scope(service=budget.service, environment=budget.environment, team=budget.team))


def sentence(standing: Standing) -> str:
    """“everything: €412 of €500 are spent (82 %), foreseen are €540 (from €510 to €575) in December 2026.”"""
    budget, ahead = standing.budget, standing.foreseen
    foreseen = (
        f"; foreseen are {ahead.expected.brief} (nine of ten times from {ahead.low.brief} to {ahead.high.brief})"
        if ahead
        else ""
    )
    return f"{budget.name} ({scope_words(budget)}, {standing.period}): {standing.spent.brief} of {budget.amount.brief} are spent, {percent(standing.share)}{foreseen}."


def who(standing: Standing) -> str:
    """“Most of it was spent by search (€210) and web (€120).”"""
    if not standing.spenders:
        return "Who spent it is not known."
    names: Sequence[str] = [f"{name} ({amount.brief})" for name, amount in standing.spenders]
    head = ", ".join(names[:-1])
    return f"Most of it was spent by {f'{head} and ' if head else ''}{names[-1]}."
