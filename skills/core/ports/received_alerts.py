"""What skills need of alerts that were sent to the bot: which fire, and which ended lately."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from skills.core.untrusted import Untrusted


@dataclass(frozen=True, kw_only=True)
class ReceivedAlert:
    """One alert as its sender last told of it. Times are UTC; `ended` is None while it fires.

    `service` and `environment` are names of the catalog, or "" where the alert names none that is known. `link` leads to where it comes from, or
    is "". `told` counts how often it was sent. Whoever writes rules wrote its name and its summary.
    """

    source: str
    fingerprint: str
    name: Untrusted
    since: datetime
    ended: datetime | None = None
    service: str = ""
    environment: str = ""
    severity: str = ""
    summary: Untrusted = field(default_factory=lambda: Untrusted(""))
    link: str = ""
    told: int = 1

    @property
    def fires(self) -> bool:
        return self.ended is None


@dataclass(frozen=True, kw_only=True)
class Firing:
    """How many alerts fire of one name, at one place and of one severity, and since when the first of them."""

    name: Untrusted
    service: str
    environment: str
    severity: str
    count: int
    since: datetime


class ReceivedAlerts(Protocol):
    """Alerts that were sent here. Raises `Unavailable`."""

    async def firing(self, *, service: str = "") -> Sequence[Firing]:
        """What fires, counted; with a service, what is about it."""

    async def ended(self, *, since: datetime, service: str = "") -> int:
        """How many ended since then."""

    def listens(self) -> bool:
        """Is anybody able to send alerts here at all?"""

    def now(self) -> datetime:
        """UTC."""
