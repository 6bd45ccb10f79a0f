"""What the log of a container says of why its run ended, in its own words: one line, redacted and bounded, never trusted."""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from skills.diagnosis.objects import Container, Ref
from skills.diagnosis.scene import Scene
from skills.diagnosis.symptom import Evidence, evidence, quoted
from skills.diagnosis.trouble import Unwell

_FIRST_OF = (
    re.compile(r"^(?:\(previous\) )?\s*(?:[\w.]+\.)?\w*(?:Error|Exception|Warning|Failure)\b\s*[:(]"),
    re.compile(r"^(?:\(previous\) )?panic:|exception in thread|unhandled (?:exception|rejection)|caused by:", re.IGNORECASE),
    re.compile(r"\b(?:fatal|critical|panic|emerg)\b", re.IGNORECASE),
    re.compile(r"\berror\b|\bERR\b|\bfailed\b|cannot|could not|unable to|refused|denied|no such|not found|invalid|missing", re.IGNORECASE),
)  # fmt: skip
_NO_NAMES = ("localhost", "host", "port", "address", "tcp", "server")
_MOST_LINES, _LONGEST_LINE, _MOST = 400, 2_000, 200_000
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
    """The line that says why, fit to show ("" where nothing was said or read), whose it is, and where it stands."""

    by: Unwell
    line: str = ""
    evidence: Sequence[Evidence] = ()


def last_words(scene: Scene, group: Sequence[Unwell]) -> Words:
    """What the first of these whose log was read says; all are the same container of one workload."""
    for each in group:
        for field, text in _sources(scene, each.container):
            line = telling_line(text)
            if line:
                return Words(by=each, line=line, evidence=(evidence(each.pod.ref, field, line),))
    for each in group:
        message = str(each.run.get("message") or "").strip()
        if message:
            return Words(by=each, line=telling_line(message) or quoted(message.splitlines()[-1])[:_TELLING])
    return Words(by=group[0])


def telling_line(text: str) -> str:
    """The first line of the surest kind: an exception's own, then a panic, then an error. "" if none looks like one."""
    lines = [line[:_LONGEST_LINE] for line in _end_of(text).splitlines()[-_MOST_LINES:] if line.strip()]
    for pattern in _FIRST_OF:
        for line in lines:
            if pattern.search(line):
                return quoted(line.removeprefix("(previous) "))[:_TELLING]
    return ""


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


def named_services(scene: Scene, namespace: str, line: str) -> Iterator[Named]:
    """The Services that a line about a failed connection names. Names of other places are none."""
    if not _UNREACHED.search(line):
        return
    for match in _HOST.finditer(line):
        name, _, rest = match["host"].partition(".")
        where = rest.split(".")[0] or namespace
        if scene.get("Service", where, name) is not None:
            yield Named(ref=Ref("Service", where, name), exists=True)
        elif match["port"] and not rest and name not in _NO_NAMES and scene.absent("Service", namespace, name):
            yield Named(ref=Ref("Service", namespace, name), exists=False)


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
