"""The snapshot with its references followed: who owns whom, who selects whom, who refers to what, and what was said about it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property
from typing import Any, TypeVar, cast

from skills.core.ports.snapshots import LogWanted, Named, Snapshot
from skills.diagnosis.objects import Container, Object, Ref, container_specs, containers, moment
from skills.diagnosis.selectors import has_all

T = TypeVar("T")
WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet", "ReplicaSet", "Job", "CronJob")
"""What makes pods. A ReplicaSet and a Job stand for themselves only where nothing owns them."""
CLUSTER_WIDE = frozenset(
    {
        "Node", "PersistentVolume", "StorageClass", "IngressClass", "GatewayClass", "PriorityClass", "Namespace", "ClusterRole",
        "ClusterRoleBinding", "CustomResourceDefinition",
    }
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Event:
    """One line of `kubectl get events`: `message` is anybody's text. `count` is how often, between `first` and `last`."""

    about: Ref
    reason: str
    message: str
    warning: bool
    count: int
    first: datetime | None
    last: datetime | None


@dataclass(frozen=True, kw_only=True)
class Use:
    """A reference from a pod spec to something by name. `key` is the one key wanted, "" for all; `how` says where in the spec."""

    kind: str
    name: str
    key: str
    how: str
    optional: bool


class Scene:
    """What detectors look at. Everything is in memory; lookups are by index."""

    def __init__(self, snapshot: Snapshot) -> None:
        self.snapshot = snapshot
        self.now = snapshot.taken_at
        self._all = {
            kind: tuple(Object(kind, raw) for raw in raws) for kind, raws in snapshot.objects.items() if kind != "Event"
        }
        for named, raw in snapshot.named.items():
            if raw is not None and named.kind not in snapshot.objects:
                self._all[named.kind] = (*self._all.get(named.kind, ()), Object(named.kind, raw))
        self._by_ref = {each.ref: each for objects in self._all.values() for each in objects}
        self._by_uid = {each.uid: each for objects in self._all.values() for each in objects if each.uid}
        self._selected: dict[Object, Sequence[Object]] = {}
        self._containers: dict[Object, Sequence[Container]] = {}
        self._events: dict[Ref, Sequence[Event]] = {}
        self._found: dict[Callable[[Scene], object], object] = {}
        self._unseen = {(each.kind, each.namespace) for each in snapshot.unseen}

    def once(self, look: "Callable[[Scene], T]") -> T:
        """What a pure look at this scene finds, found once however many ask."""
        if look not in self._found:
            self._found[look] = look(self)
        return cast("T", self._found[look])

    def all(self, kind: str, namespace: str | None = None) -> Sequence[Object]:
        """Every object of a kind, in one namespace if one is given."""
        return self._all.get(kind, ()) if namespace is None else self._all_in.get((kind, namespace), ())

    def get(self, kind: str, namespace: str, name: str) -> Object | None:
        return self._by_ref.get(Ref(kind, namespace, name))

    def known(self, kind: str, namespace: str = "") -> bool:
        """Was this kind looked at, completely? Only then does not finding an object mean that it is not there."""
        if kind not in self.snapshot.objects:
            return False
        return not {(kind, ""), (kind, namespace)} & self._unseen

    def absent(self, kind: str, namespace: str, name: str) -> bool:
        """Is it certain that there is no such object? Either all of its kind were seen, or it was asked for by name."""
        sought = Named(kind=kind, namespace=namespace, name=name) in self.snapshot.named
        return (sought or self.known(kind, namespace)) and self.get(kind, namespace, name) is None

    def age(self, since: datetime | None) -> timedelta:
        """How long ago, by the API server's clock; zero where the time is not known or is to come."""
        return max(self.now - since, timedelta(0)) if since else timedelta(0)

    def controller(self, owned: Object) -> Object | None:
        """The object that controls this one, if it was seen."""
        owner = owned.controller
        if owner is None:
            return None
        kind, name, uid = owner
        return self._by_uid.get(uid) or self.get(kind, owned.namespace, name)

    def workload(self, owned: Object) -> Object:
        """What somebody would edit to change this object: its topmost known owner, or itself."""
        top = owned
        for _ in range(4):
            above = self.controller(top)
            if above is None:
                return top
            top = above
        return top

    def workload_ref(self, owned: Object) -> Ref:
        """The same as a reference, also where the owner itself was not seen."""
        top = self.workload(owned)
        if top.controller is None:
            return top.ref
        kind, name, _ = top.controller
        return Ref(kind, top.namespace, name)

    def workloads(self, namespace: str | None = None) -> Iterator[Object]:
        """Every object that makes pods and is not itself made by another."""
        for kind in WORKLOADS:
            for each in self.all(kind, namespace):
                if each.controller is None:
                    yield each

    def children(self, owner: Object, kind: str | None = None) -> Sequence[Object]:
        """What it controls directly."""
        found = self._children.get(owner.uid, ())
        return found if kind is None else tuple(each for each in found if each.kind == kind)

    def pods(self, workload: Object) -> Sequence[Object]:
        """The pods under a workload, however deep; a Pod has itself."""
        if workload.kind == "Pod":
            return (workload,)
        return self._pods_by_workload.get(workload.ref, ())

    def current_pods(self, workload: Object) -> Sequence[Object]:
        """Its pods that have not ended and are not being deleted."""
        gone = ("Succeeded", "Failed")
        return tuple(
            pod for pod in self.pods(workload) if pod.deleted_at is None and pod.status.get("phase") not in gone
        )

    def containers(self, pods: Iterable[Object]) -> Iterator[Container]:
        for pod in pods:
            found = self._containers.get(pod)
            if found is None:
                found = self._containers[pod] = tuple(containers(pod))
            yield from found

    def selected(self, service: Object) -> Sequence[Object]:
        """The pods that a Service (or anything with a plain `spec.selector`) selects; none where it has no selector."""
        found = self._selected.get(service)
        if found is None:
            found = self._selected[service] = self._selects(service)
        return found

    def _selects(self, service: Object) -> Sequence[Object]:
        selector = service.spec.get("selector") or {}
        if not selector:
            return ()
        candidates = (self._labelled.get((service.namespace, *pair), ()) for pair in selector.items())
        fewest = min(candidates, key=len)
        return tuple(fewest if len(selector) == 1 else (pod for pod in fewest if has_all(selector, pod.labels)))

    def services_for(self, workload: Object) -> Sequence[Object]:
        """The Services that select what this workload makes."""
        labels = workload.template_labels
        services = self.all("Service", workload.namespace)
        return tuple(s for s in services if s.spec.get("selector") and has_all(s.spec["selector"], labels))

    def pods_in(self, namespace: str) -> Sequence[Object]:
        return self.all("Pod", namespace)

    def events(self, about: Ref, *reasons: str) -> Sequence[Event]:
        """What was said about an object, oldest first; with these reasons only, if any are given."""
        said = self._said.get(about)
        if said is None or (reasons and not any(raw.get("reason") in reasons for raw in said)):
            return ()
        found = self._events_about(about)
        return tuple(event for event in found if event.reason in reasons) if reasons else found

    def said(self) -> Iterator[Event]:
        """Every event."""
        for about in self._said:
            yield from self._events_about(about)

    def warnings(self, namespace: str | None = None) -> Iterator[Event]:
        """Every warning."""
        for about, raws in self._said.items():
            if namespace in (None, about.namespace) and any(raw.get("type") == "Warning" for raw in raws):
                yield from (event for event in self._events_about(about) if event.warning)

    def users(self, kind: str, namespace: str, name: str) -> Sequence[tuple[Object, Use]]:
        """The workloads whose pod spec refers to this object, and how."""
        return self._users.get(Ref(kind, namespace, name), ())

    def log(self, container: Container, *, previous: bool = False) -> str | None:
        """The last lines of its log, or None if they were not read."""
        pod = container.pod
        return self.snapshot.logs.get(
            LogWanted(namespace=pod.namespace, pod=pod.name, container=container.name, previous=previous)
        )

    @cached_property
    def namespaces(self) -> Sequence[str]:
        """Every namespace in which something was seen."""
        return sorted({each.namespace for objects in self._all.values() for each in objects if each.namespace})

    @cached_property
    def _all_in(self) -> Mapping[tuple[str, str], Sequence[Object]]:
        found: dict[tuple[str, str], list[Object]] = defaultdict(list)
        for objects in self._all.values():
            for each in objects:
                found[each.kind, each.namespace].append(each)
        return found

    @cached_property
    def _labelled(self) -> Mapping[tuple[str, str, str], Sequence[Object]]:
        """Pods by namespace, label and its value."""
        found: dict[tuple[str, str, str], list[Object]] = defaultdict(list)
        for pod in self._all.get("Pod", ()):
            for key, value in pod.labels.items():
                found[pod.namespace, key, value].append(pod)
        return found

    @cached_property
    def _children(self) -> Mapping[str, Sequence[Object]]:
        found: dict[str, list[Object]] = defaultdict(list)
        for objects in self._all.values():
            for each in objects:
                owner = each.controller
                if owner:
                    found[owner[2]].append(each)
        return found

    @cached_property
    def _pods_by_workload(self) -> Mapping[Ref, Sequence[Object]]:
        found: dict[Ref, list[Object]] = defaultdict(list)
        for pod in self._all.get("Pod", ()):
            top, between = self.workload_ref(pod), self.controller(pod)
            found[top].append(pod)
            if between is not None and between.ref != top:
                found[between.ref].append(pod)
        return found

    def _events_about(self, about: Ref) -> Sequence[Event]:
        found = self._events.get(about)
        if found is None:
            made = (_event(about, raw) for raw in self._said.get(about, ()))
            found = self._events[about] = sorted(made, key=lambda event: (event.last is not None, event.last))
        return found

    @cached_property
    def _said(self) -> Mapping[Ref, Sequence[Mapping[str, Any]]]:
        """Events as they came, because most are about what is well, and nobody asks for those."""
        found: dict[Ref, list[Mapping[str, Any]]] = defaultdict(list)
        for raw in self.snapshot.objects.get("Event", ()):
            about = raw.get("involvedObject") or raw.get("regarding") or {}
            ref = Ref(str(about.get("kind", "")), str(about.get("namespace", "")), str(about.get("name", "")))
            found[ref].append(raw)
        return dict(found)

    @cached_property
    def _users(self) -> Mapping[Ref, Sequence[tuple[Object, Use]]]:
        found: dict[Ref, list[tuple[Object, Use]]] = defaultdict(list)
        bare = (pod for pod in self._all.get("Pod", ()) if pod.controller is None)
        for each in (*self.workloads(), *bare):
            for use in uses(each.template):
                found[Ref(use.kind, each.namespace, use.name)].append((each, use))
        return found


