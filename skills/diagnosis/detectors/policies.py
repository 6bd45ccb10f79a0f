"""Network policies that cut off what has to talk: who may call a Service, and whether pods may ask for names.

Source: https://kubernetes.io/docs/concepts/services-networking/network-policies/. A pod that any policy selects for a direction may only do
what some policy allows in that direction.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from skills.diagnosis.objects import Object, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.selectors import matches
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted

_DNS = 53

INGRESS = Code(
    name="NetworkPolicyBlocksIngress",
    title="A network policy lets nobody reach a Service's pods",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="the pods behind a Service are selected for ingress, and no policy allows anybody in, at all or at the Service's port",
    remedy="Add a policy that lets the callers in at that port.",
)
DNS = Code(
    name="NetworkPolicyBlocksDns",
    title="A network policy keeps pods from asking for names",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="pods are selected for egress, and no policy allows port 53",
    remedy="Allow egress to the cluster's DNS at port 53, UDP and TCP.",
)


@detects(INGRESS)
def nobody_may_come_in(scene: Scene) -> Iterator[Symptom]:
    """Services whose pods may be reached by nobody. One finding for each policy."""
    policies = scene.all("NetworkPolicy")
    found: dict[Ref, tuple[Object, list[Object]]] = {}
    for service in scene.all("Service") if policies else ():
        pods = [pod for pod in scene.selected(service) if pod.status.get("phase") == "Running"]
        acting = _acting(policies, pods[0], "Ingress") if pods else []
        if acting and not any(_opens(policy, "ingress", _targets(service, pods[0])) for policy in acting):
            found.setdefault(acting[0].ref, (acting[0], []))[1].append(service)
    for policy, closed in found.values():
        names = ", ".join(sorted(each.name for each in closed)[:4])
        yield Symptom(
            code=INGRESS,
            root=policy.ref,
            cause=f"Network policy {policy.name} lets nobody reach the pods behind {quoted(names)}.",
            evidence=[evidence(policy.ref, "spec.ingress", policy.spec.get("ingress") or "nothing")],
            since=policy.created_at,
            affected=tuple(each.ref for each in closed),
            consequence=f"{policy.name} lets nobody reach {quoted(names)}",
            confidence=0.8,
        )


@detects(DNS)
def nobody_may_ask_for_names(scene: Scene) -> Iterator[Symptom]:
    """Pods that may go out, and not to DNS. One finding for each policy."""
    policies = [policy for policy in scene.all("NetworkPolicy") if "Egress" in _types(policy)]
    found: dict[Ref, tuple[Object, list[Object]]] = {}
    for workload in scene.workloads() if policies else ():
        acting = [
            p
            for p in policies
            if p.namespace == workload.namespace and matches(p.spec.get("podSelector"), workload.template_labels)
        ]
        if acting and not any(_opens(policy, "egress", (_DNS,)) for policy in acting):
            found.setdefault(acting[0].ref, (acting[0], []))[1].append(workload)
    for policy, cut in found.values():
        names = ", ".join(sorted(each.name for each in cut)[:4])
        yield Symptom(
            code=DNS,
            root=policy.ref,
            cause=f"Network policy {policy.name} keeps {quoted(names)} from asking for names: nothing allows port 53.",
            evidence=[evidence(policy.ref, "spec.egress", policy.spec.get("egress") or "nothing")],
            since=policy.created_at,
            affected=tuple(each.ref for each in cut),
            consequence=f"{policy.name} blocks DNS",
            confidence=0.85,
        )


def _acting(policies: Sequence[Object], pod: Object, direction: str) -> list[Object]:
    """The policies that select a pod for a direction."""
    return [
        each for each in policies
        if each.namespace == pod.namespace and direction in _types(each) and matches(each.spec.get("podSelector") or {}, pod.labels)
    ]  # fmt: skip


def _types(policy: Object) -> Sequence[str]:
    """Where they are not named: ingress always, egress if there are rules for it."""
    named = policy.spec.get("policyTypes")
    return named or (["Ingress", "Egress"] if policy.spec.get("egress") else ["Ingress"])


def _opens(policy: Object, direction: str, ports: Sequence[Any]) -> bool:
    """Does a rule allow anybody at all, at one of these ports? Names are asked for outside of the namespace."""
    rules = policy.spec.get(direction) or ()
    outside = direction == "egress"
    return any(_covers(rule.get("ports"), ports) and not (outside and _stays_inside(rule)) for rule in rules)


def _stays_inside(rule: Mapping[str, Any]) -> bool:
    """Does a rule for egress lead to pods of the same namespace only?"""
    peers = rule.get("to") or ()
    return bool(peers) and all("podSelector" in peer and "namespaceSelector" not in peer for peer in peers)


def _covers(allowed: Sequence[Mapping[str, Any]] | None, ports: Sequence[Any]) -> bool:
    if not allowed or not ports:
        return True
    for each in allowed:
        first, last = each.get("port"), each.get("endPort")
        if first is None or first in ports:
            return True
        if isinstance(first, int) and last and any(isinstance(p, int) and first <= p <= int(last) for p in ports):
            return True
    return False


def _targets(service: Object, pod: Object) -> tuple[Any, ...]:
    """The ports on the pod that the Service leads to, each as its number and, if it has one, its name."""
    declared = [port for spec in pod.spec.get("containers") or () for port in spec.get("ports") or ()]
    found: list[Any] = []
    for port in service.spec.get("ports") or ():
        target = port.get("targetPort", port.get("port"))
        found.append(target)
        found += [each.get("containerPort") for each in declared if each.get("name") == target]
        found += [each["name"] for each in declared if each.get("containerPort") == target and each.get("name")]
    return tuple(found)
