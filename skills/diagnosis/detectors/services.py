"""Services that lead nowhere: nobody selected, nobody ready, or a port that nobody listens on."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Any

from rapidfuzz import fuzz

from skills.diagnosis.objects import Object, container_specs
from skills.diagnosis.scene import Scene
from skills.diagnosis.selectors import has_all
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted
from skills.diagnosis.trouble import is_starting

_SETTLING = timedelta(seconds=30)
_PROVISIONING = timedelta(minutes=3)

SELECTS_NOTHING = Code(
    name="ServiceSelectsNothing",
    title="A Service selects no pod",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="no pod and no pod template in the namespace has the labels of spec.selector",
    remedy="Correct the Service's selector, or the labels of the pods it is meant for.",
)
NO_READY = Code(
    name="ServiceNoReadyEndpoints",
    title="Nobody behind a Service is ready",
    severity=Severity.ERROR,
    depth=Depth.ENDPOINT,
    signals="pods are selected, and none of them is ready",
    remedy="See why the pods are not ready.",
)
NO_PODS = Code(
    name="ServiceNoPods",
    title="There are no pods behind a Service",
    severity=Severity.ERROR,
    depth=Depth.ENDPOINT,
    signals="a workload matches spec.selector, and it has no pods",
    remedy="See why the workload has no pods.",
)
PORT_NAME = Code(
    name="ServicePortNameMissing",
    title="A Service leads to a port name that its pods do not have",
    severity=Severity.ERROR,
    depth=Depth.CONFIGURATION,
    signals="spec.ports[].targetPort is a name that no container of the selected pods declares",
    remedy="Name a port that the containers declare, or write the number.",
)
PORT_NUMBER = Code(
    name="ServicePortNotExposed",
    title="A Service leads to a port that its pods do not declare",
    severity=Severity.WARNING,
    depth=Depth.CONFIGURATION,
    signals="spec.ports[].targetPort is a number, and the containers of the selected pods declare other ports only",
    remedy="Check which port the process listens on, and lead the Service to it.",
)
NO_SLICES = Code(
    name="EndpointsNotUpdated",
    title="The endpoints of a Service do not follow its pods",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="a selected pod is ready for more than half a minute, and no endpoint slice lists it",
    remedy="See that the controller manager runs.",
)
NO_BALANCER = Code(
    name="LoadBalancerPending",
    title="A Service waits for its load balancer",
    severity=Severity.WARNING,
    depth=Depth.CLUSTER,
    signals="a Service of type LoadBalancer is older than three minutes and has no address",
    remedy="See the events of the Service and the cloud's controller: quota, permissions and subnets are the usual reasons.",
)


@detects(SELECTS_NOTHING, NO_PODS, NO_READY)
def nobody_behind(scene: Scene) -> Iterator[Symptom]:
    """A Service with a selector, and nobody ready to answer."""
    if not scene.known("Pod"):
        return
    for service in scene.all("Service"):
        if not service.spec.get("selector") or service.spec.get("type") == "ExternalName":
            continue
        pods = [pod for pod in scene.selected(service) if pod.status.get("phase") not in ("Succeeded", "Failed")]
        makers = [w for w in scene.workloads(service.namespace) if has_all(service.spec["selector"], w.template_labels)]
        if not pods and not makers:
            yield _selects_nothing(scene, service)
        elif not pods and not all(map(_wants_none, makers)):
            yield _no_pods(service, makers)
        elif pods and not any(map(_ready, pods)) and not _brand_new(scene, pods):
            yield _none_ready(scene, service, pods)


@detects(PORT_NAME, PORT_NUMBER)
def port_leads_nowhere(scene: Scene) -> Iterator[Symptom]:
    """A target port that no container declares. A name that is missing leads nowhere; an undeclared number may still be listened on."""
    for service in scene.all("Service"):
        pods = scene.selected(service)
        makers = [
            w
            for w in scene.workloads(service.namespace)
            if has_all(service.spec.get("selector") or {"": ""}, w.template_labels)
        ]
        templates = [w.template for w in makers] or [pod.template for pod in pods]
        if not templates:
            continue
        for port in service.spec.get("ports") or ():
            target = port.get("targetPort", port.get("port"))
            if isinstance(target, str) and not target.isdecimal():
                names = {
                    str(each.get("name")) for template in templates for each in _ports(template) if each.get("name")
                }
                if target not in names:
                    yield _port(service, port, pods, PORT_NAME, names)
            else:
                declared = [
                    {int(each.get("containerPort") or 0) for each in _ports(template)} for template in templates
                ]
                if all(declared) and not any(int(target or 0) in numbers for numbers in declared):
                    shown = {str(number) for numbers in declared for number in numbers}
                    yield _port(service, port, pods, PORT_NUMBER, shown)


@detects(NO_SLICES)
def endpoints_lag(scene: Scene) -> Iterator[Symptom]:
    """Ready pods that the endpoint slices do not know."""
    for service in scene.all("Service"):
        if not service.spec.get("selector") or not scene.known("EndpointSlice", service.namespace):
            continue
        listed = {
            (endpoint.get("targetRef") or {}).get("name")
            for piece in scene.all("EndpointSlice", service.namespace)
            if piece.labels.get("kubernetes.io/service-name") == service.name
            for endpoint in piece.raw.get("endpoints") or ()
        }
        late = [
            pod for pod in scene.selected(service)
            if pod.name not in listed and _ready(pod) and pod.deleted_at is None and scene.age(pod.conditions["Ready"].since) > _SETTLING
        ]  # fmt: skip
        if late:
            yield Symptom(
                code=NO_SLICES,
                root=service.ref,
                cause=f"Service {service.name} does not lead to {len(late)} of its ready pods: its endpoints are out of date.",
                evidence=[evidence(late[0].ref, "status.conditions[Ready]", "True", late[0].conditions["Ready"].since)],
                affected=[pod.ref for pod in late],
                consequence=f"the endpoints of {service.name} are out of date",
                confidence=0.7,
            )


@detects(NO_BALANCER)
def balancer_does_not_come(scene: Scene) -> Iterator[Symptom]:
    """No address, long after it was asked for."""
    for service in scene.all("Service"):
        pending = service.spec.get("type") == "LoadBalancer" and not (service.status.get("loadBalancer") or {}).get(
            "ingress"
        )
        if pending and not service.spec.get("externalIPs") and scene.age(service.created_at) > _PROVISIONING:
            said = scene.events(service.ref, "SyncLoadBalancerFailed", "CreatingLoadBalancerFailed")
            yield Symptom(
                code=NO_BALANCER,
                root=service.ref,
                cause=f"Service {service.name} waits for a load balancer that does not come"
                + (f": {quoted(said[-1].message)}" if said else "."),
                evidence=[evidence(service.ref, "status.loadBalancer", "empty", service.created_at)]
                + [evidence(service.ref, f"event {e.reason}", e.message, e.last) for e in said[-1:]],
                since=service.created_at,
                consequence=f"{service.name} has no address",
            )


def _selects_nothing(scene: Scene, service: Object) -> Symptom:
    selector: Mapping[str, str] = service.spec["selector"]
    shown = ", ".join(f"{key}={value}" for key, value in sorted(selector.items()))
    close = _nearest(scene, service)
    proof = [evidence(service.ref, "spec.selector", shown)]
    remedy = ""
    if close is not None:
        labels = ", ".join(f"{key}={value}" for key, value in sorted(close.template_labels.items()))
        proof.append(evidence(close.ref, "spec.template.metadata.labels", labels))
        remedy = f"{close.name} has the labels {quoted(labels)}: if it is meant, correct the selector."
    return Symptom(
        code=SELECTS_NOTHING,
        root=service.ref,
        cause=f"Service {service.name} leads nowhere: no pod has the labels {quoted(shown)}.",
        evidence=proof,
        since=service.created_at,
        consequence=f"{service.name} has no endpoints",
        remedy=remedy,
        severity=Severity.CRITICAL if close is not None else Severity.ERROR,
    )


def _nearest(scene: Scene, service: Object) -> Object | None:
    """The workload that may have been meant: one with some of the labels, or with a name much like the Service's."""
    selector = service.spec["selector"]
    rated = []
    for workload in scene.workloads(service.namespace):
        labels = workload.template_labels
        shared = sum(labels.get(key) == value for key, value in selector.items())
        alike = max(fuzz.ratio(value, labels.get(key, "")) for key, value in selector.items())
        if shared or alike >= 70 or workload.name == service.name:
            rated.append((shared, alike, workload.name == service.name, workload.name, workload))
    return max(rated, key=lambda each: each[:4])[4] if rated else None


