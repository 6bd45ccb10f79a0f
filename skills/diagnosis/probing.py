"""Probes as a pod spec declares them, and what the kubelet said when they failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from skills.diagnosis.objects import Container, Object
from skills.diagnosis.scene import Event, Scene

KINDS = ("startup", "liveness", "readiness")
_LATELY = timedelta(minutes=15)
_MARGIN = timedelta(seconds=15)


@dataclass(frozen=True, kw_only=True)
class Probe:
    """One probe. Numbers that are not given have Kubernetes' defaults.

    Source: https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/
    """

    kind: str
    spec: Mapping[str, Any]

    @property
    def action(self) -> Mapping[str, Any]:
        """What it does: the value of `httpGet`, `tcpSocket` or `grpc`; empty for a command."""
        return self.spec.get("httpGet") or self.spec.get("tcpSocket") or self.spec.get("grpc") or {}

    @property
    def port(self) -> int | str | None:
        """The port that it asks, by number or by name."""
        found: int | str | None = self.action.get("port")
        return int(found) if isinstance(found, str) and found.isdecimal() else found

    @property
    def path(self) -> str:
        return str((self.spec.get("httpGet") or {}).get("path") or "/")

    @property
    def scheme(self) -> str:
        return str((self.spec.get("httpGet") or {}).get("scheme") or "HTTP").upper()

    @property
    def command(self) -> str:
        return " ".join(str(word) for word in (self.spec.get("exec") or {}).get("command") or ())

    @property
    def timeout(self) -> int:
        return int(self.spec.get("timeoutSeconds") or 1)

    @property
    def period(self) -> timedelta:
        return timedelta(seconds=int(self.spec.get("periodSeconds") or 10))

    @property
    def threshold(self) -> int:
        """How many failures in a row have a consequence."""
        return int(self.spec.get("failureThreshold") or 3)

    @property
    def delay(self) -> timedelta:
        return timedelta(seconds=int(self.spec.get("initialDelaySeconds") or 0))

    @property
    def allows(self) -> timedelta:
        """How long after its start a container may fail it before that has a consequence."""
        return self.delay + self.period * self.threshold

    @property
    def asks(self) -> str:
        """What it asks, in words: “GET /ready on port 8080”."""
        if self.spec.get("httpGet"):
            return f"{'HTTPS ' if self.scheme == 'HTTPS' else ''}GET {self.path} on port {self.port}"
        if self.spec.get("exec"):
            return f"the command “{self.command[:80]}”"
        return f"{'gRPC' if self.spec.get('grpc') else 'TCP'} on port {self.port}"


def probes(container: Container) -> Mapping[str, Probe]:
    """The probes of a container by kind."""
    return {
        kind: Probe(kind=kind, spec=container.spec[f"{kind}Probe"])
        for kind in KINDS
        if container.spec.get(f"{kind}Probe")
    }


def failures(scene: Scene, pod: Object, kind: str) -> Sequence[Event]:
    """What the kubelet said in the last quarter of an hour about failures of this kind of probe in a pod."""
    return tuple(
        event
        for event in scene.events(pod.ref, "Unhealthy", "ProbeWarning", "ProbeError")
        if event.message.lower().startswith(kind) and scene.age(event.last) < _LATELY
    )


def fails_on(scene: Scene, container: Container, kind: str) -> bool:
    """Does this probe fail right now, as often in a row as has a consequence? Failures of many hours may have added up to as many."""
    probe = probes(container).get(kind)
    said = failures(scene, container.pod, kind) if probe is not None else ()
    times = [at for event in said for at in (event.first, event.last) if at is not None]
    if probe is None or not times:
        return False
    count, rhythm = sum(event.count for event in said), 2 * probe.period
    in_a_row = max(times) - min(times) <= count * rhythm
    return count >= probe.threshold and in_a_row and scene.age(max(times)) <= rhythm + _MARGIN


def kills(scene: Scene, container: Container) -> Sequence[Event]:
    """The times that the kubelet lately stopped this container because a probe failed."""
    said = (f"container {container.name} ", f'container "{container.name}" ')
    return tuple(
        event
        for event in scene.events(container.pod.ref, "Killing")
        if event.message.lower().startswith(tuple(each.lower() for each in said))
        and ("liveness" in event.message or "startup" in event.message)
        and scene.age(event.last) < _LATELY
    )
