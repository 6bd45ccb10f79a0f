"""The adapter, and the test API server it is otherwise tried on, held against a real control plane's recorded answers."""

import copy
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jsonpatch
import pytest
from aiohttp import ClientSession, web

from integrations.kubernetes import KubernetesCluster, Patience
from integrations.kubernetes.diff import changes
from integrations.kubernetes.editing import operations
from integrations.kubernetes.owners import owners
from integrations.kubernetes.reading import current_replica_set, pod_template, revisions, template_digest, workload
from integrations.kubernetes.verdict import Endurance, Scene, ailments, judge
from skills.core.errors import Conflict, NotAllowed, Unavailable, UnknownName
from skills.core.ports.workloads import ImageEdit, Owner, Place, ResourcesEdit, Rollout, TemplateEdit
from tests.support.kubernetes_api import TOKEN, ApiServer
from tests.support.labs import ENVIRONMENT, adapter
from tests.support.recordings import exchange, recorded

CHECKOUT = Place(environment=ENVIRONMENT, namespace="shop", name="checkout")
V1, V2, V3 = (f"registry.example/checkout:{tag}" for tag in ("v1", "v2", "v3-crash"))
Object = dict[str, Any]


def body(name: str, why: str) -> Object:
    return dict(exchange(name, why)["response"]["body"])


def replica_sets() -> list[Object]:
    """Those of all three revisions, as they stood after the rollback."""
    return list(body("rollback", "replica sets")["items"])


def replayed(name: str, *, start: tuple[Object, list[Object]] | None = None) -> Iterator[tuple[float, Rollout]]:
    """What is judged after each recorded watch line, by a clock that goes as it went."""
    lines = recorded(name)
    merged = sorted(
        ((line["t"], kind, line["event"]) for kind in ("deployments", "pods") for line in lines[kind]),
        key=lambda line: line[0],
    )
    now = [0.0]
    endurance = Endurance(lambda: now[0])
    deployment, held = start or (None, [])
    pods = {pod["metadata"]["uid"]: pod for pod in held}
    for when, kind, event in merged:
        now[0] = when
        item = event["object"]
        if event["type"] == "BOOKMARK":
            continue
        if kind == "deployments":
            deployment = item
        elif event["type"] == "DELETED":
            pods.pop(item["metadata"]["uid"], None)
        else:
            pods[item["metadata"]["uid"]] = item
        if deployment is not None:
            scene = Scene(deployment=deployment, replica_sets=replica_sets(), pods=list(pods.values()))
            yield when, judge(scene, Patience(), endurance)[0]


def test_a_recorded_healthy_rollout_is_under_way_until_its_last_pod_is_available() -> None:
    seen = list(replayed("rollout-healthy-watch"))
    changing = [(when, rollout) for when, rollout in seen if when > 0.5]
    done = [when for when, rollout in changing if rollout.done]

    assert not any(rollout.done is False for _, rollout in seen)
    assert done[0] == 4.896
    texts = list(dict.fromkeys(rollout.text for _, rollout in changing))
    assert texts[0] == "Waiting for the cluster to take notice."
    assert "1 of 3 replicas updated, 3 old ones to go." in texts
    assert "2 of 3 replicas updated, 2 old ones to go." in texts
    assert texts[-1] == "All 3 replicas are up to date and available."


def test_a_recorded_crash_ends_the_rollout_before_its_deadline_with_the_cause() -> None:
    before = body("rollout-healthy", "deployment after a healthy rollout")
    seen = [line for line in replayed("rollout-stuck-watch", start=(before, [])) if line[0] > 6]

    when, lost = next(line for line in seen if line[1].done is not None)
    assert when == 17.826  # the server's own deadline comes at 26.182
    assert lost.done is False
    assert lost.text == "Container app crashes (exit code 1: an error of its own, restarted 1 time)."
    under_way = [rollout.text for _, rollout in seen if rollout.done is None]
    assert (
        under_way[-1]
        == "1 of 3 replicas updated, 3 old ones to go. Container app crashes (exit code 1: an error of its own)."
    )


def test_a_recorded_crash_is_lost_once_it_has_lasted() -> None:
    deployment = body("rollout-stuck", "deployment past")
    pods = body("rollout-stuck", "pods")["items"]
    scene = Scene(deployment=deployment, replica_sets=replica_sets(), pods=pods)
    now = [0.0]
    endurance = Endurance(lambda: now[0])
    first, _ = judge(scene, Patience(), endurance)
    now[0] = 2.5
    second, culprit = judge(scene, Patience(), endurance)

    assert (first.done, second.done) == (None, False)
    assert second.text == "Container app crashes (exit code 1: an error of its own, restarted 1 time)."
    assert culprit is not None
    assert culprit.crashed
    assert (second.wanted, second.updated, second.ready) == (3, 1, 0)


