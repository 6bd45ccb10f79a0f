"""Objects that are told to go and stay."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import HOUR, MINUTE, Manifest, ago, app, named, node, pod


def scenarios() -> Iterator[Scenario]:
    yield fault(
        "a finalizer that nobody removes",
        [*app(), _going("ConfigMap", "example.com/cleanup")],
        "FinalizerStuck",
        "ConfigMap/old",
    )
    yield fault(
        "a pod that does not end",
        [*app(), pod("old-1", deletionTimestamp=ago(10 * MINUTE))],
        "PodStuckTerminating",
        "Pod/old-1",
    )
    yield fault(
        "its node is gone",
        [
            *app(),
            pod("old-1", node="node-3", deletionTimestamp=ago(10 * MINUTE)),
            node("node-3", ready=False, age=HOUR),
        ],
        "NodeNotReady",
        "Node/node-3",
    )
    claim = named(
        "PersistentVolumeClaim",
        "data",
        deletionTimestamp=ago(10 * MINUTE),
        finalizers=["kubernetes.io/pvc-protection"],
        status={"phase": "Bound"},
    )
    yield fault(
        "a claim deleted under a pod",
        [*app(spec={"volumes": [{"name": "d", "persistentVolumeClaim": {"claimName": "data"}}]}), claim],
        "ClaimStillUsed",
        "PersistentVolumeClaim/data",
    )
    yield healthy("a pod that is ending now", [*app(), pod("old-1", deletionTimestamp=ago(20))])
    yield healthy(
        "deleted a moment ago, with a finalizer", [*app(), _going("ConfigMap", "example.com/cleanup", seconds=5)]
    )


def _going(kind: str, finalizer: str, *, seconds: float = HOUR) -> Manifest:
    return named(kind, "old", finalizers=[finalizer], deletionTimestamp=ago(seconds))
