"""What a skill is: one module, one class, one thing that the bot can do.

The class's docstring is one sentence and serves as help text, tool description and manifest text. `examples` feed help and the
interpreters. `Params` says what has to be known before anything can be asked; its fields are typed with the slots below, which is
how an interpreter knows what kind of name to look for. A skill has at most one parameter of a kind, flags aside. In a typed command
every parameter can be given by its name, too (`--environment staging`). The constructor takes ports and nothing else.
"""

import abc
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Annotated, Any, ClassVar, Generic, Literal, TypeAlias, TypeVar, get_args

from pydantic import (
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    model_validator,
)

from skills.core import durations
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.names import Digest
from skills.core.plan import Plan, Step
from skills.core.proposal import Choice, Origin
from skills.core.report import Report
from skills.core.untrusted import tainted


class Slot(StrEnum):
    """The kinds of thing a request can name."""

    SERVICE = "service"
    ENVIRONMENT = "environment"
    RELEASE = "release"
    REVISION = "revision"
    REPLICAS = "replicas"
    CONTAINER = "container"
    PROPOSAL = "proposal"
    SKILL = "skill"
    PERSON = "person"
    CODE = "code"
    TIME = "time"
    SINCE = "since"
    DURATION = "duration"
    PERIOD = "period"
    TEAM = "team"
    GROUPING = "grouping"
    COUNT = "count"
    PATTERN = "pattern"
    NAMESPACE = "namespace"
    KIND = "kind"
    OBJECT = "object"
    ALERT = "alert"
    INCIDENT = "incident"
    CPU = "cpu"
    MEMORY = "memory"
    FLAG = "flag"
    TEXT = "text"


Service: TypeAlias = Annotated[str, Slot.SERVICE]
Environment: TypeAlias = Annotated[str, Slot.ENVIRONMENT]
Release: TypeAlias = Annotated[str, Slot.RELEASE]
Revision: TypeAlias = Annotated[int, Slot.REVISION]
Replicas: TypeAlias = Annotated[int, Slot.REPLICAS]
RelativeReplicas: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^(x[0-9]{1,2}|/[2-9]|[+-][0-9]{1,4}%?)$"), Slot.REPLICAS
]
"""How many, told by how many there are: x2, /2, +3, -1, +50%, -25%."""
Code: TypeAlias = Annotated[str, StringConstraints(pattern=r"^su-[a-z2-9]{4}-[a-z2-9]{4}$"), Slot.CODE]
"""A step-up code, as the command line gives it out: `--code su-…`."""
Container: TypeAlias = Annotated[str, Slot.CONTAINER]
ProposalNumber: TypeAlias = Annotated[int, Slot.PROPOSAL]
SkillWord: TypeAlias = Annotated[str, Slot.SKILL]
Person: TypeAlias = Annotated[str, Slot.PERSON]
"""Somebody of the organization, by the subject or an alias."""
Moment: TypeAlias = Annotated[AwareDatetime, Slot.TIME]
"""As of when. A day means its end: “as it was yesterday”."""
Since: TypeAlias = Annotated[AwareDatetime, Slot.SINCE]
"""From when on, as a moment: “since yesterday” is the beginning of yesterday, `--since 2h` two hours before the request."""
Duration: TypeAlias = Annotated[
    timedelta,
    BeforeValidator(lambda given: durations.parse(given) if isinstance(given, str) else given),
    PlainSerializer(durations.spelled, return_type=str),
    WithJsonSchema({"type": "string", "description": "A length of time such as 90s, 15m, 1h30m, 2d"}),
    Slot.DURATION,
]
"""For how long back, as a length that needs no clock: `--since 15m`, “in the last two hours”. Params hold a `timedelta`; as JSON it is
spelled `15m`, and only such a spelling is read."""
Period: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=80), Slot.PERIOD]
"""Whole days, in the words that `spoken_periods` knows: “last month”, “since Monday”, `2026-10`. Which days they are depends on the day on
which it is answered."""
Team: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?$"), Slot.TEAM
]
"""A team, by the name that owns services in the catalog: “team payments”, “the payments team”."""
Grouping: TypeAlias = Annotated[Literal["service", "team", "environment", "project", "kind"], Slot.GROUPING]
"""What an answer is divided by: “by team”, “per environment”."""
Count: TypeAlias = Annotated[int, Field(ge=1), Slot.COUNT]
"""How many lines, events or rows: `--tail 20`, “the last 20 lines”."""
Pattern: TypeAlias = Annotated[str, StringConstraints(min_length=1, max_length=200), Slot.PATTERN]
"""Text to look for, as it was typed and not a regular expression: `--grep "connection refused"`, “grep timeout in …”."""
Namespace: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$"), Slot.NAMESPACE
]
"""A namespace of the cluster, by name; it need not be in the catalog: `-n kube-system`, “in the debug namespace”."""
ObjectKind: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[A-Za-z][A-Za-z0-9]{0,62}$"), Slot.KIND]
"""A kind of object: for those that Kubernetes has of its own the singular in lower case (`pod`, `persistentvolumeclaim`), else the word
as it was typed, in the singular (`HTTPRoute`)."""
ObjectName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?$"), Slot.OBJECT
]
"""One object, such as a pod, by the name it has in the cluster: “pod web-5d9c7b-x2v4k”, `deployment/web`."""
AlertName: TypeAlias = Annotated[
    str, StringConstraints(pattern=r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,251}[A-Za-z0-9])?$"), Slot.ALERT
]
"""An alert, by the name of its rule: “alert HighErrorRate”."""
IncidentNumber: TypeAlias = Annotated[int, Field(ge=1), Slot.INCIDENT]
"""An incident, by its number: `incident status 3`."""
Cpu: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,5}(\.[0-9]{1,3})?m?$"), Slot.CPU]
"""Cores, as Kubernetes spells them: `--cpu 250m`, `0.5`, `2`."""
Memory: TypeAlias = Annotated[str, StringConstraints(pattern=r"^[0-9]{1,7}(\.[0-9]{1,3})?[KMGTPE]i?$"), Slot.MEMORY]
"""Memory with its unit, as Kubernetes spells it: `--memory 512Mi`, `1.5Gi`."""
Flag: TypeAlias = Annotated[bool, Slot.FLAG]
"""Yes or no, asked for by the parameter's own name: `--previous`, “the previous logs”. A skill may have several."""
FreeText: TypeAlias = Annotated[str, Slot.TEXT]


