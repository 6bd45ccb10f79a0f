"""Raw Deployments and ReplicaSets, read into the values that skills know."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations.kubernetes.api import Object
from integrations.kubernetes.faults import said
from skills.core.canonical import digest
from skills.core.ports.workloads import Container, Owner, Place, Revision, Workload
from skills.core.resources import spelled
from skills.costing.sizes import size_of

RESTART_MARK = "countersign.dev/restart"
HASH_LABEL = "pod-template-hash"
_REVISION = "deployment.kubernetes.io/revision"
_HISTORY = "deployment.kubernetes.io/revision-history"


def workload(
    place: Place,
    deployment: Object,
    replica_sets: Iterable[Object],
    *,
    owners: tuple[Owner, ...] = (),
    trouble: str = "",
) -> Workload:
    """A Deployment as a `Workload`. `replica_sets` may hold those of others; they are left aside."""
    template = pod_template(deployment)
    current = current_replica_set(deployment, replica_sets)
    wanted, status = wanted_replicas(deployment), deployment.get("status", {})
    noticed = is_noticed(deployment)
    return Workload(
        place=place,
        uid=deployment["metadata"]["uid"],
        revision=revision_number(deployment),
        containers=containers(template),
        template=template_digest(template),
        replicas=wanted,
        updated=status.get("updatedReplicas", 0) if noticed else 0,
        ready=status.get("readyReplicas", 0),
        available=status.get("availableReplicas", 0),
        settled=is_settled(deployment),
        paused=is_paused(deployment),
        restart=(template.get("metadata", {}).get("annotations") or {}).get(RESTART_MARK),
        trouble=trouble or trouble_of(deployment),
        changed_at=changed_at(deployment, current),
        owners=owners,
        labels=deployment["metadata"].get("labels") or {},
        size=size_of(template.get("spec") or {}),
    )


def revisions(deployment: Object, replica_sets: Iterable[Object]) -> tuple[Revision, ...]:
    """What can be restored, newest first. The current template is among them even before its ReplicaSet exists."""
    present = template_digest(pod_template(deployment))
    found = [
        Revision(
            number=revision_number(replica_set),
            containers=containers(pod_template(replica_set)),
            template=template_digest(pod_template(replica_set)),
            created_at=created_at(replica_set),
            current=template_digest(pod_template(replica_set)) == present,
        )
        for replica_set in owned(deployment, replica_sets)
    ]
    if not any(revision.current for revision in found):
        number = max((revision.number for revision in found), default=0) + 1
        held = containers(pod_template(deployment))
        found.append(Revision(number=number, containers=held, template=present, current=True))
    return tuple(sorted(found, key=lambda revision: revision.number, reverse=True))


def pod_template(owner: Object) -> Object:
    """The pod template of a Deployment or ReplicaSet, without the label that tells ReplicaSets apart: fit to be compared or restored."""
    template = dict(owner["spec"]["template"])
    metadata = {key: value for key, value in (template.get("metadata") or {}).items() if value not in (None, {})}
    labels = {key: value for key, value in (metadata.get("labels") or {}).items() if key != HASH_LABEL}
    return {**template, "metadata": {**metadata, "labels": labels}}


def template_digest(template: Object) -> str:
    """One fingerprint for one template, whichever object it was read from."""
    return digest(_without_floats(template))


def containers(template: Object) -> tuple[Container, ...]:
    return tuple(
        Container(
            name=container["name"], image=container.get("image", ""), resources=spelled(container.get("resources"))
        )
        for container in template["spec"]["containers"]
    )


def owned(deployment: Object, replica_sets: Iterable[Object]) -> list[Object]:
    """Those of `replica_sets` that this very Deployment controls."""
    uid = deployment["metadata"]["uid"]
    return [
        item for item in replica_sets if any(o.get("uid") == uid for o in item["metadata"].get("ownerReferences") or ())
    ]


def by_controller(items: Iterable[Object]) -> dict[str, list[Object]]:
    """Objects by the uid of whoever controls them, for a whole namespace at once."""
    found: dict[str, list[Object]] = {}
    for item in items:
        for owner in item["metadata"].get("ownerReferences") or ():
            found.setdefault(owner.get("uid", ""), []).append(item)
    return found


def current_replica_set(deployment: Object, replica_sets: Iterable[Object]) -> Object | None:
    """The ReplicaSet that runs the present template, if the controller has made it yet."""
    present = pod_template(deployment)
    same = [item for item in owned(deployment, replica_sets) if pod_template(item) == present]
    return min(same, key=lambda item: str(item["metadata"].get("creationTimestamp")), default=None)


def selector(deployment: Object) -> str:
    """The Deployment's selector in the form that queries take."""
    given = deployment["spec"].get("selector") or {}
    parts = [f"{key}={value}" for key, value in sorted((given.get("matchLabels") or {}).items())]
    for rule in given.get("matchExpressions") or ():
        values = ",".join(rule.get("values") or ())
        match rule["operator"]:
            case "In":
                parts.append(f"{rule['key']} in ({values})")
            case "NotIn":
                parts.append(f"{rule['key']} notin ({values})")
            case "Exists":
                parts.append(rule["key"])
            case _:
                parts.append(f"!{rule['key']}")
    return ",".join(parts)


