"""Probes have defaults, and what the kubelet says of them adds up."""

from datetime import timedelta
from typing import Any

import pytest

from skills.diagnosis.objects import containers
from skills.diagnosis.probing import Probe, fails_on, probes
from tests.support.manifests import HOUR, Manifest, container, event, pod
from tests.support.scenes import scene

_LIVE = {"httpGet": {"path": "/live", "port": 8080}}
_SAID = "Liveness probe failed: HTTP probe failed with statuscode: 500"


def _fails(*events: dict[str, Any]) -> bool:
    one: Manifest = pod("checkout-1", containers=[container(livenessProbe=_LIVE)])
    world = scene(one, *(event(one, "Unhealthy", said.pop("message", _SAID), **said) for said in events))
    (app,) = containers(world.all("Pod")[0])
    return fails_on(world, app, "liveness")


def test_numbers_that_are_not_given_have_kubernetes_defaults() -> None:
    probe = Probe(kind="liveness", spec=_LIVE)
    assert (probe.timeout, probe.threshold, probe.period, probe.allows) == (
        1, 3, timedelta(seconds=10), timedelta(seconds=30),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("spec", "asks"),
    [
        (_LIVE, "GET /live on port 8080"),
        ({"httpGet": {"port": "http", "scheme": "HTTPS"}}, "HTTPS GET / on port http"),
        ({"tcpSocket": {"port": "5432"}}, "TCP on port 5432"),
        ({"grpc": {"port": 9000}}, "gRPC on port 9000"),
        ({"exec": {"command": ["cat", "/ok"]}}, "the command “cat /ok”"),
    ],
)
def test_what_it_asks_is_said_in_words(spec: dict[str, Any], asks: str) -> None:
    assert Probe(kind="readiness", spec=spec).asks == asks


def test_a_container_has_the_probes_that_it_declares() -> None:
    (app,) = containers(scene(pod("checkout-1", containers=[container(livenessProbe=_LIVE)])).all("Pod")[0])
    assert list(probes(app)) == ["liveness"]


def test_three_failures_in_a_row_count_however_they_are_written_down() -> None:
    assert _fails({"count": 3, "first": 25, "seconds_ago": 5})
    assert _fails(*({"message": f"{_SAID} ({i})", "seconds_ago": 5 + 10 * i} for i in range(3)))


def test_few_scattered_or_old_failures_do_not_count() -> None:
    assert not _fails({"count": 2, "first": 15, "seconds_ago": 5})
    assert not _fails({"count": 3, "first": 20 * HOUR, "seconds_ago": 5})
    assert not _fails({"count": 30, "first": 600, "seconds_ago": 300})
