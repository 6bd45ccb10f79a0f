"""The book of costs on both databases: an hour is written once whoever looks, days add up, and what is thin is said."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from bot.store import Store
from bot.usecases.cost_recording import CostRecorder, RecordedCosts
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Unavailable
from skills.core.money import currency, money
from skills.core.names import EnvironmentName, ServiceName
from skills.core.periods import Period
from skills.core.ports.costs import Category, Granularity, Reconciled, Wanted
from skills.core.ports.workloads import Place, Size, Workload
from skills.costing.prices import PriceSheet

SHEET = PriceSheet(currency=currency("EUR"), cpu_hour=Decimal("0.03"), shared_namespaces=("ingress",))
START = datetime(2026, 11, 2, tzinfo=UTC)


class Cluster:
    """One deployment of `replicas`, and one that belongs to nobody."""

    def __init__(self) -> None:
        self.replicas, self.down = 2, False

    async def list(self, environment: str) -> Sequence[Workload]:
        if self.down:
            raise Unavailable("The cluster does not answer.")
        return [
            Workload(
                place=Place(environment=environment, namespace="prod", name=name), uid=name, revision=1, containers=(), template="t",
                replicas=replicas, size=Size(cpu=Decimal(1)),
            )
            for name, replicas in (("web", self.replicas), ("stray", 1))
        ]  # fmt: skip

    async def get(self, place: Place) -> Workload:
        raise AssertionError("nothing lives elsewhere")

    async def revisions(self, place: Place) -> Sequence[object]:
        raise AssertionError("nobody asks")


class World:
    """A recorder and its reader over one store, with a clock to be turned."""

    def __init__(self, store: Store, *, zone: str = "UTC") -> None:
        self.now, self.cluster, self.zone, self.store = START, Cluster(), ZoneInfo(zone), store
        self.sheet = SHEET

    def recorder(self, owner: str = "shop") -> CostRecorder:
        catalog = Catalog(
            declared=(Service(name=ServiceName("web"), owner=owner),),
            environments=(Environment(name=EnvironmentName("production"), namespace="prod"),), people=(),
        )  # fmt: skip
        return CostRecorder(
            environments=("production",), workloads=self.cluster, catalog=catalog, sheet=self.sheet, book=self.store.priced_days,
            clock=lambda: self.now, zone=self.zone,
        )  # fmt: skip

    @property
    def costs(self) -> RecordedCosts:
        return RecordedCosts(
            environments=("production",),
            sheet=self.sheet,
            book=self.store.priced_days,
            clock=lambda: self.now,
            zone=self.zone,
        )

    async def hours(self, count: int, owner: str = "shop") -> None:
        for _ in range(count):
            await self.recorder(owner).note()
            self.now += timedelta(hours=1)


def wanted(days: int, *, start: date = date(2026, 11, 2), granularity: Granularity = Granularity.DAY) -> Wanted:
    return Wanted(period=Period(start=start, end=start + timedelta(days=days)), granularity=granularity)


async def amounts(world: World, days: int, **narrowed: str) -> dict[tuple[str, str], tuple[Decimal | None, ...]]:
    found = await world.costs.statement(wanted(days))
    return {
        (line.whose.service, line.whose.team): line.amounts
        for line in found.lines
        if line.whose.service or not narrowed
    }


async def test_history_grows_by_the_hour_and_days_to_come_are_not_known(store: Store) -> None:
    world = World(store)
    await world.hours(24)
    world.cluster.replicas = 4
    await world.hours(6)
    assert await amounts(world, 3) == {
        ("web", "shop"): (Decimal("1.44"), Decimal("0.72"), None),
        ("", ""): (Decimal("0.72"), Decimal("0.18"), None),
    }
    found = await world.costs.statement(wanted(3))
    assert found.final_until == date(2026, 11, 3)
    assert [line.category for line in found.lines] == [Category.COMPUTE, Category.UNALLOCATED]
    assert found.partial == ()


async def test_of_many_who_look_at_once_one_writes_an_hour(store: Store) -> None:
    world = World(store)
    written = await asyncio.gather(*(world.recorder().note() for _ in range(8)))
    assert sum(written) == 1
    assert (await amounts(world, 1))["web", "shop"] == (Decimal("0.06"),)


async def test_a_cluster_that_is_down_is_tried_again_and_leaves_the_hour_open(store: Store) -> None:
    world = World(store)
    world.cluster.down = True
    assert await world.recorder().note() == 0
    world.cluster.down = False
    assert await world.recorder().note() == 1


async def test_a_thin_day_is_worked_out_and_said_and_one_that_is_too_thin_is_unknown(store: Store) -> None:
    world = World(store)
    await world.hours(18)
    world.now = START + timedelta(days=1)
    await world.hours(6)
    world.now = START + timedelta(days=2)
    await world.hours(1)
    assert (await amounts(world, 3))["web", "shop"] == (Decimal("1.44"), None, Decimal("0.06"))
    (said,) = (await world.costs.statement(wanted(3))).partial
    assert said.endswith("production 2 November (18 h), production 3 November (6 h).")


async def test_a_price_that_changes_does_not_change_the_past(store: Store) -> None:
    world = World(store)
    await world.hours(24)
    world.sheet = PriceSheet(currency=currency("EUR"), cpu_hour=Decimal("0.06"))
    await world.hours(24)
    (web,) = [line for line in (await world.costs.statement(wanted(2))).lines if line.whose.service]
    assert (web.amounts, web.quantities) == ((Decimal("1.44"), Decimal("2.88")), (Decimal(48), Decimal(48)))


async def test_what_changes_hands_at_noon_has_two_lines(store: Store) -> None:
    world = World(store)
    await world.hours(12)
    await world.hours(12, owner="payments")
    assert await amounts(world, 1, named="yes") == {
        ("web", "shop"): (Decimal("0.72"),),
        ("web", "payments"): (Decimal("0.72"),),
    }


@pytest.mark.parametrize(("day", "hours"), [(date(2026, 3, 29), 23), (date(2026, 10, 25), 25)])
async def test_days_on_which_clocks_change_have_all_their_hours(store: Store, day: date, hours: int) -> None:
    world = World(store, zone="Europe/Berlin")
    world.now = datetime(day.year, day.month, day.day, tzinfo=world.zone).astimezone(UTC)
    await world.hours(hours)
    found = await world.costs.statement(wanted(1, start=day))
    (web,) = [line for line in found.lines if line.whose.service]
    assert (web.quantities, found.partial) == ((Decimal(2 * hours),), ())


async def test_before_anything_was_written_down_it_says_so(store: Store) -> None:
    with pytest.raises(Unavailable, match="Nothing was written down of 2 November 2026"):
        await World(store).costs.statement(wanted(1))


async def test_by_month_it_is_the_sum_of_its_days(store: Store) -> None:
    world = World(store)
    await world.hours(48)
    found = await world.costs.statement(wanted(60, granularity=Granularity.MONTH))
    assert [str(bucket) for bucket in found.buckets] == ["2 to 30 November 2026", "December 2026"]
    (web,) = [line for line in found.lines if line.whose.service]
    assert web.amounts == (Decimal("2.88"), None)


async def test_one_organization_never_sees_the_book_of_another(store: Store, database: object) -> None:
    await World(store).hours(1)
    other = database.store("globex")  # type: ignore[attr-defined]
    with pytest.raises(Unavailable):
        await World(other).costs.statement(wanted(1))


async def test_comparisons_are_kept_newest_first_and_replaced(store: Store) -> None:
    def compared(month: int, billed: str, scope: str = "") -> Reconciled:
        period = Period(start=date(2026, month, 1), end=date(2026, month + 1, 1))
        return Reconciled(
            period=period, estimated=money("100", "EUR"), billed=money(billed, "EUR"), source="sheet", scope=scope
        )

    for each in (compared(9, "90"), compared(10, "120"), compared(10, "110"), compared(10, "60", "web")):
        await store.reconciliations.keep(each)
    past = await store.reconciliations.past("sheet")
    assert [(each.scope, str(each.billed)) for each in past] == [("", "€110.00"), ("web", "€60.00"), ("", "€90.00")]
    assert await store.reconciliations.past("another") == []


async def test_what_a_dear_source_said_is_kept(store: Store) -> None:
    assert await store.kept_statements.recall("aws", "november") is None
    await store.kept_statements.keep("aws", "november", {"sum": "1"}, START)
    await store.kept_statements.keep("aws", "november", {"sum": "2"}, START + timedelta(days=1))
    assert await store.kept_statements.recall("aws", "november") == (START + timedelta(days=1), {"sum": "2"})