def test_a_recorded_rollback_is_not_lost_to_the_verdict_on_what_it_replaces() -> None:
    stuck = body("rollout-stuck", "deployment past")
    seen = list(replayed("rollback-watch", start=(stuck, body("rollout-stuck", "pods")["items"])))

    assert [rollout.done for _, rollout in seen][-1] is True
    assert not any(rollout.done is False for _, rollout in seen)


@pytest.mark.parametrize(
    ("name", "cause"),
    [
        ("crash", "Container app crashes (exit code 1: an error of its own, restarted 4 times)."),
        ("oom", "Container app crashes (exit code 137: it used more memory than its limit allows, restarted 4 times)."),
        ("badimage", "The image registry.example/missing:9 does not exist (container app)."),
        ("badconfig", 'has a configuration that cannot be met: configmap "absent-config" not found.'),
        (
            "toobig",
            "No node can take pod toobig-6d4d8f474c-vwrd9: 0/3 nodes are available: 1 Too many pods, 3 Insufficient cpu.",
        ),
    ],
)
def test_recorded_faults_have_their_cause_told(name: str, cause: str) -> None:
    scene = scene_of("state-faults", name)

    (symptom,) = ailments(scene)

    assert cause.rstrip(".") in symptom.text


@pytest.mark.parametrize("name", ["healthy", "zero"])
def test_recorded_healthy_workloads_have_nothing_wrong(name: str) -> None:
    scene = scene_of("state-faults", name)

    assert list(ailments(scene)) == []
    assert judge(scene, Patience(), Endurance(lambda: 0.0))[0].done is True


def test_a_recorded_quota_is_told_as_the_cause() -> None:
    scene = scene_of("state-quota", "quota-hit")
    now = [0.0]
    endurance = Endurance(lambda: now[0])
    judge(scene, Patience(), endurance)
    now[0] = 30.0

    rollout, _ = judge(scene, Patience(), endurance)

    assert rollout.done is False
    assert rollout.text == (
        'Pods cannot be created: pods "quota-hit-6c8fcc5c4-wdwdd" is forbidden: exceeded quota: team-quota, '
        "requested: pods=1, used: pods=1, limited: pods=1."
    )


def scene_of(recording: str, name: str) -> Scene:
    state = recorded(recording)
    (deployment,) = [item for item in state["deployments"]["items"] if item["metadata"]["name"] == name]
    return Scene(deployment=deployment, replica_sets=state["replicasets"]["items"], pods=state["pods"]["items"])


def test_recorded_revisions_are_told_newest_first_with_one_digest_for_one_template() -> None:
    deployment, sets = body("rollback", "after the rollback"), replica_sets()

    found = revisions(deployment, sets)
    now = workload(CHECKOUT, deployment, sets)

    assert [(revision.number, revision.containers[0].image, revision.current) for revision in found] == [
        (4, V2, True), (3, V3, False), (1, V1, False),
    ]  # fmt: skip
    assert found[0].template == now.template
    assert (now.revision, now.settled, now.replicas) == (4, True, 3)
    assert found[0].created_at == datetime(2026, 11, 23, 9, 2, 5, tzinfo=UTC)
    assert now.changed_at == datetime(2026, 11, 23, 9, 2, 32, tzinfo=UTC)
    current = current_replica_set(deployment, sets)
    assert current is not None
    assert current["metadata"]["name"] == "checkout-845546d955"


def test_recorded_managers_are_recognised_field_by_field() -> None:
    by_kubectl = body("rollout-healthy", "deployment after a healthy rollout")
    taken = body("errors-and-guards", "another manager takes replicas")

    assert owners(by_kubectl) == ()
    assert owners(taken) == (Owner(field="replicas", system="Argo CD", name="argocd-controller", reverts=True),)


