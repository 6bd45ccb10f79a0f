"""What only measurements tell of a service, as symptoms; and which of them the cluster's own findings explain.

A crash explains that requests fail and that nobody comes any more: then they are links of its chain, with their numbers as evidence. What
nothing explains stands for itself.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from skills.core.ports.metrics import Signal
from skills.diagnosis.detectors.rollouts import ZERO
from skills.diagnosis.finding import Diagnosis, Finding
from skills.diagnosis.merging import findings, rank
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Code, Depth, Evidence, Repair, Severity, Symptom, evidence
from skills.diagnosis.traces import Failure
from skills.signals.compared import Side
from skills.signals.turned import Turned, all_turned
from skills.signals.wording import duration, durations, percent, rate, span

_OLD = timedelta(hours=1)
"""What was wrong for longer than this when a signal turned is no explanation of it."""
_MANY, _TWICE = 0.5, 2.0

REQUESTS_FAIL = Code(
    name="RequestsFail",
    title="Requests fail, and nothing in the cluster explains it",
    severity=Severity.ERROR,
    depth=Depth.ENDPOINT,
    signals="the measured share of failed requests rose beyond chance and still is so; or it is above 5 % all the time",
    remedy="Read the log of the service from that moment on, and its traces; if a release began then, roll it back.",
    repair=Repair.ROLLBACK,
)
LATENCY_RISEN = Code(
    name="LatencyRisen",
    title="Answers take longer than before",
    severity=Severity.WARNING,
    depth=Depth.TRAFFIC,
    signals="the measured p95 rose by half, beyond chance and its usual scatter, and still is so",
    remedy="See in its traces where the time goes; if a release began then, roll it back.",
    repair=Repair.ROLLBACK,
)
TRAFFIC_LOST = Code(
    name="TrafficLost",
    title="Hardly any requests arrive any more",
    severity=Severity.ERROR,
    depth=Depth.TRAFFIC,
    signals="less than a tenth of the measured requests per second is left, with nothing in the cluster that explains it",
    remedy="Look at what leads to the service: the callers, the ingress, DNS, and what changed there at that moment.",
)
CPU_THROTTLED = Code(
    name="CpuThrottled",
    title="Its pods have to wait for the processor",
    severity=Severity.WARNING,
    depth=Depth.PROCESS,
    signals="throttled periods / periods of the CFS scheduler is above 25 %, and it began within the hour or latency rose with it",
    remedy="Raise the limit of the processor, or run more replicas.",
)
MEMORY_NEAR_LIMIT = Code(
    name="MemoryNearLimit",
    title="Its memory rises towards the limit",
    severity=Severity.WARNING,
    depth=Depth.PROCESS,
    signals="the working set is above 90 % of the limit and rises steadily",
    remedy="Look for a leak in the latest release; raising the limit, or a restart, wins time.",
    repair=Repair.RESTART,
)
DEPENDENCY_FAILS = Code(
    name="DependencyFails",
    title="Requests fail because another service fails them",
    severity=Severity.ERROR,
    depth=Depth.ENDPOINT,
    signals="failed requests are measured, and in their traces the failures begin in another service of the catalog",
    remedy="Look at that service: its log, its metrics and what changed there.",
)
ALERT_FIRES = Code(
    name="AlertFires",
    title="An alert fires, and nothing that I see explains it",
    severity=Severity.WARNING,
    depth=Depth.TRAFFIC,
    signals="the metrics server says that an alert whose labels name the service is firing",
    remedy="Read the alert's rule and its run book.",
)
CODES = (REQUESTS_FAIL, LATENCY_RISEN, TRAFFIC_LOST, CPU_THROTTLED, MEMORY_NEAR_LIMIT, DEPENDENCY_FAILS, ALERT_FIRES)


@dataclass(frozen=True, kw_only=True)
class Gauged:
    """What was measured of the service `name`, whose workload is `root`. `asked` are the queries that found it. `behind` are the workloads that it depends on."""

    name: str
    root: Ref
    side: Side
    asked: Mapping[Signal, str] = field(default_factory=dict)
    behind: tuple[Ref, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Sign:
    """A symptom that was measured, and which signal turned. One that is not `alone` enough is told only as a consequence."""

    symptom: Symptom
    turned: Turned | None = None
    alone: bool = True


def signs(gauged: Gauged) -> tuple[Sign, ...]:
    """What the signals say. Pure: equal series give equal signs."""
    return tuple(_sign(gauged, each) for each in all_turned(gauged.side))


def of_dependency(gauged: Gauged, other: str, root: Ref, failure: Failure) -> Sign:
    """That failed requests begin to fail in the service `other`, whose workload is `root`, as the traces have it."""
    times = f"{failure.count} time{'' if failure.count == 1 else 's'}"
    said = [
        f"{failure.service} {failure.operation}",
        *([failure.problem] if failure.problem else []),
        *(f"trace {id}" for id in failure.traces[:1]),
    ]
    return Sign(
        symptom=Symptom(
            code=DEPENDENCY_FAILS,
            root=root,
            cause=f"{gauged.name} fails because {other} does not answer it as it should ({times} in the traces of failed requests)",
            evidence=[evidence(root, "traces", ", ".join(said), failure.last)],
            since=failure.first,
            affected=(gauged.root,),
            because_of=(root,),
            consequence=f"calls to {other} fail",
            confidence=0.85,
        )
    )


def joined(diagnosis: Diagnosis, told: Iterable[Sign]) -> Diagnosis:
    """The diagnosis with these: each as a consequence of the finding that explains it, or else as what it is."""
    found, alone = list(diagnosis.findings), []
    for sign in told:
        place = _explanation(sign.symptom, found)
        if place is not None:
            found[place] = _with_consequence(found[place], sign.symptom)
        elif sign.alone:
            alone.append(sign.symptom)
    return replace(diagnosis, findings=tuple(sorted([*found, *findings(alone)], key=rank)))


def _explanation(symptom: Symptom, found: Sequence[Finding]) -> int | None:
    """The place of the most severe finding that explains a symptom."""
    needs = {symptom.root, *symptom.because_of}
    return next(
        (i for i, each in enumerate(found) if needs & {each.root, *each.affected} and _explains(each, symptom)), None
    )


def _explains(finding: Finding, symptom: Symptom) -> bool:
    """Does it hurt whoever asks, and did it not go on long before without doing so?"""
    hurts = finding.severity >= Severity.ERROR or (
        finding.severity is Severity.WARNING and finding.code.depth <= Depth.ENDPOINT
    )
    old = finding.since and symptom.since and symptom.since - finding.since > _OLD
    return finding.code is ZERO or (hurts and not old)


def _with_consequence(finding: Finding, symptom: Symptom) -> Finding:
    own = finding.root == symptom.root
    link = symptom.consequence if own else f"{symptom.root.name}: {symptom.consequence}"
    chain = tuple(dict.fromkeys([*finding.chain, link]))
    proof = tuple(dict.fromkeys([*finding.evidence, *symptom.evidence]))
    return replace(finding, chain=chain, evidence=proof)


def _sign(gauged: Gauged, turned: Turned) -> Sign:
    symptom = _SAID[turned.signal](gauged, turned)
    return Sign(symptom=symptom, turned=turned, alone=not turned.vanished)


def _fail(gauged: Gauged, turned: Turned) -> Symptom:
    share = percent(turned.value)
    before = (
        f", and it was {percent(turned.was)} before"
        if turned.was is not None
        else f", as far as I looked back ({span(gauged.side.length)})"
    )
    return Symptom(
        code=REQUESTS_FAIL,
        root=gauged.root,
        cause=f"{share} of the requests to {gauged.name} fail{_since(turned)}{before}",
        evidence=[_number(gauged, turned, _moved("errors", turned, percent))],
        since=turned.since,
        because_of=(gauged.root, *gauged.behind),
        consequence=f"{_moved('errors', turned, percent)}{_since(turned)}",
        confidence=0.9,
        severity=Severity.CRITICAL if turned.value > _MANY else None,
    )


def _slow(gauged: Gauged, turned: Turned) -> Symptom:
    was = turned.was or 0.0
    moved = f"p95 {durations(was, turned.value)}"
    return Symptom(
        code=LATENCY_RISEN,
        root=gauged.root,
        cause=f"{gauged.name} is slow{_since(turned)}: 95 of 100 requests take up to {duration(turned.value)}, and it was {duration(was)} before",
        evidence=[_number(gauged, turned, moved)],
        since=turned.since,
        because_of=(gauged.root, *gauged.behind),
        consequence=f"{moved}{_since(turned)}",
        confidence=0.9,
        severity=Severity.ERROR if turned.value > _TWICE * was else None,
    )


def _lost(gauged: Gauged, turned: Turned) -> Symptom:
    was, now = rate(turned.was or 0.0), "nothing measured" if turned.vanished else rate(turned.value)
    return Symptom(
        code=TRAFFIC_LOST,
        root=gauged.root,
        cause=f"{gauged.name} gets {now}{_since(turned)}, and got {was} before",
        evidence=[_number(gauged, turned, f"traffic {was} → {now}")],
        since=turned.since,
        because_of=(gauged.root, *gauged.behind),
        consequence=f"traffic {was} → {now}{_since(turned)}",
        confidence=0.8,
    )


def _throttled(gauged: Gauged, turned: Turned) -> Symptom:
    share = percent(turned.value)
    return Symptom(
        code=CPU_THROTTLED,
        root=gauged.root,
        cause=f"The pods of {gauged.name} reach their limit of the processor and have to wait in {share} of all periods{_since(turned)}",
        evidence=[_number(gauged, turned, _moved("throttled", turned, percent))],
        since=turned.since,
        consequence=f"{_moved('throttled', turned, percent)}{_since(turned)}",
        confidence=0.8,
    )


def _full(gauged: Gauged, turned: Turned) -> Symptom:
    left = f"; at this pace it is full in about {max(1, round((turned.left or 0.0) / 60))} min, and the pods are killed"
    return Symptom(
        code=MEMORY_NEAR_LIMIT,
        root=gauged.root,
        cause=f"The memory of {gauged.name} rises and is at {percent(turned.value)} of its limit{left}",
        evidence=[_number(gauged, turned, _moved("memory", turned, percent))],
        consequence=_moved("memory", turned, percent),
        confidence=0.8,
    )


_SAID: Mapping[Signal, Callable[[Gauged, Turned], Symptom]] = {
    Signal.ERRORS: _fail,
    Signal.LATENCY: _slow,
    Signal.TRAFFIC: _lost,
    Signal.THROTTLED: _throttled,
    Signal.MEMORY: _full,
}


def _moved(what: str, turned: Turned, spelled: Callable[[float], str]) -> str:
    was = f"{spelled(turned.was)} → " if turned.was is not None else ""
    return f"{what} {was}{spelled(turned.value)}"


def _since(turned: Turned) -> str:
    return f" since {turned.since:%H:%M} UTC" if turned.since else ""


def _number(gauged: Gauged, turned: Turned, moved: str) -> Evidence:
    """What was measured, and what was asked to find it."""
    asked = gauged.asked.get(turned.signal, "")
    return evidence(gauged.root, "measured", f"{moved}, asked: {asked}" if asked else moved, turned.since)
