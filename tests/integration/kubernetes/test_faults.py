"""What the adapter makes of an API server that is down, slow, forbidding, busy, or gone in the middle."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from integrations.kubernetes import KubernetesCluster, Patience
from skills.core.errors import Conflict, NotAllowed, Unavailable, Unclear
from skills.core.ports.workloads import ImageEdit, ReplicasEdit, ResourcesEdit, Rollout
from tests.support.kubernetes_api import ApiServer
from tests.support.labs import ENVIRONMENT, ApiGround, Lab, adapter

GOOD, BETTER = "registry.example/checkout:v1", "registry.example/checkout:v2"
FORWARD = ImageEdit(container="app", before=GOOD, after=BETTER)
EVERYTHING = ("*", "*")


def image(server: ApiServer, name: str) -> str:
    """What the server holds, asked behind the adapter's back."""
    held = server.world.get("deployments", "shop", name)
    assert held is not None
    return str(held["spec"]["template"]["spec"]["containers"][0]["image"])


async def test_a_cluster_that_is_down_is_unavailable(lab: Lab, server: ApiServer) -> None:
    await server.stop()

    with pytest.raises(Unavailable) as raised:
        await lab.cluster.list(ENVIRONMENT)

    assert str(raised.value) == (
        "The cluster of lab did not answer when I tried to list deployments in namespace shop of lab: "
        "the connection was refused. Try again when it is back; nothing was changed."
    )


async def test_an_unknown_host_is_unavailable(tmp_path: Path, server: ApiServer) -> None:
    path = server.kubeconfig(tmp_path)
    path.write_text(path.read_text().replace("127.0.0.1", "no-such-host.invalid"))
    cluster = KubernetesCluster.connect(environment=ENVIRONMENT, namespace="shop", kubeconfig=path)

    with pytest.raises(Unavailable, match="its host name is not known"):
        await cluster.list(ENVIRONMENT)
    await cluster.close()


async def test_a_slow_cluster_is_given_up(lab: Lab, server: ApiServer) -> None:
    server.faults.delay = 2.0

    with pytest.raises(Unavailable, match="it took too long"):
        await lab.cluster.list(ENVIRONMENT)


async def test_a_missing_right_is_named_with_the_manifest_that_grants_it(lab: Lab, server: ApiServer) -> None:
    server.faults.answer = {("list", "deployments"): 403}

    with pytest.raises(Unavailable) as raised:
        await lab.cluster.list(ENVIRONMENT)

    assert raised.value.text == "I may not list deployments in namespace shop of lab: the cluster forbids it."
    assert "config/kubernetes/role.yaml" in raised.value.hint


