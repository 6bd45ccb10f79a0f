"""A diagnosis for people: the causes, what changed around them, and what could not be seen."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from skills.core import report
from skills.core.catalog import Catalog, Environment, Service
from skills.core.report import Command, Part, Table, Text
from skills.diagnosis.changes import Change
from skills.diagnosis.finding import Diagnosis, Finding
from skills.diagnosis.objects import Ref
from skills.diagnosis.symptom import Repair, Severity

_SEVERITIES = {
    Severity.CRITICAL: "error",
    Severity.ERROR: "error",
    Severity.WARNING: "warning",
    Severity.NOTICE: "info",
}
_CERTAIN, _LIKELY = 0.9, 0.65
_BEFORE, _MOST_CHANGES = timedelta(hours=2), 12
_WORKLOADS = ("Deployment", "StatefulSet", "DaemonSet")


@dataclass(frozen=True, kw_only=True)
class Names:
    """What the catalog calls the workloads of one environment, so that people and offers speak of services."""

    environment: str
    services: Mapping[Ref, Service] = field(default_factory=dict)
    dependents: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of(cls, catalog: Catalog, environment: Environment) -> "Names":
        """The names of the services that run in this environment's cluster."""
        services = {
            Ref(kind, service.namespace or environment.namespace, service.workload_name): service
            for service in catalog.services
            for kind in _WORKLOADS
        }
        dependents = {str(service.name): catalog.dependents(service.name) for service in catalog.services}
        return cls(environment=environment.name, services=services, dependents=dependents)

    def service(self, finding: Finding) -> Service | None:
        """The service that a finding is about: its root's, or that of the first workload it hurts."""
        return next((s for ref in (finding.root, *finding.affected) if (s := self.services.get(ref))), None)


def parts(
    diagnosis: Diagnosis, *, names: Names, changes: Sequence[Change] = (), underway: Collection[int] = ()
) -> tuple[Part, ...]:
    """The findings, the time line around them, and what is missing. `underway` are our own proposals that still run, and go back by themselves."""
    told: list[Part] = [_told(finding, names, underway) for finding in diagnosis.findings]
    line = _timeline(diagnosis, changes)
    if line is not None:
        told.append(line)
    told.extend(Text(text=each.why) for each in diagnosis.unseen)
    return tuple(told)


def summary(diagnosis: Diagnosis, *, what: str, looked_at: str) -> str:
    """The sentence that answers “what is wrong with …?”."""
    if not diagnosis.findings:
        partly = " As far as I could look; see below." if diagnosis.unseen else ""
        return f"{what} looks healthy: {looked_at}.{partly}"
    first, *others = diagnosis.findings
    more = f" And {len(others)} more." if others else ""
    return f"{first.cause}{more}"


def confidence(finding: Finding) -> str:
    """In a word."""
    if finding.confidence >= _CERTAIN:
        return "certain"
    return "likely" if finding.confidence >= _LIKELY else "possible"


def _told(finding: Finding, names: Names, underway: Collection[int]) -> report.Finding:
    running = finding.suspect.proposal if finding.suspect and finding.suspect.proposal in underway else None
    wait = f" #{running} is still under way, and goes back by itself if it fails." if running else ""
    service = names.service(finding)
    evidence = [str(each) for each in finding.evidence]
    if finding.suspect is not None:
        evidence.insert(0, f"Suspect: {finding.suspect.what} ({finding.suspect.why})")
    return report.Finding(
        text=finding.cause,
        evidence=tuple(evidence),
        severity=_SEVERITIES[finding.severity],
        chain=(*finding.chain, *_hit(service, names, finding)),
        since=finding.since,
        confidence=confidence(finding),
        remedy=f"{finding.remedy}{wait}",
        offer=None if running else _offer(finding, service, names),
    )


def _hit(service: Service | None, names: Names, finding: Finding) -> tuple[str, ...]:
    """Who depends on it, where nothing of it is left."""
    hit = names.dependents.get(service.name, ()) if service and finding.severity is Severity.CRITICAL else ()
    return (f"hits {', '.join(hit)}",) if hit else ()


def _offer(finding: Finding, service: Service | None, names: Names) -> Command | None:
    """The request that would repair it, made of names of the catalog alone. A rollback is offered only where a change is suspected."""
    if service is None or service.workload_name != finding.root.name:
        return None
    where = f"{service.name} in {names.environment}"
    match finding.repair:
        case Repair.ROLLBACK if finding.suspect is not None:
            return Command(text=f"rollback {where}", does="propose to go back to the version before")
        case Repair.RESTART:
            return Command(text=f"restart {where}", does="propose to replace its pods")
        case Repair.SCALE_UP:
            count = max(1, service.min_replicas)
            return Command(
                text=f"scale {service.name} to {count} in {names.environment}", does="propose to run it again"
            )
    return None


def _timeline(diagnosis: Diagnosis, changes: Sequence[Change]) -> Table | None:
    """What changed from two hours before the first symptom on, with the symptoms among it."""
    symptoms = [(f.since, f.cause) for f in diagnosis.findings if f.since]
    if not symptoms or not changes:
        return None
    start = min(at for at, _ in symptoms) - _BEFORE
    told = [(change.at, change.kind, change.what) for change in changes if change.at >= start]
    if not told:
        return None
    told = sorted([*told[-_MOST_CHANGES:], *((at, "symptom", text) for at, text in symptoms[:_MOST_CHANGES])])
    rows = tuple((f"{at:%Y-%m-%d %H:%M:%S}", f"{kind}: {text}") for at, kind, text in told)
    return Table(title="What happened when (UTC)", columns=("time", "what"), rows=rows)
