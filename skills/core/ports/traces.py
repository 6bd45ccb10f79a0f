"""What skills need of traces: who called whom on behalf of a request, for how long, and what failed."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from skills.core.untrusted import Untrusted


@dataclass(frozen=True, kw_only=True)
class Span:
    """One piece of work in one service. `service` and `operation` are as the software itself gave them, so they are not to be believed.

    `parent` is the id of the span that asked for it, "" for the first. `peer` is whom it called where the span says so. `failed` says that
    it ended in an error; `problem` then says which, as far as known. `started` is aware, in UTC.
    """

    id: str
    parent: str
    service: Untrusted
    operation: Untrusted
    started: datetime
    lasted: timedelta
    failed: bool = False
    problem: Untrusted | None = None
    peer: Untrusted | None = None

    @property
    def ended(self) -> datetime:
        return self.started + self.lasted


@dataclass(frozen=True, kw_only=True)
class Trace:
    """The spans of one request, in any order. `id` is lower-case hexadecimal."""

    id: str
    spans: tuple[Span, ...]


@dataclass(frozen=True, kw_only=True)
class TraceQuery:
    """Which traces: those that a service took part in, by the name that it has in its traces.

    They are those of the last `back`, by the clock of the source. `failed` asks only for those in which something failed.
    """

    environment: str
    service: str
    back: timedelta = timedelta(hours=1)
    failed: bool = False
    limit: int = 50


@dataclass(frozen=True, kw_only=True)
class TracePage:
    """What was found, and a sentence for everything that was asked for and is not among it."""

    traces: tuple[Trace, ...]
    partial: tuple[str, ...] = ()


class Traces(Protocol):
    """Where traces are kept."""

    async def search(self, query: TraceQuery) -> TracePage:
        """Up to `limit` traces, the latest first. Raises `Unavailable` when the source does not answer or forbids, or none is configured."""

    async def find(self, environment: str, ids: tuple[str, ...]) -> Mapping[str, Trace]:
        """The traces of these ids, by id; what is not kept (any more) is left out. Raises `Unavailable`."""
