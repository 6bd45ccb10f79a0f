"""Processes that end, and what looks like it."""

from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import (
    DAY,
    HOUR,
    MINUTE,
    ago,
    app,
    container,
    crashing,
    deployment,
    ended,
    event,
    job,
    named,
    pod,
    running,
    said_of,
    service,
    terminated,
    waiting,
)  # fmt: skip

_CODES = {
    0: "ContainerExitsAtOnce", 1: "ContainerCrashes", 2: "ContainerCrashes", 3: "ContainerCrashes", 126: "CommandNotExecutable",
    127: "CommandNotFound", 128: "ContainerCrashes", 134: "ContainerAborted", 137: "ContainerKilled", 139: "SegmentationFault",
    143: "ContainerTerminated", 255: "ContainerCrashes",
}  # fmt: skip
_TRACE = 'starting\nTraceback (most recent call last):\n  File "app.py", line 12\nConnectionError: could not connect to db:5432\n'


def scenarios() -> Iterator[Scenario]:
    for code, name in _CODES.items():
        yield fault(f"exit code {code} in back-off", app("checkout", crashing(code)), name, "Deployment/checkout")
    yield from _states()
    yield from _dependencies()
    yield from _jobs()
    yield from _controls()


def _states() -> Iterator[Scenario]:
    yield fault(
        "it has just ended again", app("checkout", terminated(1, restarts=2)), "ContainerCrashes", "Deployment/checkout"
    )
    yield fault(
        "it is up for a moment between two crashes", app("checkout", running(seconds=4, restarts=5, last=ended(1))),
        "ContainerCrashes", "Deployment/checkout",
    )  # fmt: skip
    yield fault(
        "it is up and not ready between two crashes", app("checkout", running(seconds=40, ready=False, restarts=5, last=ended(1, seconds_ago=41))),
        "ContainerCrashes", "Deployment/checkout",
    )  # fmt: skip
    yield fault(
        "back-off without a recorded ending",
        app("checkout", waiting("CrashLoopBackOff", restarts=3)),
        "ContainerCrashes",
        "Deployment/checkout",
    )
    yield fault(
        "one of two containers crashes", app("checkout", running(), crashing(1), containers=[container("app"), container("proxy")]),
        "ContainerCrashes", "Deployment/checkout",
    )  # fmt: skip
    broken = app("checkout", crashing(1), replicas=1, age=5 * MINUTE)
    yield fault("a young rollout whose first pod crashes", broken, "ContainerCrashes", "Deployment/checkout")
    yield fault("a bare pod crashes", [pod("tool", crashing(1))], "ContainerCrashes", "Pod/tool")
    built_elsewhere = app("checkout", crashing(1))
    yield fault(
        "the program was built for another platform", built_elsewhere, "ImageWrongPlatform", "Deployment/checkout",
        logs={"checkout-5d4f-0": "exec /app/server: exec format error\n"},
    )  # fmt: skip

    done = terminated(0, seconds_ago=MINUTE)
    yield fault(
        "it has ended without an error, and is not started again",
        app("checkout", done),
        "ContainerExitsAtOnce",
        "Deployment/checkout",
    )


def _dependencies() -> Iterator[Scenario]:
    crashed = {"checkout-5d4f-0": _TRACE}
    yield fault(
        "it cannot reach a Service that is not there",
        app("checkout", crashing(1)),
        "ContainerCrashes",
        "Deployment/checkout",
        logs=crashed,
    )
    lonely = [*app("checkout", crashing(1)), *service("db", selector={"app": "postgres"})]
    yield fault(
        "it cannot reach a Service that selects nothing", lonely, "ServiceSelectsNothing", "Service/db", logs=crashed
    )
    broken = [*app("checkout", crashing(1)), *app("db", waiting("ImagePullBackOff", "manifest unknown"))]
    yield fault(
        "it cannot reach a database whose image is missing", broken, "ImageNotFound", "Deployment/db", logs=crashed
    )
    both = [*app("checkout", crashing(1)), *app("db", crashing(139))]
    yield fault("it cannot reach a database that crashes", both, "SegmentationFault", "Deployment/db", logs=crashed)


