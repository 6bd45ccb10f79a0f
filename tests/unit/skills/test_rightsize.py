"""What a container requests from now on, within which bounds, at what risk."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.memory.cluster import MemoryCluster
from skills.core.catalog import Catalog
from skills.core.errors import Ambiguous, BadInput, NotAllowed, NothingToDo, UnknownName
from skills.core.names import Digest
from skills.core.plan import Plan, Risk
from skills.core.resources import canonical, parsed, put, quantity, spelled
from skills.core.skill import Seen
from skills.rightsize import OutOfBounds, Params, Rightsize
from tests.unit.skills.conftest import a_deployment

BEFORE = {"requests": {"cpu": "500m", "memory": "1Gi"}, "limits": {"memory": "1Gi"}}
VERTICAL = {
    "apiVersion": "autoscaling.k8s.io/v1", "kind": "VerticalPodAutoscaler",
    "metadata": {"name": "checkout-vpa", "namespace": "shop"}, "spec": {"targetRef": {"kind": "Deployment", "name": "checkout"}},
}  # fmt: skip
HORIZONTAL = {
    "apiVersion": "autoscaling/v2", "kind": "HorizontalPodAutoscaler",
    "metadata": {"name": "checkout-hpa", "namespace": "shop"},
    "spec": {"scaleTargetRef": {"apiVersion": "apps/v1", "kind": "Deployment", "name": "checkout"}, "maxReplicas": 9},
}  # fmt: skip


@pytest.fixture
async def rightsize(cluster: MemoryCluster, catalog_of: Callable[..., Catalog]) -> Rightsize:
    manifest = a_deployment(app="registry.example/checkout:v1", proxy="registry.example/proxy:v1")
    manifest["spec"]["template"]["spec"]["containers"][0]["resources"] = BEFORE
    await cluster.create(manifest, environment="production")
    return Rightsize(catalog_of(container="app"), cluster, cluster, cluster)


async def planned(skill: Rightsize, **wanted: Any) -> Plan:
    return await skill.plan(Params(service="checkout", environment="production", **wanted))


async def test_a_plan_says_what_was_requested_and_what_will_be(rightsize: Rightsize) -> None:
    plan = await planned(rightsize, cpu="0.25", memory="768Mi")

    (step,), (back,) = plan.steps, plan.on_failure
    assert plan.summary == "Change what checkout requests in production to 250m of CPU and 768Mi of memory a replica"
    assert (step.before, step.after) == (
        "cpu=500m memory=1Gi memory-limit=1Gi",
        "cpu=250m memory=768Mi memory-limit=768Mi",
    )
    assert (back.before, back.after) == (step.after, step.before)
    paths = [
        (each.path.removeprefix("spec.template.spec.containers[app].resources."), each.after) for each in step.diff
    ]
    assert paths == [("limits.memory", "768Mi"), ("requests.cpu", "250m"), ("requests.memory", "768Mi")]
    assert plan.risk is Risk.MEDIUM


async def test_what_was_done_is_read_back_and_can_be_undone(rightsize: Rightsize) -> None:
    plan = await planned(rightsize, cpu="250m")
    (step,), (back,) = plan.steps, plan.on_failure

    seen = [await rightsize.observe(step)]
    await rightsize.apply(step, digest=Digest(plan.digest))
    seen.append(await rightsize.observe(step))
    await rightsize.apply(back, digest=Digest(plan.digest))
    seen.append(await rightsize.observe(step))

    assert seen == [Seen.BEFORE, Seen.AFTER, Seen.BEFORE]


@pytest.mark.parametrize(
    ("wanted", "after"),
    [
        ({"memory": "2Gi"}, "cpu=500m memory=2Gi memory-limit=2Gi"),  # the limit was the request, and stays so
        ({"cpu": "2"}, "cpu=2 memory=1Gi memory-limit=1Gi"),  # what had no limit gets none
        ({"container": "proxy", "memory": "1.5Gi"}, "memory=1536Mi"),  # what said nothing says what was asked for
    ],
)
async def test_limits_go_along_only_where_they_have_to(
    rightsize: Rightsize, wanted: dict[str, str], after: str
) -> None:
    assert (await planned(rightsize, **wanted)).steps[0].after == after


async def test_less_than_half_of_the_memory_is_a_high_risk(rightsize: Rightsize) -> None:
    plan = await planned(rightsize, memory="256Mi")
    assert plan.risk is Risk.HIGH
    assert "it takes away more than half of the memory" in plan.risk_reasons


@pytest.mark.parametrize(
    ("wanted"), [{"cpu": "0"}, {"cpu": "0m"}, {"cpu": "257"}, {"memory": "512K"}, {"memory": "17Ti"}]
)
async def test_out_of_bounds_is_refused_with_the_bounds(rightsize: Rightsize, wanted: dict[str, str]) -> None:
    with pytest.raises(OutOfBounds, match=r"is out of bounds for .* A container may request from 1"):
        await planned(rightsize, **wanted)


async def test_nothing_asked_for_and_nothing_to_do_are_sentences(rightsize: Rightsize) -> None:
    with pytest.raises(BadInput, match="How much"):
        await planned(rightsize)
    with pytest.raises(NothingToDo, match="app of checkout already has cpu=500m memory=1Gi memory-limit=1Gi in prod"):
        await planned(rightsize, cpu="0.5", memory="1024Mi")
    with pytest.raises(UnknownName, match="sidecar"):
        await planned(rightsize, cpu="1", container="sidecar")


async def test_of_several_containers_one_has_to_be_named(
    rightsize: Rightsize, cluster: MemoryCluster, catalog_of: Callable[..., Catalog]
) -> None:
    with pytest.raises(Ambiguous, match="checkout has 2 containers"):
        await planned(Rightsize(catalog_of(), cluster, cluster, cluster), cpu="1")


async def test_a_vertical_autoscaler_is_named_and_not_fought(rightsize: Rightsize, cluster: MemoryCluster) -> None:
    await cluster.create(VERTICAL, environment="production")
    with pytest.raises(NotAllowed, match=r"set by VerticalPodAutoscaler \(checkout-vpa\)"):
        await planned(rightsize, cpu="250m")


async def test_an_autoscaler_that_may_go_by_shares_is_noted(rightsize: Rightsize, cluster: MemoryCluster) -> None:
    await cluster.create(HORIZONTAL, environment="production")
    plan = await planned(rightsize, cpu="250m")
    assert plan.notes == (
        "The autoscaler checkout-hpa may go by shares of what is requested, and would then run another number of replicas.",
    )


@pytest.mark.parametrize(
    ("said", "meant"),
    [("0.5", "500m"), ("1000m", "1"), ("1024Mi", "1Gi"), ("1.5Gi", "1536Mi"), ("0.25Gi", "256Mi"), ("100M", "100M"), ("0.0001", "0.1m"), ("2", "2"), ("nonsense", "nonsense")],
)  # fmt: skip
def test_quantities_are_spelled_as_the_server_spells_them(said: str, meant: str) -> None:
    assert canonical(said) == meant
    assert quantity(meant) == quantity(said)


def test_what_the_line_does_not_name_stays() -> None:
    given = {
        "requests": {"cpu": "1", "ephemeral-storage": "1Gi"},
        "limits": {"nvidia.com/gpu": "1"},
        "claims": [{"name": "x"}],
    }
    after = put(given, "memory=1Gi")
    assert after == {**given, "requests": {"ephemeral-storage": "1Gi", "memory": "1Gi"}}
    assert given["requests"]["cpu"] == "1", "what was read is left alone"
    assert spelled(after) == "memory=1Gi"
    with pytest.raises(ValueError, match="names no resources"):
        parsed("disk=1Gi")
