"""Judging again what is on record, to explain a verdict or to see what other policies would change. Nothing is stored."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.policy.circumstances import Surroundings
from bot.policy.facts import facts
from bot.store import Entry, Store
from bot.usecases.judging import plan_request, room_of
from skills.core.actor import Actor
from skills.core.calendar import Calendar
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.cost_delta import CostDelta
from skills.core.errors import UnknownName
from skills.core.names import ProposalId, Subject
from skills.core.plan import Plan
from skills.core.policy import Policy, Request
from skills.core.proposal import Proposal
from skills.core.verdict import Verdict

_MOST = 100_000
_AT_ONCE = 500
_PERSON = "person/"


@dataclass(frozen=True, kw_only=True)
class Rejudged:
    """What was asked for, with its recorded verdict, the verdict of the policies as they are now, and the facts that these saw.

    `proposal` is None for what was refused at once; `name` then says which entry of the audit log has it.
    """

    name: str
    summary: str
    asked_at: datetime
    recorded: Verdict
    verdict: Verdict
    facts: Mapping[str, Json]
    proposal: Proposal | None = None

    @property
    def same_policies(self) -> bool:
        return self.recorded.policy == self.verdict.policy

    @property
    def different(self) -> bool:
        """Another outcome, or other people needed. Which rule says so does not matter."""
        return _gist(self.recorded) != _gist(self.verdict)


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
        """Every proposal asked for since then, newest first, and after them what was refused at once."""
        found = [await self._again(proposal) for proposal in await self._store.proposals(since=start, limit=_MOST)]
        return found + [each async for each in self._refused(start)]

    async def _refused(self, start: datetime) -> AsyncIterator[Rejudged]:
        """What policy refused of what had been planned, oldest first. Of releases before, and of what is very large, no plan is on record."""
        after = 0
        while entries := await self._store.audit.entries(since=start, after=after, limit=_AT_ONCE):
            after = entries[-1].seq
            for entry in entries:
                if entry.verb == "request:denied" and isinstance(entry.facts.get("plan"), Mapping):
                    yield await self._refusal(entry)

    async def _refusal(self, entry: Entry) -> Rejudged:
        said: Mapping[str, Any] = entry.facts
        plan, cost = Plan.from_json(said["plan"]), said["cost"]
        subject = Subject(entry.subject.removeprefix(_PERSON))
        request = plan_request(
            self._catalog,
            self._actor(subject, subject),
            plan,
            entry.at,
            edge=said["edge"],
            cost=CostDelta.from_json(cost) if cost else None,
            room=said["room"],
            told=said["told"],
        )
        verdict, told = await self._judged(request)
        return Rejudged(
            name=f"refused, entry {entry.seq}",
            summary=plan.summary,
            asked_at=entry.at,
            recorded=Verdict.from_json(said["verdict"]),
            verdict=verdict,
            facts=told,
        )

    async def _again(self, proposal: Proposal) -> Rejudged:
        request = plan_request(
            self._catalog,
            self._actor(proposal.requester, proposal.requester_name),
            proposal.plan,
            proposal.created_at,
            edge=proposal.origin.edge,
            cost=proposal.cost,
            glass=proposal.glass,
            room=room_of(proposal.origin),
            told=proposal.told,
        )
        verdict, told = await self._judged(request)
        return Rejudged(
            name=f"#{proposal.id}",
            summary=proposal.plan.summary,
            asked_at=proposal.created_at,
            recorded=proposal.verdict,
            verdict=verdict,
            facts=told,
            proposal=proposal,
        )

    async def _judged(self, request: Request) -> tuple[Verdict, Mapping[str, Json]]:
        told = facts(request, self._catalog, self._calendar, await self._surroundings.around(request))
        return await self._policy.judge(request), told

    def _actor(self, subject: Subject, name: str) -> Actor:
        """As they are known now; whoever is no longer known counts as having left."""
        person = self._catalog.by_subject(subject)
        gone = Actor(subject=subject, name=name, organization=self._store.organization, active=False)
        return person.actor if person else gone


def _gist(verdict: Verdict) -> object:
    needs = {
        (each.count, each.roles, each.teams, each.owner, each.owner_of, each.outside) for each in verdict.requirements
    }
    return verdict.outcome, frozenset(needs)
