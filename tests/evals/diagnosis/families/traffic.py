"""What leads to a Service, guards it or sizes it: ingresses, routes, network policies, autoscalers, disruption budgets."""

from collections.abc import Iterator
from typing import Any

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import HOUR, Manifest, app, condition, container, deployment, event, named, node, service

_CLASS = named("IngressClass", "nginx", namespace="", spec={"controller": "example.com/ingress"})


def scenarios() -> Iterator[Scenario]:
    yield from _ingresses()
    yield from _routes()
    yield from _policies()
    yield from _autoscalers()
    yield from _budgets()


def _ingresses() -> Iterator[Scenario]:
    yield fault("leads to no Service", [*app(), _ingress("chekout"), _CLASS], "IngressBackendMissing", "Ingress/web")
    yield fault(
        "leads to a port that there is not",
        [*app(), _ingress("checkout", port=8080), _CLASS],
        "IngressBackendPortMissing",
        "Ingress/web",
    )
    yield fault(
        "a class that there is not",
        [*app(), _ingress("checkout", ingressClassName="gone"), _CLASS],
        "IngressClassMissing",
        "Ingress/web",
    )
    yield fault(
        "no class, and no default",
        [*app(), _ingress("checkout", ingressClassName=None), _CLASS],
        "IngressClassMissing",
        "Ingress/web",
    )
    yield fault(
        "its certificate is missing",
        [*app(), _ingress("checkout", tls=[{"secretName": "web-tls"}]), _CLASS],
        "IngressTlsSecretMissing",
        "Ingress/web",
    )
    yield fault(
        "two of them for one address",
        [*app(), *app("search"), _ingress("checkout"), _ingress("search", name="web2", age=60), _CLASS],
        "IngressConflict",
        "Ingress/web2",
    )
    yield fault(
        "a Service that selects nothing is behind it",
        [*service("checkout"), _ingress("checkout"), _CLASS],
        "ServiceSelectsNothing",
        "Service/checkout",
    )
    yield healthy(
        "an ingress with its class, certificate and backend",
        [*app(), _ingress("checkout", tls=[{"secretName": "web-tls"}]), named("Secret", "web-tls"), _CLASS],
    )


def _routes() -> Iterator[Scenario]:
    yield fault(
        "a route to a backend that there is not",
        [*app(), _route(condition("ResolvedRefs", False, "BackendNotFound", "service nope not found"))],
        "RouteNotAccepted",
        "HTTPRoute/web",
    )
    yield healthy(
        "a route that is taken", [*app(), _route(condition("Accepted", True), condition("ResolvedRefs", True))]
    )
    gateway = named(
        "Gateway",
        "edge",
        spec={"gatewayClassName": "mesh"},
        status={"conditions": [condition("Programmed", False, "AddressNotAssigned", "no address")]},
    )
    yield fault("a gateway that is not in service", [*app(), gateway], "GatewayNotProgrammed", "Gateway/edge")


def _policies() -> Iterator[Scenario]:
    yield fault(
        "nobody may come in",
        [*app(), _policy("deny", policyTypes=["Ingress"])],
        "NetworkPolicyBlocksIngress",
        "NetworkPolicy/deny",
    )
    yield fault(
        "only another port is open",
        [*app(), _policy("ports", policyTypes=["Ingress"], ingress=[{"ports": [{"port": 9090}]}])],
        "NetworkPolicyBlocksIngress",
        "NetworkPolicy/ports",
    )
    yield fault(
        "nobody may ask for names",
        [
            *app(),
            _policy(
                "out",
                policyTypes=["Egress"],
                egress=[{"ports": [{"port": 443}]}],
                podSelector={"matchLabels": {"app": "checkout"}},
            ),
        ],
        "NetworkPolicyBlocksDns",
        "NetworkPolicy/out",
    )
    allow = _policy(
        "allow", policyTypes=["Ingress"], ingress=[{"from": [{"podSelector": {}}], "ports": [{"port": "http"}]}]
    )
    yield healthy("denied by default and then allowed", [*app(), _policy("deny", policyTypes=["Ingress"]), allow])
    yield healthy(
        "out to DNS and to one port",
        [
            *app(),
            _policy(
                "out",
                policyTypes=["Egress"],
                egress=[{"ports": [{"port": 53, "protocol": "UDP"}]}, {"ports": [{"port": 443}]}],
            ),
        ],
    )


