"""How rollouts go in the simulated cluster: they take time, roll in waves, and fail for a stated reason."""

from datetime import timedelta

import pytest

from skills.core.ports.workloads import ImageEdit, Place, ReplicasEdit, RestartEdit, TemplateEdit

V41, V42, V43 = (f"registry.example/checkout:v{number}" for number in (41, 42, 43))


async def edit(cluster, place, change):
    await cluster.apply(place, change, uid=(await cluster.get(place)).uid)


async def deploy(cluster, place, after, before=V41):
    await edit(cluster, place, ImageEdit(container="app", before=before, after=after))


async def texts(cluster, place):
    return [seen.text async for seen in cluster.follow(place, uid=(await cluster.get(place)).uid)]


async def last(cluster, place):
    return [seen async for seen in cluster.follow(place, uid=(await cluster.get(place)).uid)][-1]


async def test_the_world_begins_settled_with_a_past_to_go_back_to(cluster, checkout):
    workload = await cluster.get(checkout)
    assert (workload.revision, workload.ready, workload.settled, workload.trouble) == (2, 3, True, "")
    assert workload.changed_at.isoformat() == "2026-10-15T00:00:00+00:00"
    revisions = await cluster.revisions(checkout)
    assert [(r.number, r.containers[0].image[-3:], r.current) for r in revisions] == [
        (2, "v41", True),
        (1, "v40", False),
    ]


async def test_a_healthy_release_rolls_out_one_wave_after_another(cluster, checkout, hours):
    start = hours.now
    await deploy(cluster, checkout, V42)
    assert await texts(cluster, checkout) == [
        "1 of 3 replicas updated, 0 ready, 3 old ones to go.",
        "2 of 3 replicas updated, 1 ready, 2 old ones to go.",
        "3 of 3 replicas updated, 2 ready, 1 old one to go.",
        "All 3 replicas are up to date and available.",
    ]
    assert hours.now - start == timedelta(seconds=6)


async def test_a_crashing_release_fails_with_cause_and_redacted_log_while_the_old_pods_serve(cluster, checkout):
    await deploy(cluster, checkout, V43)
    seen = [one async for one in cluster.follow(checkout, uid=(await cluster.get(checkout)).uid)]
    assert [one.text for one in seen] == [
        "1 of 3 replicas updated, 0 ready, 3 old ones to go.",
        "1 of 3 replicas updated, 0 ready, 3 old ones to go. Container app of checkout ended with exit code 3 and is started again.",
        "Container app of checkout crashes at start: exit code 3.",
    ]
    assert (seen[-1].done, seen[-1].ready) == (False, 0)
    assert seen[-1].log == ("starting", "DB_PASSWORD=(redacted) was refused")
    workload = await cluster.get(checkout)
    assert (workload.settled, workload.ready) == (False, 3)
    assert workload.trouble == "Container app of checkout crashes at start: exit code 3."


async def test_going_back_from_a_crash_settles_at_once_and_renumbers_the_old_revision(cluster, checkout):
    await deploy(cluster, checkout, V43)
    await last(cluster, checkout)
    await deploy(cluster, checkout, V41, before=V43)
    assert (await last(cluster, checkout)).done is True
    revisions = await cluster.revisions(checkout)
    assert [(r.number, r.containers[0].image[-3:]) for r in revisions] == [(4, "v41"), (3, "v43"), (1, "v40")]


async def test_restoring_a_template_brings_back_its_digest_under_a_new_number(cluster, checkout):
    now, earlier = await cluster.revisions(checkout)
    await edit(cluster, checkout, TemplateEdit(before=now.template, after=earlier.template))
    workload = await cluster.get(checkout)
    assert (workload.template, workload.revision) == (earlier.template, 3)
    assert (await last(cluster, checkout)).text == "All 3 replicas are up to date and available."


async def test_a_restart_replaces_every_pod_and_its_inverse_restores_the_template(cluster, checkout):
    before = await cluster.get(checkout)
    await edit(cluster, checkout, RestartEdit(before=None, after="17"))
    marked = await cluster.get(checkout)
    assert (marked.restart, marked.updated, marked.revision) == ("17", 1, 3)
    await edit(cluster, checkout, RestartEdit(before="17", after=None))
    assert (await cluster.get(checkout)).template == before.template


async def test_scaling_changes_no_revision_and_leaves_nobody_at_zero(cluster, checkout):
    await edit(cluster, checkout, ReplicasEdit(before=3, after=5))
    assert await texts(cluster, checkout) == [
        "5 of 5 replicas updated, 3 ready.",
        "All 5 replicas are up to date and available.",
    ]
    await edit(cluster, checkout, ReplicasEdit(before=5, after=0))
    assert await texts(cluster, checkout) == ["No replicas are wanted, and none are left."]
    workload = await cluster.get(checkout)
    assert (workload.revision, workload.replicas, workload.ready, workload.settled) == (2, 0, 0, True)


