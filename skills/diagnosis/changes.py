"""What changed, and which change did it: everything that the cluster and our own ledger remember, in one time line."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import pairwise

from skills.core.proposal import Proposal
from skills.diagnosis.finding import Finding, Suspect
from skills.diagnosis.objects import Object, Ref, moment
from skills.diagnosis.scene import Scene, uses
from skills.diagnosis.symptom import quoted

_REVISION = "deployment.kubernetes.io/revision"
_SAME = timedelta(minutes=3)
"""A revision that appears within so short a time of one of our own changes to the same workload is that change."""
_SLACK = timedelta(seconds=60)
"""Symptoms are written down by the kubelet's clock, and changes by the API server's."""
_LEAST = 0.3
_OVER_NAMESPACES = ("ResourceQuota", "LimitRange", "NetworkPolicy")
"""What acts on workloads that do not name it."""
_CONTROLLERS = ("kube-controller-manager", "kube-apiserver")
_WRITTEN = (
    "ConfigMap",
    "Secret",
    "ResourceQuota",
    "LimitRange",
    "NetworkPolicy",
    "HorizontalPodAutoscaler",
    "Service",
    "Ingress",
)


@dataclass(frozen=True, kw_only=True)
class Change:
    """Something that was changed: which object, when (aware, UTC), and what, in words. `proposal` is the number of one of our own; `kind` says
    what else it may be in a time line.
    """

    at: datetime
    about: Ref
    what: str
    proposal: int | None = None
    kind: str = "change"


def in_cluster(scene: Scene) -> tuple[Change, ...]:
    """What the objects of a scene tell of their past, oldest first."""
    found = [*_revisions(scene), *_writes(scene), *_rescales(scene), *_nodes(scene)]
    return tuple(sorted(set(found), key=lambda change: (change.at, change.about)))


def of_ledger(proposals: Iterable[Proposal]) -> tuple[Change, ...]:
    """Our own changes, as far as they reached the cluster, oldest first."""
    found = []
    for proposal in proposals:
        for effect in proposal.effects:
            step = (
                proposal.plan.steps[effect.index] if not effect.compensating else proposal.plan.on_failure[effect.index]
            )
            about = Ref("Deployment", step.target.namespace, step.target.name)
            what = f"#{proposal.id} by {proposal.requester_name}: {step.action} {step.before} → {step.after}"
            found.append(Change(at=effect.intent_at, about=about, what=what, proposal=int(proposal.id)))
    return tuple(sorted(found, key=lambda change: (change.at, change.about)))


def joined(cluster: Sequence[Change], own: Sequence[Change]) -> tuple[Change, ...]:
    """One time line. What the cluster tells of our own changes is left out: the ledger knows who and why."""
    others = [c for c in cluster if not any(o.about == c.about and abs(o.at - c.at) <= _SAME for o in own)]
    return tuple(sorted((*others, *own), key=lambda change: (change.at, change.about)))


def with_suspects(findings: Sequence[Finding], changes: Sequence[Change], scene: Scene) -> tuple[Finding, ...]:
    """Each finding with the change that most likely did it, where one is likely at all."""
    return tuple(replace(finding, suspect=suspect(finding, changes, scene)) for finding in findings)


def suspect(finding: Finding, changes: Sequence[Change], scene: Scene) -> Suspect | None:
    """The change before the first symptom that is nearest to it, in time and in what it touched."""
    if finding.since is None:
        return None
    used = _used(finding, scene)
    rated = []
    for change in changes:
        before = finding.since - change.at
        nearness, how = _nearness(change, finding, used)
        score = nearness * _recency(before)
        if before >= -_SLACK and score >= _LEAST:
            rated.append((score, change.at, change, how, before))
    if not rated:
        return None
    _, _, change, how, before = max(rated, key=lambda each: each[:2])
    why = f"{how}, {_ago(before)} the first symptom"
    return Suspect(what=change.what, at=change.at, why=why, proposal=change.proposal)


def _nearness(change: Change, finding: Finding, used: frozenset[Ref]) -> tuple[float, str]:
    """How close a change is to what is wrong (0 to 1), and how that reads."""
    if change.about == finding.root:
        return 1.0, f"it changed {finding.root.name} itself"
    if change.about in used:
        return 0.9, f"{finding.root.name} uses {change.about.kind} {change.about.name}"
    if change.about in finding.affected:
        return 0.8, f"it changed {change.about.name}, which is affected"
    if change.about.kind in _OVER_NAMESPACES and change.about.namespace == finding.root.namespace:
        return 0.3, "it is in the same namespace"
    return 0.0, ""


def _recency(before: timedelta) -> float:
    """1 just before, falling to 0.3 after an hour and 0.1 after a day."""
    minutes = before.total_seconds() / 60
    if minutes <= 10:
        return 1.0
    if minutes <= 60:
        return 0.7
    return 0.35 if minutes <= 24 * 60 else 0.1


def _ago(before: timedelta) -> str:
    seconds = int(before.total_seconds())
    if abs(seconds) <= _SLACK.total_seconds():
        return "at the time of"
    minutes = seconds // 60
    return f"{minutes} min before" if minutes < 120 else f"{minutes // 60} h before"


def _used(finding: Finding, scene: Scene) -> frozenset[Ref]:
    """What the root's pods read, and where they run."""
    root = scene.get(finding.root.kind, finding.root.namespace, finding.root.name)
    if root is None:
        return frozenset()
    read = {Ref(use.kind, root.namespace, use.name) for use in uses(root.template)}
    nodes = {Ref("Node", "", str(pod.spec.get("nodeName"))) for pod in scene.pods(root) if pod.spec.get("nodeName")}
    return frozenset(read | nodes)


