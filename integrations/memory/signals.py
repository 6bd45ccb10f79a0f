"""Signals of the simulated services: satisfies `Metrics` and `Alerts`. They follow from what was wanted when, and are the same whenever one asks.

A release that cannot start changes nothing, since the one before it goes on serving; one that starts and is bad shows.
"""

import math
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from hashlib import sha256

from integrations.memory.cluster import MemoryCluster
from integrations.memory.past import Past
from integrations.memory.simulation import Conduct, SimulatedRelease, SimulatedService, Simulation
from skills.core.errors import BadInput, UnknownName
from skills.core.images import ImageReference
from skills.core.ports.alerts import Alert
from skills.core.ports.metrics import Measured, Query, Series, Signal, Window
from skills.core.ports.workloads import Place
from skills.core.untrusted import Untrusted

FINEST = timedelta(seconds=1)
_JITTER = 0.06
_ELSEWHERE = 0.5
_ALARMING, _LOOKS_BACK = 0.05, timedelta(hours=6)
_UNTHROTTLED = 0.9
"""Pods that use less than this share of what they may have never have to wait for it."""


class MemoryMetrics:
    """The metrics server of the simulated clusters. `clock` gives aware UTC; nothing is known of what is still to come."""

    def __init__(self, cluster: MemoryCluster, *, simulation: Simulation, clock: Callable[[], datetime]) -> None:
        self._cluster = cluster
        self._simulation = simulation
        self._clock = clock

    def finest(self, environment: str) -> timedelta:
        return FINEST

    def latest(self, environment: str, length: timedelta) -> Window:
        return Window.latest(self._clock(), length, finest=FINEST)

    async def firing(self, environment: str) -> Sequence[Alert]:
        """Satisfies `Alerts`: the rule that everybody has, for every simulated service."""
        found = [
            await self._failing(
                Place(environment=environment, namespace=self._simulation.namespace(environment), name=name)
            )
            for name, service in self._simulation.services.items()
            if environment in service.replicas
        ]
        return sorted((each for each in found if each), key=lambda alert: alert.since)

    async def _failing(self, place: Place) -> Alert | None:
        """HighErrorRate, if more than one in twenty requests fails now."""
        measured = await self._measure(
            Query(signal=Signal.ERRORS, place=place, asked=()), self.latest(place.environment, _LOOKS_BACK)
        )
        since = None
        for at, share in reversed(measured.series.points if measured.series else ()):
            if share is None or share <= _ALARMING:
                break
            since = at
        labels = {
            "namespace": Untrusted(place.namespace),
            "deployment": Untrusted(place.name),
            "severity": Untrusted("page"),
        }
        return Alert(name=Untrusted("HighErrorRate"), since=since, labels=labels) if since else None

    async def measure(self, queries: Sequence[Query], window: Window) -> Sequence[Measured]:
        """Each signal of the simulated service that has its name; nothing for others, and for what a service says of itself."""
        return [await self._measure(query, window) for query in queries]

    async def _measure(self, query: Query, window: Window) -> Measured:
        try:
            past = await self._cluster.past(query.place)
        except UnknownName:
            return Measured(query=query)
        service = self._service(past[0])
        if service is None or query.signal is Signal.SATURATION:
            return Measured(query=query)
        now = self._clock()
        points = ((at, self._value(query, service, past, at) if at <= now else None) for at in window.moments())
        return Measured(query=query, series=Series.of(points), asked=_asked(query, window))

    def _value(self, query: Query, service: SimulatedService, past: Sequence[Past], at: datetime) -> float | None:
        release, wanted = self._serving(past, at)
        usual, busy = service.signals, _time_of_day(at) if wanted.replicas else 0.0
        jitter = _jitter(f"{query.place} {query.signal.value} {at.timestamp():.0f}")
        if query.signal is Signal.TRAFFIC:
            here = 1.0 if query.place.environment == _busiest(service) else _ELSEWHERE
            return usual.requests * busy * here * jitter
        if not wanted.replicas:
            return None
        pods = service.replicas.get(query.place.environment, wanted.replicas) / wanted.replicas
        return {
            Signal.ERRORS: min(1.0, (usual.failing + release.failing) * jitter),
            Signal.TYPICAL: usual.p50 * math.sqrt(release.slower) * jitter,
            Signal.LATENCY: usual.p95 * release.slower * jitter,
            Signal.CPU: usual.cpu * busy * pods * jitter,
            Signal.MEMORY: usual.memory * (1 + (jitter - 1) / 10),
            Signal.THROTTLED: max(0.0, usual.cpu * busy * pods * jitter - _UNTHROTTLED),
        }[query.signal]

    def _serving(self, past: Sequence[Past], at: datetime) -> tuple[SimulatedRelease, Past]:
        """The release that answered requests at a moment, and what was wanted then: new pods take their time, and broken ones never serve."""
        settled = timedelta(seconds=self._simulation.pod_seconds)
        wanted = next(each for each in past if each.since <= at)
        for each in past:
            release = self._release(each)
            if release.conduct not in (Conduct.CRASH, Conduct.ABSENT) and each.since + _start(release, settled) <= at:
                return release, wanted
        return self._release(past[-1]), wanted

    def _release(self, past: Past) -> SimulatedRelease:
        known = (self._simulation.release_of(image) for image in past.images)
        return next((release for release in known if release), _ORDINARY)

    def _service(self, past: Past) -> SimulatedService | None:
        repositories = {_repository(image) for image in past.images}
        return next((each for each in self._simulation.services.values() if each.image in repositories), None)


_ORDINARY = SimulatedRelease(created_at=datetime.fromisoformat("2026-01-01T00:00:00+00:00"))


def _asked(query: Query, window: Window) -> str:
    """As a server of the common kind would have been asked."""
    first = query.asked[0] if query.asked else ""
    return first.replace("$scope", "").replace("$step", f"{window.step.total_seconds():g}s")


def _busiest(service: SimulatedService) -> str:
    """The environment that has the customers."""
    return max(service.replicas, key=lambda name: service.replicas[name], default="")


def _start(release: SimulatedRelease, usual: timedelta) -> timedelta:
    return timedelta(seconds=release.seconds) if release.conduct is Conduct.SLOW else usual


def _repository(image: str) -> str:
    try:
        return ImageReference.parse(image).repository
    except BadInput:
        return ""


def _time_of_day(at: datetime) -> float:
    """Busiest in the afternoon, quietest before dawn."""
    hours = at.hour + at.minute / 60 + at.second / 3600
    return 1 + 0.25 * math.sin(2 * math.pi * (hours - 9) / 24)


def _jitter(seed: str) -> float:
    """A number near 1 that looks accidental and is always the same."""
    draw = int.from_bytes(sha256(seed.encode()).digest()[:8], "big") / 2**64
    return 1 + _JITTER * (2 * draw - 1)