async def test_an_image_that_cannot_be_pulled_is_named(cluster, checkout):
    await deploy(cluster, checkout, "registry.example/checkout:badimage")
    assert (await last(cluster, checkout)).text == (
        "Image registry.example/checkout:badimage of container app of checkout cannot be pulled: not found in the registry."
    )


async def test_an_unlisted_tag_behaves_as_it_says(cluster, checkout):
    await deploy(cluster, checkout, "registry.example/other:crash-2")
    assert (await last(cluster, checkout)).text.endswith("crashes at start: exit code 1 (application error).")


async def test_a_rollout_slower_than_its_deadline_is_given_up(cluster, checkout, hours):
    start = hours.now
    await deploy(cluster, checkout, "registry.example/checkout:v44")
    seen = await last(cluster, checkout)
    assert (seen.done, seen.text) == (False, "checkout made no progress within 600 seconds.")
    assert hours.now - start == timedelta(seconds=600)


async def test_a_quota_that_blocks_the_new_pod_is_named(cluster, checkout):
    await cluster.create(
        {"kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": {"hard": {"pods": "3"}}},
        environment="production",
    )
    await deploy(cluster, checkout, V42)
    seen = await last(cluster, checkout)
    assert seen.done is False
    assert (
        seen.text == "No more pods of checkout can be created: quota team of namespace shop allows 3, and 3 are used."
    )
    await cluster.delete("ResourceQuota", "team", environment="production")
    assert (await last(cluster, checkout)).done is True


async def test_a_quota_that_leaves_room_to_swap_only_slows_the_rollout(cluster, manifest):
    await cluster.create(manifest(replicas=4), environment="staging")
    await cluster.create(
        {"kind": "ResourceQuota", "metadata": {"name": "team"}, "spec": {"hard": {"count/pods": 5}}},
        environment="staging",
    )
    web = Place(environment="staging", namespace="shop-staging", name="web")
    assert (await last(cluster, web)).done is True
    await deploy(cluster, web, "registry.example/web:2", before="registry.example/web:1")
    assert (await last(cluster, web)).done is True


async def test_a_paused_deployment_rolls_nothing_out_but_scales(cluster, manifest):
    await cluster.create(manifest(paused=True), environment="staging")
    web = Place(environment="staging", namespace="shop-staging", name="web")
    await last(cluster, web)
    await edit(cluster, web, ReplicasEdit(before=2, after=3))
    await deploy(cluster, web, "registry.example/web:2", before="registry.example/web:1")
    seen = await last(cluster, web)
    assert (seen.done, seen.text, seen.updated) == (
        False,
        "The rollout is paused; nothing more happens until somebody resumes it.",
        0,
    )


async def test_recreate_takes_every_old_pod_away_first(cluster, manifest):
    await cluster.create(manifest(strategy={"type": "Recreate"}), environment="staging")
    web = Place(environment="staging", namespace="shop-staging", name="web")
    await last(cluster, web)
    await deploy(cluster, web, "registry.example/web:2", before="registry.example/web:1")
    assert await texts(cluster, web) == [
        "2 of 2 replicas updated, 0 ready.",
        "All 2 replicas are up to date and available.",
    ]


async def test_a_pod_is_available_only_after_min_ready_seconds(cluster, manifest, hours):
    await cluster.create(manifest(minReadySeconds=5), environment="staging")
    web = Place(environment="staging", namespace="shop-staging", name="web")
    await hours.sleep(3)
    workload = await cluster.get(web)
    assert (workload.ready, workload.available, workload.settled) == (2, 0, False)
    await hours.sleep(4)
    assert (await cluster.get(web)).settled


@pytest.mark.parametrize("again", [False, True])
async def test_following_ends_when_the_deployment_is_deleted(cluster, checkout, manifest, again):
    await deploy(cluster, checkout, V42)
    seen = cluster.follow(checkout, uid=(await cluster.get(checkout)).uid)
    await anext(seen)
    await cluster.delete("Deployment", "checkout", environment="production")
    if again:
        await cluster.create(manifest("checkout"), environment="production")
    what = "was deleted and created again" if again else "was deleted"
    assert [(one.done, one.text) async for one in seen] == [
        (False, f"checkout {what} by somebody else; what I followed is gone.")
    ]


async def test_old_revisions_are_forgotten_beyond_the_limit(cluster, manifest):
    await cluster.create(manifest(revisionHistoryLimit=1), environment="staging")
    web = Place(environment="staging", namespace="shop-staging", name="web")
    for number in (2, 3):
        await deploy(cluster, web, f"registry.example/web:{number}", before=f"registry.example/web:{number - 1}")
    assert [revision.number for revision in await cluster.revisions(web)] == [3, 2]
