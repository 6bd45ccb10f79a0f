"""Pods that a node threw out."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import DAY, MINUTE, Manifest, ago, app, event, named, node, owned_by, pod, terminated


def _failed(reason: str, message: str, *, seconds_ago: float = 5 * MINUTE) -> list[Manifest]:
    """An application that is well again, and the pod that was lost."""
    made = app("checkout")
    status = {"reason": reason, "message": message, "startTime": ago(seconds_ago + MINUTE)}
    lost = pod(
        "checkout-lost",
        terminated(137, seconds_ago=seconds_ago),
        phase="Failed",
        status=status,
        labels={"app": "checkout"},
    )
    lost["metadata"]["ownerReferences"] = [owned_by(made[1])]
    return [*made, lost]


def scenarios() -> Iterator[Scenario]:
    low = "The node was low on resource: {0}. Threshold quantity: 100Mi, available: 50Mi. "
    for resource in ("memory", "ephemeral-storage", "pids"):
        lost = _failed("Evicted", low.format(resource))
        yield fault(
            f"thrown out, as the node was low on {resource}",
            [*lost, node("node-1")],
            "EvictedByNodePressure",
            "Node/node-1",
        )
    pressed = node("node-1")
    pressed["status"]["conditions"][2] = {
        "type": "DiskPressure",
        "status": "True",
        "reason": "KubeletHasDiskPressure",
        "lastTransitionTime": ago(400),
    }
    yield fault(
        "thrown out by a node under pressure",
        [*_failed("Evicted", low.format("ephemeral-storage")), pressed],
        "NodePressure",
        "Node/node-1",
    )
    own = "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi. "
    yield fault(
        "it wrote more than its limit", _failed("Evicted", own), "EphemeralStorageExceeded", "Deployment/checkout"
    )
    full = 'Usage of EmptyDir volume "cache" exceeds the limit "1Gi". '
    yield fault("it filled its emptyDir", _failed("Evicted", full), "EphemeralStorageExceeded", "Deployment/checkout")
    yield fault(
        "its node was shut down",
        [*_failed("Terminated", "Pod was terminated in response to imminent node shutdown."), node("node-1")],
        "NodeShutDown",
        "Node/node-1",
    )
    yield fault(
        "a node would not take it",
        _failed("OutOfcpu", "Node didn't have enough resource: cpu"),
        "PodRejectedByNode",
        "Deployment/checkout",
    )
    yield healthy("thrown out yesterday, and left lying", _failed("Evicted", low.format("memory"), seconds_ago=DAY))
    calm = app("checkout")
    yield healthy(
        "preempted, and back again",
        [*calm, event(calm[2], "Preempted", "Preempted by pod 1234 on node node-1", seconds_ago=10 * MINUTE)],
    )
    yield healthy(
        "a pod that failed a day ago, and left lying",
        [*app("cart"), pod("tool", terminated(1, seconds_ago=DAY), phase="Failed"), named("ConfigMap", "x")],
    )
