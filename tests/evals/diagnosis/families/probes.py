"""Probes that fail, and pods that are not ready."""

from collections.abc import Iterator
from typing import Any

from tests.evals.diagnosis.scenario import Scenario, fault, healthy
from tests.support.manifests import (
    HOUR,
    MINUTE,
    Manifest,
    app,
    condition,
    container,
    crashing,
    deployment,
    ended,
    running,
    said_of,
    waiting,
)  # fmt: skip

_WAITS = running(ready=False, seconds=20 * MINUTE)
_REFUSED = 'Get "http://10.244.0.7:{0}{1}": dial tcp 10.244.0.7:{0}: connect: connection refused'


def _http(path: str = "/ready", port: Any = 8080, **more: Any) -> dict[str, Any]:
    return {"httpGet": {"path": path, "port": port, "scheme": "HTTP", **more}}


def _unready(said: str, probe: dict[str, Any], *, state: Manifest = _WAITS, count: int = 12) -> list[Manifest]:
    made = app("checkout", state, containers=[container(readinessProbe=probe)])
    return said_of(made, "Pod", "Unhealthy", f"Readiness probe failed: {said}", count=count) if said else made


def _killed(
    said: str, probe: dict[str, Any], *, lasted: float = 60, kind: str = "Liveness", **spec: Any
) -> list[Manifest]:
    state = crashing(137, lasted=lasted)
    made = app("checkout", state, containers=[container(**{f"{kind.lower()}Probe": probe}, **spec)])
    told = said_of(made, "Pod", "Unhealthy", f"{kind} probe failed: {said}", count=12) if said else made
    return said_of(
        told, "Pod", "Killing", f"Container app failed {kind.lower()} probe, will be restarted", count=4, warning=False
    )


def scenarios() -> Iterator[Scenario]:
    yield from _readiness()
    yield from _liveness()
    yield from _gates()
    yield from _controls()


def _readiness() -> Iterator[Scenario]:
    where = "Deployment/checkout"
    yield fault(
        "not ready by its own word",
        _unready("HTTP probe failed with statuscode: 503", _http()),
        "ReadinessFails",
        where,
    )
    yield fault("not ready, and no event says so", _unready("", _http()), "ReadinessFails", where)
    yield fault(
        "the probe's path does not exist",
        _unready("HTTP probe failed with statuscode: 404", _http("/redy")),
        "ProbePathWrong",
        where,
    )
    yield fault(
        "the probe has no credentials",
        _unready("HTTP probe failed with statuscode: 401", _http()),
        "ProbeUnauthorized",
        where,
    )
    yield fault(
        "the probe asks a port that is not declared",
        _unready(_REFUSED.format(9999, "/ready"), _http(port=9999)),
        "ProbePortWrong",
        where,
    )
    yield fault("the same, and no event says so", _unready("", _http(port=9999)), "ProbePortWrong", where)
    yield fault(
        "the probe names a port that does not exist", _unready("", _http(port="metrics")), "ProbePortWrong", where
    )
    yield fault(
        "nothing listens on the right port", _unready(_REFUSED.format(8080, "/ready"), _http()), "ReadinessFails", where
    )
    https = 'Get "https://10.244.0.7:8080/": http: server gave HTTP response to HTTPS client'
    yield fault("HTTPS is asked of HTTP", _unready(https, _http(scheme="HTTPS")), "ProbeSchemeWrong", where)
    secure = container(ports=[{"name": "https", "containerPort": 8443}], readinessProbe=_http(port="https"))
    made = said_of(
        deployment("checkout", _WAITS, containers=[secure]),
        "Pod",
        "Unhealthy",
        "Readiness probe failed: HTTP probe failed with statuscode: 400",
        count=9,
    )
    yield fault("HTTP is asked of HTTPS", made, "ProbeSchemeWrong", where)
    late = (
        'Get "http://10.244.0.7:8080/ready": context deadline exceeded (Client.Timeout exceeded while awaiting headers)'
    )
    yield fault("the answer comes too late", _unready(late, _http()), "ProbeTimesOut", where)
    command = {"exec": {"command": ["/bin/healthcheck"]}}
    missing = 'exec failed: unable to start container process: exec: "/bin/healthcheck": stat /bin/healthcheck: no such file or directory'
    yield fault("the probe's command is not in the image", _unready(missing, command), "ProbeCommandMissing", where)
    yield fault("no probe, and not ready", app("checkout", _WAITS), "NotReady", where)
    yield fault(
        "not ready since forty seconds, and the kubelet said so",
        _unready("HTTP probe failed with statuscode: 503", _http(), state=running(ready=False, seconds=40), count=5),
        "ReadinessFails",
        where,
    )
    on_db = _unready("HTTP probe failed with statuscode: 503", _http())
    broken = [*on_db, *app("db", waiting("ImagePullBackOff", "manifest unknown"))]
    logs = {"checkout-5d4f-0": "ERROR readiness: dial tcp: connect to db:5432: connection refused\n"}
    yield fault("not ready, as its database's image is missing", broken, "ImageNotFound", "Deployment/db", logs=logs)
    mixed = app("checkout", _WAITS, crashing(1), containers=[container(readinessProbe=_http()), container("proxy")])
    yield fault("not ready beside a container that crashes", mixed, "ContainerCrashes", where)


