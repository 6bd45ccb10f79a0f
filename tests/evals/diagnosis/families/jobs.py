"""Jobs and CronJobs, StatefulSets and DaemonSets."""

from collections.abc import Iterator
from typing import Any

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import (
    DAY,
    HOUR,
    MINUTE,
    Manifest,
    ago,
    app,
    condition,
    container,
    job,
    named,
    node,
    owned_by,
    pod,
    running,
    service,
    terminated,
)


def scenarios() -> Iterator[Scenario]:
    yield fault("a job past its deadline", _failed("DeadlineExceeded"), "JobDeadlineExceeded", "Job/report")
    yield fault("a job that gave up, its pods gone", _failed("BackoffLimitExceeded"), "JobFailed", "Job/report")
    yield healthy("a job that failed last week", _failed("BackoffLimitExceeded", age=7 * DAY))
    yield healthy("a failed run, and a good one after it", _made_good())
    yield healthy("a job that runs", job("report", pod("report-1", running(seconds=60))))
    yield fault("suspended", [_cron(suspend=True)], "CronJobSuspended", "CronJob/nightly")
    yield fault("not run at its hour", [_cron(last=2 * HOUR + 1)], "CronJobMissed", "CronJob/nightly")
    yield fault("a run that never ends keeps the next from starting", _blocked(), "CronJobMissed", "CronJob/nightly")
    yield healthy("run at its hour", [_cron(last=0)])
    yield healthy("made since its last hour", [_cron(age=10 * MINUTE)])
    for schedule in ("@every 1h", "0 ? * * ?", "@hourly"):
        yield healthy(f"a schedule that is written {schedule}", [_cron(last=0, schedule=schedule)])
    yield fault(
        "a schedule that is none", [_cron(last=0, schedule="often")], "CronJobScheduleInvalid", "CronJob/nightly"
    )
    yield fault(
        "a zone that there is not", [_cron(timeZone="Mars/Olympus")], "CronJobScheduleInvalid", "CronJob/nightly"
    )
    yield fault("its Service is missing", _stateful(ready=2), "HeadlessServiceMissing", "StatefulSet/db")
    yield fault(
        "an ordinal that does not come",
        _named(_stateful(ready=1)),
        "PodStartStalls",
        "StatefulSet/db",
    )
    yield healthy("a complete stateful set", _named(_stateful(ready=2)))
    yield fault(
        "a node is not ready, so a daemon is missing there",
        [*_daemon(ready=1), node("node-2", ready=False, age=HOUR)],
        "NodeNotReady",
        "Node/node-2",
    )
    yield fault("a daemon not ready on one node", _daemon(ready=1), "PodStartStalls", "DaemonSet/agent")
    yield fault(
        "a daemon where it should not be", _daemon(ready=2, misplaced=1), "DaemonSetMisscheduled", "DaemonSet/agent"
    )
    yield healthy("a complete daemon", _daemon(ready=2))


def _failed(reason: str, *, age: float = HOUR) -> list[Manifest]:
    said = condition("Failed", True, reason, "Job has failed", age=age)
    return job("report", age=age, status={"conditions": [said], "failed": 7, "active": 0})


def _made_good() -> list[Manifest]:
    cron = _cron(last=0)
    bad = job("nightly-1", owner=cron, age=DAY / 2, status={"conditions": [condition("Failed", True, "BackoffLimitExceeded", age=DAY / 2)], "active": 0})  # fmt: skip
    good = job("nightly-2", pod("nightly-2-x", terminated(0), phase="Succeeded"), owner=cron, age=HOUR)
    return [cron, *bad, *good]


def _cron(*, age: float = 30 * DAY, last: float | None = None, **spec: Any) -> Manifest:
    """Runs at the full hour; the snapshot is of noon, when its job has just begun (`last` 0) or not."""
    wish = {
        "schedule": "0 * * * *",
        "jobTemplate": {"spec": {"template": {"spec": {"containers": [container()]}}}},
        **spec,
    }
    status = {"lastScheduleTime": ago(last)} if last is not None else {}
    return named(
        "CronJob",
        "nightly",
        age=age,
        spec={**wish, "schedule": "45 * * * *"} if last is None or last else wish,
        status=status,
    )


def _blocked() -> list[Manifest]:
    cron = _cron(last=5 * HOUR, concurrencyPolicy="Forbid")
    cron["status"]["active"] = [{"kind": "Job", "name": "nightly-1", "namespace": "shop"}]
    return [
        cron,
        *job("nightly-1", pod("nightly-1-x", running(seconds=5 * HOUR), age=5 * HOUR), owner=cron, age=5 * HOUR),
    ]


def _stateful(*, ready: int) -> list[Manifest]:
    labels = {"app": "db"}
    pods = [pod(f"db-{i}", running(ready=i < ready), labels=labels) for i in range(2)]
    template = {"metadata": {"labels": labels}, "spec": {"containers": [container()]}}
    whole = named(
        "StatefulSet", "db", spec={"replicas": 2, "serviceName": "db", "selector": {"matchLabels": labels}, "template": template},
        status={"replicas": 2, "readyReplicas": ready, "observedGeneration": 1},
    )  # fmt: skip
    for each in pods:
        each["metadata"]["ownerReferences"] = [owned_by(whole)]
    if ready < 2:
        # The kubelet has nothing to say of it, and neither has the pod: what is left is that the set waits.
        pods[1]["status"] |= {
            "phase": "Pending",
            "conditions": [condition("PodScheduled", True)],
            "containerStatuses": [],
        }
    return [whole, *pods]


def _named(objects: list[Manifest]) -> list[Manifest]:
    """With the headless Service that names its pods."""
    pods = [each for each in objects if each["kind"] == "Pod"]
    return [*objects, *service("db", pods, clusterIP="None")]


def _daemon(*, ready: int, misplaced: int = 0) -> list[Manifest]:
    pods = [pod(f"agent-{i}", running(), node=f"node-{i + 1}", labels={"app": "agent"}) for i in range(2)]
    template = {"metadata": {"labels": {"app": "agent"}}, "spec": {"containers": [container()]}}
    status = {
        "desiredNumberScheduled": 2,
        "currentNumberScheduled": 2,
        "numberReady": ready,
        "numberMisscheduled": misplaced,
        "observedGeneration": 1,
    }
    whole = named(
        "DaemonSet", "agent", spec={"selector": {"matchLabels": {"app": "agent"}}, "template": template}, status=status
    )
    for each in pods:
        each["metadata"]["ownerReferences"] = [owned_by(whole)]
    if ready < 2:
        pods[1]["status"] |= {
            "phase": "Pending",
            "conditions": [condition("PodScheduled", True)],
            "containerStatuses": [],
        }
    return [whole, *pods, *app("other")]
