"""The signals of simulated services follow from what was wanted when."""

import itertools
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from statistics import median

from integrations.memory.cluster import MemoryCluster
from integrations.memory.signals import MemoryMetrics
from integrations.memory.simulation import Simulation
from skills.core.catalog import Environment, Service
from skills.core.names import EnvironmentName, ServiceName
from skills.core.ports.metrics import Signal, Window
from skills.core.ports.workloads import ImageEdit, Place, ReplicasEdit, TemplateEdit
from skills.signals.golden import golden
from tests.support.worlds import CONFIG

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PRODUCTION = Environment(name=EnvironmentName("production"), namespace="production")
CHECKOUT = Place(environment="production", namespace="production", name="checkout")
IMAGE = "registry.example/checkout"


class Shop:
    def __init__(self) -> None:
        self.now = NOON
        simulation = Simulation.load(CONFIG / "simulation.yaml")
        clock: Callable[[], datetime] = lambda: self.now  # noqa: E731 - it follows `now`
        self.cluster = MemoryCluster.open(simulation=simulation, clock=clock)
        self.metrics = MemoryMetrics(self.cluster, simulation=simulation, clock=clock)

    async def deploy(self, before: str, after: str) -> None:
        workload = await self.cluster.get(CHECKOUT)
        edit = ImageEdit(container="app", before=f"{IMAGE}:{before}", after=f"{IMAGE}:{after}")
        await self.cluster.apply(CHECKOUT, edit, uid=workload.uid)
        self.now += timedelta(minutes=5)

    async def usual(self, signal: Signal, start: datetime, end: datetime) -> float | None:
        (query,) = (each for each in golden(Service(name=ServiceName("checkout")), PRODUCTION) if each.signal is signal)
        window = Window(start=start, end=end, step=timedelta(seconds=10))
        (found,) = await self.metrics.measure([query], window)
        return median(found.series.values) if found.series and found.series.values else None


async def test_a_bad_release_shows_from_its_rollout_until_it_is_taken_back() -> None:
    shop = Shop()
    await shop.deploy("v41", "v50")
    await shop.deploy("v50", "v41")
    minutes = [NOON + timedelta(minutes=each) for each in (-5, 0, 5, 10)]
    shares = [await shop.usual(Signal.ERRORS, a, b) for a, b in itertools.pairwise(minutes)]
    assert [round(share or 0, 2) for share in shares] == [0.0, 0.08, 0.0]


async def test_a_restored_template_counts_as_what_it_runs() -> None:
    shop = Shop()
    await shop.deploy("v41", "v50")
    bad, good, *_ = await shop.cluster.revisions(CHECKOUT)
    workload = await shop.cluster.get(CHECKOUT)
    await shop.cluster.apply(CHECKOUT, TemplateEdit(before=bad.template, after=good.template), uid=workload.uid)
    shop.now += timedelta(minutes=5)
    assert round(await shop.usual(Signal.ERRORS, NOON, NOON + timedelta(minutes=5)) or 0, 2) == 0.08
    assert round(await shop.usual(Signal.ERRORS, NOON + timedelta(minutes=5), shop.now) or 0, 3) == 0.002


async def test_a_release_that_cannot_start_leaves_the_one_before_serving() -> None:
    shop = Shop()
    await shop.deploy("v41", "v43")
    assert round(await shop.usual(Signal.ERRORS, NOON, shop.now) or 0, 3) == 0.002


async def test_more_replicas_have_less_to_do_each_and_none_do_nothing() -> None:
    shop = Shop()
    workload = await shop.cluster.get(CHECKOUT)
    await shop.cluster.apply(CHECKOUT, ReplicasEdit(before=3, after=6), uid=workload.uid)
    shop.now += timedelta(minutes=5)
    await shop.cluster.apply(CHECKOUT, ReplicasEdit(before=6, after=0), uid=workload.uid)
    shop.now += timedelta(minutes=5)
    three, six = (
        await shop.usual(Signal.CPU, NOON - timedelta(minutes=5), NOON),
        await shop.usual(Signal.CPU, NOON, NOON + timedelta(minutes=5)),
    )
    assert three is not None
    assert six is not None
    assert 1.8 < three / six < 2.2
    assert await shop.usual(Signal.TRAFFIC, NOON + timedelta(minutes=5), shop.now) == 0.0
    assert await shop.usual(Signal.LATENCY, NOON + timedelta(minutes=5), shop.now) is None
