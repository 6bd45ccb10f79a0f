"""Killed for memory: by the limit, by the node, or before the start."""

from skills.diagnosis.detectors.memory import killed_for_memory, node_kills_processes
from skills.diagnosis.symptom import Severity
from tests.support.diagnosing import causes, symptoms
from tests.support.manifests import DAY, app, container, crashing, deployment, ended, event, node, running, waiting

_KILLED = crashing(137, "OOMKilled")


def test_the_limit_is_named() -> None:
    assert causes(killed_for_memory, deployment("checkout", _KILLED)) == [
        ("OutOfMemory", "Deployment/checkout", "checkout is killed each time it uses more memory than its limit of 128Mi.")
    ]  # fmt: skip


def test_a_heap_that_may_outgrow_the_limit_is_named() -> None:
    for words in ({"args": ["java", "-Xmx2g"]}, {"env": [{"name": "NODE_OPTIONS", "value": "--max-old-space-size=2048"}]}, {"env": [{"name": "GOMEMLIMIT", "value": "2GiB"}]}):  # fmt: skip
        spec = container(resources={"limits": {"memory": "1Gi"}}, **words)
        (symptom,) = symptoms(killed_for_memory, deployment("checkout", _KILLED, containers=[spec]))
        assert "lets it use as much or more" in symptom.cause
        assert symptom.remedy.startswith("Make ")


def test_a_heap_within_the_limit_is_not_blamed() -> None:
    spec = container(resources={"limits": {"memory": "4Gi"}}, args=["java", "-Xmx2g"])
    assert "-Xmx" not in causes(killed_for_memory, deployment("checkout", _KILLED, containers=[spec]))[0][2]


def test_without_a_limit_it_was_the_node() -> None:
    assert causes(killed_for_memory, deployment("checkout", _KILLED, containers=[container(resources={})])) == [
        ("NodeOutOfMemory", "Deployment/checkout", "checkout is killed because its node has no memory left; it has no memory limit of its own.")
    ]  # fmt: skip


def test_a_limit_too_small_to_start_is_told_as_such() -> None:
    spec = container(resources={"limits": {"memory": "128"}})
    small = deployment(
        "checkout",
        waiting("RunContainerError", "container init was OOM-killed (memory limit too low?)"),
        containers=[spec],
    )
    assert causes(killed_for_memory, small) == [
        ("MemoryLimitTooSmall", "Deployment/checkout", "checkout cannot start: its memory limit of 128 is too small for the process even to begin.")
    ]  # fmt: skip


def test_one_that_is_up_again_is_less_bad() -> None:
    up = deployment("checkout", running(seconds=60, restarts=1, last=ended(137, "OOMKilled", seconds_ago=61)))
    (symptom,) = symptoms(killed_for_memory, up)
    assert symptom.severity is Severity.WARNING


def test_a_node_that_kills_is_named_and_so_is_whom_it_killed() -> None:
    full = node("node-1")
    unlimited = app("checkout", _KILLED, containers=[container(resources={})])
    (symptom,) = symptoms(node_kills_processes, [*unlimited, full, event(full, "SystemOOM", "victim process: java")])
    assert symptom.cause == "Node node-1 ran out of memory and killed processes."
    assert [ref.name for ref in symptom.affected] == ["checkout-5d4f-0", "checkout-5d4f-1"]


def test_a_node_that_killed_yesterday_is_not_named() -> None:
    full = node("node-1")
    assert causes(node_kills_processes, [full, event(full, "SystemOOM", "x", seconds_ago=DAY)]) == []
