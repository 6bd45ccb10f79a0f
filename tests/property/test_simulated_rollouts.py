"""Whatever is asked of the simulated cluster in whatever order, it keeps the promises of a rolling update."""

import asyncio
from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from integrations.memory.cluster import MemoryCluster
from integrations.memory.controller import Bounds, Controller
from integrations.memory.simulation import Simulation
from skills.core.ports.workloads import ImageEdit, Place, ReplicasEdit

START = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WEB = Place(environment="lab", namespace="default", name="web")
TAGS = st.sampled_from(["1", "2", "3", "crash", "absent", "slow"])
WAITS = st.integers(min_value=0, max_value=9000)
SURGES = st.sampled_from([0, 1, 2, "25%", "50%", "100%"])


class Lab:
    """One deployment on a clock that can be stopped anywhere."""

    def __init__(self, replicas, surge, unavailable):
        self.now = START
        self.cluster = MemoryCluster.open(None, simulation=Simulation(pod_seconds=2), clock=lambda: self.now)
        bounds = {"maxSurge": surge, "maxUnavailable": unavailable}
        self.manifest = {
            "kind": "Deployment",
            "metadata": {"name": "web"},
            "spec": {
                "replicas": replicas,
                "strategy": {"rollingUpdate": bounds},
                "template": {"spec": {"containers": [{"name": "app", "image": "web:1"}]}},
            },
        }

    async def edit(self, *, tag=None, replicas=None):
        seen = await self.cluster.get(WEB)
        if tag is not None:
            change = ImageEdit(container="app", before=seen.containers[0].image, after=f"web:{tag}")
        else:
            change = ReplicasEdit(before=seen.replicas, after=replicas)
        await self.cluster.apply(WEB, change, uid=seen.uid)

    def pods(self):
        lab, controller = self.cluster._now("lab")
        return lab.deployments["default/web"], controller.pods["default/web"]


@given(st.integers(0, 9), SURGES, SURGES, st.lists(st.tuples(TAGS, WAITS), max_size=6))
@settings(deadline=None, max_examples=60)
def test_updates_never_exceed_the_surge_nor_take_more_pods_away_than_allowed(replicas, surge, unavailable, changes):
    async def story():
        lab = Lab(replicas, surge, unavailable)
        await lab.cluster.create(lab.manifest, environment="lab")
        lab.now += timedelta(seconds=10)
        for tag, wait in changes:
            await lab.edit(tag=tag)
            for part in range(1, 4):
                deployment, pods = lab.pods()
                bounds = Bounds.of(deployment)
                assert len(pods) <= bounds.most
                assert sum(pod.available(lab.now) for pod in pods) >= bounds.least
                lab.now += timedelta(milliseconds=wait / 3 * part)

    asyncio.run(story())


@given(st.integers(1, 9), SURGES, SURGES, st.lists(st.tuples(TAGS, st.integers(1, 9), WAITS), max_size=6))
@settings(deadline=None, max_examples=60)
def test_a_healthy_template_always_arrives_whatever_went_before(replicas, surge, unavailable, changes):
    async def story():
        lab = Lab(replicas, surge, unavailable)
        await lab.cluster.create(lab.manifest, environment="lab")
        for tag, wanted, wait in changes:
            await lab.edit(tag=tag)
            await lab.edit(replicas=wanted)
            lab.now += timedelta(milliseconds=wait)
        await lab.edit(tag="good")
        lab.now += timedelta(seconds=60)
        seen = await lab.cluster.get(WEB)
        assert (seen.settled, seen.updated, seen.available) == (True, seen.replicas, seen.replicas)

    asyncio.run(story())


@given(st.lists(st.tuples(TAGS, WAITS), min_size=1, max_size=4), st.lists(WAITS, max_size=6))
@settings(deadline=None, max_examples=60)
def test_looking_in_between_changes_nothing(changes, looks):
    """A state played forward in one go equals the same state played forward in steps."""

    async def story():
        lab = Lab(4, "25%", "25%")
        await lab.cluster.create(lab.manifest, environment="lab")
        for tag, wait in changes:
            await lab.edit(tag=tag)
            lab.now += timedelta(milliseconds=wait)
        cluster = lab.cluster._state.read().clusters["lab"]
        at_once, in_steps = (Controller(cluster, lab.cluster._births) for _ in range(2))
        moment = cluster.as_of
        for wait in looks:
            moment += timedelta(milliseconds=wait)
            in_steps.advance(moment)
        at_once.advance(moment)
        assert (at_once.pods, at_once.as_of) == (in_steps.pods, in_steps.as_of)

    asyncio.run(story())
