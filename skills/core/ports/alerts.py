"""What skills need of alerts: which ones fire now."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from skills.core.untrusted import Untrusted


@dataclass(frozen=True, kw_only=True)
class Alert:
    """One that fires, and `since` when (aware, UTC) what it watches for holds. Whoever writes rules, or exposes metrics, wrote its `name` and
    its `labels`; look up those of the keys that you know.
    """

    name: Untrusted
    since: datetime
    labels: Mapping[str, Untrusted] = field(default_factory=dict)


class Alerts(Protocol):
    """Where alerts are evaluated."""

    async def firing(self, environment: str) -> Sequence[Alert]:
        """Those that fire in an environment, the longest first; none where nothing evaluates any. Raises `Unavailable`."""
