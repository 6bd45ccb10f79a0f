"""What the log of a container says of why its run ended, in its own words: one line, redacted and bounded, never trusted."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from skills.core.ports.logs import lines_of
from skills.diagnosis.log_signatures import Match
from skills.diagnosis.logs import LogStudy, study
from skills.diagnosis.objects import Container, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Evidence, evidence, quoted
from skills.diagnosis.trouble import Unwell

_NO_NAMES = ("localhost", "host", "port", "address", "tcp", "server")
_MOST_LINES, _MOST = 120, 200_000
_TELLING = 160
_HOST = re.compile(
    r"(?:connect\w*(?: to)?|dial tcp|lookup|resolv\w+|reach|host(?:name)?|for|to|at)[\s:=\"']+(?:\w+://)?(?P<host>(?!lookup\b|host\b|server\b)[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*)(?::(?P<port>\d{2,5}))?\b"
)
_LISTENING = re.compile(
    r"(?:listen|serv|start|running|bound)\w*\b[^\n]{0,60}?(?::|\bport\W{1,3})(?P<port>\d{2,5})\b", re.IGNORECASE
)
_UNREACHED = re.compile(
    r"connect|refused|unreachable|no such host|not known|resolve|lookup|timed? ?out|timeout|ENOTFOUND|EAI_AGAIN|unavailable",
    re.IGNORECASE,
)


@dataclass(frozen=True, kw_only=True)
class Words:
    """The line that says why, fit to show ("" where nothing was said or read), whose it is, and where it stands.

    `signatures` are what is known about lines of that kind, the first of them about the first such line.
    """

    by: Unwell
    line: str = ""
    evidence: Sequence[Evidence] = ()
    signatures: Sequence[Match] = ()

    @property
    def remedy(self) -> str:
        return self.signatures[0].signature.remedy if self.signatures else ""


def last_words(scene: Scene, group: Sequence[Unwell]) -> Words:
    """What the first of these whose log was read says; all are the same container of one workload."""
    for each in group:
        for field, text in _sources(scene, each.container):
            found = _studied(text, each)
            if found.first_error is not None:
                line = found.first_error.text[:_TELLING]
                proof = evidence(each.pod.ref, field, line, found.first_error.at)
                return Words(by=each, line=line, evidence=(proof,), signatures=found.signatures)
    for each in group:
        message = str(each.run.get("message") or "").strip()
        if message:
            found = _studied(message, each)
            line = found.first_error.text if found.first_error is not None else quoted(message.splitlines()[-1])
            return Words(by=each, line=line[:_TELLING], signatures=found.signatures)
    return Words(by=group[0])


def _studied(text: str, each: Unwell) -> LogStudy:
    lines = tuple(lines_of(_end_of(text), pod=each.pod.name, container=each.container.name))
    return study(lines[-_MOST_LINES:], shapes=False)


def _end_of(text: str) -> str:
    """The end of a log, from the beginning of a line on, except where one line is longer than all that is read."""
    if len(text) <= _MOST:
        return text
    start = text.find("\n", len(text) - _MOST)
    return text[start + 1 :] if start >= 0 else text[text.rfind("\n") + 1 :][:_MOST]


@dataclass(frozen=True, kw_only=True)
class Named:
    """A Service that somebody waits for by name. `exists` is False only where that is certain."""

    ref: Ref
    exists: bool


def named_services(scene: Scene, namespace: str, words: Words) -> Sequence[Named]:
    """The Services that could not be reached, by what the log says. Names of other places are none."""
    found: dict[Ref, Named] = {}
    for host, port in _hosts(words):
        name, _, rest = host.partition(".")
        where = rest.split(".")[0] or namespace
        if scene.get("Service", where, name) is not None:
            ref = Ref("Service", where, name)
            found.setdefault(ref, Named(ref=ref, exists=True))
        elif port and not rest and name not in _NO_NAMES and scene.absent("Service", namespace, name):
            ref = Ref("Service", namespace, name)
            found.setdefault(ref, Named(ref=ref, exists=False))
    return tuple(found.values())


def _hosts(words: Words) -> Iterator[tuple[str, bool]]:
    """Whom the program spoke to in vain, and whether that is surely the name of a server, as a port stood beside it or the lookup failed."""
    for match in words.signatures:
        if match.endpoint is not None and match.endpoint.host:
            named = match.endpoint.port is not None or match.signature.code == "unknown-host"
            yield match.endpoint.host.lower(), named
    if _UNREACHED.search(words.line):
        for found in _HOST.finditer(words.line):
            yield found["host"], bool(found["port"])


def behind(scene: Scene, services: Iterable[Named]) -> Sequence[Ref]:
    """These Services, with the workloads and pods behind them: their trouble would explain that nobody answers."""
    found: list[Ref] = []
    for each in services:
        found.append(each.ref)
        service = scene.get(each.ref.kind, each.ref.namespace, each.ref.name)
        for pod in scene.selected(service) if service is not None else ():
            found += [pod.ref, scene.workload_ref(pod)]
    return tuple(dict.fromkeys(found))


def answers(scene: Scene, service: Ref) -> bool:
    """Is there an address behind it that is ready, as far as endpoint slices were seen?"""
    slices = [
        s
        for s in scene.all("EndpointSlice", service.namespace)
        if s.labels.get("kubernetes.io/service-name") == service.name
    ]
    ready = [
        endpoint
        for each in slices
        for endpoint in each.raw.get("endpoints") or ()
        if (endpoint.get("conditions") or {}).get("ready") is not False
    ]
    return bool(ready) or not slices


def listens_on(scene: Scene, container: Container) -> int | None:
    """The port on which the program says that it listens."""
    for _, text in _sources(scene, container):
        if found := _LISTENING.search(text[:_MOST]):
            return int(found["port"])
    return None


def _sources(scene: Scene, container: Container) -> Iterator[tuple[str, str]]:
    """The log of the run that ended first: the previous one where a new run has begun."""
    order = (True, False) if container.running and container.restarts else (False, True)
    for previous in order:
        text = scene.log(container, previous=previous)
        if text:
            yield f"log {container.name}{' (previous)' if previous else ''}", text
