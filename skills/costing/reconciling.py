"""How far estimates were off: the sums of a month against what was billed for it in the end, for everything and for each service.

An error bar is the farthest that the last six comparisons were off, as a share of the bill. That is more than most were off, on purpose:
with so few of them, a quantile between them would be a guess.
"""

from collections.abc import Iterator, Sequence
from decimal import Decimal

from skills.core.money import Money
from skills.core.periods import Period
from skills.core.ports.costs import SPREADABLE, Reconciled, Statement
from skills.costing.account import Entry, entries, summed, used

COMPARED = 6
"""So many of the last comparisons count."""


def comparisons(estimate: Statement, bill: Statement, period: Period, *, source: str) -> Iterator[Reconciled]:
    """What both know of a period that is final in both; of services only those that the bill knows. Nothing where currencies differ."""
    if period.end > min(estimate.final_until, bill.final_until):
        return
    ours, theirs = (used(entries(each, period)) for each in (estimate, bill))
    yield from _compared("", ours, theirs, period, source)
    for service in sorted({each.whose.service for each in theirs} - {""}):
        mine, billed = ([each for each in side if _direct(each, service)] for side in (ours, theirs))
        yield from _compared(service, mine, billed, period, source)


def error(past: Sequence[Reconciled], scope: str = "") -> Decimal | None:
    """The share by which estimates of this may be off; None where there is nothing to compare. `past` is newest first."""
    off = [each.off for each in past if each.scope == scope][:COMPARED]
    known = [each for each in off if each is not None]
    return max(known) if known else None


def _direct(entry: Entry, service: str) -> bool:
    return entry.whose.service == service and entry.category not in SPREADABLE


def _compared(
    scope: str, ours: Sequence[Entry], theirs: Sequence[Entry], period: Period, source: str
) -> Iterator[Reconciled]:  # fmt: skip
    mine, billed = summed(ours), summed(theirs)
    if len(mine) == 1 and len(billed) == 1 and mine[0].currency == billed[0].currency and billed[0].amount > 0:
        yield Reconciled(
            period=period, estimated=_exact(mine[0]), billed=_exact(billed[0]), source=source, scope=scope
        )  # fmt: skip


def _exact(amount: Money) -> Money:
    return amount.rounded()
