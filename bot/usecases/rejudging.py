"""Judging again what is on record, to explain a verdict or to see what other policies would change. Nothing is stored."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from bot.policy.circumstances import Surroundings
from bot.policy.facts import facts
from bot.store import Store
from bot.usecases.judging import plan_request
from skills.core.actor import Actor
from skills.core.calendar import Calendar
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.errors import UnknownName
from skills.core.names import ProposalId
from skills.core.policy import Policy, Request
from skills.core.proposal import Proposal
from skills.core.verdict import Verdict

_MOST = 100_000


@dataclass(frozen=True, kw_only=True)
class Rejudged:
    """A proposal with its recorded verdict, the verdict of the policies as they are now, and the facts that these saw."""

    proposal: Proposal
    verdict: Verdict
    facts: Mapping[str, Json]

    @property
    def same_policies(self) -> bool:
        return self.proposal.verdict.policy == self.verdict.policy

    @property
    def different(self) -> bool:
        """Another outcome, or other people needed. Which rule says so does not matter."""
        return _gist(self.proposal.verdict) != _gist(self.verdict)


class Rejudging:
    """The use case behind `policy explain` and `policy simulate`."""

    def __init__(
        self, *, catalog: Catalog, policy: Policy, calendar: Calendar, store: Store, surroundings: Surroundings
    ) -> None:
        self._catalog = catalog
        self._policy = policy
        self._calendar = calendar
        self._store = store
        self._surroundings = surroundings

    async def explain(self, id: ProposalId) -> Rejudged:
        """One proposal, as of when it was asked for. Raises `UnknownName`."""
        proposal = await self._store.proposal(id)
        if proposal is None:
            raise UnknownName("proposal", f"#{id}", hint="“history” and “audit list” have the numbers.")
        return await self._again(proposal)

    async def since(self, start: datetime) -> list[Rejudged]:
        """Every proposal asked for since then, newest first."""
        return [await self._again(proposal) for proposal in await self._store.proposals(since=start, limit=_MOST)]

    async def _again(self, proposal: Proposal) -> Rejudged:
        request = self._request(proposal)
        told = facts(request, self._catalog, self._calendar, await self._surroundings.around(request))
        return Rejudged(proposal=proposal, verdict=await self._policy.judge(request), facts=told)

    def _request(self, proposal: Proposal) -> Request:
        """The question as it was then; whoever is no longer known counts as having left."""
        person = self._catalog.by_subject(proposal.requester)
        gone = Actor(
            subject=proposal.requester, name=proposal.requester_name, organization=proposal.organization, active=False
        )
        actor = person.actor if person else gone
        return plan_request(
            self._catalog,
            actor,
            proposal.plan,
            proposal.created_at,
            edge=proposal.origin.edge,
            cost=proposal.cost,
            glass=proposal.glass,
        )


def _gist(verdict: Verdict) -> object:
    needs = {
        (each.count, each.roles, each.teams, each.owner, each.owner_of, each.outside) for each in verdict.requirements
    }
    return verdict.outcome, frozenset(needs)
