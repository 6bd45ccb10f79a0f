"""Edits of the simulated cluster hold only if the world is as they say, happen once, and are told as they would be by a real one."""

import pytest

from skills.core.errors import BadInput, Conflict, NotAllowed, Unavailable, Unclear, UnknownName
from skills.core.plan import FieldChange
from skills.core.ports.workloads import ImageEdit, Owner, Place, ReplicasEdit, RestartEdit, TemplateEdit

EDIT = ImageEdit(container="app", before="registry.example/checkout:v41", after="registry.example/checkout:v42")


async def test_an_edit_takes_effect_exactly_once(cluster, checkout, hours):
    uid = (await cluster.get(checkout)).uid
    await cluster.apply(checkout, EDIT, uid=uid)
    with pytest.raises(Conflict) as refused:
        await cluster.apply(checkout, EDIT, uid=uid)
    assert str(refused.value) == (
        "checkout in production now runs registry.example/checkout:v42 in container app, not registry.example/checkout:v41; "
        "nothing was done. Ask again to see it as it is now."
    )
    (effect,) = cluster.effects
    assert (effect.at, effect.environment, effect.name) == (hours.now, "production", "checkout")
    assert effect.edit == EDIT.to_json()


async def test_a_namesake_is_another_target(cluster, checkout, manifest):
    uid = (await cluster.get(checkout)).uid
    await cluster.delete("Deployment", "checkout", environment="production")
    await cluster.create(manifest("checkout", EDIT.before), environment="production")
    for call in (cluster.preview, cluster.apply):
        with pytest.raises(Conflict, match="was deleted and created again; nothing was done"):
            await call(checkout, EDIT, uid=uid)
    assert cluster.effects == ()


@pytest.mark.parametrize(
    ("edit", "said"),
    [
        (ImageEdit(container="sidecar", before="a", after="b"), "has no container called sidecar any more"),
        (
            ReplicasEdit(before=4, after=5),
            "checkout in production now wants 3 replicas, not 4;",
        ),
        (
            RestartEdit(before="9", after="10"),
            "checkout in production was restarted meanwhile;",
        ),
        (TemplateEdit(before="0" * 64, after="1" * 64), "has another pod template than the one that was looked at"),
    ],
)
async def test_an_edit_from_another_starting_point_is_refused(cluster, checkout, edit, said):
    uid = (await cluster.get(checkout)).uid
    for call in (cluster.preview, cluster.apply):
        with pytest.raises(Conflict) as refused:
            await call(checkout, edit, uid=uid)
        assert said in refused.value.text


async def test_a_revision_that_is_gone_cannot_be_restored(cluster, checkout):
    workload = await cluster.get(checkout)
    with pytest.raises(Conflict, match="no longer keeps the revision that was to be restored"):
        await cluster.apply(checkout, TemplateEdit(before=workload.template, after="1" * 64), uid=workload.uid)


@pytest.mark.parametrize(
    "edit", [ReplicasEdit(before=3, after=-1), ImageEdit(container="app", before=EDIT.before, after=" ")]
)
async def test_what_an_api_server_would_refuse_is_refused(cluster, checkout, edit):
    uid = (await cluster.get(checkout)).uid
    for call in (cluster.preview, cluster.apply):
        with pytest.raises(NotAllowed, match="The cluster refuses the change to shop/checkout in production"):
            await call(checkout, edit, uid=uid)


async def test_a_preview_tells_the_fields_that_change_and_changes_nothing(cluster, checkout):
    before = await cluster.get(checkout)
    assert await cluster.preview(checkout, EDIT, uid=before.uid) == (
        FieldChange(path="spec.template.spec.containers[app].image", before=EDIT.before, after=EDIT.after),
    )
    assert await cluster.preview(checkout, RestartEdit(before=None, after="17"), uid=before.uid) == (
        FieldChange(path="spec.template.metadata.annotations[countersign.dev/restart]", before=None, after="17"),
    )
    assert await cluster.preview(checkout, ReplicasEdit(before=3, after=4), uid=before.uid) == (
        FieldChange(path="spec.replicas", before="3", after="4"),
    )
    assert await cluster.get(checkout) == before


async def test_an_absent_deployment_is_unknown_with_the_nearest(cluster):
    with pytest.raises(UnknownName) as unknown:
        await cluster.get(Place(environment="production", namespace="shop", name="chekout"))
    assert str(unknown.value) == (
        "I know no workload called “chekout”. Namespace shop of production has no Deployment of that name; the nearest is checkout."
    )
    assert await cluster.list("nowhere") == []


async def test_an_edit_of_what_is_gone_is_a_conflict_and_there_is_nothing_to_follow(cluster, checkout):
    uid = (await cluster.get(checkout)).uid
    await cluster.delete("Deployment", "checkout", environment="production")
    with pytest.raises(Conflict, match="checkout in production is no longer there; nothing was done"):
        await cluster.apply(checkout, EDIT, uid=uid)
    with pytest.raises(UnknownName):
        await anext(cluster.follow(checkout, uid=uid))


async def test_a_cluster_that_is_down_answers_nothing(cluster, checkout):
    uid = (await cluster.get(checkout)).uid
    cluster.faults.down = True
    with pytest.raises(Unavailable, match="does not answer"):
        await cluster.list("production")
    with pytest.raises(Unavailable, match="does not answer"):
        await cluster.apply(checkout, EDIT, uid=uid)
    assert cluster.effects == ()


