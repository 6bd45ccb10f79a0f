"""Policy, asked about people as they count at this very moment: what an access review has just revoked counts no more, in any process."""

from dataclasses import replace

from bot.store import Store
from skills.core.actor import Actor
from skills.core.catalog import Catalog
from skills.core.errors import Unavailable
from skills.core.policy import UNREACHABLE, Policy, Request
from skills.core.verdict import Outcome, Verdict


class UpToDate:
    """A `Policy` in front of another. Whoever looks people up in the catalog after a verdict finds them as this verdict saw them."""

    def __init__(self, policy: Policy, *, catalog: Catalog, store: Store) -> None:
        self._policy = policy
        self._catalog = catalog
        self._store = store

    @property
    def fingerprint(self) -> str:
        return self._policy.fingerprint

    async def refresh(self) -> None:
        """Have the catalog know what was revoked. Raises `Unavailable`."""
        self._catalog.withdraw(await self._store.reviews.withdrawn())

    async def judge(self, request: Request) -> Verdict:
        try:
            await self.refresh()
        except Unavailable as problem:
            reason = f"{problem} Who may do what is not known until it answers."
            return Verdict(outcome=Outcome.DENY, reasons=(reason,), rules=(UNREACHABLE,), policy=self.fingerprint)
        return await self._policy.judge(replace(request, actor=self._catalog.as_they_count(request.actor)))

    def may_use(self, actor: Actor, skill: str) -> bool:
        return self._policy.may_use(self._catalog.as_they_count(actor), skill)