def _autoscalers() -> Iterator[Scenario]:
    yield fault(
        "its target is missing",
        [*app(), _autoscaler(target="gone")],
        "AutoscalerTargetMissing",
        "HorizontalPodAutoscaler/auto",
    )
    no_metrics = condition(
        "ScalingActive",
        False,
        "FailedGetResourceMetric",
        "unable to get metrics for resource cpu: the server could not find the requested resource",
    )
    yield fault("no metrics", [*app(), _autoscaler(no_metrics)], "AutoscalerNoMetrics", "HorizontalPodAutoscaler/auto")
    bare = deployment(containers=[container(resources={})])
    missing = condition("ScalingActive", False, "FailedGetResourceMetric", "missing request for cpu in container app")
    yield fault(
        "nothing is requested", [*bare, _autoscaler(missing)], "AutoscalerNeedsRequests", "HorizontalPodAutoscaler/auto"
    )
    limited = condition(
        "ScalingLimited", True, "TooManyReplicas", "the desired replica count is more than the maximum replica count"
    )
    yield fault(
        "at its maximum",
        [*app(), _autoscaler(condition("ScalingActive", True), limited, current=4)],
        "AutoscalerAtMaximum",
        "HorizontalPodAutoscaler/auto",
    )
    yield fault(
        "two for one target",
        [
            *app(),
            _autoscaler(condition("ScalingActive", True)),
            _autoscaler(condition("ScalingActive", True), name="auto2"),
        ],
        "AutoscalersFight",
        "Deployment/checkout",
    )
    yield healthy(
        "one that scales", [*app(), _autoscaler(condition("ScalingActive", True), condition("ScalingLimited", False))]
    )
    whole = app()
    turns = [
        event(
            whole[0],
            "ScalingReplicaSet",
            f"Scaled {way} replica set checkout-5d4f from {a} to {b}",
            seconds_ago=60,
            count=5,
            warning=False,
        )
        for way, a, b in (("up", 2, 6), ("down", 6, 2))
    ]
    yield fault("up and down", [*whole, *turns], "ReplicasFlap", "Deployment/checkout")


def _budgets() -> Iterator[Scenario]:
    yield fault(
        "wants every pod", [*app(), _budget(minAvailable=2)], "DisruptionBudgetBlocks", "PodDisruptionBudget/guard"
    )
    yield fault(
        "wants every pod while a node is drained",
        [*app(), _budget(maxUnavailable=0), node("node-1", spec={"unschedulable": True})],
        "DisruptionBudgetBlocks",
        "PodDisruptionBudget/guard",
    )
    yield fault(
        "guards nothing",
        [*app(), _budget(app_label="gone", minAvailable=1)],
        "DisruptionBudgetSelectsNothing",
        "PodDisruptionBudget/guard",
    )
    yield fault(
        "two for the same pods",
        [*app(), _budget(minAvailable=1, allowed=1), _budget(name="guard2", minAvailable=1, allowed=1)],
        "DisruptionBudgetsOverlap",
        "PodDisruptionBudget/guard2",
    )
    yield healthy("one pod may go", [*app(), _budget(minAvailable=1, allowed=1)])


def _ingress(backend: str, *, name: str = "web", port: int = 80, age: float = HOUR, **spec: Any) -> Manifest:
    path = {"path": "/", "pathType": "Prefix", "backend": {"service": {"name": backend, "port": {"number": port}}}}
    wish = {"ingressClassName": "nginx", "rules": [{"host": "shop.example", "http": {"paths": [path]}}], **spec}
    return named("Ingress", name, age=age, spec={key: value for key, value in wish.items() if value is not None})


def _route(*conditions: Manifest) -> Manifest:
    spec = {"parentRefs": [{"name": "edge"}], "rules": [{"backendRefs": [{"name": "nope", "port": 80}]}]}
    return named(
        "HTTPRoute",
        "web",
        spec=spec,
        status={"parents": [{"parentRef": {"name": "edge"}, "conditions": list(conditions)}]},
    )


def _policy(name: str, **spec: Any) -> Manifest:
    return named("NetworkPolicy", name, spec={"podSelector": {}, **spec})


def _autoscaler(*conditions: Manifest, name: str = "auto", target: str = "checkout", current: int = 2) -> Manifest:
    metric = {
        "type": "Resource",
        "resource": {"name": "cpu", "target": {"type": "Utilization", "averageUtilization": 70}},
    }
    spec = {
        "scaleTargetRef": {"kind": "Deployment", "name": target},
        "minReplicas": 2,
        "maxReplicas": 4,
        "metrics": [metric],
    }
    return named(
        "HorizontalPodAutoscaler", name, spec=spec, status={"currentReplicas": current, "conditions": list(conditions)}
    )


def _budget(*, name: str = "guard", app_label: str = "checkout", allowed: int = 0, **spec: Any) -> Manifest:
    selector = {"matchLabels": {"app": app_label}}
    status = {"expectedPods": 2, "currentHealthy": 2, "desiredHealthy": 2, "disruptionsAllowed": allowed}
    return named("PodDisruptionBudget", name, spec={"selector": selector, **spec}, status=status)