def test_our_rollback_is_the_recorded_one_with_more_guards() -> None:
    given = exchange("rollback", "roll back")["request"]
    stuck, sets = body("rollout-stuck", "deployment past"), replica_sets()
    target = next(item for item in sets if item["metadata"]["name"] == "checkout-845546d955")
    edit = TemplateEdit(before=template_digest(pod_template(stuck)), after=template_digest(pod_template(target)))

    ours = operations(CHECKOUT, edit, uid=stuck["metadata"]["uid"], deployment=stuck, replica_sets=sets)

    assert ours[-1] == given["body"][-1]
    assert [operation["op"] for operation in ours] == ["test", "test", "replace"]


def test_requests_of_a_recorded_workload_are_read_and_changed_alone() -> None:
    recorded_one = body("rollout-healthy", "deployment after a healthy rollout")
    (container,) = workload(CHECKOUT, recorded_one, replica_sets()).containers
    edit = ResourcesEdit(container=container.name, before=container.resources, after="cpu=25m memory=1Gi")

    uid = recorded_one["metadata"]["uid"]
    patch = jsonpatch.JsonPatch(operations(CHECKOUT, edit, uid=uid, deployment=recorded_one, replica_sets=()))
    after = patch.apply(copy.deepcopy(recorded_one))

    changed = {(each.path, each.before, each.after) for each in changes(recorded_one, after)}
    assert {path.rpartition("containers[")[0] for path, _, _ in changed} == {"spec.template.spec."}
    assert all(".resources." in path for path, _, _ in changed)
    (resized,) = workload(CHECKOUT, after, replica_sets()).containers
    assert resized.resources == "cpu=25m memory=1Gi"
    assert container.resources not in ("", resized.resources)


@asynccontextmanager
async def answering(exchanges: list[Object], directory: Path) -> AsyncIterator[KubernetesCluster]:
    """The adapter on a server that knows recorded answers only, by method and path."""
    known = {(e["request"]["method"], e["request"]["path"]): e["response"] for e in exchanges}

    async def serve(request: web.Request) -> web.Response:
        found = known.get((request.method, request.path))
        if found is None:
            return web.json_response({"kind": "List", "metadata": {}, "items": []})
        return web.json_response(found["body"], status=found["status"])

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", serve)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    stand_in = ApiServer.__new__(ApiServer)
    stand_in.port = runner.addresses[0][1]
    try:
        async with adapter(stand_in, directory) as cluster:
            yield cluster
    finally:
        await runner.cleanup()


@pytest.mark.parametrize(
    ("why", "error", "text"),
    [
        ("absent deployment", UnknownName, "I know no workload called “nosuch”."),
        ("no rights (a service account", Unavailable, "I may not get deployments checkout in namespace shop of lab"),
        ("bad token", Unavailable, "The cluster of lab does not accept my credentials."),
    ],
)
async def test_recorded_refusals_of_reads(why: str, error: type[Exception], text: str, tmp_path: Path) -> None:
    given = exchange("errors-and-guards", why)
    place = Place(environment=ENVIRONMENT, namespace="shop", name=given["request"]["path"].rpartition("/")[2])

    async with answering([given], tmp_path) as cluster:
        with pytest.raises(error, match=text):
            await cluster.get(place)


@pytest.mark.parametrize(
    ("why", "error", "text"),
    [
        ("JSON patch whose test fails", Conflict, "changed between looking and acting"),
        ("merge patch with a stale resourceVersion", Conflict, "changed between looking and acting"),
        ("our apply of the same field", Conflict, "changed between looking and acting"),
        ("invalid value", NotAllowed, r"spec\.replicas: Invalid value: -1: must be greater than or equal to 0\.$"),
        ("unknown field, strict validation", NotAllowed, r'strict decoding error: unknown field "spec\.replicaz"\.$'),
        ("no rights to patch", Unavailable, "I may not patch deployments checkout in namespace shop of lab"),
    ],
)
async def test_recorded_refusals_of_changes(why: str, error: type[Exception], text: str, tmp_path: Path) -> None:
    held = exchange("rollout-healthy", "deployment after a healthy rollout")
    deployment = held["response"]["body"]
    edit = ImageEdit(container="app", before=V2, after=V1)

    async with answering([held, exchange("errors-and-guards", why)], tmp_path) as cluster:
        with pytest.raises(error, match=text):
            await cluster.apply(CHECKOUT, edit, uid=deployment["metadata"]["uid"])