def _revisions(scene: Scene) -> Iterator[Change]:
    """Every new revision of a Deployment after the first that is still known, as what it changed in the images."""
    for deployment in scene.all("Deployment"):
        sets = sorted(scene.children(deployment, "ReplicaSet"), key=_revision_of)
        for before, after in pairwise(sets):
            at = _rolled_at(after)
            if at is not None:
                yield Change(at=at, about=deployment.ref, what=_difference(deployment, before, after))


def _revision_of(replica_set: Object) -> int:
    number = str(replica_set.annotations.get(_REVISION, "0"))
    return int(number) if number.isdecimal() else 0


def _rolled_at(replica_set: Object) -> datetime | None:
    """When a revision began: its creation, or nothing certain where an older replica set was taken up again by a rollback."""
    history = str(replica_set.annotations.get(f"{_REVISION}-history", ""))
    return None if history else replica_set.created_at


def _difference(deployment: Object, before: Object, after: Object) -> str:
    was, now = (
        {str(each.get("name")): str(each.get("image")) for each in replica_set.template.get("containers") or ()}
        for replica_set in (before, after)
    )
    images = [
        f"{was.get(name, 'none')} → {now.get(name, 'none')}"
        for name in sorted({*was, *now})
        if was.get(name) != now.get(name)
    ]
    what = quoted("; ".join(images)) if images else "its pod template was changed"
    return f"{deployment.name} revision {_revision_of(after)}: {what}"


def _writes(scene: Scene) -> Iterator[Change]:
    """The last time somebody wrote an object's wish; controllers, which write its status, do not count."""
    for kind in _WRITTEN:
        for each in scene.all(kind):
            writes = [
                (at, str(entry.get("manager", "")))
                for entry in each.metadata.get("managedFields") or ()
                if not entry.get("subresource")
                and entry.get("manager") not in _CONTROLLERS
                and (at := moment(entry.get("time")))
            ]
            if writes:
                at, by = max(writes)
                created = each.created_at is not None and abs(at - each.created_at) < _SLACK
                verb = "created" if created else "changed"
                yield Change(at=at, about=each.ref, what=f"{kind} {each.name} {verb} with {quoted(by)}")


def _rescales(scene: Scene) -> Iterator[Change]:
    for autoscaler in scene.all("HorizontalPodAutoscaler"):
        target = autoscaler.spec.get("scaleTargetRef") or {}
        about = Ref(str(target.get("kind", "")), autoscaler.namespace, str(target.get("name", "")))
        for event in scene.events(autoscaler.ref, "SuccessfulRescale"):
            if event.last is not None:
                yield Change(at=event.last, about=about, what=f"{autoscaler.name} rescaled: {quoted(event.message)}")


def _nodes(scene: Scene) -> Iterator[Change]:
    for node in scene.all("Node"):
        ready = node.condition("Ready")
        if ready is not None and not ready.true and ready.since is not None:
            yield Change(at=ready.since, about=node.ref, what=f"node {node.name} stopped being ready")
