"""What every cluster behind the ports `Workloads`, `Edits` and `Rollouts` promises. One suite for the twin, the adapter and real clusters."""

import asyncio
from decimal import Decimal

import pytest

from skills.core.catalog import Catalog
from skills.core.errors import Conflict, NotAllowed, UnknownName
from skills.core.plan import FieldChange, Plan, Step, Target
from skills.core.ports.workloads import (
    ImageEdit,
    Owner,
    ReplicasEdit,
    ResourcesEdit,
    RestartEdit,
    TemplateEdit,
    Workload,
)
from skills.core.skill import Params, Seen
from skills.core.workload_change import WorkloadChange
from tests.support.labs import ENVIRONMENT, Lab, autoscaler, quota, vertical_autoscaler

pytestmark = pytest.mark.timeout(300)


def image_edit(lab: Lab) -> ImageEdit:
    return ImageEdit(container="app", before=lab.images.good, after=lab.images.better)


class Deploy(WorkloadChange[Params]):
    """As much of a change skill as reading back needs."""

    name = "deploy"

    async def plan(self, params: Params) -> Plan:
        raise AssertionError("nothing is planned here")


def seen_by(lab: Lab, workload: Workload, edit: ImageEdit) -> tuple[Deploy, Step]:
    """What the deploy skill would make of this edit, as far as reading it back goes."""
    skill = Deploy(Catalog(declared=(), environments=(), people=()), lab.cluster, lab.cluster, lab.cluster)
    place = workload.place
    target = Target(
        service="checkout", environment=ENVIRONMENT, kind="Deployment", namespace=place.namespace, name=place.name,
        uid=workload.uid,
    )  # fmt: skip
    return skill, Step(action="Deploy", target=target, before=edit.before, after=edit.after, edit=edit.to_json())


async def test_a_workload_is_read_as_it_stands(lab: Lab) -> None:
    workload = await lab.deploy(replicas=2)

    assert workload.uid
    assert [(container.name, container.image) for container in workload.containers] == [("app", lab.images.good)]
    assert (workload.replicas, workload.updated, workload.ready, workload.available) == (2, 2, 2, 2)
    assert workload.settled
    assert not workload.paused
    assert workload.trouble == ""
    assert workload.restart is None
    assert workload.revision == 1
    assert workload.changed_at is not None
    assert workload.changed_at.utcoffset() is not None
    assert workload.owners == ()


async def test_the_list_holds_every_workload_by_name(lab: Lab) -> None:
    await lab.deploy("web", settle=False)
    await lab.deploy("search", settle=False)

    names = [workload.place.name for workload in await lab.cluster.list(ENVIRONMENT)]

    assert names == sorted(names)
    assert {f"web-{lab.mark}", f"search-{lab.mark}"} <= set(names)


async def test_an_absent_workload_is_unknown_and_the_nearest_names_are_told(lab: Lab) -> None:
    workload = await lab.deploy("payments", settle=False)

    with pytest.raises(UnknownName) as raised:
        await lab.cluster.get(lab.place(workload.place.name + "x"))

    assert workload.place.name in raised.value.candidates
    assert ENVIRONMENT in str(raised.value)


async def test_a_workload_in_an_absent_namespace_is_unknown(lab: Lab) -> None:
    with pytest.raises(UnknownName, match="no-such-namespace"):
        await lab.cluster.get(lab.place("checkout", namespace="no-such-namespace"))


async def test_following_an_absent_workload_is_refused(lab: Lab) -> None:
    with pytest.raises(UnknownName):
        await anext(aiter(lab.cluster.follow(lab.place(f"absent-{lab.mark}"), uid="1")))


async def test_a_preview_shows_the_image_and_nothing_else(lab: Lab) -> None:
    workload = await lab.deploy()

    changes = await lab.cluster.preview(workload.place, image_edit(lab), uid=workload.uid)

    path = "spec.template.spec.containers[app].image"
    assert changes == (FieldChange(path=path, before=lab.images.good, after=lab.images.better),)
    assert (await lab.get(workload.place.name)).containers == workload.containers


async def test_two_previews_of_one_world_are_equal(lab: Lab) -> None:
    workload = await lab.deploy(settle=False)

    first = await lab.cluster.preview(workload.place, RestartEdit(before=None, after="7"), uid=workload.uid)
    again = await lab.cluster.preview(workload.place, RestartEdit(before=None, after="7"), uid=workload.uid)

    assert first == again
    assert [(change.before, change.after) for change in first] == [(None, "7")]


