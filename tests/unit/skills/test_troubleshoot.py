"""What is wrong, told to people, on the cluster of the demo."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.configuration import load
from integrations.by_environment import MetricsByEnvironment, TracesByEnvironment
from integrations.memory.cluster import MemoryCluster
from integrations.memory.simulation import Simulation
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import BadInput, UnknownName
from skills.core.names import Digest, Organization, ProposalId, Subject
from skills.core.plan import Step
from skills.core.ports.ledger import Ledger
from skills.core.ports.snapshots import Budget, Scope
from skills.core.ports.workloads import ImageEdit, Place, ReplicasEdit
from skills.core.proposal import Effect, EffectState, Origin, Proposal, Status
from skills.core.report import Command, Finding, Report, Table, Text
from skills.troubleshoot import Params, Troubleshoot
from tests.support.proposals import ALLOWED, a_plan
from tests.unit.skills.conftest import NoPast

CONFIG = Path(__file__).parents[3] / "config"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
DEV = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"), roles=frozenset({"developer"}))
CHECKOUT = Place(environment="production", namespace="production", name="checkout")


class Clock:
    """A clock that somebody sets."""

    def __init__(self) -> None:
        self.now = START

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def demo(clock: Clock) -> MemoryCluster:
    return MemoryCluster.open(None, simulation=Simulation.load(CONFIG / "simulation.yaml"), clock=clock)


@pytest.fixture
def catalog() -> Catalog:
    return load(CONFIG, {}).catalog


@pytest.fixture
def asked(demo: MemoryCluster, catalog: Catalog) -> Callable[..., object]:
    async def ask(ledger: Ledger | None = None, **params: object) -> Report:
        nowhere = MetricsByEnvironment({})
        skill = Troubleshoot(
            catalog, demo, ledger or NoPast(), metrics=nowhere, alerts=nowhere, traces=TracesByEnvironment({})
        )
        return await skill.answer(Params.model_validate(params), asker=DEV)

    return ask


class Ours(NoPast):
    """An organization in which v43 of checkout was rolled out by us, and goes back by itself."""

    def __init__(self, status: Status, *, minutes_ago: int = 0) -> None:
        self._status = status
        self._at = START - timedelta(minutes=minutes_ago)

    async def changes(
        self, *, service: str | None = None, environment: str | None = None, limit: int = 50
    ) -> list[Proposal]:
        plan = a_plan(version="v43")
        effect = Effect(ordinal=0, compensating=False, index=0, state=EffectState.APPLIED, intent_at=self._at)
        proposal = Proposal(
            id=ProposalId(7), organization=Organization("acme"), handle="h7", requester=Subject("dev"), requester_name="Dev",
            reason="", origin=Origin(edge="cli"), plan=replace(plan, steps=(_in_production(plan.steps[0]),), on_failure=plan.steps), effects=(effect,), digest=Digest("00"), verdict=ALLOWED,
            status=self._status, created_at=self._at, expires_at=self._at, settled_at=self._at,
            outcome="It crashed. Went back by itself.",
        )  # fmt: skip
        return [proposal]


def _in_production(step: Step) -> Step:
    return replace(step, target=replace(step.target, namespace="production"))


async def pods_of(demo: MemoryCluster, workload: str, namespace: str) -> list[str]:
    """The names of the pods of a workload."""
    seen = await demo.take(Scope(environment=namespace, namespaces=(namespace,)), ("Pod",), budget=Budget())
    names = [str(pod["metadata"]["name"]) for pod in seen.objects["Pod"]]
    return [name for name in names if name.startswith(workload)]


async def broken(demo: MemoryCluster, clock: Clock, *, minutes: float = 12) -> None:
    """A release that crashes at start was rolled out by somebody else, so many minutes ago."""
    workload = await demo.get(CHECKOUT)
    image = "registry.example/checkout:v43"
    edit = ImageEdit(container="app", before=workload.containers[0].image, after=image)
    await demo.apply(CHECKOUT, edit, uid=workload.uid)
    clock.now += timedelta(minutes=minutes)


def findings(report: Report) -> Sequence[Finding]:
    return [part for part in report.parts if isinstance(part, Finding)]


async def test_healthy_is_an_answer_and_says_what_it_rests_on(asked) -> None:
    report = await asked(service="checkout", environment="production")
    assert (
        report.summary
        == "checkout in production looks healthy: 3 of 3 pods are ready, and none of my checks found anything."
    )
    assert not findings(report)


async def test_a_crash_is_one_finding_with_its_chain_since_when_and_a_way_back(asked, demo, clock) -> None:
    await broken(demo, clock)
    report = await asked(service="checkout", environment="production")
    (found,) = findings(report)
    assert found.severity == "error"
    assert found.since is not None
    assert abs(found.since - START) < timedelta(minutes=1)
    assert any("the rollout of checkout is stuck" in link for link in found.chain)
    assert found.evidence[0].startswith(
        "Suspect: checkout revision 3: registry.example/checkout:v41 → registry.example/checkout:v43"
    )
    assert found.offer == Command(
        text="rollback checkout in production", does="propose to go back to the version before"
    )
    assert report.summary == found.text


async def test_the_time_line_shows_the_change_before_the_symptom(asked, demo, clock) -> None:
    await broken(demo, clock)
    report = await asked(service="checkout", environment="production")
    (line,) = [part for part in report.parts if isinstance(part, Table)]
    assert sorted(row[1].split(":")[0] for row in line.rows[-2:]) == ["change", "symptom"]


async def test_what_is_wrong_elsewhere_is_counted_and_not_told(asked, demo, clock) -> None:
    await broken(demo, clock)
    report = await asked(service="search", environment="production")
    assert not findings(report)
    assert Command(text="troubleshoot production", does="show 1 more finding in production") in report.parts


async def test_everything_is_looked_at_where_nothing_is_named(asked, demo, clock) -> None:
    await broken(demo, clock)
    report = await asked()
    assert len(findings(report)) == 1
    assert next(part.text for part in report.parts if isinstance(part, Text)).startswith("checkout")


async def test_scaled_to_zero_offers_to_scale_up(asked, demo, clock) -> None:
    workload = await demo.get(CHECKOUT)
    await demo.apply(CHECKOUT, ReplicasEdit(before=workload.replicas, after=0), uid=workload.uid)
    clock.now += timedelta(minutes=5)
    (found,) = findings(await asked(service="checkout", environment="production"))
    assert found.offer is not None
    assert found.offer.text.startswith("scale checkout to ")


async def test_an_object_that_is_not_there_is_said_to_be_unknown(asked) -> None:
    with pytest.raises(UnknownName, match="I know no object called “checkout-x”"):
        await asked(object="checkout-x", environment="production")


async def test_a_service_and_the_whole_cluster_at_once_is_a_question(asked) -> None:
    with pytest.raises(BadInput, match="either a service or a namespace, or the whole cluster"):
        await asked(service="checkout", cluster=True)


async def test_a_service_is_sought_in_the_namespace_that_is_named(asked) -> None:
    report = await asked(service="checkout", namespace="staging")
    assert "checkout in staging looks healthy" in report.summary
    with pytest.raises(UnknownName):
        await asked(service="checkout", namespace="nowhere", environment="production")


async def test_a_proposal_of_ours_that_failed_lately_is_told_though_all_is_well_again(asked) -> None:
    report = await asked(Ours(Status.FAILED, minutes_ago=5), service="checkout", environment="production")
    assert report.summary.startswith("checkout in production looks healthy")
    told = Text(text="#7 Deploy checkout v43 to production failed at 08:55 UTC. It crashed. Went back by itself.")
    assert told in report.parts
    long_ago = await asked(Ours(Status.FAILED, minutes_ago=90), service="checkout", environment="production")
    assert not any("#7" in part.text for part in long_ago.parts if isinstance(part, Text))


async def test_nothing_is_offered_while_what_did_it_is_under_way_and_goes_back_by_itself(asked, demo, clock) -> None:
    await broken(demo, clock, minutes=1)
    (running,) = findings(await asked(Ours(Status.RUNNING), service="checkout", environment="production"))
    assert running.offer is None
    assert running.remedy.endswith(" #7 is still under way, and goes back by itself if it fails.")
    (ended,) = findings(await asked(Ours(Status.SUCCEEDED), service="checkout", environment="production"))
    assert ended.offer is not None


async def test_pods_that_are_not_ready_yet_are_counted(asked, demo, clock) -> None:
    await broken(demo, clock, minutes=0.01)
    assert (await asked(service="checkout", environment="production")).summary == (
        "checkout in production looks healthy: 3 of 4 pods are ready, the others may still be starting, and none of my checks found anything."
    )
    (pod,) = await pods_of(demo, "payments-api", "staging")
    assert (await asked(object=pod, environment="staging")).summary == (
        f"{pod} in staging looks healthy: 1 of 1 pod is ready, and none of my checks found anything."
    )


async def test_two_looks_at_the_same_world_say_the_same(asked, demo, clock) -> None:
    await broken(demo, clock)
    assert await asked(environment="production") == await asked(environment="production")
