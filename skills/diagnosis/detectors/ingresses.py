"""Ingresses and Gateway API routes that lead nowhere."""

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any

from skills.diagnosis.objects import Condition, Object, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Severity, Symptom, detects, evidence, quoted

_SETTLING = timedelta(minutes=2)
_DEFAULT = "ingressclass.kubernetes.io/is-default-class"
_OLD_CLASS = "kubernetes.io/ingress.class"


def _code(name: str, title: str, signals: str, remedy: str, depth: Depth = Depth.CONFIGURATION) -> Code:
    return Code(name=name, title=title, severity=Severity.ERROR, depth=depth, signals=signals, remedy=remedy)


NO_BACKEND = _code(
    "IngressBackendMissing", "An Ingress leads to a Service that does not exist", "a backend names a Service that is not in the namespace",
    "Create the Service, or correct the name in the Ingress.",
)  # fmt: skip
NO_PORT = _code(
    "IngressBackendPortMissing", "An Ingress leads to a port that its Service does not have", "a backend names a port, by number or name, that is not in spec.ports of the Service",
    "Name one of the Service's ports.",
)  # fmt: skip
NO_CLASS = _code(
    "IngressClassMissing", "No controller feels responsible for an Ingress", "ingressClassName names a class that does not exist, or none is named and none is the default",
    "Name a class that exists.",
)  # fmt: skip
NO_TLS = _code(
    "IngressTlsSecretMissing", "The certificate of an Ingress does not exist", "spec.tls names a Secret that is not there",
    "Create the Secret, or see why the certificate was not issued.",
)  # fmt: skip
CONFLICT = _code(
    "IngressConflict", "Two Ingresses of one class claim the same address", "the same host and path in two Ingresses, with different backends",
    "Keep one of the two rules.",
)  # fmt: skip
BACKEND_DOWN = _code(
    "IngressBackendDown", "Behind an Ingress nobody answers", "a backend's Service has no ready endpoint", "See why nobody is ready behind the Service.", Depth.TRAFFIC,
)  # fmt: skip
ROUTE = _code(
    "RouteNotAccepted", "A route is not taken, or leads to something that does not exist", "a parent's condition Accepted or ResolvedRefs of an HTTPRoute is False",
    "Correct what the condition names.",
)  # fmt: skip
GATEWAY = _code(
    "GatewayNotProgrammed", "A gateway is not in service", "the Gateway's condition Accepted or Programmed, or ResolvedRefs of one of its listeners, is False",
    "Correct what the condition names; see that the gateway's controller runs.",
)  # fmt: skip


@detects(NO_BACKEND, NO_PORT, BACKEND_DOWN)
def ingress_leads_nowhere(scene: Scene) -> Iterator[Symptom]:
    """Its backends, one by one."""
    for ingress in scene.all("Ingress"):
        for backend in _backends(ingress):
            service = backend.get("service") or {}
            name = str(service.get("name") or "")
            found = scene.get("Service", ingress.namespace, name)
            if name and scene.absent("Service", ingress.namespace, name):
                yield _symptom(ingress, NO_BACKEND, f"there is no Service {quoted(name)}", "backend.service.name", name)
            elif found is not None and not _has_port(found, service.get("port") or {}):
                port = service.get("port") or {}
                shown = str(port.get("name") or port.get("number"))
                yield _symptom(
                    ingress, NO_PORT, f"Service {name} has no port {quoted(shown)}", "backend.service.port", shown
                )
            elif found is not None and _nobody_ready(scene, found):
                yield _symptom(
                    ingress,
                    BACKEND_DOWN,
                    f"nobody is ready behind Service {name}",
                    "backend.service.name",
                    name,
                    found.ref,
                )


@detects(NO_CLASS, NO_TLS)
def ingress_is_not_served(scene: Scene) -> Iterator[Symptom]:
    """Its class and its certificates."""
    default = any(each.annotations.get(_DEFAULT) == "true" for each in scene.all("IngressClass"))
    for ingress in scene.all("Ingress"):
        name = ingress.spec.get("ingressClassName")
        if name and scene.absent("IngressClass", "", name):
            yield _symptom(
                ingress, NO_CLASS, f"there is no ingress class {quoted(str(name))}", "spec.ingressClassName", name
            )
        elif not name and _OLD_CLASS not in ingress.annotations and not default and scene.known("IngressClass"):
            yield _symptom(
                ingress, NO_CLASS, "it names no class, and there is no default", "spec.ingressClassName", "not set"
            )
        for tls in ingress.spec.get("tls") or ():
            secret = str(tls.get("secretName") or "")
            if secret and scene.absent("Secret", ingress.namespace, secret):
                yield _symptom(
                    ingress, NO_TLS, f"its certificate {quoted(secret)} does not exist", "spec.tls.secretName", secret
                )