def _jobs() -> Iterator[Scenario]:
    def failed(name: str, code: int = 1) -> dict[str, object]:
        return pod(name, terminated(code, seconds_ago=5 * MINUTE), phase="Failed", spec={"restartPolicy": "Never"})

    yield fault(
        "a job's pods fail one after the other",
        job("report", failed("report-1"), failed("report-2")),
        "JobPodFails",
        "Job/report",
    )
    yield fault("a bare pod that is not restarted fails", [failed("tool")], "ContainerCrashes", "Pod/tool")
    schedule = named(
        "CronJob",
        "nightly",
        spec={"schedule": "0 1 * * *", "jobTemplate": {"spec": {}}},
        status={"lastScheduleTime": ago(11 * HOUR)},
    )
    yield fault(
        "the job of a schedule fails",
        [schedule, *job("nightly-1", failed("n-1"), failed("n-2"), owner=schedule)],
        "JobPodFails",
        "CronJob/nightly",
    )
    done = pod("nightly-2-1", terminated(0, seconds_ago=MINUTE), phase="Succeeded")
    earlier = job("nightly-1", failed("n-1"), failed("n-2"), owner=schedule, age=2 * HOUR)
    yield healthy(
        "a schedule's job failed and the next one succeeded",
        [schedule, *earlier, *job("nightly-2", done, owner=schedule, age=HOUR)],
    )
    again = job("report", failed("report-1"), pod("report-2", running(seconds=30)))
    yield healthy("a job tries again after its first failure", again)


def _controls() -> Iterator[Scenario]:
    yield healthy(
        "restarted once yesterday and fine since",
        app("checkout", running(seconds=DAY, restarts=1, last=ended(1, seconds_ago=DAY)), age=9 * DAY),
    )
    yield healthy(
        "restarted once five minutes ago and fine since",
        app("checkout", running(seconds=280, restarts=1, last=ended(1, seconds_ago=300)), age=DAY),
    )
    yield healthy(
        "crashed four times until its database was there, ten minutes ago",
        app(
            "checkout", running(seconds=9 * MINUTE, restarts=4, last=ended(1, seconds_ago=10 * MINUTE)), age=12 * MINUTE
        ),
    )
    yield healthy(
        "restarted forty times, long ago",
        app("checkout", running(seconds=3 * DAY, restarts=40, last=ended(1, seconds_ago=3 * DAY)), age=9 * DAY),
    )
    often = running(seconds=4 * MINUTE, restarts=2, last=ended(1, seconds_ago=5 * MINUTE, lasted=50 * DAY))
    yield healthy("restarted twice in a hundred days, now five minutes ago", app("checkout", often, age=100 * DAY))
    yield healthy("a job that is done", job("report", pod("report-1", terminated(0), phase="Succeeded")))
    yield healthy(
        "a container of a running job is done",
        job("report", pod("r-1", running(), terminated(0), spec={"restartPolicy": "OnFailure"})),
    )
    yield healthy("pods that start since ten seconds", app("checkout", running(ready=False, seconds=8), age=10))
    leaving = deployment("checkout", crashing(137), replicas=1)
    leaving[-1]["metadata"]["deletionTimestamp"] = "2026-11-23T11:59:50Z"
    yield healthy("a crashing pod that is being deleted", [*app("cart"), leaving[-1]])
    yield healthy(
        "an old back-off event about a pod that runs",
        said_of(app("checkout"), "Pod", "BackOff", "Back-off restarting failed container", seconds_ago=50 * MINUTE),
    )
    yield healthy(
        "an event about a pod that is gone",
        [*app("checkout"), event(pod("checkout-old"), "BackOff", "Back-off restarting failed container")],
    )