async def test_a_missing_right_to_patch_is_no_refusal_of_the_change(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.answer = {("patch", "deployments"): 403}

    with pytest.raises(Unavailable, match="I may not patch deployments"):
        await lab.apply(workload, FORWARD)


async def test_an_admission_refusal_is_told_in_the_clusters_words(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.answer = {("patch", "deployments"): 403}
    server.faults.message = 'admission webhook "policy.example" denied the request: images must be signed'

    with pytest.raises(NotAllowed, match="images must be signed"):
        await lab.cluster.preview(workload.place, FORWARD, uid=workload.uid)


async def test_an_invalid_result_is_refused(lab: Lab) -> None:
    workload = await lab.deploy()

    with pytest.raises(NotAllowed, match="must be greater than or equal to 0"):
        await lab.cluster.preview(workload.place, ReplicasEdit(before=2, after=-1), uid=workload.uid)


async def test_unaccepted_credentials_are_told(lab: Lab, server: ApiServer) -> None:
    server.token = "another"

    with pytest.raises(Unavailable) as raised:
        await lab.cluster.list(ENVIRONMENT)

    assert raised.value.text == "The cluster of lab does not accept my credentials."


async def test_a_renewed_token_is_picked_up_without_a_restart(lab: Lab, server: ApiServer, tmp_path: Path) -> None:
    await lab.cluster.list(ENVIRONMENT)
    server.token = "renewed"
    server.kubeconfig(tmp_path, token="renewed")

    assert await lab.cluster.list(ENVIRONMENT) == []


async def test_a_busy_cluster_is_asked_again(lab: Lab, server: ApiServer) -> None:
    server.faults.answer, server.faults.times = {("list", "deployments"): 429}, 2

    assert await lab.cluster.list(ENVIRONMENT) == []
    assert server.calls[("list", "deployments")] == 3


async def test_a_cluster_that_stays_busy_is_unavailable(lab: Lab, server: ApiServer) -> None:
    server.faults.answer = {EVERYTHING: 429}

    with pytest.raises(Unavailable, match="too much to do"):
        await lab.cluster.list(ENVIRONMENT)


async def test_a_read_that_fails_once_is_repeated(lab: Lab, server: ApiServer) -> None:
    server.faults.answer, server.faults.times = {("list", "deployments"): 503}, 1

    assert await lab.cluster.list(ENVIRONMENT) == []


async def test_a_patch_that_the_server_is_too_busy_for_is_sent_again(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.answer, server.faults.times = {("patch", "deployments"): 429}, 1

    await lab.apply(workload, FORWARD)

    assert image(server, workload.place.name) == BETTER


async def test_a_patch_that_fails_inside_the_server_is_unclear_and_not_repeated(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.answer = {("patch", "deployments"): 500}

    with pytest.raises(Unclear):
        await lab.apply(workload, FORWARD)

    assert server.calls[("patch", "deployments")] == 1


async def test_a_patch_whose_answer_is_lost_is_unclear_and_turns_out_made(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.drop_after = True

    with pytest.raises(Unclear) as raised:
        await lab.apply(workload, FORWARD)

    assert "It may or may not have been made" in str(raised.value)
    assert (await lab.get(workload.place.name)).container("app").image == BETTER
    server.faults.drop_after = False
    with pytest.raises(Conflict):
        await lab.apply(workload, FORWARD)


async def test_a_patch_that_is_lost_on_its_way_is_unclear_and_turns_out_not_made(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.drop_before = True

    with pytest.raises(Unclear):
        await lab.apply(workload, FORWARD)

    assert (await lab.get(workload.place.name)).container("app").image == GOOD


async def test_a_patch_to_a_server_that_is_down_was_certainly_not_made(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    await server.stop()

    with pytest.raises(Unavailable) as raised:
        await lab.apply(workload, FORWARD)

    assert not isinstance(raised.value, Unclear)


async def test_a_long_list_is_read_page_by_page(lab: Lab, server: ApiServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("integrations.kubernetes.api._PAGE", 2)
    for stem in ("a", "b", "c", "d", "e"):
        await lab.deploy(stem, settle=False)
    server.calls.clear()

    assert len(await lab.cluster.list(ENVIRONMENT)) == 5
    assert server.calls[("list", "deployments")] == 3


async def test_an_empty_or_absent_namespace_lists_nothing(lab: Lab) -> None:
    assert await lab.cluster.list(ENVIRONMENT) == []


async def test_a_server_that_keeps_failing_is_unavailable(lab: Lab, server: ApiServer) -> None:
    server.faults.answer = {EVERYTHING: 500}

    with pytest.raises(Unavailable, match=r"failed \(500\) when I tried to list deployments .* the server is not well"):
        await lab.cluster.list(ENVIRONMENT)


async def test_scaling_needs_a_look_at_the_autoscalers(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.answer = {("list", "horizontalpodautoscalers"): 403}

    assert (await lab.get(workload.place.name)).owners == ()
    with pytest.raises(Unavailable, match="I may not look at autoscalers in namespace shop of lab"):
        await lab.cluster.preview(workload.place, ReplicasEdit(before=2, after=3), uid=workload.uid)


async def test_changing_requests_needs_a_look_at_the_vertical_autoscalers(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    edit = ResourcesEdit(container="app", before="", after="cpu=250m")
    server.faults.answer = {("list", "verticalpodautoscalers"): 403}

    with pytest.raises(Unavailable, match="I may not look at vertical autoscalers in namespace shop of lab"):
        await lab.cluster.preview(workload.place, edit, uid=workload.uid)
    server.faults.answer = {("list", "verticalpodautoscalers"): 404}
    (change,) = await lab.cluster.preview(workload.place, edit, uid=workload.uid)

    assert (change.path, change.after) == ("spec.template.spec.containers[app].resources.requests.cpu", "250m")


async def test_a_cluster_without_autoscaling_has_no_autoscalers(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.answer = {("list", "horizontalpodautoscalers"): 404}

    (change,) = await lab.cluster.preview(workload.place, ReplicasEdit(before=2, after=3), uid=workload.uid)

    assert (change.path, change.before, change.after) == ("spec.replicas", "2", "3")


async def rolled_out_despite(lab: Lab, server: ApiServer, mishap: Callable[[], Awaitable[None]]) -> list[Rollout]:
    """A rollout that is held up, suffers the mishap once it is being watched, goes on, and must end well."""
    workload = await lab.deploy(replicas=3)
    server.world.asleep = True
    await lab.apply(workload, FORWARD)
    seen: list[Rollout] = []
    async with asyncio.timeout(30):
        async for rollout in lab.cluster.follow(workload.place, uid=workload.uid):
            seen.append(rollout)
            if len(seen) == 1:
                await watching(server)
                await mishap()
                server.world.asleep = False
    assert seen[-1].done is True
    assert seen[-1].ready == 3
    return seen


async def watching(server: ApiServer) -> None:
    while len(server._streams) < 3:
        await asyncio.sleep(0.005)


async def test_a_rollout_survives_a_dropped_watch(lab: Lab, server: ApiServer) -> None:
    async def cut() -> None:
        assert server.cut_watches() == 3

    await rolled_out_despite(lab, server, cut)


async def test_a_rollout_survives_an_expired_watch(lab: Lab, server: ApiServer) -> None:
    async def expire() -> None:
        server.world.compact()
        server.cut_watches()

    await rolled_out_despite(lab, server, expire)


async def test_a_rollout_survives_a_restart_of_the_api_server(lab: Lab, server: ApiServer) -> None:
    async def restart() -> None:
        await server.stop()
        await asyncio.sleep(0.3)
        server.world.compact()
        await server.start()

    await rolled_out_despite(lab, server, restart)


async def test_a_rollout_survives_a_server_that_refuses_everybody_while_it_starts(lab: Lab, server: ApiServer) -> None:
    async def refuse_for_a_moment() -> None:
        server.faults.answer, server.faults.times = {EVERYTHING: 403}, 3
        server.world.compact()
        server.cut_watches()

    await rolled_out_despite(lab, server, refuse_for_a_moment)


async def test_following_ends_when_the_server_keeps_refusing(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.faults.answer = {("list", "pods"): 403}

    with pytest.raises(Unavailable, match="I may not watch pods in namespace shop of lab"):
        await lab.followed(workload)


async def test_following_ends_when_the_server_stays_away(server: ApiServer, tmp_path: Path) -> None:
    async with adapter(server, tmp_path, patience=Patience(contact=timedelta(seconds=0.5))) as cluster:
        lab = Lab(cluster=cluster, ground=ApiGround(cluster, "shop"), namespace="shop")
        workload = await lab.deploy()
        await server.stop()

        with pytest.raises(Unavailable, match="has not answered since"):
            await lab.followed(workload)


async def test_abandoning_a_rollout_leaves_no_watch_behind(lab: Lab, server: ApiServer) -> None:
    workload = await lab.deploy()
    server.world.asleep = True
    await lab.apply(workload, FORWARD)
    following = lab.cluster.follow(workload.place, uid=workload.uid)
    await anext(following)

    await following.aclose()

    assert [task.get_name() for task in asyncio.all_tasks() if task.get_name().startswith("watch")] == []


async def test_a_missing_kubeconfig_is_told_with_its_path(tmp_path: Path) -> None:
    cluster = KubernetesCluster.connect(environment=ENVIRONMENT, namespace="shop", kubeconfig=tmp_path / "absent.yaml")

    with pytest.raises(Unavailable, match=r"There is no kubeconfig at .*absent.yaml\."):
        await cluster.list(ENVIRONMENT)


@pytest.mark.parametrize("content", ["", "[]", "clusters: 7", "{", "current-context: nowhere", "\x00"])
async def test_a_broken_kubeconfig_is_told(tmp_path: Path, content: str) -> None:
    path = tmp_path / "broken.yaml"
    path.write_text(content)
    cluster = KubernetesCluster.connect(environment=ENVIRONMENT, namespace="shop", kubeconfig=path)

    with pytest.raises(
        Unavailable, match=r"The kubeconfig does not lead to a cluster: .*broken.yaml is no kubeconfig\."
    ):
        await cluster.list(ENVIRONMENT)


@pytest.mark.parametrize(
    ("current", "wanted", "told"),
    [
        ("lab", "prod", "has no context “prod”. It has lab, shop."),
        ("lab", "shpo", "has no context “shpo”. It has shop."),
        ("", None, "has no current context. It has lab, shop."),
        ("lab", None, "Check the cluster and the user of context lab in"),
    ],
)
async def test_what_is_wrong_with_a_context_is_told(
    tmp_path: Path, current: str, wanted: str | None, told: str
) -> None:
    path = tmp_path / "kubeconfig.yaml"
    contexts = [{"name": name, "context": {"cluster": "gone", "user": "gone"}} for name in ("lab", "shop")]
    path.write_text(yaml.safe_dump({"kind": "Config", "contexts": contexts, "current-context": current}))
    cluster = KubernetesCluster.connect(environment=ENVIRONMENT, namespace="shop", kubeconfig=path, context=wanted)

    with pytest.raises(Unavailable, match=re.escape(told)):
        await cluster.list(ENVIRONMENT)


async def test_outside_of_a_pod_there_is_no_service_account() -> None:
    cluster = KubernetesCluster.connect(environment=ENVIRONMENT, namespace="shop", in_cluster=True)

    with pytest.raises(Unavailable, match="The pod's service account does not lead to a cluster"):
        await cluster.list(ENVIRONMENT)
