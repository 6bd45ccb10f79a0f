"""Amounts of things become amounts of money, to the cent, and nothing is hidden on the way."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from skills.core.money import currency
from skills.core.periods import Period
from skills.core.ports.costs import Category, Line, Whose
from skills.core.ports.usage import Amounts, Consumption, Measure
from skills.costing.prices import Priced, PriceSheet, priced

SHEET = PriceSheet(
    currency=currency("EUR"), cpu_hour=Decimal("0.03"), memory_hour=Decimal("0.004"), storage_month={"default": Decimal("0.10")},
    load_balancer_hour=Decimal("0.025"), node_hour={"big": Decimal(1)}, factors={"staging": Decimal("0.5")},
)  # fmt: skip
WEB, HERE = Whose(service="web", environment="production", team="shop"), Whose(environment="production")


def used(
    *amounts: Amounts, start: str = "2026-02-01", days: int = 2, zone: str = "UTC", sheet: PriceSheet = SHEET
) -> Priced:
    first = date.fromisoformat(start)
    buckets = tuple(Period(start=first + timedelta(days=n), end=first + timedelta(days=n + 1)) for n in range(days))
    period = Period(start=first, end=buckets[-1].end)
    consumption = Consumption(
        source="a test", zone=zone, read_at=datetime(2026, 3, 1, tzinfo=UTC), period=period, buckets=buckets, amounts=amounts
    )  # fmt: skip
    return priced(consumption, sheet, zone=ZoneInfo(zone))


def had(measure: Measure, *amounts: str | None, whose: Whose = WEB, item: str = "", shared: bool = False) -> Amounts:
    numbers = tuple(None if each is None else Decimal(each) for each in amounts)
    return Amounts(whose=whose, measure=measure, amounts=numbers, item=item, shared=shared)


def only(found: Priced) -> Line:
    (line,) = found.lines
    return line


def test_what_is_reserved_counts_or_what_is_used_where_that_is_more() -> None:
    line = only(used(had(Measure.CPU_RESERVED, "24", "24"), had(Measure.CPU_USED, "10", "48")))
    assert (line.category, line.amounts, line.quantities) == (
        Category.COMPUTE, (Decimal("0.72"), Decimal("1.44")), (Decimal(24), Decimal(48))
    )  # fmt: skip


def test_a_day_that_was_not_measured_stays_unknown() -> None:
    assert only(used(had(Measure.MEMORY_USED, None, "100"))).amounts == (None, Decimal("0.400"))


def test_what_belongs_to_nobody_is_unallocated_and_what_serves_everybody_is_shared() -> None:
    found = used(
        had(Measure.CPU_RESERVED, "1", "1", whose=HERE, item="stray"),
        had(Measure.CPU_RESERVED, "1", "1", whose=HERE, item="ingress", shared=True),
    )
    assert {(line.item, line.category) for line in found.lines} == {
        ("stray", Category.UNALLOCATED), ("ingress", Category.SHARED)
    }  # fmt: skip


def test_what_nodes_cost_beyond_what_is_reserved_is_idle_and_never_less_than_nothing() -> None:
    found = used(had(Measure.NODES, "24", "0.1", whose=HERE, item="big"), had(Measure.CPU_RESERVED, "100", "100"))
    idle = next(line for line in found.lines if line.category is Category.IDLE)
    assert idle.amounts == (Decimal("21.00"), Decimal(0))
    assert sum(line.amounts[0] or 0 for line in found.lines) == Decimal(24)


def test_storage_kept_for_a_whole_month_costs_a_month_however_long_it_is() -> None:
    for start, days, zone in (
        ("2026-02-01", 28, "UTC"),
        ("2026-03-01", 31, "Europe/Berlin"),
        ("2026-10-01", 31, "Europe/Berlin"),
    ):
        first = date.fromisoformat(start)
        hours = [
            Period(start=first + timedelta(days=n), end=first + timedelta(days=n + 1)).hours(ZoneInfo(zone))
            for n in range(days)
        ]
        kept = had(Measure.STORAGE, *(str(10 * each) for each in hours), item="default")
        assert round(only(used(kept, start=start, days=days, zone=zone)).known, 9) == Decimal(1)


def test_an_environment_pays_its_share() -> None:
    staging = Whose(service="web", environment="staging")
    assert only(used(had(Measure.CPU_RESERVED, "100", "0", whose=staging))).known == Decimal("1.500")


def test_what_has_no_price_is_said_to_have_none() -> None:
    found = used(had(Measure.TRAFFIC_OUT, "5", "5"), had(Measure.NODES, "24", "24", whose=HERE, item="tiny"))
    assert found.lines == ()
    assert found.partial == (
        "The price sheet has no price for outgoing traffic, so it is not in these sums.",
        "The price sheet has no price for nodes of type tiny, so it is not in these sums.",
    )


def test_a_load_balancer_is_network() -> None:
    line = only(used(had(Measure.LOAD_BALANCERS, "24", "24")))
    assert (line.category, line.unit, line.known) == (Category.NETWORK, "load-balancer-hours", Decimal("1.200"))