async def test_an_image_edit_rolls_out(lab: Lab) -> None:
    workload = await lab.deploy(replicas=2)

    await lab.apply(workload, image_edit(lab))
    seen = await lab.rolled_out(workload.place.name)

    after = await lab.get(workload.place.name)
    assert after.container("app").image == lab.images.better
    assert after.settled
    assert after.revision == 2
    assert after.template != workload.template
    assert (seen[-1].wanted, seen[-1].updated, seen[-1].ready) == (2, 2, 2)
    assert all(rollout.done is None for rollout in seen[:-1])


async def test_an_edit_whose_before_no_longer_holds_is_a_conflict_and_changes_nothing(lab: Lab) -> None:
    workload = await lab.deploy()
    stale = ImageEdit(container="app", before="registry.example/checkout:v0", after=lab.images.better)

    with pytest.raises(Conflict):
        await lab.cluster.preview(workload.place, stale, uid=workload.uid)
    with pytest.raises(Conflict):
        await lab.apply(workload, stale)

    assert await lab.get(workload.place.name) == workload


async def test_an_edit_of_a_namesake_is_a_conflict(lab: Lab) -> None:
    workload = await lab.deploy()

    with pytest.raises(Conflict):
        await lab.cluster.apply(workload.place, image_edit(lab), uid="00000000-0000-0000-0000-000000000000")

    assert await lab.get(workload.place.name) == workload


async def test_an_edit_of_a_deleted_workload_is_not_made(lab: Lab) -> None:
    workload = await lab.deploy(settle=False)
    await lab.ground.delete("Deployment", workload.place.name)

    with pytest.raises((Conflict, UnknownName)):
        await lab.apply(workload, image_edit(lab))


async def test_a_repeated_edit_is_a_conflict_and_reads_back_as_done(lab: Lab) -> None:
    workload = await lab.deploy()
    change, step = seen_by(lab, workload, image_edit(lab))
    before = await change.observe(step)

    await lab.apply(workload, image_edit(lab))
    with pytest.raises(Conflict):
        await lab.apply(workload, image_edit(lab))

    assert (before, await change.observe(step)) == (Seen.BEFORE, Seen.AFTER)


async def test_of_two_writers_who_saw_the_same_exactly_one_wins(lab: Lab) -> None:
    workload = await lab.deploy()
    edits = [
        ImageEdit(container="app", before=lab.images.good, after=f"{lab.images.better}{end}") for end in ("", ".1")
    ]

    outcomes = await asyncio.gather(*(lab.apply(workload, edit) for edit in edits), return_exceptions=True)

    assert sorted(type(outcome).__name__ for outcome in outcomes) == ["Conflict", "NoneType"]
    winner = edits[outcomes.index(None)]
    assert (await lab.get(workload.place.name)).container("app").image == winner.after


async def test_replicas_are_scaled_up_and_to_zero(lab: Lab) -> None:
    workload = await lab.deploy(replicas=1)

    await lab.apply(workload, ReplicasEdit(before=1, after=3))
    up = await lab.rolled_out(workload.place.name)
    await lab.apply(workload, ReplicasEdit(before=3, after=0))
    down = await lab.rolled_out(workload.place.name)

    assert (up[-1].wanted, up[-1].ready) == (3, 3)
    assert (down[-1].wanted, down[-1].ready) == (0, 0)
    after = await lab.get(workload.place.name)
    assert (after.replicas, after.available, after.revision) == (0, 0, 1)


async def test_scaling_to_what_is_already_wanted_changes_nothing(lab: Lab) -> None:
    workload = await lab.deploy(replicas=2)
    same = ReplicasEdit(before=2, after=2)

    assert tuple(await lab.cluster.preview(workload.place, same, uid=workload.uid)) == ()
    await lab.apply(workload, same)

    assert (await lab.get(workload.place.name)).settled


async def test_a_restart_replaces_every_pod_and_can_be_taken_back(lab: Lab) -> None:
    workload = await lab.deploy()

    await lab.apply(workload, RestartEdit(before=None, after="first"))
    await lab.rolled_out(workload.place.name)
    once = await lab.get(workload.place.name)
    await lab.apply(workload, RestartEdit(before="first", after="second"))
    await lab.rolled_out(workload.place.name)
    twice = await lab.get(workload.place.name)
    await lab.apply(workload, RestartEdit(before="second", after=None))
    await lab.rolled_out(workload.place.name)
    undone = await lab.get(workload.place.name)

    assert (once.restart, twice.restart, undone.restart) == ("first", "second", None)
    assert len({workload.template, once.template, twice.template}) == 3
    assert undone.template == workload.template
    with pytest.raises(Conflict):
        await lab.apply(workload, RestartEdit(before="second", after="third"))


REQUESTS = {"requests": {"cpu": "0.5", "memory": "1024Mi", "ephemeral-storage": "1Gi"}, "limits": {"memory": "2Gi"}}


