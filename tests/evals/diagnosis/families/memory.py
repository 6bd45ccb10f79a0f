"""Containers killed for their memory."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import DAY, HOUR, app, container, crashing, ended, event, node, running, waiting


def scenarios() -> Iterator[Scenario]:
    killed = ended(137, "OOMKilled")
    yield fault(
        "killed at its limit, in back-off",
        app("checkout", crashing(137, "OOMKilled")),
        "OutOfMemory",
        "Deployment/checkout",
    )
    yield fault(
        "killed at its limit and up again",
        app("checkout", running(seconds=15, restarts=1, last=killed)),
        "OutOfMemory",
        "Deployment/checkout",
    )
    yield fault(
        "killed at its limit and not ready yet", app("checkout", running(seconds=15, ready=False, restarts=3, last=killed)),
        "OutOfMemory", "Deployment/checkout",
    )  # fmt: skip
    yield fault(
        "an init container is killed at its limit",
        app("checkout", waiting("PodInitializing"), inits=[(container("migrate"), crashing(137, "OOMKilled"))]),
        "OutOfMemory", "Deployment/checkout",
    )  # fmt: skip
    java = container(env=[{"name": "JAVA_TOOL_OPTIONS", "value": "-Xmx2g"}], resources={"limits": {"memory": "1Gi"}})
    yield fault(
        "a heap larger than the limit",
        app("checkout", crashing(137, "OOMKilled"), containers=[java]),
        "OutOfMemory",
        "Deployment/checkout",
    )
    unlimited = app("checkout", crashing(137, "OOMKilled"), containers=[container(resources={})])
    yield fault("killed without a limit", unlimited, "NodeOutOfMemory", "Deployment/checkout")
    full = node("node-1")
    said = event(full, "SystemOOM", "System OOM encountered, victim process: java, pid: 4711")
    yield fault("the node ran out of memory", [*unlimited, full, said], "NodeOutOfMemory", "Node/node-1")
    small = waiting("RunContainerError", "container init was OOM-killed (memory limit too low?)")
    yield fault(
        "the limit is 128 bytes", app("checkout", small, containers=[container(resources={"limits": {"memory": "128"}})]),
        "MemoryLimitTooSmall", "Deployment/checkout",
    )  # fmt: skip
    probed = container(livenessProbe={"httpGet": {"path": "/", "port": 8080}})
    yield fault(
        "killed for its memory while it has a liveness probe", app("checkout", crashing(137, "OOMKilled"), containers=[probed]),
        "OutOfMemory", "Deployment/checkout",
    )  # fmt: skip
    long_ago = running(seconds=DAY, restarts=1, last=ended(137, "OOMKilled", seconds_ago=DAY))
    yield healthy("killed for its memory yesterday and fine since", app("checkout", long_ago, age=3 * DAY))
    yield healthy(
        "a node that ran out of memory two hours ago",
        [*app("checkout"), full, event(full, "SystemOOM", "victim", seconds_ago=2 * HOUR)],
    )
