"""How long and how much: the numbers an organization may set."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(frozen=True, kw_only=True)
class Limits:
    """`pending` is how long a proposal waits for approval, `start` how long an approval lasts before the run has to begin,
    `open_per_person` how many proposals one person may have waiting.
    """

    pending: timedelta = timedelta(minutes=15)
    start: timedelta = timedelta(minutes=5)
    open_per_person: int = 20
