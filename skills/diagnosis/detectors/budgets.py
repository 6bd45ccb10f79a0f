"""Disruption budgets that let nothing move, or guard nothing."""

from collections.abc import Iterator, Sequence
from datetime import timedelta

from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.selectors import matches
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted

_SETTLING = timedelta(minutes=2)


def _code(name: str, title: str, signals: str, remedy: str, severity: Severity = Severity.WARNING) -> Code:
    return Code(name=name, title=title, severity=severity, depth=Depth.TRAFFIC, signals=signals, remedy=remedy)


BLOCKED = _code(
    "DisruptionBudgetBlocks", "A disruption budget lets no pod be moved", "disruptionsAllowed is 0 although all pods are healthy, because the budget wants all of them",
    "Allow one disruption (maxUnavailable: 1), or run one more replica: nodes cannot be drained otherwise.",
)  # fmt: skip
SELECTS_NOTHING = _code(
    "DisruptionBudgetSelectsNothing", "A disruption budget protects nothing", "spec.selector matches no pod and no pod template",
    "Correct the selector, or delete the budget.", Severity.NOTICE,
)  # fmt: skip
OVERLAP = _code(
    "DisruptionBudgetsOverlap", "Two disruption budgets select the same pods, so that none of these can be evicted", "a pod is selected by more than one PodDisruptionBudget",
    "Keep one budget for each pod.",
)  # fmt: skip


@detects(BLOCKED, SELECTS_NOTHING, OVERLAP)
def budget_is_wrong(scene: Scene) -> Iterator[Symptom]:
    """Budgets that want every pod, that select none, or of which there are two."""
    taken: dict[Ref, Object] = {}
    overlapping: set[Ref] = set()
    for each in scene.all("PodDisruptionBudget"):
        pods = [
            p
            for p in scene.pods_in(each.namespace)
            if _guards(each, p) and p.status.get("phase") in ("Running", "Pending")
        ]
        if not pods:
            yield from _selects_nothing(scene, each)
            continue
        if _wants_all(each) and scene.age(each.created_at) > _SETTLING:
            yield _blocked(scene, each, pods)
        for pod in pods:
            other = taken.setdefault(pod.ref, each)
            if other is not each and each.ref not in overlapping:
                overlapping.add(each.ref)
                yield _overlap(each, other, pod)


def _guards(budget: Object, pod: Object) -> bool:
    return matches(budget.spec.get("selector"), pod.labels)


def _selects_nothing(scene: Scene, each: Object) -> Iterator[Symptom]:
    makers = [w for w in scene.workloads(each.namespace) if matches(each.spec.get("selector"), w.template_labels)]
    if not makers and scene.known("Pod", each.namespace):
        yield Symptom(
            code=SELECTS_NOTHING,
            root=each.ref,
            cause=f"Disruption budget {each.name} protects nothing: no pod matches its selector.",
            evidence=[evidence(each.ref, "spec.selector", each.spec.get("selector"))],
            consequence=f"{each.name} protects nothing",
        )


def _wants_all(each: Object) -> bool:
    """No disruption allowed although everything is healthy."""
    status = each.status
    expected, healthy = int(status.get("expectedPods") or 0), int(status.get("currentHealthy") or 0)
    return expected > 0 and healthy >= expected and int(status.get("disruptionsAllowed") or 0) == 0


def _blocked(scene: Scene, each: Object, pods: Sequence[Object]) -> Symptom:
    drained = {node.name for node in scene.all("Node") if node.spec.get("unschedulable")}
    waits = any(pod.spec.get("nodeName") in drained for pod in pods)
    wish = next(
        (f"{f}: {each.spec[f]}" for f in ("minAvailable", "maxUnavailable") if each.spec.get(f) is not None), ""
    )
    return Symptom(
        code=BLOCKED,
        root=each.ref,
        cause=f"Disruption budget {each.name} lets none of its {len(pods)} pods be moved ({quoted(wish)}), so no node under them can be drained.",
        evidence=[evidence(each.ref, "status.disruptionsAllowed", 0), evidence(each.ref, "spec", wish)],
        affected=[pod.ref for pod in pods] if waits else [],
        consequence=f"{each.name} lets no pod be moved",
        severity=Severity.ERROR if waits else Severity.WARNING,
    )


def _overlap(each: Object, other: Object, pod: Object) -> Symptom:
    return Symptom(
        code=OVERLAP,
        root=each.ref,
        cause=f"Disruption budgets {each.name} and {other.name} both select {pod.name}, which can therefore not be evicted at all.",
        evidence=[evidence(one.ref, "spec.selector", one.spec.get("selector")) for one in (each, other)],
        consequence=f"{each.name} and {other.name} select the same pods",
    )
