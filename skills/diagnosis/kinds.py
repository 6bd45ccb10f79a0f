"""The kinds of objects that can be looked at, and how one of each is told in a line."""

from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from skills.diagnosis.objects import Object, containers

LISTED: tuple[str, ...] = (
    "Deployment", "StatefulSet", "DaemonSet", "CronJob", "Job", "ReplicaSet", "Pod", "Service", "EndpointSlice", "Ingress", "Gateway", "HTTPRoute",
    "NetworkPolicy", "HorizontalPodAutoscaler", "PodDisruptionBudget", "PersistentVolumeClaim", "PersistentVolume", "StorageClass", "ConfigMap",
    "Secret", "ServiceAccount", "ResourceQuota", "LimitRange", "Role", "RoleBinding", "Namespace", "Node", "IngressClass", "GatewayClass",
    "ClusterRole", "ClusterRoleBinding", "CustomResourceDefinition",
)  # fmt: skip
"""Every kind that may be asked for, in the order in which people want to see them."""
USUAL: tuple[str, ...] = (
    "Deployment",
    "StatefulSet",
    "DaemonSet",
    "CronJob",
    "Job",
    "Pod",
    "Service",
    "Ingress",
    "HorizontalPodAutoscaler",
)
"""What is shown where no kind is named."""


def kind_named(word: str) -> str | None:
    """The kind that a word means, in any case: “pod” is Pod."""
    return next((kind for kind in LISTED if kind.lower() == word.lower()), None)


def age(elapsed: timedelta) -> str:
    """How old, in the largest unit that says enough: 45s, 12m, 3h, 6d."""
    seconds = int(elapsed.total_seconds())
    for unit, size in (("d", 86400), ("h", 3600), ("m", 60)):
        if seconds >= 2 * size:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def state(each: Object) -> str:
    """How it is, in a few words of ours and numbers."""
    if each.deleted_at is not None:
        return "being deleted"
    tell = _STATES.get(each.kind)
    return tell(each) if tell else ""


def _replicas(each: Object) -> str:
    wanted = int(each.spec.get("replicas", 1) or 0)
    paused = ", paused" if each.spec.get("paused") else ""
    return f"{int(each.status.get('readyReplicas') or 0)} of {wanted} ready{paused}"


def _daemon(each: Object) -> str:
    return f"{int(each.status.get('numberReady') or 0)} of {int(each.status.get('desiredNumberScheduled') or 0)} ready"


def _pod(each: Object) -> str:
    found = [c for c in containers(each) if c.role != "init"]
    waiting = next((str(c.waiting.get("reason")) for c in containers(each) if c.waiting.get("reason")), "")
    restarts = sum(c.restarts for c in found)
    again = f", {restarts} restarts" if restarts else ""
    phase = waiting or str(each.status.get("reason") or each.status.get("phase") or "unknown")
    return f"{phase}, {sum(c.ready for c in found)} of {len(found)} ready{again}"


def _service(each: Object) -> str:
    ports = ", ".join(
        f"{port.get('port')}→{port.get('targetPort', port.get('port'))}" for port in each.spec.get("ports") or ()
    )
    return f"{each.spec.get('type', 'ClusterIP')} {ports}".strip()


def _job(each: Object) -> str:
    ended = next((name for name in ("Complete", "Failed") if (said := each.condition(name)) and said.true), "running")
    return f"{ended.lower()}, {int(each.status.get('succeeded') or 0)} succeeded, {int(each.status.get('failed') or 0)} failed"


def _cron(each: Object) -> str:
    suspended = ", suspended" if each.spec.get("suspend") else ""
    return f"{each.spec.get('schedule', '')}, last {each.status.get('lastScheduleTime', 'never')}{suspended}"


def _autoscaler(each: Object) -> str:
    now = int(each.status.get("currentReplicas") or 0)
    return f"{now} replicas, {each.spec.get('minReplicas', 1)} to {each.spec.get('maxReplicas')}"


def _node(each: Object) -> str:
    ready = each.condition("Ready")
    closed = ", closed to new pods" if each.spec.get("unschedulable") else ""
    return f"{'ready' if ready and ready.true else 'not ready'}{closed}"


def _ingress(each: Object) -> str:
    return ", ".join(str(rule.get("host") or "*") for rule in each.spec.get("rules") or ())


def _phase(each: Object) -> str:
    return str(each.status.get("phase") or "")


def _budget(each: Object) -> str:
    return f"{int(each.status.get('disruptionsAllowed') or 0)} may be moved now"


def _quota(each: Object) -> str:
    hard: Mapping[str, object] = each.status.get("hard") or each.spec.get("hard") or {}
    used: Mapping[str, object] = each.status.get("used") or {}
    return ", ".join(f"{name} {used.get(name, 0)} of {most}" for name, most in sorted(hard.items()))


def _keys(each: Object) -> str:
    keys: Sequence[str] = sorted(each.raw.get("data") or ())
    return f"{len(keys)} keys: {', '.join(keys)}" if keys else ""


def _rules(each: Object) -> str:
    count = len(each.raw.get("rules") or ())
    return f"{count} rule{'' if count == 1 else 's'}"


def _bound(each: Object) -> str:
    """Whose role it is."""
    whose: Sequence[Mapping[str, object]] = each.raw.get("subjects") or ()
    role: Mapping[str, object] = each.raw.get("roleRef") or {}
    return f"{role.get('name', '')} for {', '.join(str(subject.get('name', '')) for subject in whose) or 'nobody'}"


_STATES: Mapping[str, Callable[[Object], str]] = {
    "Deployment": _replicas, "StatefulSet": _replicas, "ReplicaSet": _replicas, "DaemonSet": _daemon, "Pod": _pod, "Service": _service,
    "Job": _job, "CronJob": _cron, "HorizontalPodAutoscaler": _autoscaler, "Node": _node, "Ingress": _ingress, "PersistentVolumeClaim": _phase,
    "PersistentVolume": _phase, "PodDisruptionBudget": _budget, "ResourceQuota": _quota, "ConfigMap": _keys, "Namespace": _phase, "Role": _rules, "ClusterRole": _rules,
    "RoleBinding": _bound, "ClusterRoleBinding": _bound,
}  # fmt: skip