async def test_requests_are_read_and_set_and_set_back_and_other_resources_stay(lab: Lab) -> None:
    workload = await lab.deploy(resources=REQUESTS)
    line = "cpu=500m memory=1Gi memory-limit=2Gi"
    less = ResourcesEdit(container="app", before=line, after="cpu=250m memory=512Mi memory-limit=2Gi")

    preview = await lab.cluster.preview(workload.place, less, uid=workload.uid)
    await lab.apply(workload, less)
    await lab.rolled_out(workload.place.name)
    smaller = await lab.get(workload.place.name)
    await lab.apply(workload, less.inverse())
    await lab.rolled_out(workload.place.name)
    back = await lab.get(workload.place.name)

    assert workload.container("app").resources == line
    path = "spec.template.spec.containers[app].resources.requests"
    assert [(change.path, change.after) for change in preview] == [(f"{path}.cpu", "250m"), (f"{path}.memory", "512Mi")]
    assert smaller.container("app").resources == less.after
    assert (smaller.size.cpu, smaller.size.memory) == (Decimal("0.25"), Decimal("0.5"))
    assert back.container("app").resources == line


async def test_requests_come_to_a_container_that_had_none_and_go_again(lab: Lab) -> None:
    workload = await lab.deploy()
    some = ResourcesEdit(container="app", before="", after="cpu=250m")

    await lab.apply(workload, some)
    await lab.rolled_out(workload.place.name)
    with_requests = await lab.get(workload.place.name)
    await lab.apply(workload, some.inverse())
    await lab.rolled_out(workload.place.name)

    assert with_requests.container("app").resources == "cpu=250m"
    assert (await lab.get(workload.place.name)).container("app").resources == ""
    assert (await lab.get(workload.place.name)).template == workload.template


async def test_requests_that_somebody_changed_meanwhile_are_a_conflict(lab: Lab) -> None:
    workload = await lab.deploy(resources=REQUESTS)
    stale = ResourcesEdit(container="app", before="cpu=1", after="cpu=2")

    with pytest.raises(Conflict, match="now requests cpu=500m memory=1Gi memory-limit=2Gi"):
        await lab.cluster.preview(workload.place, stale, uid=workload.uid)
    with pytest.raises(Conflict):
        await lab.apply(workload, stale)

    assert (await lab.get(workload.place.name)).container("app").resources == "cpu=500m memory=1Gi memory-limit=2Gi"


async def test_a_request_above_its_limit_is_refused(lab: Lab) -> None:
    workload = await lab.deploy(resources=REQUESTS)
    over = ResourcesEdit(
        container="app", before="cpu=500m memory=1Gi memory-limit=2Gi", after="memory=4Gi memory-limit=2Gi"
    )

    with pytest.raises(NotAllowed, match="refuses"):
        await lab.cluster.preview(workload.place, over, uid=workload.uid)


async def test_requests_that_a_vertical_autoscaler_sets_are_its(lab: Lab) -> None:
    workload = await lab.deploy(resources=REQUESTS)
    edit = ResourcesEdit(container="app", before="cpu=500m memory=1Gi memory-limit=2Gi", after="cpu=250m")
    advises, decides = f"advises-{lab.mark}", f"decides-{lab.mark}"

    await lab.add(vertical_autoscaler(advises, workload.place.name, mode="Off"))
    await lab.add(vertical_autoscaler("of-others", "another"))
    assert await lab.cluster.preview(workload.place, edit, uid=workload.uid)
    await lab.add(vertical_autoscaler(decides, workload.place.name))

    with pytest.raises(NotAllowed, match=decides):
        await lab.cluster.preview(workload.place, edit, uid=workload.uid)


async def test_an_earlier_revision_is_restored_and_left_again(lab: Lab) -> None:
    workload = await lab.deploy()
    await lab.apply(workload, image_edit(lab))
    await lab.rolled_out(workload.place.name)
    newest, oldest = await lab.cluster.revisions(workload.place)
    back = TemplateEdit(before=newest.template, after=oldest.template)

    preview = await lab.cluster.preview(workload.place, back, uid=workload.uid)
    await lab.apply(workload, back)
    await lab.rolled_out(workload.place.name)
    restored = await lab.get(workload.place.name)
    await lab.apply(workload, back.inverse())
    await lab.rolled_out(workload.place.name)

    assert (newest.current, oldest.current) == (True, False)
    assert [change.after for change in preview] == [lab.images.good]
    assert restored.template == workload.template == oldest.template
    assert restored.revision == 3
    assert (await lab.get(workload.place.name)).template == newest.template
    assert [revision.number for revision in await lab.cluster.revisions(workload.place)] == [4, 3]


