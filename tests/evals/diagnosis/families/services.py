"""Services that lead nowhere."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import MINUTE, Manifest, app, deployment, job, named, pod, running, service, terminated


def scenarios() -> Iterator[Scenario]:
    yield fault(
        "a typo in the selector",
        [*deployment(), *service("checkout", selector={"app": "chekout"})],
        "ServiceSelectsNothing",
        "Service/checkout",
    )
    yield fault("selects nothing at all", [*app(), *service("legacy")], "ServiceSelectsNothing", "Service/legacy")
    yield fault("a port name that nobody has", _with_port("grpc"), "ServicePortNameMissing", "Service/checkout")
    yield fault("a port number that nobody declares", _with_port(9090), "ServicePortNotExposed", "Service/checkout")
    yield fault("endpoints that lag behind", _without_endpoints(), "EndpointsNotUpdated", "Service/checkout")
    yield fault("a load balancer that does not come", _balancer(), "LoadBalancerPending", "Service/checkout")
    yield healthy("a headless Service", [*deployment(), *_headless()])
    yield healthy(
        "an external name", [named("Service", "bank", spec={"type": "ExternalName", "externalName": "bank.example"})]
    )
    yield healthy(
        "a Service without a selector, whose endpoints somebody else writes",
        [named("Service", "outside", spec={"ports": [{"port": 80}]}), *app()],
    )
    yield healthy("a port by number", _with_port(8080))
    yield healthy("pods that started ten seconds ago", app("checkout", running(ready=False, seconds=8), age=10))
    yield healthy(
        "a Service for a job that has run",
        [
            *job("report", pod("report-1", terminated(0), phase="Succeeded", labels={"job-name": "report"})),
            *service("report", selector={"job-name": "report"}),
        ],
    )


def _with_port(port: object) -> list[Manifest]:
    made = deployment()
    return [*made, *service("checkout", [each for each in made if each["kind"] == "Pod"], port=port)]


def _without_endpoints() -> list[Manifest]:
    return [*deployment(), *service("checkout")]


def _balancer() -> list[Manifest]:
    objects = app()
    front = next(each for each in objects if each["kind"] == "Service")
    front["spec"]["type"] = "LoadBalancer"
    front["status"] = {"loadBalancer": {}}
    return objects


def _headless() -> list[Manifest]:
    made = deployment()
    return service("checkout", [each for each in made if each["kind"] == "Pod"], clusterIP="None", age=10 * MINUTE)