def _liveness() -> Iterator[Scenario]:
    where = "Deployment/checkout"
    yield fault(
        "killed, as it answers 500",
        _killed("HTTP probe failed with statuscode: 500", _http("/live")),
        "LivenessFails",
        where,
    )
    yield fault(
        "killed before it listens",
        _killed(_REFUSED.format(8080, "/live"), _http("/live"), lasted=40),
        "LivenessTooEarly",
        where,
    )
    yield fault(
        "killed, as the probe asks another port",
        _killed(_REFUSED.format(9999, "/live"), _http("/live", 9999)),
        "ProbePortWrong",
        where,
    )
    yield fault(
        "killed, as the probe's path does not exist",
        _killed("HTTP probe failed with statuscode: 404", _http("/alive")),
        "ProbePathWrong",
        where,
    )
    late = "context deadline exceeded (Client.Timeout exceeded while awaiting headers)"
    yield fault(
        "killed, as it does not answer in time", _killed(late, _http("/live"), lasted=400), "ProbeTimesOut", where
    )
    quiet = app("checkout", crashing(143), containers=[container(livenessProbe=_http("/live"))])
    yield fault("killed by its probe, and no event says so", quiet, "LivenessFails", where)
    again = running(seconds=30, restarts=4, last=ended(137, seconds_ago=31, lasted=90))
    up = said_of(
        app("checkout", again, containers=[container(livenessProbe=_http("/live"))]),
        "Pod",
        "Unhealthy",
        "Liveness probe failed: HTTP probe failed with statuscode: 500",
        count=9,
    )
    yield fault("killed by its probe, and up again", up, "LivenessFails", where)
    failing = app("checkout", containers=[container(livenessProbe=_http("/live"))])
    said = "Liveness probe failed: HTTP probe failed with statuscode: 500"
    soon = said_of(failing, "Pod", "Unhealthy", said, count=3, first=25, seconds_ago=5)
    yield fault("about to be killed for the first time", soon, "LivenessFails", where)
    yield healthy(
        "its liveness probe failed thrice in a day, once just now",
        said_of(failing, "Pod", "Unhealthy", said, count=3, first=20 * HOUR, seconds_ago=5),
    )
    once = running(seconds=30, restarts=1, last=ended(137, seconds_ago=31, lasted=40))
    first = app("checkout", once, containers=[container(livenessProbe=_http("/live"))])
    yield fault(
        "killed once by its probe, which fails again", said_of(first, "Pod", "Unhealthy", said, count=6, first=70, seconds_ago=5),
        "LivenessFails", where,
    )  # fmt: skip
    yield fault(
        "its startup probe gives up",
        _killed("HTTP probe failed with statuscode: 503", _http("/up"), kind="Startup"),
        "StartupFails",
        where,
    )


def _gates() -> Iterator[Scenario]:
    gated = app("checkout", spec={"readinessGates": [{"conditionType": "example.com/in-balancer"}]})
    for each in gated:
        if each["kind"] == "Pod":
            each["status"]["conditions"][3] = condition("Ready", False, "ReadinessGatesNotReady")
    yield fault("a readiness gate stays closed", gated, "ReadinessGateClosed", "Deployment/checkout")


def _controls() -> Iterator[Scenario]:
    probed = container(readinessProbe=_http(), livenessProbe=_http("/live"))
    ok = app("checkout", containers=[probed])
    yield healthy(
        "a probe failed once and passes",
        said_of(ok, "Pod", "Unhealthy", "Readiness probe failed: HTTP probe failed with statuscode: 503"),
    )
    yield healthy(
        "a liveness probe failed once and passes", said_of(ok, "Pod", "Unhealthy", "Liveness probe failed: timeout")
    )
    slow = container(readinessProbe={**_http(), "initialDelaySeconds": 90})
    yield healthy(
        "a program that may take ninety seconds to start",
        app("checkout", running(ready=False, seconds=25), containers=[slow], age=27),
    )
    odd = container(readinessProbe=_http(port=9999))
    yield healthy("a probe that passes on a port that is not declared", app("checkout", containers=[odd]))
    patient = container(startupProbe={**_http("/up"), "failureThreshold": 60})
    starting = {**running(ready=False, seconds=25), "started": False}
    yield healthy(
        "a program within what its startup probe allows", app("checkout", starting, containers=[patient], age=28)
    )
    once = running(seconds=HOUR, restarts=1, last=ended(137, seconds_ago=HOUR))
    yield healthy("killed once by its probe, an hour ago", app("checkout", once, containers=[probed]))
