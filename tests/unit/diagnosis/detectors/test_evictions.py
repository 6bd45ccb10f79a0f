"""Who was thrown out, by whom, and why."""

import pytest

from skills.diagnosis.detectors.evictions import preempted, thrown_out
from tests.support.diagnosing import causes
from tests.support.manifests import DAY, HOUR, MINUTE, ago, app, condition, deployment, event, pod, running, terminated

_LOW = "The node was low on resource: {}. Threshold quantity: 100Mi, available: 50Mi."
_SAYS = {
    ("Evicted", _LOW.format("memory")): ("EvictedByNodePressure", "Node/node-1", "Node node-1 ran out of memory and threw out tool."),
    ("Evicted", _LOW.format("ephemeral-storage")): ("EvictedByNodePressure", "Node/node-1", "Node node-1 ran out of disk space and threw out tool."),
    ("Evicted", "The node had condition: [PIDPressure]."): ("EvictedByNodePressure", "Node/node-1", "Node node-1 ran out of process ids and threw out tool."),
    ("Evicted", "Pod ephemeral local storage usage exceeds the total limit of containers 1Gi."): ("EphemeralStorageExceeded", "Pod/tool", "tool is thrown out for writing more to its node's disk than it may."),
    ("Evicted", 'Usage of EmptyDir volume "x" exceeds the limit "1Gi".'): ("EphemeralStorageExceeded", "Pod/tool", "tool is thrown out for writing more to an emptyDir volume than it may."),
    ("Terminated", "Pod was terminated in response to imminent node shutdown."): ("NodeShutDown", "Node/node-1", "Node node-1 was shut down, and its pods with it."),
    ("OutOfcpu", "Node didn't have enough resource: cpu"): ("PodRejectedByNode", "Pod/tool", "Node node-1 would not take a pod of tool that was given to it (OutOfcpu)."),
}  # fmt: skip


def _lost(reason: str, message: str, *, seconds_ago: float) -> dict[str, object]:
    status = {"reason": reason, "message": message, "startTime": ago(seconds_ago)}
    return pod("tool", terminated(137, seconds_ago=seconds_ago), phase="Failed", status=status)


@pytest.mark.parametrize("said", _SAYS, ids=lambda said: said[1][:40])
def test_the_status_says_who_did_it(said: tuple[str, str]) -> None:
    assert causes(thrown_out, [_lost(*said, seconds_ago=MINUTE)]) == [_SAYS[said]]


def test_what_is_left_of_an_old_eviction_hurts_nobody() -> None:
    assert causes(thrown_out, [_lost("Evicted", _LOW.format("memory"), seconds_ago=DAY)]) == []


def test_a_preempted_pod_counts_while_its_workload_is_short() -> None:
    short = deployment("checkout", running(ready=False, seconds=5), age=HOUR)
    target = condition("DisruptionTarget", True, "PreemptionByScheduler", age=MINUTE)
    short[2]["status"]["conditions"].append(target)
    assert causes(preempted, short) == [
        ("PodPreempted", "Deployment/checkout", "A pod of checkout had to make room for one of higher priority.")
    ]


def test_a_preempted_pod_that_was_replaced_does_not() -> None:
    calm = app("checkout")
    assert causes(preempted, [*calm, event(calm[2], "Preempted", "Preempted by pod x")]) == []