def uses(template: Mapping[str, Any]) -> Iterator[Use]:
    """Every ConfigMap, Secret, PersistentVolumeClaim and ServiceAccount that a pod spec names."""
    for spec in container_specs(template):
        yield from _environment(spec)
    for volume in template.get("volumes") or ():
        yield from _volume(volume)
    for pull in template.get("imagePullSecrets") or ():
        if pull.get("name"):
            yield Use(kind="Secret", name=pull["name"], key="", how="imagePullSecrets", optional=True)
    account = template.get("serviceAccountName")
    if account:
        yield Use(kind="ServiceAccount", name=account, key="", how="serviceAccountName", optional=False)


def _environment(spec: Mapping[str, Any]) -> Iterator[Use]:
    container = spec.get("name", "")
    for source in spec.get("envFrom") or ():
        for field, kind in (("configMapRef", "ConfigMap"), ("secretRef", "Secret")):
            ref = source.get(field) or {}
            if ref.get("name"):
                how = f"envFrom of container {container}"
                yield Use(kind=kind, name=ref["name"], key="", how=how, optional=bool(ref.get("optional")))
    for variable in spec.get("env") or ():
        value = variable.get("valueFrom") or {}
        for field, kind in (("configMapKeyRef", "ConfigMap"), ("secretKeyRef", "Secret")):
            ref = value.get(field) or {}
            if ref.get("name"):
                how = f"variable {variable.get('name', '')} of container {container}"
                optional = bool(ref.get("optional"))
                yield Use(kind=kind, name=ref["name"], key=str(ref.get("key", "")), how=how, optional=optional)


