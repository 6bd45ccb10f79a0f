"""What only measurements tell, what explains it, and the hours that only look bad."""

import math
from collections.abc import Iterator

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import DAY, app, crashing, deployment, running
from tests.support.measurements import Values, noisy

_CHECKOUT = "Deployment/checkout"
_BUSY: Values = noisy(120.0, 60)
_FAILING: Values = [*noisy(0.02, 45), *noisy(0.31, 15)]
_SLOW: Values = [*noisy(0.18, 45), *noisy(0.6, 15)]
_GONE: Values = [*noisy(120.0, 50), *([0.4] * 10)]


def scenarios() -> Iterator[Scenario]:
    yield from _alone()
    yield from _explained()
    yield from _controls()


def _alone() -> Iterator[Scenario]:
    """All pods are well, and the requests are not."""
    well = app("checkout", running(seconds=2 * DAY))
    yield fault("errors rose", well, "RequestsFail", _CHECKOUT, measured={"traffic": _BUSY, "errors": _FAILING})
    yield fault(
        "errors came where there were none",
        well,
        "RequestsFail",
        _CHECKOUT,
        measured={"traffic": _BUSY, "errors": [0.0] * 52 + [0.2] * 8},
    )
    yield fault(
        "errors were there all the time",
        well,
        "RequestsFail",
        _CHECKOUT,
        measured={"traffic": _BUSY, "errors": noisy(0.4, 60)},
    )
    yield fault("latency rose", well, "LatencyRisen", _CHECKOUT, measured={"traffic": _BUSY, "latency": _SLOW})
    yield fault(
        "errors, latency and traffic at once are one thing", well, "RequestsFail", _CHECKOUT,
        measured={"traffic": [*noisy(120.0, 45), *noisy(4.0, 15)], "errors": _FAILING, "latency": _SLOW},
    )  # fmt: skip
    yield fault(
        "nobody comes any more", well, "TrafficLost", _CHECKOUT, measured={"traffic": _GONE, "errors": [0.0] * 60}
    )
    yield fault(
        "slow because throttled", well, "CpuThrottled", _CHECKOUT,
        measured={"traffic": _BUSY, "latency": _SLOW, "throttled": [*noisy(0.05, 45), *noisy(0.7, 15)]},
    )  # fmt: skip
    yield fault(
        "memory runs towards its limit",
        well,
        "MemoryNearLimit",
        _CHECKOUT,
        measured={"memory": [0.6 + 0.36 * i / 59 for i in range(60)]},
    )


def _explained() -> Iterator[Scenario]:
    """The cluster shows why, so there is one finding and no other."""
    everything: dict[str, Values] = {"traffic": _GONE, "errors": _FAILING, "latency": _SLOW}
    yield fault(
        "a crash explains all of it", app("checkout", crashing(1)), "ContainerCrashes", _CHECKOUT, measured=everything
    )
    yield fault(
        "a crash, and nothing is measured any more", app("checkout", crashing(1)), "ContainerCrashes", _CHECKOUT,
        measured={"traffic": [*noisy(120.0, 50), *([None] * 10)]},
    )  # fmt: skip
    yield fault(
        "the crash of a dependency explains its errors", [*app("checkout", running()), *app("payments-api", crashing(1))],
        "ContainerCrashes", "Deployment/payments-api", measured={"traffic": _BUSY, "errors": _FAILING},
    )  # fmt: skip
    yield fault(
        "a memory limit that kills explains the memory", app("checkout", crashing(137, "OOMKilled")), "OutOfMemory", _CHECKOUT,
        measured={"memory": [0.6 + 0.36 * i / 59 for i in range(60)]},
    )  # fmt: skip
    yield fault(
        "scaled to zero explains that nobody comes", deployment("checkout", replicas=0), "ScaledToZero", _CHECKOUT,
        measured={"traffic": _GONE},
    )  # fmt: skip


def _controls() -> Iterator[Scenario]:
    well = app("checkout", running(seconds=2 * DAY))
    peak: Values = [100 + 80 * math.sin(math.pi * i / 60) for i in range(60)]
    yield healthy(
        "a daily peak",
        well,
        measured={
            "traffic": peak,
            "errors": noisy(0.002, 60),
            "latency": noisy(0.2, 60, by=0.3),
            "cpu": [p / 200 for p in peak if p],
        },
    )
    yield healthy(
        "the night", well, measured={"traffic": [120 - 1.5 * i for i in range(60)], "errors": noisy(0.002, 60)}
    )
    yield healthy(
        "noise",
        well,
        measured={
            "traffic": noisy(20, 60, by=0.6),
            "errors": noisy(0.01, 60, by=0.9),
            "latency": noisy(0.2, 60, by=0.6),
        },
    )
    yield healthy(
        "two failures of three requests", well, measured={"traffic": [0.001] * 60, "errors": [0.0] * 58 + [1.0, 0.5]}
    )
    yield healthy("no requests at all", well, measured={"traffic": [0.0] * 60, "errors": [math.nan] * 60})
    yield healthy(
        "a bad minute that is over", well, measured={"traffic": _BUSY, "errors": [0.0] * 30 + [0.6] + [0.0] * 29}
    )
    yield healthy(
        "it got better",
        well,
        measured={"traffic": _BUSY, "errors": [0.04] * 30 + [0.001] * 30, "latency": [0.9] * 30 + [0.2] * 30},
    )
    yield healthy(
        "always a little throttled",
        well,
        measured={"throttled": noisy(0.4, 60), "latency": noisy(0.2, 60), "traffic": _BUSY},
    )
    yield healthy("a cache fills its memory", well, measured={"memory": noisy(0.95, 60, by=0.01)})
    yield healthy(
        "the server measures nothing but NaN",
        well,
        measured={"traffic": [math.nan] * 60, "errors": [math.nan] * 60, "latency": [math.nan] * 60},
    )
