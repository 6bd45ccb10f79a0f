"""Does everybody still agree? Asked before a run begins and before each of its steps, of people and policy as they are then."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.store import Store
from bot.usecases.judging import breaking, judge_plan, plan_request, room_of, still_unmet
from skills.core.catalog import Catalog
from skills.core.errors import NotAllowed, Unavailable
from skills.core.glass import Glass, GlassRules, brief
from skills.core.incident import IncidentId
from skills.core.policy import UNREACHABLE, Policy
from skills.core.proposal import Proposal, Status
from skills.core.verdict import Outcome, Requirement


class Agreement:
    """Part of the use case “run”. Without `glass`, broken glass counts for nothing."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        policy: Policy,
        store: Store,
        glass: GlassRules | None,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._policy = policy
        self._store = store
        self._glass = glass
        self._clock = clock

    async def __call__(self, proposal: Proposal) -> None:
        """Raises `NotAllowed` unless requester, approvers and policy still stand by it, as they are known now.

        Raises `Unavailable` when policy cannot be asked: the approval then waits, as long as it may.
        """
        requester = self._catalog.by_subject(proposal.requester)
        if requester is None or not requester.actor.active:
            raise NotAllowed(f"{proposal.requester_name} is no longer active here.")
        verdict = await judge_plan(
            self._policy,
            self._catalog,
            requester.actor,
            proposal.plan,
            self._clock(),
            edge=proposal.origin.edge,
            cost=proposal.cost,
            glass=proposal.glass,
            room=room_of(proposal.origin),
        )
        if UNREACHABLE in verdict.rules:
            raise Unavailable(verdict.reasons[0])
        if verdict.outcome is Outcome.DENY:
            raise NotAllowed(f"Policy now says no: {' '.join(verdict.reasons)}")
        approvers = [decision.subject for decision in proposal.approvals if decision.digest == proposal.digest]
        missing = still_unmet(
            verdict, proposal.plan, self._catalog, approvers, proposal.requester, stepped_up=proposal.stepped_up
        )
        if missing and proposal.glass:
            await self._in_emergency(proposal, proposal.glass, missing)
        elif missing:
            raise NotAllowed(f"Policy now needs {'; '.join(str(requirement) for requirement in missing)}.")

    async def _in_emergency(self, proposal: Proposal, glass: Glass, missing: Sequence[Requirement]) -> None:
        """Raises `NotAllowed` unless the broken glass still stands in for all that is missing; `Unavailable` as above.

        The incident has to be open when the run begins. Once it has begun, a step of it may be what ended the incident.
        """
        if objection := self._objection(proposal, glass, missing):
            raise NotAllowed(f"{objection} Policy needs {brief(missing)}.")
        person = self._catalog.by_subject(glass.subject)
        assert person is not None
        use = plan_request(self._catalog, person.actor, proposal.plan, self._clock(), edge="", cost=proposal.cost)
        may = await self._policy.judge(breaking(use))
        if UNREACHABLE in may.rules:
            raise Unavailable(may.reasons[0])
        if may.outcome is Outcome.DENY:
            raise NotAllowed(f"Policy now says no to breaking glass: {' '.join(may.reasons)}")
        if proposal.status is Status.APPROVED:
            there = await self._store.incidents.incident(IncidentId(glass.incident))
            if there is None or not there.open:
                raise NotAllowed(f"Glass was broken in {glass.where}, which is over. Policy needs {brief(missing)}.")

    def _objection(self, proposal: Proposal, glass: Glass, missing: Sequence[Requirement]) -> str:
        """Why it does not count, or no longer; "" where it does."""
        person, rules = self._catalog.by_subject(glass.subject), self._glass
        if rules is None:
            return "Glass was broken, and nobody may do that here any more."
        if glass.digest != proposal.digest:
            return "Glass was broken for another plan."
        if self._clock() >= min(glass.until, glass.at + rules.holds):
            return f"Glass that {glass.name} broke held until {min(glass.until, glass.at + rules.holds):%H:%M} UTC."
        if person is None or not person.actor.active or not person.actor.roles & rules.roles:
            return f"{glass.name}, who broke the glass, may not do that any more."
        if glass.subject == proposal.requester and not rules.by_requester:
            return f"{glass.name} broke the glass for what they had asked for, which is not allowed any more."
        beyond = [each for each in missing if each not in glass.stands_for or each.unbreakable]
        return f"Glass was broken, but not for {brief(beyond)}." if beyond else ""
