"""Probes that fail: because the program is not well, or because they ask at the wrong place, too early or too impatiently."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from skills.diagnosis.last_words import behind, last_words, listens_on, named_services
from skills.diagnosis.objects import Ref, container_specs, moment
from skills.diagnosis.probing import Probe, failures, kills, probes
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Code, Depth, Evidence, Repair, Severity, Symptom, detects, evidence, quoted
from skills.diagnosis.trouble import Trouble, Unwell, alike


def _code(name: str, title: str, signals: str, remedy: str, *, depth: Depth = Depth.CONFIGURATION) -> Code:
    return Code(
        name=name,
        title=title,
        severity=Severity.ERROR,
        depth=depth,
        signals=signals,
        remedy=remedy,
        repair=Repair.ROLLBACK,
    )


WRONG_PORT = _code(
    "ProbePortWrong", "A probe asks a port on which nothing listens", "a failing probe names a port that the container does not declare or have, or its log says that it listens on another one",
    "Let the probe ask the port on which the program listens.",
)  # fmt: skip
WRONG_PATH = _code(
    "ProbePathWrong", "A probe asks for a path that does not exist", "a probe fails with HTTP status 404",
    "Let the probe ask for the path at which the program tells its health.",
)  # fmt: skip
WRONG_SCHEME = _code(
    "ProbeSchemeWrong", "A probe speaks HTTP to HTTPS, or the reverse", "a probe fails with a TLS error, or with HTTP status 400 at a port that speaks HTTPS",
    "Set the probe's scheme to the one that the program speaks.",
)  # fmt: skip
DENIED = _code(
    "ProbeUnauthorized", "A probe is refused for want of credentials", "a probe fails with HTTP status 401 or 403",
    "Leave the health endpoint open, or let the probe send what it asks for (httpHeaders).",
)  # fmt: skip
IMPATIENT = _code(
    "ProbeTimesOut", "A probe does not get its answer in time", "a probe fails with a timeout",
    "See why the answer takes so long (CPU limit, a slow dependency); where it has to, raise timeoutSeconds.", depth=Depth.PROCESS,
)  # fmt: skip
NO_COMMAND = _code(
    "ProbeCommandMissing", "The command of a probe is not in the image", "a probe fails because its executable is not found",
    "Correct the command, or put it into the image.",
)  # fmt: skip
TOO_EARLY = _code(
    "LivenessTooEarly", "The container is killed before it had the time to start", "each run ends by its liveness probe as soon as that may, with nothing listening yet, and there is no startup probe",
    "Add a startup probe that allows for the time that the program needs, or raise initialDelaySeconds.",
)  # fmt: skip
READINESS = _code(
    "ReadinessFails", "The program says that it is not ready", "a container runs and its readiness probe fails",
    "See in its log what it waits for.", depth=Depth.PROCESS,
)  # fmt: skip
LIVENESS = _code(
    "LivenessFails", "The program stops answering and is killed", "a container is restarted because its liveness probe fails",
    "See in its log why it hangs; a liveness probe should not depend on other services.", depth=Depth.PROCESS,
)  # fmt: skip
STARTUP = _code(
    "StartupFails", "The program does not finish starting", "a container's startup probe fails until it is killed",
    "See in its log what its start waits for; if it only takes long, raise failureThreshold.", depth=Depth.PROCESS,
)  # fmt: skip
NOT_READY = _code(
    "NotReady", "The container runs and is not ready, and nothing says why", "a container runs for more than half a minute, is not ready, and has no readiness probe",
    "Look at the pod's conditions and the node's kubelet.", depth=Depth.PROCESS,
)  # fmt: skip
GATE = _code(
    "ReadinessGateClosed", "The pod waits for something outside of it to call it ready", "all containers are ready, and a condition of spec.readinessGates is not True for more than a minute",
    "See the controller that sets this condition, such as that of the load balancer.", depth=Depth.PROCESS,
)  # fmt: skip

_STATUS = re.compile(r"status ?code:? (?P<status>\d{3})", re.IGNORECASE)
_TLS = re.compile(
    r"HTTP response to HTTPS client|look like a TLS handshake|malformed HTTP|HTTP request to an HTTPS|tls:",
    re.IGNORECASE,
)
_NO_EXECUTABLE = re.compile(
    r"executable file not found|no such file or directory|permission denied|not found in \$?path", re.IGNORECASE
)
_REFUSED = re.compile(r"connection refused|connection reset|no route to host|EOF", re.IGNORECASE)
_LATE = re.compile(r"deadline exceeded|Client\.Timeout|i/o timeout|timed out|timeout", re.IGNORECASE)
_BY_STATUS = {"404": WRONG_PATH, "401": DENIED, "403": DENIED}
_BY_KIND = {"readiness": READINESS, "liveness": LIVENESS, "startup": STARTUP}
_MAY_FAIL = {
    Trouble.UNREADY: ("readiness",), Trouble.STARTUP: ("startup",), Trouble.KILLED_BY_PROBE: ("liveness", "startup"),
}  # fmt: skip
_HAPPENS = {
    Trouble.UNREADY: "runs and is not ready",
    Trouble.STARTUP: "does not finish starting",
    Trouble.KILLED_BY_PROBE: "is killed again and again",
}
_GATE_MAY_TAKE = timedelta(minutes=1)
_KUBELET_TAKES = timedelta(seconds=20)
_CODES = (
    WRONG_PORT,
    WRONG_PATH,
    WRONG_SCHEME,
    DENIED,
    IMPATIENT,
    NO_COMMAND,
    TOO_EARLY,
    READINESS,
    LIVENESS,
    STARTUP,
    NOT_READY,
)


@detects(*_CODES)
def probe_fails(scene: Scene) -> Iterator[Symptom]:
    """A container that runs and is not ready, or is killed for not answering."""
    for group in alike(scene, Trouble.UNREADY, Trouble.STARTUP, Trouble.KILLED_BY_PROBE):
        case = _case(scene, group)
        yield _symptom(scene, group, case) if case is not None else _unexplained(group)


@dataclass(frozen=True, kw_only=True)
class _Case:
    """A container whose probe fails, that probe, and what the kubelet said of it last ("" where nothing)."""

    scene: Scene
    each: Unwell
    probe: Probe
    said: str

    @property
    def asks(self) -> str:
        return f"its {self.probe.kind} probe ({self.probe.asks})"

    @property
    def ports(self) -> Mapping[int, str]:
        """What the pod's containers declare to listen on, with the ports' names."""
        declared = [port for spec in container_specs(self.each.pod.spec) for port in spec.get("ports") or ()]
        return {
            int(port["containerPort"]): str(port.get("name") or "") for port in declared if port.get("containerPort")
        }


_Reading = tuple[Code, str, float]
"""Which condition it is, how it reads in the sentence, and how sure that is."""


def _symptom(scene: Scene, group: Sequence[Unwell], case: _Case) -> Symptom:
    each, probe, words = case.each, case.probe, last_words(scene, group)
    code, why, confidence = next(found for read in _READERS if (found := read(case)) is not None)
    services = named_services(scene, each.pod.namespace, words)
    told = f", and its log says “{words.line}”" if services and code in _BY_KIND.values() else ""
    unready = each.trouble is Trouble.UNREADY
    return Symptom(
        code=code,
        root=each.root,
        about=each.container.name,
        cause=f"{each.subject} {_happens(each)}: {why}{told}.",
        evidence=[*_proof(scene, each, probe), *(words.evidence if told else ())],
        since=_since(scene, group, probe),
        affected=[one.pod.ref for one in group],
        because_of=(*_elsewhere(group), *behind(scene, services)),
        consequence=f"{each.subject} is not ready"
        if unready
        else f"{each.subject} is killed by its {probe.kind} probe",
        confidence=confidence - (0.05 if services else 0),
    )


def _happens(each: Unwell) -> str:
    if each.trouble is Trouble.KILLED_BY_PROBE and not each.container.restarts:
        return "is about to be killed"
    return _HAPPENS[each.trouble]


def _case(scene: Scene, group: Sequence[Unwell]) -> _Case | None:
    """Of these pods, one about which something was said; None where no probe is declared that could fail."""
    cases = []
    for each in group:
        for kind, probe in probes(each.container).items():
            if kind in _MAY_FAIL[each.trouble]:
                said = failures(scene, each.pod, kind)
                cases.append(_Case(scene=scene, each=each, probe=probe, said=said[-1].message if said else ""))
    return next((case for case in cases if case.said), cases[0] if cases else None)


def _absent_name(case: _Case) -> _Reading | None:
    """The spec alone shows that a port of that name is nowhere."""
    port = case.probe.port
    if not isinstance(port, str) or port in case.ports.values():
        return None
    return (
        WRONG_PORT,
        f"its {case.probe.kind} probe asks port “{quoted(port)}”, and no container has a port of that name",
        0.97,
    )


def _answered(case: _Case) -> _Reading | None:
    """The program answered, with an HTTP status."""
    found = _STATUS.search(case.said)
    if found is None:
        return None
    port = case.probe.port
    name = case.ports.get(port, "") if isinstance(port, int) else port or ""
    secure = port in (443, 8443) or "https" in name or "https" in case.said.lower()
    if found["status"] == "400" and case.probe.scheme == "HTTP" and secure:
        return WRONG_SCHEME, f"{case.asks} speaks HTTP to a port that speaks HTTPS", 0.9
    code = _BY_STATUS.get(found["status"], _BY_KIND[case.probe.kind])
    return code, f"{case.asks} is answered with status {found['status']}", 0.9


def _spoke_wrongly(case: _Case) -> _Reading | None:
    if not _TLS.search(case.said):
        return None
    return WRONG_SCHEME, f"{case.asks} speaks {case.probe.scheme}, and the program does not", 0.95


def _not_executable(case: _Case) -> _Reading | None:
    if not (case.probe.command and _NO_EXECUTABLE.search(case.said)):
        return None
    return NO_COMMAND, f"{case.asks} cannot be executed in its image", 0.95


def _elsewhere_listening(case: _Case) -> _Reading | None:
    """Nothing listens there, and the log or else the declared ports say where it does."""
    port = case.probe.port
    if not isinstance(port, int) or port in case.ports or (case.said and not _REFUSED.search(case.said)):
        return None
    other = listens_on(case.scene, case.each.container)
    if other == port or not (other or case.ports):
        return None
    where = f"the program listens on {other}" if other else f"the pod declares {', '.join(map(str, case.ports))}"
    return (
        WRONG_PORT,
        f"its {case.probe.kind} probe asks port {port}, and {where}",
        0.95 if case.said and other else 0.85,
    )


def _too_early(case: _Case) -> _Reading | None:
    """Killed as soon as that was possible, with nothing listening yet, and no startup probe to wait for it."""
    each, probe = case.each, case.probe
    judged = (
        each.trouble is Trouble.KILLED_BY_PROBE and probe.kind == "liveness" and "startup" not in probes(each.container)
    )
    grace = timedelta(seconds=int(each.pod.spec.get("terminationGracePeriodSeconds") or 30))
    soonest = probe.allows + grace + _KUBELET_TAKES
    if not judged or not _REFUSED.search(case.said) or each.lasted is None or each.lasted > soonest:
        return None
    allowed = int(probe.allows.total_seconds())
    return TOO_EARLY, f"its liveness probe gives up {allowed} s after the start, before anything listens", 0.85


def _too_late(case: _Case) -> _Reading | None:
    if not _LATE.search(case.said):
        return None
    return IMPATIENT, f"{case.asks} gets no answer within {case.probe.timeout} s", 0.85


def _fails(case: _Case) -> _Reading:
    """Whatever else it is."""
    code = _BY_KIND[case.probe.kind]
    if _REFUSED.search(case.said):
        return code, f"{case.asks} fails, as nothing listens there", 0.85
    return code, f"{case.asks} fails{f': “{quoted(case.said)}”' if case.said else ''}", 0.85 if case.said else 0.7


_READERS: Sequence[Callable[[_Case], _Reading | None]] = (
    _absent_name, _answered, _spoke_wrongly, _not_executable, _elsewhere_listening, _too_early, _too_late, _fails,
)  # fmt: skip
"""From what is certain to what is left; the first that has an answer counts."""


def _unexplained(group: Sequence[Unwell]) -> Symptom:
    each = group[0]
    started = moment(each.container.running.get("startedAt"))
    return Symptom(
        code=NOT_READY,
        root=each.root,
        about=each.container.name,
        cause=f"{each.subject} runs and is not ready, although it has no readiness probe.",
        evidence=[evidence(each.pod.ref, f"status.containerStatuses[{each.container.name}].ready", "false", started)],
        since=started,
        affected=[one.pod.ref for one in group],
        because_of=_elsewhere(group),
        consequence=f"{each.subject} is not ready",
        confidence=0.5,
    )


def _elsewhere(group: Sequence[Unwell]) -> Sequence[Ref]:
    """Whose trouble would explain that a container is not ready: another container of the workload, or the node."""
    nodes = [Ref("Node", "", str(each.pod.spec.get("nodeName") or "")) for each in group]
    return tuple(dict.fromkeys((group[0].root, *(each.pod.ref for each in group), *nodes)))


def _since(scene: Scene, group: Sequence[Unwell], probe: Probe) -> datetime | None:
    said = [event.first for each in group for event in failures(scene, each.pod, probe.kind)]
    starts = [moment((each.run or each.container.running).get("startedAt")) for each in group]
    return min((at for at in (*said, *starts) if at), default=group[0].pod.created_at)


def _proof(scene: Scene, each: Unwell, probe: Probe) -> list[Evidence]:
    """The probe as it is declared, what the kubelet said, and the state of the container."""
    found = [evidence(each.pod.ref, f"spec.containers[{each.container.name}].{probe.kind}Probe", probe.asks)]
    said = (*failures(scene, each.pod, probe.kind)[-1:], *kills(scene, each.container)[-1:])
    found += [evidence(each.pod.ref, f"event {event.reason}", event.message, event.last) for event in said]
    if each.trouble is Trouble.UNREADY:
        return [*found, evidence(each.pod.ref, f"status.containerStatuses[{each.container.name}].ready", "false")]
    return [*found, *each.observed()]


@detects(GATE)
def readiness_gate_closed(scene: Scene) -> Iterator[Symptom]:
    """All containers are ready, and a condition that somebody else sets is not."""
    for pod in scene.all("Pod"):
        gates = [str(gate.get("conditionType") or "") for gate in pod.spec.get("readinessGates") or ()]
        whole = pod.condition("ContainersReady") if gates and pod.deleted_at is None else None
        if whole is None or not whole.true or scene.age(whole.since) < _GATE_MAY_TAKE:
            continue
        closed = [gate for gate in gates if (found := pod.condition(gate)) is None or not found.true]
        if closed:
            root = scene.workload_ref(pod)
            said = pod.condition(closed[0])
            yield Symptom(
                code=GATE,
                root=root,
                about=closed[0],
                cause=f"{root.name} runs and does not count as ready: nobody has set the condition {quoted(closed[0])} to True.",
                evidence=[
                    evidence(
                        pod.ref,
                        f"status.conditions[{closed[0]}]",
                        said.status if said else "absent",
                        said.since if said else None,
                    )
                ],
                since=whole.since,
                affected=(pod.ref,),
                consequence=f"{root.name} waits for condition {closed[0]}",
                confidence=0.9,
            )
