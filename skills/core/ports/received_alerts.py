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


class ReceivedAlerts(Protocol):
    """Alerts that were sent here. Raises `Unavailable`."""

    async def firing(self, *, service: str = "") -> Sequence[ReceivedAlert]:
        """Those that fire, the longest first; with a service, those about it."""

    async def ended(self, *, since: datetime, service: str = "") -> Sequence[ReceivedAlert]:
        """Those that ended since then, the latest first."""

    def listens(self) -> bool:
        """Is anybody able to send alerts here at all?"""

    def now(self) -> datetime:
        """UTC."""