async def test_a_recorded_dry_run_shows_the_image_alone(tmp_path: Path) -> None:
    dry = exchange("rollout-healthy", "the same dry run as a strategic merge")
    created = copy.deepcopy(dry)
    created["request"]["method"] = "GET"
    created["response"]["body"]["spec"]["template"]["spec"]["containers"][0]["image"] = V1
    uid = created["response"]["body"]["metadata"]["uid"]

    async with answering([created, dry], tmp_path) as cluster:
        (change,) = await cluster.preview(CHECKOUT, ImageEdit(container="app", before=V1, after=V2), uid=uid)

    assert (change.path, change.before, change.after) == ("spec.template.spec.containers[app].image", V1, V2)


async def told(server: ApiServer, given: Object, *, token: str = TOKEN) -> tuple[int, Object]:
    """What the test API server answers to a recorded request."""
    request = given["request"]
    headers = {"Authorization": f"Bearer {token}", "Content-Type": request["content_type"] or "application/json"}
    path, query = server.url + request["path"], {**request["params"]}
    if request["method"] in {"PATCH", "POST"}:
        query.setdefault("fieldManager", "kubectl")
    sent = (
        {"params": query, "headers": headers, "json": request["body"]}
        if request["body"]
        else {"params": query, "headers": headers}
    )
    if "json" in sent:
        headers.pop("Content-Type")
        sent["headers"] = {**headers, "Content-Type": request["content_type"]}
    async with ClientSession() as session, session.request(request["method"], path, **sent) as response:
        return response.status, await response.json()


@pytest.mark.parametrize(
    "why", ["absent deployment", "JSON patch whose test fails", "already exists", "absent namespace", "bad token"]
)
async def test_the_test_server_answers_as_the_real_one_did(why: str, server: ApiServer) -> None:
    await told(server, exchange("rollout-healthy", "create"))
    given = exchange("errors-and-guards", why)

    status, answer = await told(server, given, token="wrong" if why == "bad token" else TOKEN)

    real = given["response"]
    assert status == real["status"]
    for key in ("kind", "status", "reason", "code"):
        assert answer.get(key) == real["body"].get(key)
    assert bool((answer.get("details") or {}).get("name")) == bool((real["body"].get("details") or {}).get("name"))
    assert bool((answer.get("details") or {}).get("causes")) == bool((real["body"].get("details") or {}).get("causes"))


async def test_the_test_server_creates_and_rolls_out_what_the_real_one_did(
    server: ApiServer, cluster: KubernetesCluster
) -> None:
    _, created = await told(server, exchange("rollout-healthy", "create"))
    uid = created["metadata"]["uid"]
    [_ async for _ in cluster.follow(CHECKOUT, uid=uid)]
    await cluster.apply(CHECKOUT, ImageEdit(container="app", before=V1, after=V2), uid=uid)
    seen = [rollout async for rollout in cluster.follow(CHECKOUT, uid=uid)]
    _, mine = await told(server, exchange("rollout-healthy", "deployment after a healthy rollout"))

    real = body("rollout-healthy", "deployment after a healthy rollout")
    assert seen[-1].text == "All 3 replicas are up to date and available."
    assert mine["spec"] == {**real["spec"], "template": mine["spec"]["template"]}
    assert workload_facts(mine) == workload_facts(real)
    assert [
        owner["fieldsV1"]["f:spec"]["f:template"]["f:spec"] for owner in mine["metadata"]["managedFields"][-1:]
    ] == [{"f:containers": {'k:{"name":"app"}': {"f:image": {}}}}]
    assert pod_template(mine)["spec"]["containers"][0].keys() == pod_template(real)["spec"]["containers"][0].keys()


def workload_facts(deployment: Object) -> Object:
    status = deployment["status"]
    facts = {
        key: status.get(key)
        for key in ("observedGeneration", "replicas", "updatedReplicas", "readyReplicas", "availableReplicas")
    }
    return {
        **facts,
        "generation": deployment["metadata"]["generation"],
        "revision": deployment["metadata"]["annotations"]["deployment.kubernetes.io/revision"],
        "progressing": [c["reason"] for c in status["conditions"] if c["type"] == "Progressing"],
        "images": [container["image"] for container in deployment["spec"]["template"]["spec"]["containers"]],
    }


def test_patience_is_measured_not_counted() -> None:
    now = [0.0]
    endurance = Endurance(lambda: now[0])
    limit = timedelta(seconds=10)

    rounds = []
    for moment in (0.0, 5.0, 10.0):
        now[0] = moment
        rounds.append(endurance.lasted("crash", limit))
        endurance.next_round()
    endurance.next_round()
    rounds.append(endurance.lasted("crash", limit))

    assert rounds == [False, False, True, False]
