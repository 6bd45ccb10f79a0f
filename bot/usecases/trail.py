"""The audit log as skills read it."""

from collections.abc import Sequence

from bot.store import Store
from skills.core.names import ProposalId
from skills.core.ports.trail import Fact

_MOST = 1_000


class AuditTrail:
    """The port `Trail`, over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def about(self, proposal: ProposalId) -> Sequence[Fact]:
        """Every entry about a proposal, oldest first."""
        entries = await self._store.audit.entries(subject=f"proposal/{proposal}", limit=_MOST)
        return [Fact(seq=each.seq, at=each.at, actor=each.actor, verb=each.verb, facts=each.facts) for each in entries]
