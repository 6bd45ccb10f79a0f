"""Probes that fail: because the program is not well, or because they ask at the wrong place, too early or too impatiently."""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from skills.diagnosis.last_words import behind, last_words, listens_on, named_services
from skills.diagnosis.objects import Ref, moment
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
        if case is not None:
            yield _symptom(scene, group, *case)
        else:
            yield _unexplained(group)


def _symptom(scene: Scene, group: Sequence[Unwell], each: Unwell, probe: Probe, said: str) -> Symptom:
    words = last_words(scene, group)
    code, why, confidence = _reading(scene, each, probe, said)
    services = list(named_services(scene, each.pod.namespace, words.line))
    told = f", and its log says “{words.line}”" if services and code in _BY_KIND.values() else ""
    return Symptom(
        code=code,
        root=each.root,
        about=each.container.name,
        cause=f"{each.subject} {_what_happens(each)}: {why}{told}.",
        evidence=[*_proof(scene, each, probe), *(words.evidence if told else ())],
        since=_since(scene, group, probe),
        affected=[one.pod.ref for one in group],
        because_of=(*_elsewhere(group), *behind(scene, services)),
        consequence=f"{each.subject} is not ready"
        if each.trouble is Trouble.UNREADY
        else f"{each.subject} is killed by its {probe.kind} probe",
        confidence=confidence - (0.05 if services else 0),
    )


def _case(scene: Scene, group: Sequence[Unwell]) -> tuple[Unwell, Probe, str] | None:
    """Of these pods, one about which most was said; the probe that fails there; and what the kubelet said of it last."""
    cases = []
    for each in group:
        declared = probes(each.container)
        kinds = {Trouble.UNREADY: ("readiness",), Trouble.STARTUP: ("startup",)}.get(
            each.trouble, ("liveness", "startup")
        )
        for kind in kinds:
            if kind in declared:
                said = failures(scene, each.pod, kind)
                cases.append((each, declared[kind], said[-1].message if said else ""))
    return next((case for case in cases if case[2]), cases[0] if cases else None)


def _what_happens(each: Unwell) -> str:
    if each.trouble is Trouble.UNREADY:
        return "runs and is not ready"
    return "does not finish starting" if each.trouble is Trouble.STARTUP else "is killed again and again"


def _reading(scene: Scene, each: Unwell, probe: Probe, said: str) -> tuple[Code, str, float]:
    """Which condition it is, how it reads, and how sure that is. What the spec alone shows comes first."""
    asks = f"its {probe.kind} probe ({probe.asks})"
    if isinstance(probe.port, str) and probe.port not in _port_names(each):
        return (
            WRONG_PORT,
            f"its {probe.kind} probe asks port “{quoted(probe.port)}”, and the container has no port of that name",
            0.97,
        )
    if found := _STATUS.search(said):
        return _answered(each, probe, found["status"], asks, said)
    if _TLS.search(said):
        return WRONG_SCHEME, f"{asks} speaks {probe.scheme}, and the program does not", 0.95
    if probe.command and _NO_EXECUTABLE.search(said):
        return NO_COMMAND, f"{asks} cannot be executed in its image", 0.95
    other = listens_on(scene, each.container)
    if probe.port and (_REFUSED.search(said) or not said) and _is_elsewhere(each, probe, other):
        where = f"the program listens on {other}" if other else f"the container declares {_ports(each)}"
        return (
            WRONG_PORT,
            f"its {probe.kind} probe asks port {probe.port}, and {where}",
            0.95 if said and other else 0.85,
        )
    if _is_too_early(each, probe, said):
        return (
            TOO_EARLY,
            f"its liveness probe gives up {_seconds(probe.allows)} after the start, before anything listens",
            0.85,
        )
    if _LATE.search(said):
        return IMPATIENT, f"{asks} gets no answer within {probe.timeout} s", 0.85
    general = _BY_KIND[probe.kind]
    if _REFUSED.search(said):
        return general, f"{asks} fails, as nothing listens there", 0.85
    return general, f"{asks} fails{f': “{quoted(said)}”' if said else ''}", 0.85 if said else 0.7


def _answered(each: Unwell, probe: Probe, status: str, asks: str, said: str) -> tuple[Code, str, float]:
    """The program answered, with an HTTP status."""
    secure = (
        str(probe.port) in ("443", "8443")
        or "https" in _port_names(each).get(probe.port, "")
        or "https" in said.lower()
    )
    if status == "400" and probe.scheme == "HTTP" and secure:
        return WRONG_SCHEME, f"{asks} speaks HTTP to a port that speaks HTTPS", 0.9
    code = _BY_STATUS.get(status, _BY_KIND[probe.kind])
    return code, f"{asks} is answered with status {status}", 0.9


def _port_names(each: Unwell) -> dict[int | str | None, str]:
    """Declared ports: by number and by name, the name."""
    ports = [
        port
        for c in (*(each.pod.spec.get("initContainers") or ()), *each.pod.spec["containers"])
        for port in c.get("ports") or ()
    ]
    named = {str(port["name"]): str(port["name"]) for port in ports if port.get("name")}
    return {
        **named,
        **{int(port["containerPort"]): str(port.get("name") or "") for port in ports if port.get("containerPort")},
    }


def _ports(each: Unwell) -> str:
    return ", ".join(str(port) for port in _port_names(each) if isinstance(port, int))


def _is_elsewhere(each: Unwell, probe: Probe, other: int | None) -> bool:
    """Does the program listen on another port, by its log or else by what the pod declares?"""
    declared = _port_names(each)
    number = probe.port if isinstance(probe.port, int) else None
    if number is None:
        return False
    if other is not None:
        return other != number and number not in declared
    return any(isinstance(port, int) for port in declared) and number not in declared


def _is_too_early(each: Unwell, probe: Probe, said: str) -> bool:
    """Was it killed as soon as that was possible, with nothing listening?"""
    if each.trouble is not Trouble.KILLED_BY_PROBE or probe.kind != "liveness" or each.lasted is None:
        return False
    grace = timedelta(seconds=int(each.pod.spec.get("terminationGracePeriodSeconds") or 30))
    silent = not said or bool(_REFUSED.search(said))
    return (
        bool(said)
        and silent
        and "startup" not in probes(each.container)
        and each.lasted <= probe.allows + grace + _KUBELET_TAKES
    )


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


def _seconds(time: timedelta) -> str:
    return f"{int(time.total_seconds())} s"


@detects(GATE)
def readiness_gate_closed(scene: Scene) -> Iterator[Symptom]:
    """All containers are ready, and a condition that somebody else sets is not."""
    for pod in scene.all("Pod"):
        gates = [str(gate.get("conditionType") or "") for gate in pod.spec.get("readinessGates") or ()]
        whole = pod.condition("ContainersReady")
        if (
            not gates
            or pod.deleted_at is not None
            or whole is None
            or not whole.true
            or scene.age(whole.since) < _GATE_MAY_TAKE
        ):
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
