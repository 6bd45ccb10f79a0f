"""What a scenario is, and where they come from."""

import importlib
import json
import pkgutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cache

from skills.core.ports.snapshots import LogWanted, Snapshot
from skills.diagnosis.objects import Ref
from tests.evals.diagnosis import families
from tests.support.manifests import NAMESPACE, Manifest, app, world
from tests.support.measurements import Values
from tests.support.scenes import snapshot

Logs = Mapping[str, str]
"""The last lines of containers, by `pod` or `pod/container`; “pod?previous” is what was said before the last restart."""


@dataclass(frozen=True, kw_only=True)
class Expected:
    """A finding that has to be there: its code, and the object to repair as “Kind/name”."""

    code: str
    root: str


@dataclass(frozen=True, kw_only=True)
class Scenario:
    """A cluster in some state, and everything that is wrong with it: nothing, for a control.

    `measured` are the signals of checkout, which depends on payments-api: a value for each minute up to the moment of the state.
    """

    family: str = ""
    name: str
    objects: Sequence[Manifest]
    expected: tuple[Expected, ...]
    logs: Logs = field(default_factory=dict)
    measured: Mapping[str, Values] = field(default_factory=dict)

    @property
    def healthy(self) -> bool:
        return not self.expected

    @property
    def snapshot(self) -> Snapshot:
        """The state in a cluster that is otherwise well, beside an application that has nothing to do with it."""
        return snapshot(*world(*self.objects, *app("bystander")), logs=_logs(self.logs, self.objects))

    def elsewhere(self, namespace: str) -> "Scenario":
        """The same in another namespace, so that many of them fit into one cluster."""
        moved = json.loads(json.dumps(self.objects).replace(NAMESPACE, namespace))
        return replace(self, objects=moved)


def fault(
    name: str,
    objects: Sequence[Manifest],
    code: str,
    root: str,
    *more: str,
    logs: Logs | None = None,
    measured: Mapping[str, Values] | None = None,
) -> Scenario:
    """A state with one cause, or with several: `more` are further pairs of code and root."""
    pairs = [code, root, *more]
    expected = tuple(Expected(code=c, root=r) for c, r in zip(pairs[::2], pairs[1::2], strict=True))
    return Scenario(name=name, objects=objects, expected=expected, logs=logs or {}, measured=measured or {})


def healthy(
    name: str,
    objects: Sequence[Manifest],
    *,
    logs: Logs | None = None,
    measured: Mapping[str, Values] | None = None,
) -> Scenario:
    """A control: it may look like a fault, and is none."""
    return Scenario(name=name, objects=objects, expected=(), logs=logs or {}, measured=measured or {})


@cache
def all_scenarios() -> Sequence[Scenario]:
    """The scenarios of every module of `families`."""
    found: list[Scenario] = []
    for info in sorted(pkgutil.iter_modules(families.__path__), key=lambda each: each.name):
        module = importlib.import_module(f"{families.__name__}.{info.name}")
        found += [replace(each, family=info.name) for each in module.scenarios()]
    return tuple(found)


def named(ref: Ref) -> str:
    """As scenarios name an object."""
    return f"{ref.kind}/{ref.name}"


def _logs(logs: Logs, objects: Sequence[Manifest]) -> Mapping[LogWanted, str]:
    pods = {each["metadata"]["name"]: each for each in objects if each["kind"] == "Pod"}
    found = {}
    for where, text in logs.items():
        target, _, previous = where.partition("?")
        name, _, container = target.partition("/")
        container = container or pods[name]["spec"]["containers"][0]["name"]
        namespace = pods[name]["metadata"]["namespace"]
        found[LogWanted(namespace=namespace, pod=name, container=container, previous=bool(previous))] = text
    return found
