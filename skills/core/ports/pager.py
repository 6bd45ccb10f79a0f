"""What skills need of a pager: who is on call, and reaching them until somebody says that they are there.

Everything that reaches out has a key, and may be repeated under it: the same page again is the same page, whoever asks and however often.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from skills.core.names import ServiceName, Subject


class Urgency(StrEnum):
    """Does it wake people up?"""

    HIGH = "high"
    LOW = "low"


class PageState(StrEnum):
    """How far a page has got."""

    TRIGGERED = "triggered"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, kw_only=True)
class Responder:
    """Somebody who can be on call. `subject` is who that is here, None for a person that only the pager knows."""

    name: str
    subject: Subject | None = None

    def __str__(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class Shift:
    """A time (UTC) in which somebody is on call. `level` counts from 1, whom a page reaches first; `end` None: nobody knows until when.

    `override` says that they stand in for whoever it would have been; `zone` is the time zone of the hand-over.
    """

    responder: Responder
    start: datetime | None
    end: datetime | None
    level: int = 1
    override: bool = False
    schedule: str = ""
    zone: str = "UTC"


@dataclass(frozen=True, kw_only=True)
class Rota:
    """Who is on call for a service: `now`, by level, and the `next` shift of each level that has one. `escalation` is what the pager calls the order."""

    service: ServiceName
    escalation: str
    now: tuple[Shift, ...]
    next: tuple[Shift, ...] = ()

    @property
    def first(self) -> Shift | None:
        """Whom a page reaches first; None where nobody is on call."""
        return min(self.now, key=lambda shift: shift.level, default=None)


@dataclass(frozen=True, kw_only=True)
class Page:
    """A call for help. `summary` is our sentence or a person's, `requester` whoever asked ("" for the bot itself), `url` where to go.

    Without `subjects` it reaches whoever is on call for the service; with some, these people.
    """

    key: str
    service: ServiceName
    summary: str
    urgency: Urgency = Urgency.HIGH
    requester: Subject | None = None
    subjects: tuple[Subject, ...] = ()
    url: str = ""


@dataclass(frozen=True, kw_only=True)
class Called:
    """Somebody whom a page reached. `step` counts from 0 as it goes on to others, `level` from 1; `at` is UTC."""

    responder: Responder
    step: int
    level: int
    at: datetime


@dataclass(frozen=True, kw_only=True)
class Paged:
    """A page as the pager sees it: whom it has called so far, in that order, who acknowledged, and the pager's own incident where it has such a thing.

    `troubles` are sentences about people and ways that could not be used; `due_at` (UTC) is when the next is called, None where nobody is any more.
    """

    key: str
    state: PageState
    number: int = 0
    service: str = ""
    summary: str = ""
    opened_at: datetime | None = None
    due_at: datetime | None = None
    called: tuple[Called, ...] = ()
    acknowledged_by: tuple[Responder, ...] = ()
    incident: str = ""
    url: str = ""
    troubles: tuple[str, ...] = ()

    @property
    def reached(self) -> tuple[Responder, ...]:
        """Everybody who was called, once each."""
        return tuple(dict.fromkeys(each.responder for each in self.called))


class OnCall(Protocol):
    """Schedules. Raises `Unavailable`, and `NotAllowed` where a service has no schedule."""

    async def rota(self, service: ServiceName, *, at: datetime) -> Rota:
        """Who is on call for it at a moment, and who comes next."""

    async def covered(self) -> Sequence[ServiceName]:
        """The services that somebody may be on call for, by name."""


class Pager(Protocol):
    """Reaching people. Raises `Unavailable` where the pager does not answer (ask again under the same key), and `NotAllowed` where it refuses for good or
    nobody is on call.
    """

    async def page(self, page: Page) -> Paged:
        """Reach them, unless that was done under this key; how it stands. Its incident is opened, or the one of the key is linked."""

    async def acknowledge(self, key: str, *, by: Subject) -> Paged:
        """Somebody is there: nobody else has to be called. Raises `UnknownName` for a key that was never paged."""

    async def resolve(self, key: str, *, by: Subject | None) -> Paged:
        """It is over. Raises `UnknownName` for a key that was never paged."""

    async def look(self, key: str) -> Paged | None:
        """How a page stands, acknowledgements made elsewhere included; None for one that was never made."""