async def test_a_revision_that_is_not_kept_cannot_be_restored(lab: Lab) -> None:
    workload = await lab.deploy(settle=False)

    with pytest.raises(Conflict):
        await lab.apply(workload, TemplateEdit(before=workload.template, after="0" * 64))


async def test_an_image_that_crashes_ends_the_rollout_with_its_cause(lab: Lab) -> None:
    workload = await lab.deploy(replicas=2)

    await lab.apply(workload, ImageEdit(container="app", before=lab.images.good, after=lab.images.broken))
    seen = await lab.followed(workload)

    assert seen[-1].done is False
    assert "crash" in seen[-1].text.lower()
    assert "app" in seen[-1].text
    after = await lab.get(workload.place.name)
    assert not after.settled
    assert after.trouble
    assert after.available >= 1


async def test_a_broken_rollout_is_taken_back(lab: Lab) -> None:
    workload = await lab.deploy(replicas=2)
    forward = ImageEdit(container="app", before=lab.images.good, after=lab.images.broken)
    await lab.apply(workload, forward)
    await lab.followed(workload)

    await lab.apply(workload, forward.inverse())
    await lab.rolled_out(workload.place.name)

    after = await lab.get(workload.place.name)
    assert after.template == workload.template
    assert after.settled
    assert after.trouble == ""


async def test_pods_that_a_quota_forbids_end_the_rollout_with_its_cause(lab: Lab) -> None:
    workload = await lab.deploy(replicas=1)
    await lab.add(quota(f"tight-{lab.mark}", pods=1))

    await lab.apply(workload, ReplicasEdit(before=1, after=3))
    seen = await lab.followed(workload)

    assert seen[-1].done is False
    assert "quota" in seen[-1].text


async def test_a_workload_deleted_under_way_ends_the_rollout(lab: Lab) -> None:
    workload = await lab.deploy(replicas=1)
    await lab.apply(workload, ImageEdit(container="app", before=lab.images.good, after=lab.images.broken))

    async with asyncio.timeout(60):
        seen = []
        async for rollout in lab.cluster.follow(workload.place, uid=workload.uid):
            seen.append(rollout)
            if len(seen) == 1:
                await lab.ground.delete("Deployment", workload.place.name)

    assert seen[-1].done is False
    assert "deleted" in seen[-1].text


async def test_fields_that_argo_cd_applied_are_said_to_be_its(lab: Lab) -> None:
    workload = await lab.deploy(manager="argocd-controller", apply=True, settle=False)

    assert workload.owners == (
        Owner(field="replicas", system="Argo CD", name="argocd-controller", reverts=True),
        Owner(field="template", system="Argo CD", name="argocd-controller", reverts=True),
    )


async def test_an_application_is_named_by_its_tracking_mark(lab: Lab) -> None:
    mark = {"argocd.argoproj.io/tracking-id": "shop-app:apps/Deployment:shop/checkout"}
    workload = await lab.deploy(annotations=mark, settle=False)

    assert {(owner.field, owner.system, owner.name) for owner in workload.owners} == {
        ("replicas", "Argo CD", "shop-app"),
        ("template", "Argo CD", "shop-app"),
    }


async def test_fields_that_helm_installed_are_its_but_not_reverted(lab: Lab) -> None:
    workload = await lab.deploy(
        manager="helm",
        labels={"app.kubernetes.io/managed-by": "Helm"},
        annotations={"meta.helm.sh/release-name": "shop"},
        settle=False,
    )

    assert set(workload.owners) == {
        Owner(field="replicas", system="Helm", name="shop", reverts=False),
        Owner(field="template", system="Helm", name="shop", reverts=False),
    }


async def test_an_autoscaler_owns_the_replicas(lab: Lab) -> None:
    workload = await lab.deploy(settle=False)
    name = f"scales-{lab.mark}"
    await lab.add(autoscaler(name, workload.place.name))

    owners = (await lab.get(workload.place.name)).owners

    assert owners == (Owner(field="replicas", system="HorizontalPodAutoscaler", name=name, reverts=True),)


async def test_secrets_in_variables_never_show_in_a_preview(lab: Lab) -> None:
    workload = await lab.deploy(env={"DB_PASSWORD": "hunter2hunter2", "COLOUR": "blue"})
    restored = await lab.cluster.revisions(workload.place)
    assert len(restored) == 1

    for edit in (image_edit(lab), RestartEdit(before=None, after="1"), ReplicasEdit(before=2, after=3)):
        changes = await lab.cluster.preview(workload.place, edit, uid=workload.uid)
        assert "hunter2hunter2" not in str(changes)
        assert len(changes) == 1
