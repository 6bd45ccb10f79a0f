"""What is wrong, why, since when, and what to do about it."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace

from pydantic import Field

from skills.core import skill
from skills.core.actor import Actor
from skills.core.catalog import Catalog, Environment, Service, nearest
from skills.core.errors import BadInput, Unavailable, UnknownName
from skills.core.ports.alerts import Alert, Alerts
from skills.core.ports.ledger import Ledger
from skills.core.ports.metrics import Metrics
from skills.core.ports.snapshots import Scope, Snapshot, Snapshots
from skills.core.ports.traces import Traces
from skills.core.proposal import Proposal, Status
from skills.core.report import Chart, Command, Finding, Part, Report, Text
from skills.core.skill import Query
from skills.diagnosis import alerting
from skills.diagnosis import changes as history
from skills.diagnosis.concerns import around, concerning, named
from skills.diagnosis.diagnose import conclude, look
from skills.diagnosis.finding import Diagnosis
from skills.diagnosis.gauging import Patience, Taken
from skills.diagnosis.lately import lately
from skills.diagnosis.objects import Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.signalled import Ground, Instruments, signalled
from skills.diagnosis.symptom import Severity
from skills.diagnosis.telling import Names, parts, summary

_MOST_PROPOSALS = 30


class Params(skill.Params):
    """Nothing for every environment; a service, an environment, a namespace or one object to narrow it down."""

    service: skill.Service | None = Field(default=None, description="What is failing")
    environment: skill.Environment | None = Field(default=None, description="Where it is failing")
    namespace: skill.Namespace | None = Field(
        default=None, description="A namespace of the cluster, instead of a service"
    )
    object: skill.ObjectName | None = Field(default=None, description="One pod or other object, by its name")
    alert: skill.AlertName | None = Field(default=None, description="An alert that fires, by the name of its rule")
    cluster: skill.Flag = Field(default=False, description="Look at the whole cluster")


@dataclass(frozen=True, kw_only=True)
class _Looked:
    """What was found in one environment."""

    environment: Environment
    scene: Scene
    diagnosis: Diagnosis
    timeline: tuple[history.Change, ...]
    lately: tuple[Text, ...] = ()
    underway: frozenset[int] = frozenset()
    about: tuple[Ref, ...] = ()
    elsewhere: int = 0
    signals: tuple[Part, ...] = ()


class Troubleshoot(Query[Params]):
    """Find out why something is failing: the cause with its evidence, since when, what changed before, and what to do."""

    name = "troubleshoot"
    aliases = ("diagnose", "ts", "investigate", "debug")
    examples = (
        "troubleshoot checkout in production",
        "troubleshoot alert HighErrorRate in production",
        "diagnose staging",
        "troubleshoot --cluster in production",
    )
    offered = "look into why something fails"
    phrases = (
        "why is|are|does|did|has|have|was|were", "why … is|are|was|were|does|do|did|keep|keeps|will|can|could|has|have|get|gets|got", "why … failed|fails|fail|crashed|crashes|died|stopped|killed|restarted|hangs|failing|crashing|down|broken|slow|stuck|pending|restarting|unhealthy|not",
        "what is|was|are wrong|broken|failing|causing", "what went wrong", "what broke|caused|happened", "what could|may|might be|cause",
        "what … problem|issue|matter|trouble", "what is|are|was … causing|breaking|blocking|wrong|broken", "what breaks|blocks|ails", "is|are there … reason|bottleneck|bottlenecks", "performance bottleneck|bottlenecks|issue|issues|problem|problems",
        "what … fails|failing", "is|are there a … problem|issue|fault", "connectivity|connection|network problem|problems|issue|issues|error|errors", "perform|do|run|make … analysis|diagnosis|diagnostics",
        "tell|identify|verify|check|determine|explain|understand|see|know why", "fix", "fix … error|errors|issue|issues|problem|problems|failure|crash", "identify|find|detect … bottleneck|bottlenecks|misconfiguration|misconfigurations|problem|problems|issue|issues", "root cause", "find|figure … cause|problem|reason|why|wrong", "look into", "what is … preventing|stopping|keeping", "debugging|diagnosing|troubleshooting|investigating|determine|assess|review|analyze|analyse|examine|validate|triage|diagnosis|diagnoses|diagnostics",
        "help … debug|troubleshoot|diagnose|investigate|fix", "is|are … failing|crashing|stuck|crashlooping|oomkilled|flapping",
        "{service} … crashing|crashlooping|failing|broken|erroring|unreachable|stuck", "keep|keeps … crashing|restarting|failing|dying|erroring",
        "something … wrong|off|broken", "alert|alarm … firing|fires|fire|fired|ringing|triggered", "behind … alert|alarm",
    )  # fmt: skip

    def __init__(
        self,
        catalog: Catalog,
        snapshots: Snapshots,
        ledger: Ledger,
        *,
        metrics: Metrics,
        alerts: Alerts,
        traces: Traces,
    ) -> None:
        self._catalog = catalog
        self._snapshots = snapshots
        self._ledger = ledger
        self._instruments = Instruments(metrics=metrics, alerts=alerts, traces=traces)

    async def answer(self, params: Params, *, asker: Actor) -> Report:
        return await self._about_alert(params, params.alert) if params.alert else await self._about(params)

    async def _about(self, params: Params) -> Report:
        service = self._catalog.service(params.service) if params.service else None
        if params.cluster and (service or params.namespace):
            raise BadInput("Say either a service or a namespace, or the whole cluster.")
        environments = self._where(params)
        found = await asyncio.gather(
            *(self._look(params, service, environment) for environment in environments), return_exceptions=True
        )
        looked = [each for each in found if isinstance(each, _Looked)]
        problems = [each for each in found if isinstance(each, BaseException)]
        for problem in problems:
            if not isinstance(problem, Unavailable | UnknownName) or not looked:
                raise problem
        return self._report(params, service, looked, problems)

    async def _about_alert(self, params: Params, name: str) -> Report:
        """What is wrong with whatever an alert names, in its labels' facts. Of several of that name, the one that fires longest."""
        if params.service or params.object or params.namespace:
            raise BadInput("Say either an alert, or what is failing.")
        environments = self._where(params)
        pairs = await self._instruments.firing(environments)
        meant = [pair for pair in pairs if alerting.called(name, [pair[1]])]
        if not pairs:
            return Report(title=f"Diagnosis of alert {name}", summary=self._no_alerts(name, environments))
        if not meant:
            known = alerting.names(alert for _, alert in pairs)
            raise UnknownName("firing alert", name, nearest(name, known) or tuple(known[:3]))
        environment, alert = min(meant, key=lambda pair: pair[1].since)
        report = await self._about_labelled(alert, environment)
        told = Finding(
            text=_fires(alert, environment, len(meant)),
            evidence=(alerting.shown_labels(alert),),
            severity="warning",
            since=alert.since,
        )
        return replace(report, title=f"Diagnosis of alert {name}", parts=(told, *report.parts))

    def _no_alerts(self, name: str, environments: Sequence[Environment]) -> str:
        where = " or ".join(each.name for each in environments)
        if any(self._instruments.metrics.finest(each.name) for each in environments):
            return f"{name} does not fire: no alert fires in {where} now."
        return f"I cannot see whether {name} fires: no metrics server is configured for {where}."

    async def _about_labelled(self, alert: Alert, environment: Environment) -> Report:
        """Of the service that an alert names, or the object, or the namespace; what is gone since is looked for in its namespace."""
        meant, where = alerting.about(alert, self._catalog), str(environment.name)
        service, namespace = meant.service, meant.namespace or None
        attempts = []
        if service and meant.namespace in ("", service.namespace or environment.namespace):
            attempts.append(Params(service=service.name, environment=where))
        if meant.object:
            attempts.append(Params(object=meant.object, namespace=namespace, environment=where))
        for attempt in attempts:
            with suppress(UnknownName):
                return await self._about(attempt)
        return await self._about(Params(namespace=namespace, environment=where))

    def _where(self, params: Params) -> Sequence[Environment]:
        if params.environment:
            return [self._catalog.environment(params.environment)]
        if params.namespace:
            same = [each for each in self._catalog.environments if each.namespace == params.namespace]
            return same or self._catalog.environments
        return self._catalog.environments

    async def _look(self, params: Params, service: Service | None, environment: Environment) -> _Looked:
        """Look at one environment and conclude. Raises `UnknownName` where what was asked about is not there."""
        namespace = params.namespace or (service.namespace if service else "") or environment.namespace
        scope = Scope(environment=environment.name, namespaces=() if params.cluster else (namespace,))
        patience = Patience.from_now()
        past = await self._ledger.changes(
            service=service.name if service else None, environment=environment.name, limit=_MOST_PROPOSALS
        )
        seen, taken = await self._look_and_take(scope, service, environment, past, patience)
        scene = Scene(seen)
        # A large cluster is a third of a second of thinking, in which others want to be answered.
        diagnosis = await asyncio.to_thread(conclude, seen, scene)
        timeline = history.joined(history.in_cluster(scene), history.of_ledger(past))
        wanted = self._refs(params, service, scene, namespace)
        looked = _Looked(
            environment=environment,
            scene=scene,
            diagnosis=diagnosis,
            timeline=timeline,
            lately=tuple(lately(past, scene.now)) if service or wanted is None else (),
            underway=frozenset(int(each.id) for each in past if each.status is Status.RUNNING and each.plan.on_failure),
        )
        if wanted is not None:
            concerned = self._with_dependencies(diagnosis, scene, wanted, service, environment)
            others = len(diagnosis.findings) - len(concerned.findings)
            looked = replace(looked, diagnosis=concerned, about=around(scene, wanted), elsewhere=others)
        looked = await self._with_signals(looked, service, past, taken, patience)
        suspected = replace(
            looked.diagnosis, findings=history.with_suspects(looked.diagnosis.findings, timeline, scene)
        )
        if wanted is None:
            return replace(looked, diagnosis=suspected)
        refs = {ref for finding in suspected.findings for ref in (finding.root, *finding.affected)} | set(wanted)
        told = tuple(change for change in looked.timeline if change.about in refs)
        return replace(looked, diagnosis=suspected, timeline=told)

    async def _look_and_take(
        self,
        scope: Scope,
        service: Service | None,
        environment: Environment,
        past: Sequence[Proposal],
        patience: Patience,
    ) -> tuple[Snapshot, Taken | None]:
        """The cluster, and at the same time what is measured of a service that is asked about."""
        if service is None:
            return await look(self._snapshots, scope), None
        taking = asyncio.ensure_future(self._instruments.take(service, environment, past, patience))
        try:
            return await look(self._snapshots, scope), await taking
        finally:
            taking.cancel()

    async def _with_signals(
        self,
        looked: _Looked,
        service: Service | None,
        past: Sequence[Proposal],
        taken: Taken | None,
        patience: Patience,
    ) -> _Looked:
        """With what is measured of the service; where none is asked about, of that of the gravest finding, or of one that an alert fires for."""
        findings = looked.diagnosis.findings
        subject = service
        if service is None and findings:
            subject = Names.of(self._catalog, looked.environment).service(findings[0])
        elif service is None and not looked.about:
            subject = await self._instruments.alarmed(self._catalog, looked.environment, patience)
        if subject is None or (taken is None and patience.over):
            return looked
        ground = Ground(catalog=self._catalog, service=subject, environment=looked.environment, scene=looked.scene)
        if (
            looked.scene.snapshot.scope.namespaces
            and ground.root.namespace not in looked.scene.snapshot.scope.namespaces
        ):
            return looked
        if taken is None:
            taken = await self._instruments.take(subject, looked.environment, past, patience)
        told = await signalled(looked.diagnosis, taken, ground, self._instruments, patience)
        timeline = tuple(sorted((*looked.timeline, *told.alerts), key=lambda change: (change.at, change.about)))
        signals = told.parts(ground, looked.timeline, past)
        return replace(looked, diagnosis=told.diagnosis, timeline=timeline, signals=signals)

    def _with_dependencies(
        self,
        diagnosis: Diagnosis,
        scene: Scene,
        wanted: Sequence[Ref],
        service: Service | None,
        environment: Environment,
    ) -> Diagnosis:
        """What concerns the thing itself, and after it what ails the services that it depends on."""
        concerned = concerning(diagnosis, scene, wanted)
        found = list(concerned.findings)
        for name in service.depends_on if service else ():
            other = next((each for each in self._catalog.services if each.name == name), None)
            refs = named(scene, other.workload_name, other.namespace or environment.namespace) if other else ()
            for finding in concerning(diagnosis, scene, refs).findings if refs else ():
                if finding not in found and finding.severity >= Severity.ERROR:
                    told = (*finding.chain, f"{service.name if service else 'it'} depends on {name}")
                    found.append(replace(finding, chain=told))
        return replace(concerned, findings=tuple(found))

    def _refs(self, params: Params, service: Service | None, scene: Scene, namespace: str) -> Sequence[Ref] | None:
        """The objects that were asked about; None for everything."""
        wanted = params.object or (service.workload_name if service else None)
        if wanted is None:
            return None
        found = named(scene, wanted, namespace)
        if not found:
            what = "object" if params.object else "workload"
            raise UnknownName(what, wanted, hint=f"Nothing in namespace {namespace} has that name.")
        return found

    def _report(
        self, params: Params, service: Service | None, looked: Sequence[_Looked], problems: Sequence[BaseException]
    ) -> Report:
        told: list[Part] = []
        worst = sorted(looked, key=lambda each: -max((f.severity for f in each.diagnosis.findings), default=0))
        for each in worst:
            if len(looked) > 1:
                told.append(Text(text=self._sentence(params, service, each)))
            told.extend(
                parts(
                    each.diagnosis,
                    names=Names.of(self._catalog, each.environment),
                    changes=each.timeline,
                    underway=each.underway,
                )
            )
            told.extend(each.lately)
            drawn = any(isinstance(part, Chart) for part in told)
            told.extend(part for part in each.signals if part not in told and not (drawn and isinstance(part, Chart)))
            if each.elsewhere:
                more = f"troubleshoot {each.environment.name}"
                count = "1 more finding" if each.elsewhere == 1 else f"{each.elsewhere} more findings"
                told.append(Command(text=more, does=f"show {count} in {each.environment.name}"))
        told.extend(Finding(text=str(problem), severity="warning") for problem in problems)
        what = params.object or (service.name if service else params.namespace or params.environment or "everything")
        return Report(title=f"Diagnosis of {what}", summary=self._summary(params, service, worst), parts=tuple(told))

    def _summary(self, params: Params, service: Service | None, looked: Sequence[_Looked]) -> str:
        ailing = [each for each in looked if each.diagnosis.findings]
        if len(looked) == 1 or len(ailing) == 1:
            return self._sentence(params, service, (ailing or looked)[0])
        if not ailing:
            names = " and ".join(each.environment.name for each in looked)
            return f"Everything that I looked at is healthy, in {names}."
        counts = ", ".join(f"{len(each.diagnosis.findings)} in {each.environment.name}" for each in ailing)
        return f"Causes found: {counts}."

    def _sentence(self, params: Params, service: Service | None, looked: _Looked) -> str:
        subject = params.object or (service.name if service else "Everything")
        what = f"{subject} in {params.namespace or looked.environment.name}"
        return summary(looked.diagnosis, what=what, looked_at=_looked_at(looked))


def _fires(alert: Alert, environment: Environment, count: int) -> str:
    often = f", {count} times over" if count > 1 else ""
    return f"It fires in {environment.name} since {alert.since:%Y-%m-%d %H:%M} UTC{often}."


def _looked_at(looked: _Looked) -> str:
    """What a clean bill of health rests on."""
    scene, about = looked.scene, set(looked.about)
    asked = [pod for pod in scene.all("Pod") if not about or pod.ref in about]
    pods = [pod for pod in asked if pod.status.get("phase") not in ("Succeeded", "Failed")]
    ready = sum(1 for pod in pods if (found := pod.condition("Ready")) and found.true)
    of_all = "" if about else f" of {sum(1 for _ in scene.workloads())} workloads"
    are = f"pod{of_all} is" if len(pods) == 1 else f"pods{of_all} are"
    rest = ", the others may still be starting" if 0 < ready < len(pods) else ""
    return f"{ready} of {len(pods)} {are} ready{rest}, and none of my checks found anything"
