"""What a diagnosis needs of a cluster: one wide look at it, within a budget, and the logs of a few suspects."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, Protocol, TypeAlias

from skills.core.errors import Unavailable

Raw: TypeAlias = Mapping[str, Any]
"""A Kubernetes object as the API server sends it. Text in it was written by anybody: it is evidence, never an argument."""


@dataclass(frozen=True, kw_only=True)
class Scope:
    """How far to look: these namespaces of an environment's cluster, or all of it where none is named."""

    environment: str
    namespaces: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Budget:
    """What a look may cost: calls to the API server, bytes received, seconds until the answer has to be there."""

    calls: int = 400
    bytes: int = 400_000_000
    seconds: float = 20.0

    def after(self, spent: "Snapshot") -> "Budget":
        """What is left of it."""
        return Budget(
            calls=max(0, self.calls - spent.calls),
            bytes=max(0, self.bytes - spent.bytes),
            seconds=max(0.0, self.seconds - spent.seconds),
        )

    def divided(self, parts: int) -> "Budget":
        """The share of each of some looks that are taken at the same time."""
        return Budget(calls=self.calls // parts, bytes=self.bytes // parts, seconds=self.seconds)


@dataclass(frozen=True, kw_only=True)
class Unseen:
    """Something that could not be looked at: a kind (in a namespace, or everywhere if ""), and why, as a sentence fit to show."""

    kind: str
    namespace: str
    why: str


class NothingSeen(Unavailable):
    """Nothing of what was asked for could be looked at; `unseen` says why for each of it."""

    def __init__(self, text: str, *, hint: str = "", unseen: Sequence[Unseen] = ()) -> None:
        super().__init__(text, hint=hint)
        self.unseen = tuple(unseen)


@dataclass(frozen=True, kw_only=True)
class Named:
    """One object by its name; `namespace` is "" for kinds that have none."""

    kind: str
    namespace: str
    name: str


@dataclass(frozen=True, kw_only=True)
class LogWanted:
    """The log of one container that is worth reading; `previous` is that of the container before its last restart."""

    namespace: str
    pod: str
    container: str
    previous: bool = False


@dataclass(frozen=True, kw_only=True)
class Snapshot:
    """What was seen. `objects` are by kind; a kind that was looked at and is empty is there and empty. `named` are objects that were
    asked for by name, None for one that does not exist.

    `taken_at` is the API server's own clock, aware, in UTC, so that ages are right where our clock is not. `unseen` is what is missing.
    """

    scope: Scope
    taken_at: datetime
    objects: Mapping[str, Sequence[Raw]]
    named: Mapping[Named, Raw | None] = field(default_factory=dict)
    unseen: tuple[Unseen, ...] = ()
    logs: Mapping[LogWanted, str] = field(default_factory=dict)
    calls: int = 0
    bytes: int = 0
    seconds: float = 0.0

    def joined(self, later: "Snapshot") -> "Snapshot":
        """This one with what a later look added."""
        return replace(
            self,
            objects={**self.objects, **later.objects},
            named={**self.named, **later.named},
            unseen=tuple(dict.fromkeys((*self.unseen, *later.unseen))),
            logs={**self.logs, **later.logs},
            calls=self.calls + later.calls,
            bytes=self.bytes + later.bytes,
            seconds=self.seconds + later.seconds,
        )


class Snapshots(Protocol):
    """Looking. Raises `UnknownName` for an environment that is not configured or a namespace that does not exist, `NothingSeen` where nothing
    at all can be seen, and `Unavailable` where the connection cannot be set up; whatever is merely missing is said in `Snapshot.unseen`.
    """

    async def take(self, scope: Scope, kinds: Sequence[str], *, budget: Budget) -> Snapshot:
        """All objects of these kinds (Kubernetes' own words: “Deployment”), listed at the same time, page by page."""

    async def find(self, scope: Scope, wanted: Sequence[Named], *, budget: Budget) -> Snapshot:
        """These objects, each asked for by its name, as a snapshot in which only `named` and `unseen` are filled."""

    async def logs(self, scope: Scope, wanted: Sequence[LogWanted], *, budget: Budget) -> Snapshot:
        """The last lines of each log, as a snapshot without objects. A container that never ran has the empty log."""
