"""What objects there are, what one looks like, and what was said about them."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import UnknownName
from skills.core.names import EnvironmentName, Organization, ServiceName, Subject
from skills.core.ports.snapshots import Budget, LogWanted, Named, Scope, Snapshot, Unseen
from skills.core.report import Finding, Report, Table
from skills.events import Events
from skills.resources import Resources
from tests.support.manifests import MINUTE, app, config_map, event, named, said_of, secret
from tests.support.scenes import snapshot

DEV = Actor(subject=Subject("dev"), name="Dev", organization=Organization("acme"), roles=frozenset({"developer"}))
CATALOG = Catalog(
    declared=(Service(name=ServiceName("checkout")), Service(name=ServiceName("search"))),
    environments=(Environment(name=EnvironmentName("production"), namespace="shop"),),
    people=(),
)


class Seen:
    """`Snapshots` of objects that are given: of each kind what was asked for, and what could not be seen."""

    def __init__(self, *objects: Mapping[str, Any], unseen: tuple[Unseen, ...] = ()) -> None:
        self._whole = replace(snapshot(*objects), unseen=unseen)

    async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
        return replace(self._whole, objects={kind: self._whole.objects[kind] for kind in kinds})

    async def find(self, scope: Scope, wanted: Sequence[Named], *, budget: Budget) -> Snapshot:
        raise AssertionError("nobody asks by name here")

    async def logs(self, scope: Scope, wanted: Sequence[LogWanted], *, budget: Budget) -> Snapshot:
        raise AssertionError("nobody reads logs here")


def tables(report: Report) -> list[Table]:
    return [part for part in report.parts if isinstance(part, Table)]


async def resources(*objects: Mapping[str, Any], unseen: tuple[Unseen, ...] = (), **params: object) -> Report:
    skill = Resources(CATALOG, Seen(*objects, unseen=unseen))
    return await skill.answer(Resources.Params.model_validate(params), asker=DEV)


async def events(*objects: Mapping[str, Any], **params: object) -> Report:
    skill = Events(CATALOG, Seen(*objects))
    return await skill.answer(Events.Params.model_validate(params), asker=DEV)


async def test_a_service_is_listed_with_what_belongs_to_it_and_nothing_else() -> None:
    report = await resources(*app("checkout"), *app("search"), service="checkout")
    assert report.summary == "1 Deployment, 2 Pods, 1 Service."
    assert tables(report)[0].rows[0] == ("Deployment", "checkout", "2 of 2 ready", "60m")


async def test_one_kind_is_listed_in_the_whole_namespace() -> None:
    report = await resources(config_map("a", host="x", port="1"), config_map("b"), kind="configmap")
    assert [row[1:3] for row in tables(report)[0].rows] == [("a", "2 keys: host, port"), ("b", "")]


async def test_labels_images_and_limits_stand_beside_where_they_are_asked_for() -> None:
    report = await resources(*app("checkout"), kind="pod", labels=True, images=True, limits=True)
    table = tables(report)[0]
    assert table.columns == ("kind", "name", "state", "age", "labels", "images", "limits")
    assert table.rows[0][4:] == (
        "app=checkout, pod-template-hash=5d4f",
        "registry.example/app:v1",
        "memory 128Mi",
    )


async def test_what_has_no_limits_and_no_birthday_says_so_or_nothing() -> None:
    free = {
        "containers": [
            {"name": "app", "image": "a"},
            {"name": "proxy", "image": "b", "resources": {"limits": {"cpu": "1"}}},
        ]
    }
    pod = {"kind": "Pod", "metadata": {"name": "x", "namespace": "shop"}, "spec": free, "status": {"phase": "Running"}}
    node = {
        "kind": "Node",
        "metadata": {"name": "n"},
        "spec": {},
        "status": {"allocatable": {"cpu": "4", "memory": "8Gi", "hugepages-2Mi": "0"}},
    }
    assert tables(await resources(pod, kind="pod", limits=True))[0].rows[0][3:] == ("", "app: no limits; proxy: cpu 1")
    assert tables(await resources(node, kind="node", limits=True, labels=True))[0].rows[0][4:] == (
        "none",
        "cpu 4, memory 8Gi",
    )


async def test_the_whole_cluster_is_listed_with_namespaces_unless_a_service_is_named() -> None:
    report = await resources(*app("checkout"), kind="deployment", cluster=True)
    assert tables(report)[0].columns[0] == "namespace"
    assert tables(report)[0].rows[0][:3] == ("shop", "Deployment", "checkout")
    one = await resources(*app("checkout"), *app("search"), kind="deployment", service="checkout", cluster=True)
    assert [row[1] for row in tables(one)[0].rows] == ["checkout"]


async def test_roles_bindings_and_namespaces_are_told_in_a_line() -> None:
    role = {"kind": "Role", "metadata": {"name": "reader", "namespace": "shop"}, "rules": [{"verbs": ["get"]}]}
    binding = {
        "kind": "RoleBinding",
        "metadata": {"name": "b", "namespace": "shop"},
        "roleRef": {"name": "reader"},
        "subjects": [{"name": "bot"}],
    }
    space = {"kind": "Namespace", "metadata": {"name": "shop"}, "status": {"phase": "Active"}}
    assert tables(await resources(role, kind="role"))[0].rows[0][2] == "1 rule"
    assert tables(await resources(binding, kind="rolebinding"))[0].rows[0][2] == "reader for bot"
    assert tables(await resources(space, kind="namespace"))[0].rows[0][1:3] == ("shop", "Active")


async def test_a_kind_that_there_is_not_is_unknown_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="I know no kind called “unicorn”"):
        await resources(kind="unicorn")


async def test_one_object_is_described_with_conditions_and_events_and_without_secrets() -> None:
    objects = app("checkout")
    whole = objects[0]
    env = [
        {"name": "DB_PASSWORD", "value": "hunter2"},
        {"name": "MODE", "value": "fast"},
        {"name": "URL", "value": "postgres://u:pw@db/x"},
    ]
    whole["spec"]["template"]["spec"]["containers"][0]["env"] = env
    report = await resources(
        *objects, event(whole, "ScalingReplicaSet", "Scaled up", warning=False), kind="deployment", object="checkout"
    )
    fields, conditions, said = tables(report)
    shown = dict(fields.rows)
    assert shown["spec.template.spec.containers[app].env[DB_PASSWORD].value"] == "(redacted)"
    assert shown["spec.template.spec.containers[app].env[MODE].value"] == "fast"
    assert "pw" not in shown["spec.template.spec.containers[app].env[URL].value"]
    assert [row[:2] for row in conditions.rows] == [("Available", "True"), ("Progressing", "True")]
    assert said.rows[0][1:] == ("ScalingReplicaSet", "Scaled up")
    assert "hunter2" not in str(report)


async def test_what_a_secret_holds_is_never_shown() -> None:
    report = await resources(secret("tokens", "api-key", "note"), kind="secret", object="tokens")
    values = [value for path, value in tables(report)[0].rows if path.startswith("data.")]
    assert values == ["(redacted)", "(redacted)"]


async def test_what_could_not_be_seen_is_said() -> None:
    why = Unseen(kind="Ingress", namespace="shop", why="I may not look at ingresses in namespace shop.")
    report = await resources(*app("checkout"), unseen=(why,))
    assert Finding(text=why.why, severity="warning") in report.parts


async def test_the_same_event_on_every_pod_is_one_line_with_its_count() -> None:
    objects = said_of(app("checkout"), "Pod", "BackOff", "Back-off restarting failed container", count=3)
    report = await events(*objects, service="checkout")
    assert report.summary == "1 event, the latest first."
    assert tables(report)[0].rows[0][1:] == (
        "warning",
        "Pod checkout-5d4f-0",
        "BackOff ×6",
        "Back-off restarting failed container",
    )


async def test_events_are_narrowed_by_age_by_warnings_and_by_object() -> None:
    one = named("Pod", "a")
    said = [
        event(one, "Old", "long ago", seconds_ago=50 * MINUTE), event(one, "New", "just now", seconds_ago=MINUTE),
        event(one, "Fine", "all is well", seconds_ago=MINUTE, warning=False), event(named("Pod", "b"), "Other", "elsewhere"),
    ]  # fmt: skip
    report = await events(one, *said, object="a", since=timedelta(minutes=15), warnings=True)
    assert [row[3] for row in tables(report)[0].rows] == ["New"]


async def test_silence_is_told_with_its_limits() -> None:
    report = await events(*app("checkout"))
    assert (
        report.summary
        == "No events: the cluster has said nothing, or has forgotten it (it keeps events for an hour, as a rule)."
    )


async def test_events_of_a_namespace_that_there_is_not_are_no_silence() -> None:
    class Nowhere(Seen):
        async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
            raise UnknownName("namespace", "nope")

    both = replace(
        CATALOG,
        environments=(
            *CATALOG.environments,
            replace(CATALOG.environments[0], name=EnvironmentName("other"), aliases=()),
        ),
    )
    with pytest.raises(UnknownName, match="I know no namespace called “nope”"):
        await Events(both, Nowhere()).answer(Events.Params(namespace="nope"), asker=DEV)