@detects(CONFLICT)
def ingresses_conflict(scene: Scene) -> Iterator[Symptom]:
    """The same host and path, twice."""
    taken: dict[tuple[str, str, str], tuple[Object, str]] = {}
    for ingress in sorted(
        scene.all("Ingress"), key=lambda each: (each.created_at is not None, each.created_at, each.ref)
    ):
        kind = str(ingress.spec.get("ingressClassName") or ingress.annotations.get(_OLD_CLASS) or "")
        for rule in ingress.spec.get("rules") or ():
            for path in (rule.get("http") or {}).get("paths") or ():
                where = (kind, str(rule.get("host") or "*"), str(path.get("path") or "/"))
                leads = f"{ingress.namespace}/{((path.get('backend') or {}).get('service') or {}).get('name')}"
                other, elsewhere = taken.setdefault(where, (ingress, leads))
                if other is not ingress and elsewhere != leads:
                    address = quoted(f"{where[1]}{where[2]}")
                    why = f"Ingress {other.namespace}/{other.name} claims {address}, too"
                    yield _symptom(ingress, CONFLICT, why, "spec.rules", address)


@detects(ROUTE, GATEWAY)
def route_is_not_taken(scene: Scene) -> Iterator[Symptom]:
    """What the gateway's controller says of routes and gateways."""
    for route in scene.all("HTTPRoute"):
        for parent in route.status.get("parents") or ():
            for said in _refused(parent.get("conditions"), "Accepted", "ResolvedRefs"):
                yield _conditioned(scene, route, ROUTE, "is not taken", said)
    for gateway in scene.all("Gateway"):
        if scene.age(gateway.created_at) < _SETTLING:
            continue
        listeners = [c for each in gateway.status.get("listeners") or () for c in each.get("conditions") or ()]
        for said in (
            *_refused(gateway.status.get("conditions"), "Accepted", "Programmed"),
            *_refused(listeners, "ResolvedRefs"),
        ):
            yield _conditioned(scene, gateway, GATEWAY, "is not in service", said)


def _backends(ingress: Object) -> Iterator[Mapping[str, Any]]:
    if ingress.spec.get("defaultBackend"):
        yield ingress.spec["defaultBackend"]
    for rule in ingress.spec.get("rules") or ():
        for path in (rule.get("http") or {}).get("paths") or ():
            yield path.get("backend") or {}


def _has_port(service: Object, wanted: Mapping[str, Any]) -> bool:
    ports = service.spec.get("ports") or ()
    if service.spec.get("type") == "ExternalName" or not wanted:
        return True
    if wanted.get("name"):
        return any(port.get("name") == wanted["name"] for port in ports)
    return any(port.get("port") == wanted.get("number") for port in ports)


def _nobody_ready(scene: Scene, service: Object) -> bool:
    """Has it a selector, and nobody ready behind it?"""
    if not service.spec.get("selector") or not scene.known("Pod", service.namespace):
        return False
    return not any((ready := pod.condition("Ready")) and ready.true for pod in scene.selected(service))


def _symptom(ingress: Object, code: Code, why: str, field: str, value: object, *because_of: Ref) -> Symptom:
    return Symptom(
        code=code,
        root=ingress.ref,
        about=str(value),
        cause=f"Ingress {ingress.name} leads nowhere: {why}.",
        evidence=[evidence(ingress.ref, field, value)],
        since=None,
        because_of=because_of,
        consequence=f"Ingress {ingress.name} leads nowhere",
        severity=Severity.CRITICAL if code is NO_BACKEND else None,
    )


def _refused(conditions: object, *kinds: str) -> tuple[tuple[str, Condition], ...]:
    found = Object("", {"status": {"conditions": conditions or ()}}).conditions
    return tuple((kind, each) for kind in kinds if (each := found.get(kind)) is not None and each.status == "False")


def _conditioned(scene: Scene, each: Object, code: Code, what: str, refused: tuple[str, Condition]) -> Symptom:
    kind, said = refused
    backends = [
        Ref("Service", str(ref.get("namespace") or each.namespace), str(ref.get("name")))
        for rule in each.spec.get("rules") or ()
        for ref in rule.get("backendRefs") or ()
    ]
    parents = [
        Ref("Gateway", str(p.get("namespace") or each.namespace), str(p.get("name")))
        for p in each.spec.get("parentRefs") or ()
    ]
    return Symptom(
        code=code,
        root=each.ref,
        about=f"{kind} {said.reason}",
        cause=f"{each.kind} {each.name} {what}: {quoted(said.message or said.reason)}".rstrip(".") + ".",
        evidence=[evidence(each.ref, f"status.conditions[{kind}]", f"{said.reason}: {said.message}", said.since)],
        since=said.since,
        because_of=(*(ref for ref in backends if scene.get(*_parts(ref))), *parents),
        consequence=f"{each.kind} {each.name} {what}",
    )


def _parts(ref: Ref) -> tuple[str, str, str]:
    return ref.kind, ref.namespace, ref.name
