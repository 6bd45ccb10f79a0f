"""Comparing estimates with bills, month by month, as bills come in: so that error bars are measured and not promised."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime

import structlog

from bot.store.cost_books import ReconciledPeriods
from skills.core.errors import Anticipated
from skills.core.periods import Period, Unit, around, months_after
from skills.core.ports.costs import Costs, Granularity, Wanted
from skills.costing.reconciling import COMPARED, comparisons

log = structlog.get_logger()


@dataclass(frozen=True, kw_only=True)
class Reconciler:
    """`estimates` under the name by which their errors are kept, against `bill`. May be repeated; a month is compared again while its bill may be corrected."""

    name: str
    estimates: Costs
    bill: Costs
    kept: ReconciledPeriods
    clock: Callable[[], datetime]

    async def note(self) -> int:
        """Compare the months of which that was not done yet; how many comparisons were written down. What does not answer is tried again."""
        today = self.clock().date()
        done = {each.period for each in await self.kept.past(self.name) if not each.scope}
        written = 0
        for month in _months(today):
            if month in done:
                continue
            try:
                wanted = Wanted(period=month, granularity=Granularity.MONTH)
                ours, theirs = await self.estimates.statement(wanted), await self.bill.statement(wanted)
            except Anticipated as problem:
                log.info("a month was not reconciled", month=str(month), problem=str(problem))
                continue
            for found in comparisons(ours, theirs, month, source=self.name):
                await self.kept.keep(found)
                written += 1
        return written


def _months(today: date) -> list[Period]:
    """The last ones that are over, oldest first."""
    here = around(today, Unit.MONTH).start
    return [around(months_after(here, -back), Unit.MONTH) for back in range(COMPARED, 0, -1)]
