"""What the log of a container says of why its run ended, in its own words: one line, redacted and bounded, never trusted."""

import re
from collections.abc import Iterator, Sequence
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
_MOST_LINES = 400
_TELLING = 160
_HOST = re.compile(
    r"(?:connect\w*(?: to)?|dial tcp|lookup|resolv\w+|reach|host(?:name)?|for|to|at)[\s:=\"']+(?:\w+://)?(?P<host>[a-z][a-z0-9-]*(?:\.[a-z0-9-]+)*)(?::(?P<port>\d{2,5}))?\b"
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
    lines = [line for line in text.splitlines()[-_MOST_LINES:] if line.strip()]
    for pattern in _FIRST_OF:
        for line in lines:
            if pattern.search(line):
                return quoted(line.removeprefix("(previous) "))[:_TELLING]
    return ""


def named_services(scene: Scene, namespace: str, line: str) -> Iterator[tuple[Ref, bool]]:
    """The Services that a line about a failed connection names, and whether each exists. Names from elsewhere are none."""
    if not _UNREACHED.search(line):
        return
    for match in _HOST.finditer(line):
        name, _, rest = match["host"].partition(".")
        where = rest.split(".")[0] if rest else namespace
        within = not rest or re.fullmatch(r"[a-z0-9-]+(\.svc(\.[a-z0-9.-]+)?)?", rest)
        ref = Ref("Service", where, name)
        if scene.get(*_parts(ref)) is not None:
            yield ref, True
        elif match["port"] and within and name not in ("localhost", "host") and where == namespace:
            yield ref, not scene.absent(*_parts(ref))


def _parts(ref: Ref) -> tuple[str, str, str]:
    return ref.kind, ref.namespace, ref.name


def _sources(scene: Scene, container: Container) -> Iterator[tuple[str, str]]:
    """The log of the run that ended first: the previous one where a new run has begun."""
    order = (True, False) if container.running and container.restarts else (False, True)
    for previous in order:
        text = scene.log(container, previous=previous)
        if text:
            yield f"log {container.name}{' (previous)' if previous else ''}", text