def _volume(volume: Mapping[str, Any]) -> Iterator[Use]:
    how = f"volume {volume.get('name', '')}"
    for source in (volume, *((volume.get("projected") or {}).get("sources") or ())):
        config, secret = source.get("configMap") or {}, source.get("secret") or {}
        for kind, ref, name in (
            ("ConfigMap", config, config.get("name")),
            ("Secret", secret, secret.get("secretName") or secret.get("name")),
        ):
            if name:
                keys = [str(item.get("key", "")) for item in ref.get("items") or ()] or [""]
                for key in keys:
                    yield Use(kind=kind, name=name, key=key, how=how, optional=bool(ref.get("optional")))
    claim = (volume.get("persistentVolumeClaim") or {}).get("claimName")
    if claim:
        yield Use(kind="PersistentVolumeClaim", name=claim, key="", how=how, optional=False)


def _event(about: Ref, raw: Mapping[str, Any]) -> Event:
    """Both shapes: core/v1 and events.k8s.io/v1."""
    series = raw.get("series") or {}
    at = moment(raw.get("eventTime"))
    first = moment(raw.get("firstTimestamp") or raw.get("deprecatedFirstTimestamp")) or at
    last = moment(raw.get("lastTimestamp") or raw.get("deprecatedLastTimestamp") or series.get("lastObservedTime"))
    return Event(
        about=about,
        reason=str(raw.get("reason") or ""),
        message=str(raw.get("message") or raw.get("note") or ""),
        warning=raw.get("type") == "Warning",
        count=int(raw.get("count") or raw.get("deprecatedCount") or series.get("count") or 1),
        first=first or moment((raw.get("metadata") or {}).get("creationTimestamp")),
        last=last or at or first,
    )
