"""A diagnosis with what metrics, alerts and traces add to it, for one service in one environment."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from skills.core.catalog import Catalog, Environment, Service
from skills.core.errors import Anticipated
from skills.core.ports.alerts import Alert, Alerts
from skills.core.ports.metrics import Metrics, Series, Signal
from skills.core.ports.traces import Traces
from skills.core.proposal import Proposal
from skills.core.report import Mark, Part, Text
from skills.diagnosis import alerting
from skills.diagnosis.changes import Change
from skills.diagnosis.concerns import named
from skills.diagnosis.finding import Diagnosis
from skills.diagnosis.gauging import Patience, Taken, failing, gauge
from skills.diagnosis.measured import REQUESTS_FAIL, Gauged, Sign, joined, of_dependency, signs
from skills.diagnosis.objects import Ref
from skills.diagnosis.scene import WORKLOADS, Scene
from skills.signals.charts import LABELS, charts_of, marks_of, moved, spoken
from skills.signals.turned import Turned, errors
from skills.signals.wording import span

HOUR, SHORTLY = timedelta(hours=1), timedelta(minutes=20)
_JUST_NOW = timedelta(minutes=10)
_LONGEST, _FAR = timedelta(hours=6), timedelta(hours=5)
_MOST_MARKS = 4


@dataclass(frozen=True, kw_only=True)
class Instruments:
    """Where signals, alerts and traces are kept."""

    metrics: Metrics
    alerts: Alerts
    traces: Traces

    async def take(
        self, service: Service, environment: Environment, past: Sequence[Proposal], patience: Patience
    ) -> Taken:
        """What is measured of a service: over the last hour, or where one of us changed it just now, closer than that."""
        begun = max((each.started_at for each in past if each.started_at), default=None)
        hour = self.metrics.latest(environment.name, HOUR)
        length = SHORTLY if begun and hour and hour.end - begun < _JUST_NOW else HOUR
        return await gauge(self.metrics, self.alerts, service, environment, length=length, patience=patience)

    async def take_again(
        self, taken: Taken, service: Service, environment: Environment, since: datetime, patience: Patience
    ) -> Taken:
        """The same, from an hour before the first symptom on, where that began so early that the first window shows no before."""
        window = taken.window
        if window is None or not window.end - _LONGEST < since < window.start + window.length / 4:
            return taken
        length = window.end - since + HOUR
        again = await gauge(self.metrics, self.alerts, service, environment, length=length, patience=patience)
        return again if again.series else taken

    async def firing(self, environments: Sequence[Environment]) -> list[tuple[Environment, Alert]]:
        """Everything that fires in these environments. Raises `Unavailable` where none of them says so in time."""
        patience = Patience.from_now()
        answers = await asyncio.gather(
            *(patience.of(self.alerts.firing(each.name)) for each in environments), return_exceptions=True
        )
        problems = [each for each in answers if isinstance(each, BaseException)]
        if problems and (len(problems) == len(answers) or not isinstance(problems[0], Anticipated)):
            raise problems[0]
        pairs = zip(environments, answers, strict=True)
        return [(where, alert) for where, told in pairs if not isinstance(told, BaseException) for alert in told]

    async def alarmed(self, catalog: Catalog, environment: Environment, patience: Patience) -> Service | None:
        """A service of an environment that alerts fire for, if there is one."""
        try:
            firing = await patience.of(self.alerts.firing(environment.name))
        except Anticipated:
            return None
        return next(
            (each for each in catalog.services if alerting.of_service(firing, each, environment, catalog)), None
        )


@dataclass(frozen=True, kw_only=True)
class Ground:
    """What is being diagnosed, and where."""

    catalog: Catalog
    service: Service
    environment: Environment
    scene: Scene

    @property
    def root(self) -> Ref:
        return self.of(self.service)

    def of(self, service: Service) -> Ref:
        """The workload of a service, whether it is there or not."""
        namespace = service.namespace or self.environment.namespace
        refs = named(self.scene, service.workload_name, namespace)
        return next((ref for ref in refs if ref.kind in WORKLOADS), Ref("Deployment", namespace, service.workload_name))

    def behind(self) -> tuple[Ref, ...]:
        return tuple(self.of(each) for each in self.catalog.services if each.name in self.service.depends_on)


@dataclass(frozen=True, kw_only=True)
class Signalled:
    """The diagnosis, with alerts as part of the time line, and what there is to show beside the findings."""

    diagnosis: Diagnosis
    alerts: tuple[Change, ...]
    taken: Taken
    turned: tuple[Turned, ...]

    def parts(self, ground: Ground, changes: Sequence[Change], past: Sequence[Proposal]) -> tuple[Part, ...]:
        """What moved, as numbers and pictures; or that nothing did; and what could not be had."""
        missing = tuple(Text(text=each) for each in self.taken.missing)
        if self.turned:
            marks = self._marks(ground, changes, past)
            return (moved(self.turned), *charts_of(self.turned, self.taken.series, marks), *missing)
        if self.diagnosis.findings:
            return missing
        return (*self._steady(ground), *missing)

    def _steady(self, ground: Ground) -> tuple[Part, ...]:
        """What can be said of the speed of what looks healthy."""
        service, where = ground.service.name, ground.environment.name
        if self.taken.window is None:
            return (Text(text=f"Nothing is measured here, so I cannot say whether {service} is slow."),)
        found: Mapping[Signal, Series] = self.taken.series
        said = [f"{LABELS[signal]} {spoken(signal, found[signal].values[-1])}" for signal in _STEADY if signal in found]
        if said:
            back = span(self.taken.window.length)
            return (Text(text=f"{service} in {where}: {', '.join(said)}; nothing moved in the last {back}."),)
        if self.taken.missing:
            return ()
        return (Text(text=f"No signals of {service} are measured in {where}, so I cannot say whether it is slow."),)

    def _marks(self, ground: Ground, changes: Sequence[Change], past: Sequence[Proposal]) -> tuple[Mark, ...]:
        """Our own changes of it and those of others, and the first symptom, oldest first."""
        assert self.taken.window is not None
        window = self.taken.window
        others = [
            Mark(at=each.at, text="change") for each in changes if each.about == ground.root and not each.proposal
        ]
        told = [*marks_of(past, window), *others]
        first = min((each.since for each in self.diagnosis.findings if each.since), default=None)
        inside = [mark for mark in sorted(told, key=lambda each: each.at) if window.start < mark.at <= window.end]
        shown = inside[-_MOST_MARKS:]
        if first and window.start < first <= window.end:
            shown.append(Mark(at=first, text="first symptom"))
        return tuple(sorted(shown, key=lambda each: each.at))


_STEADY = (Signal.ERRORS, Signal.LATENCY, Signal.TRAFFIC)


async def signalled(
    diagnosis: Diagnosis, taken: Taken, ground: Ground, instruments: Instruments, patience: Patience
) -> Signalled:
    """The diagnosis with everything that was taken. Traces are only asked where errors rose."""
    taken = await _far_enough(taken, diagnosis, ground, instruments, patience)
    alerts = alerting.of_service(taken.alerts, ground.service, ground.environment, ground.catalog)
    told = [
        *await _measured(taken, ground, instruments, patience),
        *alerting.signs(alerts, ground.root, ground.service.name),
    ]
    return Signalled(
        diagnosis=joined(diagnosis, told),
        alerts=alerting.in_time_line(alerts, ground.root),
        taken=taken,
        turned=tuple(each.turned for each in told if each.turned),
    )


async def _far_enough(
    taken: Taken, diagnosis: Diagnosis, ground: Ground, instruments: Instruments, patience: Patience
) -> Taken:
    """With what was before the trouble in it, as far as that is known: it began before, or errors were there all the time."""
    if taken.window is None:
        return taken
    since = min((each.since for each in diagnosis.findings if each.since), default=taken.window.end)
    failing_always = errors(taken.side(taken.window))
    if failing_always and failing_always.since is None:
        since = min(since, taken.window.end - _FAR)
    return await instruments.take_again(taken, ground.service, ground.environment, since, patience)


async def _measured(taken: Taken, ground: Ground, instruments: Instruments, patience: Patience) -> Sequence[Sign]:
    if taken.window is None:
        return ()
    gauged = Gauged(
        name=ground.service.name,
        root=ground.root,
        side=taken.side(taken.window),
        asked=taken.asked,
        behind=ground.behind(),
    )
    told = list(signs(gauged))
    if any(each.symptom.code is REQUESTS_FAIL for each in told):
        back = taken.window.length
        found = await failing(
            instruments.traces, ground.catalog, ground.service, ground.environment, back=back, patience=patience
        )
        if found:
            other, failure = found
            told.insert(0, of_dependency(gauged, other.name, ground.of(other), failure))
    return told