async def test_following_survives_an_outage_but_not_a_long_one(cluster, checkout, hours):
    uid = (await cluster.get(checkout)).uid
    await cluster.apply(checkout, EDIT, uid=uid)
    seen = cluster.follow(checkout, uid=uid)
    assert (await anext(seen)).done is None
    cluster.faults.down = True
    sleep, hours.sleep_count = hours.sleep, 0

    async def recover_after_thirty(seconds: float) -> None:
        hours.sleep_count += 1
        cluster.faults.down = hours.sleep_count < 30
        await sleep(seconds)

    cluster._sleep = recover_after_thirty
    assert [one.done async for one in seen] == [True]
    cluster.faults.down, cluster._sleep = True, sleep
    with pytest.raises(Unavailable):
        await anext(cluster.follow(checkout, uid=uid))


async def test_a_forbidden_verb_is_named(cluster, checkout):
    uid = (await cluster.get(checkout)).uid
    cluster.faults.forbid = {"patch"}
    with pytest.raises(Unavailable, match="forbids to patch shop/checkout in production"):
        await cluster.apply(checkout, EDIT, uid=uid)


async def test_a_slow_cluster_takes_its_time(cluster, checkout, hours):
    start = hours.now
    cluster.faults.slow = 4
    await cluster.get(checkout)
    assert (hours.now - start).total_seconds() == 4


@pytest.mark.parametrize(("switch", "effects"), [("lose_answer", 1), ("lose_request", 0)])
async def test_a_lost_message_leaves_the_caller_in_the_dark(cluster, checkout, switch, effects):
    uid = (await cluster.get(checkout)).uid
    setattr(cluster.faults, switch, True)
    with pytest.raises(Unclear, match="no answer came back"):
        await cluster.apply(checkout, EDIT, uid=uid)
    assert len(cluster.effects) == effects


@pytest.mark.parametrize(
    ("manager", "metadata", "owners"),
    [
        ("kubectl-client-side-apply", {}, ()),
        (
            "argocd-controller",
            {},
            (("replicas", "Argo CD", "argocd-controller"), ("template", "Argo CD", "argocd-controller")),
        ),
        (
            "kubectl",
            {"annotations": {"argocd.argoproj.io/tracking-id": "shop:apps/Deployment:shop/web"}},
            (("replicas", "Argo CD", "shop"), ("template", "Argo CD", "shop")),
        ),
        (
            "kustomize-controller",
            {"labels": {"kustomize.toolkit.fluxcd.io/name": "apps"}},
            (("replicas", "Flux", "apps"), ("template", "Flux", "apps")),
        ),
        (
            "helm",
            {"labels": {"app.kubernetes.io/managed-by": "Helm", "app.kubernetes.io/instance": "shop"}},
            (("replicas", "Helm", "shop"), ("template", "Helm", "shop")),
        ),
    ],
)
async def test_owners_are_told_by_marks_and_by_who_wrote(cluster, manifest, manager, metadata, owners):
    made = manifest()
    made["metadata"] |= metadata
    await cluster.create(made, environment="staging", manager=manager)
    workload = await cluster.get(Place(environment="staging", namespace="shop-staging", name="web"))
    assert workload.owners == tuple(
        Owner(field=field, system=system, name=name, reverts=system != "Helm") for field, system, name in owners
    )


async def test_an_autoscaler_owns_the_replicas_that_argo_left_to_it(cluster, manifest):
    made = manifest()
    del made["spec"]["replicas"]
    await cluster.create(made, environment="staging", manager="argocd-controller")
    autoscaler = {
        "kind": "HorizontalPodAutoscaler",
        "metadata": {"name": "web-scaler"},
        "spec": {"scaleTargetRef": {"kind": "Deployment", "name": "web"}, "minReplicas": 1, "maxReplicas": 9},
    }
    await cluster.create(autoscaler, environment="staging")
    workload = await cluster.get(Place(environment="staging", namespace="shop-staging", name="web"))
    assert workload.owners == (
        Owner(field="replicas", system="HorizontalPodAutoscaler", name="web-scaler", reverts=True),
        Owner(field="template", system="Argo CD", name="argocd-controller", reverts=True),
    )


@pytest.mark.parametrize("name", ["web", None])
async def test_manifests_that_make_no_sense_are_refused(cluster, manifest, name):
    made = manifest()
    made["metadata"]["name"] = name
    made["spec"]["template"]["spec"]["containers"] = [] if name else [{"name": "app", "image": "a:1"}]
    with pytest.raises(BadInput, match="not one that a cluster would take" if name else "has no metadata.name"):
        await cluster.create(made, environment="staging")
    with pytest.raises(BadInput, match="no objects of kind Secret"):
        await cluster.create({"kind": "Secret", "metadata": {"name": "x"}}, environment="staging")


async def test_a_namesake_is_not_created_twice(cluster, manifest):
    await cluster.create(manifest(), environment="staging")
    with pytest.raises(Conflict, match="There already is a deployment shop-staging/web"):
        await cluster.create(manifest(), environment="staging")
