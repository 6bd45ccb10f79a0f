"""What detectors yield, and how they are declared."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum

from skills.core.untrusted import Untrusted
from skills.diagnosis.objects import Ref
from skills.diagnosis.scene import Scene


class Severity(IntEnum):
    """How bad it is for whoever uses the service."""

    NOTICE = 1
    """Worth knowing: nobody is hurt now."""
    WARNING = 2
    """Something does not work as it should, or soon will not."""
    ERROR = 3
    """Part of what is wanted does not run."""
    CRITICAL = 4
    """Nothing of it runs, or it hits many."""


class Depth(IntEnum):
    """How close to the cause a condition is. What is shallower is explained by what is deeper, never the other way round."""

    CLUSTER = 0
    """Nodes, storage, the control plane."""
    CONFIGURATION = 1
    """What somebody wrote: a name, an image, a quota, a policy."""
    PROCESS = 2
    """What the process in the container does: it crashes, runs out of memory, never gets ready."""
    ROLLOUT = 3
    """Controllers that do not get on: too few replicas, a stuck rollout, a failed job."""
    ENDPOINT = 4
    """Nobody answers behind a name."""
    TRAFFIC = 5
    """What leads to the name: ingresses, routes, autoscalers, budgets."""


class Repair(StrEnum):
    """What a skill of ours could do about it."""

    NONE = ""
    ROLLBACK = "rollback"
    RESTART = "restart"
    SCALE_UP = "scale"


@dataclass(frozen=True, kw_only=True)
class Code:
    """A condition by name: one row of the table of codes. `signals` says what it is recognised by."""

    name: str
    title: str
    severity: Severity
    depth: Depth
    signals: str
    remedy: str
    repair: Repair = Repair.NONE


@dataclass(frozen=True, kw_only=True)
class Evidence:
    """One observation: which object, which field (or “event Failed”, “log app”), what it said, and when."""

    about: Ref
    field: str
    value: str
    at: datetime | None = None

    def to_json(self) -> dict[str, object]:
        at = self.at.isoformat() if self.at else None
        return {"object": self.about.to_json(), "field": self.field, "value": self.value, "at": at}

    def __str__(self) -> str:
        return f"{self.about}: {self.field} = {self.value}"


def evidence(about: Ref, field: str, value: object, at: datetime | None = None) -> Evidence:
    """An observation with its value fit to show: redacted, on one line, bounded."""
    return Evidence(about=about, field=field, value=quoted(str(value)), at=at)


def quoted(text: str) -> str:
    """Anybody's text fit to be shown as a quotation: redacted, printable, on one line, at most 300 characters."""
    return Untrusted(text).shown()


@dataclass(frozen=True, kw_only=True)
class Symptom:
    """A condition that holds. `cause` is one sentence.

    `root` is the object to repair: for what a pod template causes, the workload. Symptoms with the same code, root and `about` are one.
    `affected` are the objects that it hurts; `because_of` the objects whose own trouble would explain it; `consequence` is how it reads as
    a link of another finding's chain. `confidence` is between 0 and 1. `remedy` takes the place of the code's where it can be more precise.
    """

    code: Code
    root: Ref
    cause: str
    evidence: Sequence[Evidence]
    about: str = ""
    since: datetime | None = None
    affected: Sequence[Ref] = ()
    because_of: Sequence[Ref] = ()
    consequence: str = ""
    confidence: float = 0.95
    severity: Severity | None = None
    remedy: str = ""
    repair: Repair | None = None


@dataclass(frozen=True, kw_only=True)
class Detector:
    """A function from a scene to the symptoms of the codes it is declared for."""

    codes: tuple[Code, ...]
    look: Callable[[Scene], Iterator[Symptom]]


Look = Callable[[Scene], Iterator[Symptom]]
_ATTRIBUTE = "detects"


def detects(*codes: Code) -> Callable[[Look], Look]:
    """Declare a function to be the detector of these codes. Detectors are found in the modules of `skills.diagnosis.detectors`."""

    def declare(look: Look) -> Look:
        setattr(look, _ATTRIBUTE, codes)
        return look

    return declare


def declared(member: object) -> Detector | None:
    """The detector that this module member was declared to be, if it was."""
    codes = getattr(member, _ATTRIBUTE, None)
    return Detector(codes=codes, look=member) if codes and callable(member) else None