def _no_pods(service: Object, makers: Sequence[Object]) -> Symptom:
    wanting = [maker for maker in makers if not _wants_none(maker)]
    return Symptom(
        code=NO_PODS,
        root=service.ref,
        cause=f"Service {service.name} leads nowhere: {wanting[0].name} has no pods.",
        evidence=[evidence(wanting[0].ref, "status.replicas", wanting[0].status.get("replicas", 0))],
        because_of=[maker.ref for maker in makers],
        consequence=f"{service.name} has no endpoints",
        severity=Severity.CRITICAL,
        confidence=0.6,
    )


def _none_ready(scene: Scene, service: Object, pods: Sequence[Object]) -> Symptom:
    workloads = dict.fromkeys(scene.workload_ref(pod) for pod in pods)
    return Symptom(
        code=NO_READY,
        root=service.ref,
        cause=f"Service {service.name} leads nowhere: none of its {len(pods)} pods is ready.",
        evidence=[evidence(pod.ref, "status.conditions[Ready]", _readiness(pod)) for pod in pods[:3]],
        because_of=(*(pod.ref for pod in pods), *workloads),
        consequence=f"{service.name} has no ready endpoints",
        severity=Severity.CRITICAL,
        confidence=0.6,
    )


def _port(service: Object, port: Mapping[str, Any], pods: Sequence[Object], code: Code, declared: set[str]) -> Symptom:
    target = port.get("targetPort", port.get("port"))
    what = f"the port name {quoted(str(target))}" if code is PORT_NAME else f"port {target}"
    known = ", ".join(sorted(declared)) or "none"
    return Symptom(
        code=code,
        root=service.ref,
        about=str(port.get("name") or port.get("port")),
        cause=f"Service {service.name} leads to {what}, which its pods do not declare (they declare {quoted(known)}).",
        evidence=[evidence(service.ref, f"spec.ports[{port.get('port')}].targetPort", target)],
        affected=[pod.ref for pod in pods] if code is PORT_NAME else [],
        consequence=f"{service.name} leads to a port that nobody has",
        confidence=0.95 if code is PORT_NAME else 0.6,
    )


def _ports(template: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for spec in container_specs(template):
        yield from spec.get("ports") or ()


def _ready(pod: Object) -> bool:
    ready = pod.condition("Ready")
    return ready is not None and ready.true


def _readiness(pod: Object) -> str:
    ready = pod.condition("Ready")
    return f"{ready.status}: {ready.reason}" if ready else "absent"


def _brand_new(scene: Scene, pods: Sequence[Object]) -> bool:
    return all(scene.age(pod.created_at) < _SETTLING or is_starting(scene, pod) for pod in pods)


def _wants_none(workload: Object) -> bool:
    """Is it meant to have no pods now? Told elsewhere."""
    return workload.kind in ("Job", "CronJob") or workload.spec.get("replicas") == 0
