"""What the price on a card takes: reading the differences of a plan, and saying what they come to. Beside it, the proposal that it is part of.

Then a year of a simulated cluster of 5,000 pods (500 services) by the price sheet.
"""

import asyncio
import secrets
import tempfile
import time
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.pricing import Pricing
from bot.usecases.answers import Proposed
from skills.core.money import currency
from skills.core.periods import Period
from skills.core.ports.costs import Whose
from skills.core.ports.usage import Amounts, Consumption, Measure
from skills.costing.prices import PriceSheet, priced
from tests.bench.figures import show_times
from tests.support.worlds import open_office

TIMES, PROPOSALS, SERVICES, DAYS = 1_000, 20, 500, 365
TARGET_DELTA, TARGET_YEAR = 20.0, 1_000.0
"""Milliseconds: what a card may take longer, and what a year may take."""


async def show_delta() -> None:
    with tempfile.TemporaryDirectory() as folder:
        async with open_office(Path(folder)) as office:
            whole, taken = [], []
            for _ in range(PROPOSALS):
                started = time.perf_counter()
                answer = await office.say("dev", "scale checkout to 9 in staging", key=secrets.token_hex(8))
                whole.append(time.perf_counter() - started)
                assert isinstance(answer, Proposed), answer
            price = Pricing(office.world.configuration.prices, office.world.workloads.seen)  # type: ignore[attr-defined]
            for _ in range(TIMES):
                started = time.perf_counter()
                found = price(answer.proposal.plan)
                taken.append(time.perf_counter() - started)
                assert found is not None
                assert found.known
    show_times("cost: a proposal, price included", whole)
    show_times("cost: the price on a card", taken, target_ms=TARGET_DELTA)


def show_year() -> None:
    zone, start = UTC, date(2025, 1, 1)
    days = tuple(Period(start=start + timedelta(days=n), end=start + timedelta(days=n + 1)) for n in range(DAYS))
    sheet = PriceSheet(currency=currency("EUR"), cpu_hour=Decimal("0.0312"), memory_hour=Decimal("0.0042"))
    amounts = tuple(
        Amounts(whose=Whose(service=f"s{n}", environment="production"), measure=measure, amounts=(Decimal(size * 240),) * DAYS)
        for n in range(SERVICES)
        for measure, size in (
            (Measure.CPU_RESERVED, 1), (Measure.CPU_USED, 1), (Measure.MEMORY_RESERVED, 2), (Measure.MEMORY_USED, 2)
        )
    )  # fmt: skip
    year = Consumption(
        source="simulated", zone="UTC", read_at=datetime.now(UTC), period=Period(start=start, end=days[-1].end), buckets=days, amounts=amounts
    )  # fmt: skip
    taken = []
    for _ in range(5):
        started = time.perf_counter()
        found = priced(year, sheet, zone=zone)
        taken.append(time.perf_counter() - started)
        assert len(found.lines) == 2 * SERVICES
    show_times("cost: a year of 5,000 pods by the price sheet", taken, target_ms=TARGET_YEAR)


if __name__ == "__main__":
    asyncio.run(show_delta())
    show_year()
