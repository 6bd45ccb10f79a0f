"""Lines as people type them for kubectl, helm and argocd, as requests of ours: `kubectl logs deploy/web --since=10m` is `logs web --since 10m`.

Only what means the same here is rewritten. An argument that we know nothing like stays in the line, so that it is asked about and not
ignored, and verbs that do something else (`apply`, `delete`, `exec`) are left alone.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from bot.nl.kinds import kind_of
from bot.nl.words import plain

_CALLED = re.compile(r"(?:@\S+ )?(?:please )?(?P<program>kubectl|k|oc|helm|argocd) (?P<rest>\S.*)", re.IGNORECASE)
_LONGEST = 24
"""Words: nobody types a longer one into a chat."""
_VALUED = {
    "n": "namespace", "namespace": "namespace", "c": "container", "container": "container", "tail": "tail", "since": "since", "replicas": "replicas",
    "to-revision": "revision", "o": "output", "output": "output",
}  # fmt: skip
_PLAIN = {
    "A": "everywhere",
    "all-namespaces": "everywhere",
    "p": "previous",
    "previous": "previous",
    "show-labels": "labels",
}
_IDLE = frozenset({"f", "follow", "w", "watch", "timestamps"})
_POD = re.compile(r"(?P<workload>[a-z0-9][a-z0-9-]*?)-[a-f0-9]{6,10}-[a-z0-9]{5}")
_TARGET = re.compile(r"(?P<kind>[A-Za-z.]{2,40})/(?P<name>[A-Za-z0-9][A-Za-z0-9.-]*)")


@dataclass(kw_only=True)
class _Line:
    """What stands behind the verb. `other` are options that we know nothing like."""

    words: list[str] = field(default_factory=list)
    options: dict[str, str] = field(default_factory=dict)
    other: list[str] = field(default_factory=list)

    def of(self, **names: str) -> list[str]:
        """The options that are there, by the names that they have here."""
        return [
            f"--{mine.replace('_', '-')} {self.options[its]}".strip()
            for mine, its in names.items()
            if its in self.options
        ]

    def target(self) -> tuple[str, str]:
        """Kind and name of `deploy/web`, of `deploy web` or of `web`, taken from the words."""
        if self.words and (match := _TARGET.fullmatch(self.words[0])):
            self.words.pop(0)
            return match["kind"], match["name"]
        kind = self.words.pop(0) if len(self.words) > 1 and kind_of(self.words[0], expected=True) else ""
        return kind, self.words.pop(0) if self.words else ""


def translated(text: str) -> str | None:
    """The request that a line for one of these programs comes down to; None for any other text, and where we have nothing like it."""
    match = _CALLED.fullmatch(plain(text))
    said = match["rest"].split() if match else []
    if not match or not 1 <= len(said) <= _LONGEST:
        return None
    verb = " ".join(said[:2]) if said[0] in ("rollout", "set", "app") else said[0]
    ours = _PROGRAMS.get(match["program"].lower(), _KUBECTL).get(verb)
    if ours is None:
        return None
    line = _parsed(said[len(verb.split()) :])
    made = ours(line)
    if not made or len(line.words) > 1:
        # “kubectl rollout restart deploy/web fixed it” is no line for kubectl.
        return None
    return " ".join([*made, *line.words, *line.other])


def _parsed(said: Sequence[str]) -> _Line:
    line, waiting = _Line(), list(said)
    while waiting:
        word = waiting.pop(0)
        name, given, value = word.lstrip("-").partition("=")
        if not word.startswith("-"):
            line.words.append(word)
        elif name in _IDLE and not given:
            continue
        elif name in _PLAIN and not given:
            line.options[_PLAIN[name]] = ""
        elif name in _VALUED and (given or waiting):
            line.options[_VALUED[name]] = value if given else waiting.pop(0)
        else:
            line.other.append(word)
    return line


def _get(line: _Line) -> list[str]:
    kind, name = line.target()
    kind, name = (kind, name) if kind else (name, "")
    where, known = line.of(namespace="namespace"), kind_of(kind, expected=True)
    if known is None:
        return []
    if known == "event":
        return ["events", *where]
    wanted = [f"--object {name}"] if name else []
    return ["resources", f"--kind {kind}", *wanted, *where, *line.of(cluster="everywhere", labels="labels")]


def _describe(line: _Line) -> list[str]:
    kind, name = line.target()
    of_kind = [f"--kind {kind}"] if kind else []
    return ["resources", *of_kind, f"--object {name}", *line.of(namespace="namespace")] if name else []


def _logs(line: _Line) -> list[str]:
    _, name = line.target()
    pod = _POD.fullmatch(name)
    whose = [pod["workload"], f"--pod {name}"] if pod else [name] if name else []
    rest = line.of(environment="namespace", since="since", tail="tail", container="container", previous="previous")
    return ["logs", *whose, *rest]


def _on(request: str, **options: str) -> Callable[[_Line], list[str]]:
    """A request about one workload."""

    def made(line: _Line) -> list[str]:
        _, name = line.target()
        return [request, *([name] if name else []), *line.of(**options, environment="namespace")]

    return made


def _scale(line: _Line) -> list[str]:
    _, name = line.target()
    count = line.options.get("replicas", "")
    return ["scale", *([name] if name else []), *([f"to {count}"] if count else []), *line.of(environment="namespace")]


def _set_image(line: _Line) -> list[str]:
    _, name = line.target()
    container, _, image = line.words.pop(0).partition("=") if line.words else ("", "", "")
    named = [f"container {container}"] if container not in ("", "*", name) else []
    return ["deploy", name, image or container, *named, *line.of(environment="namespace")] if name else []


def _top(line: _Line) -> list[str]:
    kind, name = line.target()
    return ["metrics", *([name] if kind else []), *line.of(environment="namespace")]


def _numbered(request: str) -> Callable[[_Line], list[str]]:
    """The same, with the revision as the word behind the name."""

    def made(line: _Line) -> list[str]:
        name = line.words.pop(0) if line.words else ""
        revision = f"revision {line.words.pop(0)}" if line.words and line.words[0].isdecimal() else ""
        return [request, *filter(None, (name, revision)), *line.of(environment="namespace")]

    return made


_KUBECTL: Mapping[str, Callable[[_Line], list[str]]] = {
    "get": _get,
    "describe": _describe,
    "logs": _logs,
    "log": _logs,
    "events": lambda line: ["events", *line.of(namespace="namespace")],
    "top": _top,
    "scale": _scale,
    "set image": _set_image,
    "rollout restart": _on("restart"),
    "rollout undo": _on("rollback", revision="revision"),
    "rollout status": _on("status"),
    "rollout history": _on("history"),
}
_HELM: Mapping[str, Callable[[_Line], list[str]]] = {
    "list": lambda line: ["resources", "--kind helmrelease", *line.of(namespace="namespace", cluster="everywhere")],
    "ls": lambda line: ["resources", "--kind helmrelease", *line.of(namespace="namespace", cluster="everywhere")],
    "status": _on("status"),
    "history": _on("history"),
    "rollback": _numbered("rollback"),
}
_ARGOCD: Mapping[str, Callable[[_Line], list[str]]] = {
    "app list": lambda line: ["status", *line.of(environment="namespace")],
    "app get": _on("status"),
    "app history": _on("history"),
    "app logs": _logs,
    "app rollback": _numbered("rollback"),
}
_PROGRAMS = {"helm": _HELM, "argocd": _ARGOCD}
"""What goes for them and not for kubectl."""
