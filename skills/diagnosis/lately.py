"""What we did ourselves and took back: the cluster shows no trace of it any more, and people ask about it minutes later."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta

from skills.core.proposal import Proposal, Status
from skills.core.report import Text

_LATELY = timedelta(hours=1)
_MOST = 3


def lately(past: Sequence[Proposal], now: datetime) -> Iterator[Text]:
    """Each proposal that ended badly within the last hour, newest first, with how it ended."""
    bad = [each for each in past if each.status in (Status.FAILED, Status.UNKNOWN) and each.settled_at]
    for proposal in bad[:_MOST]:
        assert proposal.settled_at is not None
        if now - proposal.settled_at <= _LATELY:
            ended = "failed" if proposal.status is Status.FAILED else "ended unknown"
            told = (
                f"#{proposal.id} {proposal.plan.summary} {ended} at {proposal.settled_at:%H:%M} UTC. {proposal.outcome}"
            )
            yield Text(text=told.strip())