class Params(BaseModel):
    """What a request has to say. Unknown fields are refused, and so is text that came from outside, whatever it says."""

    model_config = ConfigDict(frozen=True, extra="forbid", str_strip_whitespace=True)

    @model_validator(mode="before")
    @classmethod
    def _own_words(cls, given: Any) -> Any:
        if tainted(given):
            raise ValueError("Text from outside is never a parameter; take one of its facts.")
        return given


P = TypeVar("P", bound=Params)


class Kind(StrEnum):
    """Whether a skill only reads, plans effects, writes our own records, or decides on somebody's plan."""

    QUERY = "query"
    CHANGE = "change"
    RECORD = "record"
    DECISION = "decision"

    @property
    def acts(self) -> bool:
        """Has to be asked for, and is never done because somebody spoke of it."""
        return self in (Kind.CHANGE, Kind.RECORD)

    @property
    def meaning(self) -> Literal["query", "change", "decision"]:
        """What words that ask for it are taken for. To whoever writes them, a record is a change like any other."""
        match self:
            case Kind.QUERY:
                return "query"
            case Kind.CHANGE | Kind.RECORD:
                return "change"
            case Kind.DECISION:
                return "decision"


@dataclass(frozen=True, kw_only=True)
class Progress:
    """How far a step has got, as seen just now.

    `done` is None while it is under way, True when it has been verified, False when it failed (`text` then says why, and `log` holds
    the last lines, redacted). Counts are replicas, and 0 where they mean nothing.
    """

    text: str
    done: bool | None = None
    wanted: int = 0
    updated: int = 0
    ready: int = 0
    log: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Json]:
        return {
            "text": self.text, "done": self.done, "wanted": self.wanted, "updated": self.updated, "ready": self.ready,
            "log": list(self.log),
        }  # fmt: skip