def wanted_replicas(deployment: Object) -> int:
    replicas = deployment["spec"].get("replicas")
    return 1 if replicas is None else int(replicas)


def is_noticed(deployment: Object) -> bool:
    """Does the status speak of the present spec, or still of an earlier one?"""
    return bool(
        deployment.get("status", {}).get("observedGeneration", 0) >= deployment["metadata"].get("generation", 0)
    )


def is_paused(deployment: Object) -> bool:
    return bool(deployment["spec"].get("paused"))


def is_settled(deployment: Object) -> bool:
    """Does every wanted replica run the present template and stand available, and none of an earlier one remain?"""
    wanted, status = wanted_replicas(deployment), deployment.get("status", {})
    return (
        is_noticed(deployment)
        and status.get("updatedReplicas", 0) == wanted
        and status.get("replicas", 0) == wanted
        and status.get("availableReplicas", 0) >= wanted
    )


def condition(deployment: Object, kind: str) -> Mapping[str, Any]:
    """The condition of this type, if the status has it and speaks of the present spec."""
    held: Sequence[Mapping[str, Any]] = deployment.get("status", {}).get("conditions") or ()
    return next((item for item in held if item.get("type") == kind), {}) if is_noticed(deployment) else {}


def is_stuck(deployment: Object) -> bool:
    progressing = condition(deployment, "Progressing")
    return progressing.get("status") == "False" and progressing.get("reason") == "ProgressDeadlineExceeded"


def creation_refused(deployment: Object) -> str:
    """Why the server lets no more pods be created (a quota, an admission rule), in one sentence; "" if it does."""
    failure = condition(deployment, "ReplicaFailure")
    return f"Pods cannot be created: {said(failure.get('message', ''))}." if failure.get("status") == "True" else ""


def trouble_of(deployment: Object) -> str:
    """One sentence from the Deployment's own conditions, or nothing when it is well."""
    if is_settled(deployment):
        return ""
    if refused := creation_refused(deployment):
        return refused
    if is_stuck(deployment):
        return "The rollout made no progress within its deadline."
    return "The rollout is paused." if is_paused(deployment) else ""


def revision_number(owner: Object) -> int:
    given = (owner["metadata"].get("annotations") or {}).get(_REVISION, "")
    return int(given) if str(given).isdigit() else 0


def changed_at(deployment: Object, current: Object | None) -> datetime | None:
    """Since when the present template is wanted, aware, in UTC: its ReplicaSet's creation, or if it came back, the last write of a template."""
    if current is None or _HISTORY not in (current["metadata"].get("annotations") or {}):
        return created_at(current or deployment)
    writes = [
        datetime.fromisoformat(entry["time"])
        for entry in deployment["metadata"].get("managedFields") or ()
        if entry.get("time") and "f:template" in ((entry.get("fieldsV1") or {}).get("f:spec") or {})
    ]
    return max(writes, default=created_at(current))


def created_at(item: Object) -> datetime | None:
    """Creation time, aware, in UTC."""
    given = item["metadata"].get("creationTimestamp")
    return datetime.fromisoformat(given) if given else None


def _without_floats(value: Any) -> Any:
    if isinstance(value, float):
        return repr(value)
    if isinstance(value, dict):
        return {key: _without_floats(item) for key, item in value.items()}
    return [_without_floats(item) for item in value] if isinstance(value, list) else value
