"""What a look makes of an API server that forbids, throttles, breaks off, talks nonsense, or has far too much to say."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from email.utils import format_datetime
from pathlib import Path
from typing import Any

import pytest

from integrations.kubernetes import KubernetesCluster, Limits
from integrations.kubernetes.kinds import KINDS
from skills.core.errors import Unavailable, UnknownName
from skills.core.ports.snapshots import Budget, LogWanted, Named, NothingSeen, Scope
from skills.diagnosis.diagnose import conclude, look
from skills.diagnosis.looking import FIRST
from tests.support.look_server import LookServer, Trouble, look_server, serving
from tests.support.manifests import app, config_map, crashing, deployment, event, named, node, secret, waiting
from tests.support.scenes import NOW

SHOP = Scope(environment="lab", namespaces=("shop",))
EVERYWHERE = Scope(environment="lab")
Open = Callable[..., Awaitable[tuple[LookServer, KubernetesCluster]]]


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Open]:
    """Opens a server of some objects, and the adapter to it."""
    async with AsyncExitStack() as stack:

        async def open_(
            *objects: Any, limits: Limits | None = None, **settings: Any
        ) -> tuple[LookServer, KubernetesCluster]:
            settings.setdefault("date", format_datetime(NOW, usegmt=True))
            server = await stack.enter_async_context(serving(look_server(objects, **settings)))
            cluster = KubernetesCluster.connect(
                environment="lab",
                namespace="shop",
                kubeconfig=server.kubeconfig(tmp_path),
                limits=limits or Limits(tries=2),
            )
            stack.push_async_callback(cluster.close)
            return server, cluster

        yield open_


async def test_a_broken_release_is_found_with_its_cause(opened: Open) -> None:
    _, cluster = await opened(node(), *app("checkout", waiting("ImagePullBackOff", "not found")), *app("web"))

    diagnosis = conclude(await look(cluster, SHOP))

    assert [(f.code.name, str(f.root)) for f in diagnosis.findings] == [("ImageNotFound", "Deployment shop/checkout")]
    assert diagnosis.unseen == ()


async def test_a_diagnosis_lists_sixteen_kinds_and_asks_for_the_rest_by_name(opened: Open) -> None:
    server, cluster = await opened(
        node(),
        *deployment("checkout", waiting("CreateContainerConfigError", "x"), spec={"serviceAccountName": "shopkeeper"}),
    )

    seen = await look(cluster, SHOP)

    assert sum(server.lists.values()) == 16
    assert seen.calls == sum(server.calls.values())
    assert seen.named == {Named(kind="ServiceAccount", namespace="shop", name="shopkeeper"): None}


async def test_a_kind_that_may_not_be_seen_is_named_with_what_cannot_be_said(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["horizontalpodautoscalers"] = Trouble(status=403)

    seen = await look(cluster, SHOP)

    assert [each.why for each in seen.unseen] == [
        "I could not look at horizontalpodautoscalers in namespace shop: forbidden; so I cannot say whether one is at its limit."
    ]
    assert "HorizontalPodAutoscaler" not in seen.objects


async def test_no_rights_at_all_is_said_once(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["*"] = Trouble(status=403)

    with pytest.raises(NothingSeen) as raised:
        await look(cluster, SHOP)

    assert raised.value.text == "I may not look at anything in namespace shop of lab: the cluster forbids it."
    assert "config/kubernetes/role.yaml" in raised.value.hint


async def test_a_closer_look_that_is_forbidden_leaves_the_diagnosis_standing(opened: Open) -> None:
    server, cluster = await opened(
        *app("checkout", waiting("ImagePullBackOff", "not found"), spec={"serviceAccountName": "shopkeeper"}), node()
    )
    server.troubles["serviceaccounts"] = server.troubles["pods/log"] = Trouble(status=403)

    diagnosis = conclude(await look(cluster, SHOP))

    assert [f.code.name for f in diagnosis.findings] == ["ImageNotFound"]
    assert [each.why for each in diagnosis.unseen] == [
        "I could not look at serviceaccounts in namespace shop: forbidden; so I cannot say whether one that is named exists."
    ]


async def test_forbidden_logs_are_said_once_however_many_were_wanted(opened: Open) -> None:
    server, cluster = await opened(node(), *deployment("a", crashing()), *deployment("b", crashing()))
    server.troubles["pods/log"] = Trouble(status=403)

    seen = await look(cluster, SHOP)

    assert [each.why for each in seen.unseen] == [
        "I could not look at logs in namespace shop: forbidden; so I cannot say what a container said before it ended."
    ]


async def test_an_unknown_namespace_is_answered_with_the_nearest(opened: Open) -> None:
    _, cluster = await opened(
        *app(), *(named("Namespace", name, namespace="") for name in ("shop", "shipping", "kube-system"))
    )

    with pytest.raises(UnknownName) as raised:
        await look(cluster, Scope(environment="lab", namespaces=("shpo",)))

    assert str(raised.value) == "I know no namespace called “shpo”. Did you mean shop or shipping?"


async def test_an_empty_namespace_that_may_not_be_asked_for_is_not_called_healthy(opened: Open) -> None:
    server, cluster = await opened()
    server.troubles["namespaces"] = Trouble(status=403)

    seen = await look(cluster, SHOP)

    assert [each.why for each in seen.unseen] == [
        "I could not look at namespaces: forbidden; so I cannot say whether this one exists."
    ]


async def test_a_throttled_list_is_asked_for_again_after_the_pause_that_was_asked_for(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["pods"] = Trouble(status=429, times=1, retry_after="0")

    seen = await look(cluster, SHOP)

    assert seen.unseen == ()
    assert len(seen.objects["Pod"]) == 2


async def test_a_pause_beyond_the_budget_is_not_waited_for(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["pods"] = Trouble(status=429, retry_after="3600")

    async with asyncio.timeout(5):
        seen = await look(cluster, SHOP, budget=Budget(seconds=3))

    assert [each.why for each in seen.unseen] == [
        "I could not look at pods in namespace shop: the cluster has too much to do; so I cannot say how any container fares."
    ]


async def test_a_kind_that_hangs_does_not_keep_the_others_waiting(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["nodes"] = Trouble(delay=30)

    async with asyncio.timeout(10):
        seen = await look(cluster, SHOP, budget=Budget(seconds=1))

    assert [each.why for each in seen.unseen] == [
        "I could not look at nodes: it took too long; so I cannot say whether a node is to blame."
    ]
    assert len(seen.objects["Pod"]) == 2


async def test_half_of_an_answer_is_none(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["services"] = Trouble(cut=True)

    seen = await look(cluster, SHOP)

    assert [each.why for each in seen.unseen] == [
        "I could not look at services in namespace shop: the connection broke; so I cannot say whether their names lead anywhere."
    ]
    assert server.lists["services"] == 2


async def test_a_cluster_that_is_half_down_is_told_kind_by_kind(opened: Open) -> None:
    server, cluster = await opened(*app())
    for resource in ("jobs", "cronjobs", "ingresses"):
        server.troubles[resource] = Trouble(status=503)

    seen = await look(cluster, SHOP)

    assert {each.kind for each in seen.unseen} == {"Job", "CronJob", "Ingress"}
    assert all("the cluster failed (503" in each.why for each in seen.unseen)


@pytest.mark.parametrize("body", [b"<html>login</html>", b"[]", b"{}", b'{"items": 7}', b"\xff\xfe", b"[" * 100_000])
async def test_garbage_is_no_list(opened: Open, body: bytes) -> None:
    server, cluster = await opened(*app())
    server.troubles["pods"] = Trouble(body=body)

    seen = await look(cluster, SHOP)

    assert [each.why for each in seen.unseen] == [
        "I could not look at pods in namespace shop: what answered does not speak JSON; so I cannot say how any container fares."
    ]


async def test_a_list_without_items_is_empty(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["jobs"] = Trouble(body=b'{"kind": "JobList", "metadata": {}, "items": null}')

    assert (await look(cluster, SHOP)).objects["Job"] == []


async def test_nothing_answers(opened: Open) -> None:
    server, cluster = await opened()
    server.troubles["*"] = Trouble(status=500)

    with pytest.raises(Unavailable, match="The cluster of lab failed \\(500\\)"):
        await look(cluster, SHOP)


async def test_a_list_whose_next_page_expired_is_begun_again(opened: Open) -> None:
    pods = [each for number in range(400) for each in deployment(f"d{number}", replicas=2) if each["kind"] == "Pod"]
    server, cluster = await opened(*pods, expire_after=500)

    seen = await cluster.take(SHOP, ["Pod"], budget=Budget())

    assert len(seen.objects["Pod"]) == 800
    assert server.lists["pods"] == 4


async def test_a_budget_of_calls_that_runs_out_is_told(opened: Open) -> None:
    pods = [each for number in range(400) for each in deployment(f"d{number}", replicas=2) if each["kind"] == "Pod"]
    _, cluster = await opened(*pods)

    seen = await cluster.take(SHOP, ["Pod"], budget=Budget(calls=1))

    assert [each.why for each in seen.unseen] == [
        "I saw only 500 of the pods in namespace shop: my budget of 1 calls ran out; so I cannot say how any container fares."
    ]
    assert len(seen.objects["Pod"]) == 500


async def test_a_budget_of_bytes_that_runs_out_is_told(opened: Open) -> None:
    _, cluster = await opened(*app(replicas=50))

    with pytest.raises(NothingSeen) as raised:
        await cluster.take(SHOP, ["Pod"], budget=Budget(bytes=10_000))

    assert raised.value.text == (
        "I could not look at anything in namespace shop of lab: my budget of 10,000 bytes ran out."
    )
    assert [each.kind for each in raised.value.unseen] == ["Pod"]


async def test_ages_are_counted_by_the_clock_of_the_server(opened: Open) -> None:
    late = NOW + timedelta(minutes=37)
    _, cluster = await opened(*app(), date=format_datetime(late, usegmt=True))

    assert (await look(cluster, SHOP)).taken_at == late


async def test_of_ten_thousand_events_of_one_pod_the_newest_are_kept(opened: Open) -> None:
    objects = app()
    pod = objects[-3]
    events = [event(pod, "BackOff", f"attempt {number}", seconds_ago=20_000 - number) for number in range(10_000)]
    server, cluster = await opened(*objects, *events)

    kept = (await cluster.take(SHOP, ["Event"], budget=Budget())).objects["Event"]

    assert {each["message"] for each in kept} == {f"attempt {number}" for number in range(9_950, 10_000)}
    assert server.lists["events"] == 10


async def test_a_line_of_fifty_megabytes_is_read_as_far_as_it_is_useful(opened: Open) -> None:
    server, cluster = await opened(*app())
    wanted = LogWanted(namespace="shop", pod="p", container="app")
    server.logs[("p", "app", False)] = b"x" * 50_000_000

    seen = await cluster.logs(SHOP, [wanted], budget=Budget(bytes=5_000_000))

    assert len(seen.logs[wanted]) == 64 * 1024
    assert seen.unseen == ()


async def test_a_binary_log_is_text_with_gaps(opened: Open) -> None:
    server, cluster = await opened(*app())
    wanted = LogWanted(namespace="shop", pod="p", container="app", previous=True)
    server.logs[("p", "app", True)] = b"\x00\xff\xfeready\n"

    assert (await cluster.logs(SHOP, [wanted], budget=Budget())).logs[wanted] == "\x00��ready\n"


async def test_the_log_of_a_container_that_never_ran_is_empty(opened: Open) -> None:
    _, cluster = await opened(*app())
    wanted = LogWanted(namespace="shop", pod="p", container="app")

    assert (await cluster.logs(SHOP, [wanted], budget=Budget())).logs == {wanted: ""}


async def test_secrets_are_never_asked_for_with_their_contents(opened: Open) -> None:
    server, cluster = await opened(secret("db", "password"))
    wanted = Named(kind="Secret", namespace="shop", name="db")

    found = (await cluster.find(SHOP, [wanted], budget=Budget())).named[wanted]

    assert server.accepted["secrets"].startswith("application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io")
    assert found is not None
    assert "aGlkZGVu" not in json.dumps(found)


async def test_of_a_config_map_only_the_keys_are_kept(opened: Open) -> None:
    _, cluster = await opened(config_map("settings", url="postgres://u:hunter2@db"))
    wanted = Named(kind="ConfigMap", namespace="shop", name="settings")

    found = (await cluster.find(SHOP, [wanted], budget=Budget())).named[wanted]

    assert found is not None
    assert found["data"] == {"url": ""}


async def test_the_gateway_api_is_looked_at_where_it_is_served(opened: Open) -> None:
    route = named("HTTPRoute", "checkout", spec={})
    server, cluster = await opened(*app(), route, absent=frozenset())

    seen = await look(cluster, SHOP)

    assert [each["metadata"]["name"] for each in seen.objects["HTTPRoute"]] == ["checkout"]
    assert seen.objects["Gateway"] == []
    assert server.lists["gateways"] == 1


async def test_a_kind_of_kubernetes_that_is_not_served_is_not_called_empty(opened: Open) -> None:
    server, cluster = await opened(*app())
    server.troubles["poddisruptionbudgets"] = Trouble(status=404)

    (missing,) = (await look(cluster, SHOP)).unseen

    assert "this cluster does not serve them (policy/v1)" in missing.why


async def test_the_whole_cluster_is_one_list_a_kind(opened: Open) -> None:
    server, cluster = await opened(
        *app(), *[{**each, "metadata": {**each["metadata"], "namespace": "team"}} for each in app("b")]
    )

    seen = await cluster.take(EVERYWHERE, ["Pod", "Node"], budget=Budget())

    assert {each["metadata"]["namespace"] for each in seen.objects["Pod"]} == {"shop", "team"}
    assert server.lists == {"pods": 1, "nodes": 1}


async def test_many_namespaces_are_taken_out_of_one_list_and_asked_one_by_one_where_that_is_forbidden(
    opened: Open,
) -> None:
    server, cluster = await opened(*app())
    four = Scope(environment="lab", namespaces=("shop", "a", "b", "c"))
    taken = await cluster.take(four, ["Service"], budget=Budget())
    assert server.lists["services"] == 1

    server.troubles["services"] = Trouble(status=403, only_whole_cluster=True)
    again = await cluster.take(four, ["Service"], budget=Budget())

    assert again.objects == taken.objects
    assert again.unseen == ()
    assert server.lists["services"] == 6


async def test_what_nobody_reads_is_dropped_and_who_wrote_last_is_kept(opened: Open) -> None:
    writer = {"manager": "kubectl", "operation": "Update", "time": "2026-11-23T09:00:00Z", "fieldsV1": {"f:spec": {}}}
    objects = app()
    for each in objects:
        each["metadata"]["managedFields"] = [writer]
        each["metadata"]["annotations"] = {"kubectl.kubernetes.io/last-applied-configuration": "{}", "kept": "yes"}
    _, cluster = await opened(*objects)

    seen = await look(cluster, SHOP)

    (service,), pods = seen.objects["Service"], seen.objects["Pod"]
    assert service["metadata"]["annotations"] == {"kept": "yes"}
    assert service["metadata"]["managedFields"] == [
        {"manager": "kubectl", "operation": "Update", "time": "2026-11-23T09:00:00Z"}
    ]
    assert all("managedFields" not in pod["metadata"] for pod in pods)


def test_everything_that_is_looked_at_first_has_a_path() -> None:
    assert set(FIRST) <= set(KINDS)
