"""What a failing probe says of the program, or of itself."""

from typing import Any

import pytest

from skills.diagnosis.detectors.probes import probe_fails, readiness_gate_closed
from tests.support.diagnosing import causes, symptoms
from tests.support.manifests import (
    HOUR,
    MINUTE,
    Manifest,
    app,
    condition,
    container,
    crashing,
    deployment,
    pod,
    running,
    said_of,
)  # fmt: skip

_HTTP = {"httpGet": {"path": "/ready", "port": 8080}}
_NOT_READY = running(ready=False)


def _unready(said: str, probe: dict[str, Any], **spec: Any) -> list[Manifest]:
    made = deployment("checkout", _NOT_READY, containers=[container(readinessProbe=probe, **spec)])
    return said_of(made, "Pod", "Unhealthy", f"Readiness probe failed: {said}", count=9) if said else made


def _killed(said: str, *, lasted: float = 40, **spec: Any) -> list[Manifest]:
    made = deployment("checkout", crashing(137, lasted=lasted), containers=[container(livenessProbe=_HTTP, **spec)])
    return said_of(made, "Pod", "Unhealthy", f"Liveness probe failed: {said}", count=9) if said else made


_READY = "checkout runs and is not ready: "
_SAYS = {
    "HTTP probe failed with statuscode: 503": ("ReadinessFails", "its readiness probe (GET /ready on port 8080) is answered with status 503."),
    "HTTP probe failed with statuscode: 404": ("ProbePathWrong", "its readiness probe (GET /ready on port 8080) is answered with status 404."),
    "HTTP probe failed with statuscode: 403": ("ProbeUnauthorized", "its readiness probe (GET /ready on port 8080) is answered with status 403."),
    "dial tcp 10.0.0.1:8080: connect: connection refused": ("ReadinessFails", "its readiness probe (GET /ready on port 8080) fails, as nothing listens there."),
    "context deadline exceeded": ("ProbeTimesOut", "its readiness probe (GET /ready on port 8080) gets no answer within 1 s."),
    "http: server gave HTTP response to HTTPS client": ("ProbeSchemeWrong", "its readiness probe (GET /ready on port 8080) speaks HTTP, and the program does not."),
    "the moon": ("ReadinessFails", "its readiness probe (GET /ready on port 8080) fails: “Readiness probe failed: the moon”."),
    "": ("ReadinessFails", "its readiness probe (GET /ready on port 8080) fails."),
}  # fmt: skip


@pytest.mark.parametrize("said", _SAYS)
def test_the_kubelets_words_are_understood(said: str) -> None:
    code, why = _SAYS[said]
    assert causes(probe_fails, _unready(said, _HTTP)) == [(code, "Deployment/checkout", _READY + why)]


def test_a_port_name_that_nobody_has_is_certain() -> None:
    (symptom,) = symptoms(probe_fails, _unready("", {"httpGet": {"port": "metrics"}}))
    assert (
        symptom.cause == _READY + "its readiness probe asks port “metrics”, and no container has a port of that name."
    )
    assert symptom.confidence == 0.97


def test_a_port_that_is_not_declared_is_likely() -> None:
    assert causes(probe_fails, _unready("", {"tcpSocket": {"port": 9999}})) == [
        ("ProbePortWrong", "Deployment/checkout", _READY + "its readiness probe asks port 9999, and the pod declares 8080.")
    ]  # fmt: skip


def test_a_port_that_answers_is_right_whatever_is_declared() -> None:
    answered = _unready("HTTP probe failed with statuscode: 503", {"httpGet": {"path": "/", "port": 9999}})
    assert causes(probe_fails, answered)[0][0] == "ReadinessFails"


def test_the_log_says_on_which_port_it_listens() -> None:
    refused = _unready("connection refused", {"httpGet": {"path": "/", "port": 9999}}, ports=[])
    assert causes(probe_fails, refused, {"checkout-5d4f-0": "listening on :3000\n"})[0][2] == (
        _READY + "its readiness probe asks port 9999, and the program listens on 3000."
    )


def test_a_command_that_is_not_in_the_image() -> None:
    missing = _unready('exec: "/bin/x": stat /bin/x: no such file or directory', {"exec": {"command": ["/bin/x"]}})
    assert causes(probe_fails, missing)[0] == (
        "ProbeCommandMissing", "Deployment/checkout", _READY + "its readiness probe (the command “/bin/x”) cannot be executed in its image.",
    )  # fmt: skip


def test_a_run_as_short_as_the_probe_allows_was_killed_too_early() -> None:
    assert causes(probe_fails, _killed("connection refused"))[0][2] == (
        "checkout is killed again and again: its liveness probe gives up 30 s after the start, before anything listens."
    )


def test_a_long_run_was_not_killed_too_early() -> None:
    assert causes(probe_fails, _killed("connection refused", lasted=HOUR))[0][0] == "LivenessFails"


def test_a_startup_probe_waits_for_the_start() -> None:
    assert causes(probe_fails, _killed("connection refused", startupProbe=_HTTP))[0][0] != "LivenessTooEarly"


def test_its_log_and_what_it_waits_for_are_named() -> None:
    unready = [*_unready("HTTP probe failed with statuscode: 503", _HTTP), *app("db", crashing(1))]
    (symptom,) = symptoms(probe_fails, unready, {"checkout-5d4f-0": "ERROR cannot connect to db:5432: refused"})
    assert symptom.cause.endswith("status 503, and its log says “ERROR cannot connect to db:5432: refused”.")
    assert "Service shop/db" in {str(ref) for ref in symptom.because_of}


def test_not_ready_without_a_probe_is_said_to_be_unexplained() -> None:
    assert causes(probe_fails, deployment("checkout", _NOT_READY)) == [
        ("NotReady", "Deployment/checkout", "checkout runs and is not ready, although it has no readiness probe.")
    ]


@pytest.mark.parametrize(
    "state", [running(), running(ready=False, seconds=20), {**running(ready=False, seconds=MINUTE), "started": False}],
    ids=["ready", "just started", "within what its startup probe allows"],
)  # fmt: skip
def test_a_container_that_is_well_or_may_still_start_fails_no_probe(state: Manifest) -> None:
    patient = container(readinessProbe=_HTTP, startupProbe={**_HTTP, "failureThreshold": 30})
    assert causes(probe_fails, deployment("checkout", state, containers=[patient])) == []


def test_a_readiness_gate_that_stays_closed() -> None:
    gated = pod("checkout-1", spec={"readinessGates": [{"conditionType": "example.com/x"}]})
    assert causes(readiness_gate_closed, [gated]) == [
        ("ReadinessGateClosed", "Pod/checkout-1", "checkout-1 runs and does not count as ready: nobody has set the condition example.com/x to True.")
    ]  # fmt: skip
    gated["status"]["conditions"].append(condition("example.com/x", True))
    assert causes(readiness_gate_closed, [gated]) == []
