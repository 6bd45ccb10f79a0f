"""What things cost by a price sheet: satisfies `Costs` with whoever knows what was reserved and used."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from skills.core.periods import Period, day_of
from skills.core.ports.costs import Basis, Granularity, Line, Source, Statement, Wanted
from skills.core.ports.usage import Usage
from skills.costing.monthly import by_month
from skills.costing.prices import PriceSheet, priced

NAME = "price sheet"


@dataclass(frozen=True, kw_only=True)
class PriceSheetCosts:
    """Estimates for as far back as `usage` knows. Today is not over, and what is measured late may still change yesterday."""

    usage: Usage
    sheet: PriceSheet
    clock: Callable[[], datetime]

    async def statement(self, wanted: Wanted) -> Statement:
        """What was had, at the prices of the sheet. Raises `Unavailable` where nobody says what was had."""
        had = await self.usage.consumption(wanted)
        zone = ZoneInfo(had.zone)
        found = priced(had, self.sheet, zone=zone)
        yesterday = day_of(self.clock(), zone) - timedelta(days=1)
        buckets: tuple[Period, ...] = had.buckets
        lines: tuple[Line, ...] = found.lines
        if wanted.granularity is Granularity.MONTH:
            buckets, lines = by_month(buckets, lines)
        return Statement(
            source=Source(
                name=f"{NAME} × {had.source}",
                basis=Basis.ESTIMATE,
                zone=had.zone,
                read_at=had.read_at,
                error=self.sheet.error,
            ),
            period=wanted.period,
            granularity=wanted.granularity,
            buckets=buckets,
            lines=lines,
            final_until=yesterday,
            partial=found.partial,
        )
