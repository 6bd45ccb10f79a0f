"""Deployments on their way, stuck, paused, or told to be nothing."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import MINUTE, Manifest, app, condition, deployment, running, service


def scenarios() -> Iterator[Scenario]:
    yield fault("stuck, and nobody knows why", _stuck(), "RolloutStuck", "Deployment/checkout")
    yield fault("paused half-way", _paused(updated=1), "RolloutPaused", "Deployment/checkout")
    yield healthy("paused, with everything on the newest template", _paused(updated=2))
    yield fault("scaled to zero", deployment(replicas=0), "ScaledToZero", "Deployment/checkout")
    yield fault(
        "scaled to zero behind a Service",
        [*deployment(replicas=0), *service("checkout")],
        "ScaledToZero",
        "Deployment/checkout",
    )
    yield healthy(
        "parked by a controller that scales to zero itself",
        deployment(replicas=0, annotations={"autoscaling.keda.sh/paused": "true"}),
    )
    yield fault("a wish that nobody acts on", _unobserved(), "ControllerBehind", "Deployment/checkout")
    yield healthy("a rolling update that began half a minute ago", _rolling())


def _stuck() -> list[Manifest]:
    """The controller gave up, and the pods look well."""
    objects = app()
    objects[0]["status"]["conditions"] = [condition("Progressing", False, "ProgressDeadlineExceeded", age=5 * MINUTE)]
    objects[0]["status"]["updatedReplicas"] = 1
    return objects


def _paused(*, updated: int) -> list[Manifest]:
    objects = app()
    objects[0]["spec"]["paused"] = True
    objects[0]["status"]["updatedReplicas"] = updated
    return objects


def _unobserved() -> list[Manifest]:
    objects = app()
    objects[0]["metadata"]["generation"] = 7
    return objects


def _rolling() -> list[Manifest]:
    """One old pod serves, and one new pod has just been started."""
    old, fresh = app(), deployment("checkout", running(ready=False, seconds=15), replicas=1, age=20)
    new_pod = fresh[2]
    new_pod["metadata"]["name"] = new_pod["metadata"]["uid"] = "checkout-7c9f-0"
    old[0]["status"] |= {
        "updatedReplicas": 1, "replicas": 3, "unavailableReplicas": 1,
        "conditions": [condition("Available", True), condition("Progressing", True, "ReplicaSetUpdated", age=30)],
    }  # fmt: skip
    return [*old, new_pod]
