"""What a plan changes about the bill is read from its own differences."""

from decimal import Decimal

import pytest

from skills.core.cost_delta import CostDelta
from skills.core.money import currency, money
from skills.core.names import SkillName
from skills.core.plan import FieldChange, Plan, Risk, Step, Target
from skills.core.ports.workloads import Place, Size, Workload
from skills.costing.delta import delta
from skills.costing.prices import PriceSheet
from skills.costing.sizes import size_of

SHEET = PriceSheet(
    currency=currency("EUR"),
    cpu_hour=Decimal("0.03"),
    memory_hour=Decimal("0.004"),
    storage_month={"default": Decimal("0.10")},
    error=Decimal("0.15"),
    factors={"staging": Decimal("0.5")},
)
TARGET = Target(service="web", environment="production", kind="Deployment", namespace="production", name="web", uid="u")
WEB = Workload(
    place=Place(environment="production", namespace="production", name="web"),
    uid="u", revision=1, containers=(), template="t", replicas=6, size=Size(cpu=Decimal(2), memory=Decimal(4)),
)  # fmt: skip


def plan(*changes: tuple[str, str | None, str | None], target: Target = TARGET) -> Plan:
    diff = tuple(FieldChange(path=path, before=before, after=after) for path, before, after in changes)
    step = Step(action="set", target=target, before="", after="", edit={}, diff=diff)
    return Plan(skill=SkillName("scale"), params={}, summary="", steps=(step,), risk=Risk.LOW)


def told(*changes: tuple[str, str | None, str | None], workload: Workload | None = WEB, target: Target = TARGET) -> str:
    found = delta(plan(*changes, target=target), SHEET, lambda _: workload)
    return found.sentence if found else ""


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ([("spec.replicas", "6", "12")], "about +€333 a month (±15 %, not reconciled), 6 → 12 replicas at €55.48 each (2 cores, 4 GiB)"),
        ([("spec.replicas", "6", "5")], "about −€55.48 a month (±15 %, not reconciled), 6 → 5 replicas at €55.48 each (2 cores, 4 GiB)"),
        ([("spec.replicas", "6", "0")], "about −€333 a month (±15 %, not reconciled), 6 → 0 replicas at €55.48 each (2 cores, 4 GiB)"),
        ([("spec.template.spec.containers[app].resources.requests.cpu", "2", "1500m")], "about −€65.70 a month (±15 %, not reconciled), 6 replicas at €55.48 → €44.53 each (2 cores, 4 GiB → 1.5 cores, 4 GiB)"),
        ([("spec.template.spec.containers[app].resources.limits.memory", "4Gi", "8Gi")], "no difference, limits are not paid for, what is requested stays"),
        ([("spec.maxReplicas", "10", "20"), ("spec.minReplicas", "2", "4")], "about +€555 a month (±15 %, not reconciled), at most 10 → 20 replicas at €55.48 each"),
        ([("spec.resources.requests.storage", "100Gi", "200Gi")], "about +€10.00 a month (±15 %, not reconciled), storage 100Gi → 200Gi"),
        ([("spec.volumeClaimTemplates[data].spec.resources.requests.storage", "10Gi", "20Gi")], "about +€6.00 a month (±15 %, not reconciled), storage 10Gi → 20Gi"),
        ([("spec.replicas", "six", "12")], "cannot tell, because “six” is no number of replicas."),
        ([("spec.template.spec.containers[app].resources.requests.cpu", "2", "lots")], "cannot tell, because spec.template.spec.containers[app].resources.requests.cpu is no size that I can read."),
    ],
)  # fmt: skip
def test_what_a_change_comes_to(changes, sentence: str) -> None:
    assert told(*changes) == sentence


@pytest.mark.parametrize(
    "path", ["spec.template.spec.containers[app].image", "metadata.annotations[countersign.dev/restart]"]
)
def test_what_is_not_paid_for_has_no_cost_at_all(path: str) -> None:
    assert delta(plan((path, "a", "b")), SHEET, lambda _: WEB) is None


def test_an_environment_pays_its_share_of_the_price() -> None:
    staging = Target(service="web", environment="staging", kind="Deployment", namespace="staging", name="web", uid="u")
    assert told(("spec.replicas", "6", "12"), target=staging).startswith("about +€166 a month")


@pytest.mark.parametrize(
    ("workload", "sentence"),
    [
        (None, "cannot tell, because nobody has read what a replica of web reserves."),
        (
            Workload(place=WEB.place, uid="u", revision=1, containers=(), template="t", replicas=6),
            "cannot tell, because web requests neither CPU nor memory.",
        ),
    ],
)
def test_where_nobody_can_tell_it_says_why(workload: Workload | None, sentence: str) -> None:
    assert told(("spec.replicas", "6", "12"), workload=workload) == sentence


def test_without_a_price_it_says_what_is_missing() -> None:
    bare = PriceSheet(currency=currency("EUR"))
    assert delta(plan(("spec.replicas", "1", "2")), None, lambda _: WEB) == CostDelta(
        why="no prices are configured (prices.yaml)."
    )
    found = delta(plan(("spec.replicas", "1", "2")), bare, lambda _: WEB)
    assert found is not None
    assert found.sentence == "cannot tell, because the price sheet has no price for CPU and memory."


def test_it_is_the_same_again_from_the_database() -> None:
    found = delta(plan(("spec.replicas", "6", "12")), SHEET, lambda _: WEB)
    assert found is not None
    assert CostDelta.from_json(found.to_json()) == found
    assert found.monthly == money("332.88", "EUR")


def test_a_pod_reserves_what_its_containers_and_sidecars_do_together() -> None:
    container = {"resources": {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "2Gi"}}}
    sidecar = {"restartPolicy": "Always", "resources": {"requests": {"cpu": "100m"}}}
    start = {"resources": {"requests": {"cpu": "2", "memory": "128Mi"}}}
    found = size_of({"containers": [container], "initContainers": [sidecar, start]})
    assert found == Size(cpu=Decimal(2), memory=Decimal(1), memory_limit=Decimal(2))
    assert size_of({"containers": [{}]}) == Size()
