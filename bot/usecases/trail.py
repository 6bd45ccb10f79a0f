"""The audit log as skills read it."""

from collections.abc import Sequence
from datetime import datetime

from bot.store import Store
from skills.core.names import ProposalId
from skills.core.ports.trail import Fact

_MOST = 1_000
_CREATED = "proposal:created"
_TOLD = ("proposal/", "lock/", "grant/", "access-review/", "person/", "audit/")
"""What entries are about that anybody who may look may be told of."""


class AuditTrail:
    """The port `Trail`, over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    async def about(self, proposal: ProposalId) -> Sequence[Fact]:
        """Every entry about a proposal, oldest first."""
        entries = await self._store.audit.entries(subject=f"proposal/{proposal}", limit=_MOST)
        return [Fact(seq=each.seq, at=each.at, actor=each.actor, verb=each.verb, facts=each.facts) for each in entries]

    async def between(self, start: datetime, end: datetime, *, actor: str | None = None) -> Sequence[Fact]:
        """What people did with proposals, locks, grants and access in that time, oldest first."""
        entries = await self._store.audit.entries(actor=actor, since=start, until=end, limit=_MOST)
        told = [each for each in entries if each.subject.startswith(_TOLD)]
        created = {each.subject: each.facts for each in told if each.verb == _CREATED}
        for subject in {each.subject for each in told if each.subject.startswith("proposal/")} - created.keys():
            about = await self._store.audit.entries(subject=subject, limit=20)
            created |= {each.subject: each.facts for each in about if each.verb == _CREATED}
        return [
            Fact(
                seq=each.seq, at=each.at, actor=each.actor, verb=each.verb, facts=each.facts, subject=each.subject,
                about=created.get(each.subject, {}),
            )
            for each in told
        ]  # fmt: skip