class Seen(StrEnum):
    """What reading the target back says about a step: not yet done, done, or neither (somebody else was here)."""

    BEFORE = "before"
    AFTER = "after"
    OTHER = "other"


class Skill(abc.ABC, Generic[P]):
    """Common to all kinds.

    `aliases` are other words people use for it. `phrases` are other ways to say it in a sentence, which the embedded interpreter takes
    besides name, aliases and examples: words in their order; `a|b` for either; `…` for anything between; `{release}` for a value of that
    slot somewhere in the sentence; `{changed}` for any change in any form; a leading `a` for a noun (“a rolling restart”). Those of a
    change begin with its verb, in the form of a command.
    """

    kind: ClassVar[Kind]
    name: ClassVar[str]
    aliases: ClassVar[tuple[str, ...]] = ()
    examples: ClassVar[tuple[str, ...]] = ()
    phrases: ClassVar[tuple[str, ...]] = ()
    topic: ClassVar[str] = ""
    """What several skills are about, and what their names begin with: `incident declare …`. Where there are slash commands they share one, /incident."""
    offered: ClassVar[str] = ""
    """“I can …”: for what is not told by its name, nor by “show” and its name."""
    Params: ClassVar[type[Any]]
    """Taken from the generic argument: `class Deploy(Change[Params])` needs no second mention."""

    def __init_subclass__(cls) -> None:
        for base in cls.__dict__.get("__orig_bases__", ()):
            for argument in get_args(base):
                if isinstance(argument, type) and issubclass(argument, Params):
                    cls.Params = argument

    @classmethod
    def sentence(cls) -> str:
        """The one sentence that says what this skill does."""
        return (cls.__doc__ or "").strip().splitlines()[0]


class Query(Skill[P]):
    """A skill that only reads."""

    kind = Kind.QUERY

    @abc.abstractmethod
    async def answer(self, params: P, *, asker: Actor) -> Report:
        """The answer, as far as `asker` may know it. Raises `Anticipated` errors only."""


class Change(Skill[P]):
    """A skill that plans effects, and carries out one step at a time once somebody has countersigned."""

    kind = Kind.CHANGE
    checked: ClassVar[bool] = False
    """Is the service that its steps are about to be looked at some time after the run?"""

    @abc.abstractmethod
    async def plan(self, params: P) -> Plan:
        """What would be done, from reads alone. Two calls in an unchanged world give equal digests."""

    @abc.abstractmethod
    async def apply(self, step: Step, *, digest: Digest) -> str:
        """Do this one effect; returns a sentence. Repeating it after success does nothing more.

        `digest` is that of the approved plan which the step is part of, for what the target keeps of who changed it and why.

        Raises `Conflict` if the target is not as the step says (nothing was done), `Unclear` if the request was sent and no answer
        came, `Unavailable` if it was certainly not done.
        """

    @abc.abstractmethod
    async def observe(self, step: Step) -> Seen:
        """Did it already happen? Reads only."""

    async def follow(self, step: Step) -> AsyncIterator[Progress]:
        """How it goes after `apply`, ending with a `Progress` whose `done` is True or False. Reads only, may be repeated."""
        yield Progress(text=f"{step.action} done", done=True)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """Who asks for a record, where and in which words, and the `key` of the request: the same key again is the same request, delivered twice."""

    actor: Actor
    origin: Origin
    key: str
    reason: str = ""


class Record(Skill[P]):
    """A skill that writes the organization's own records, such as a lock or a line in an incident, and touches nothing else.

    There is nothing to show beforehand and nothing to countersign: policy allows it or does not, and it is one transaction with its audit entry.
    """

    kind = Kind.RECORD

    @abc.abstractmethod
    async def record(self, params: P, *, asked: Asked) -> Report:
        """Write it down and tell what is the case now. Under the same `asked.key` again it writes nothing, and tells the same.

        Raises `Anticipated` errors only, and then nothing was written.
        """


class Decide(Skill[P]):
    """A skill that says yes or no to somebody's proposal. Never offered to a model."""

    kind = Kind.DECISION
    choice: ClassVar[Choice]
