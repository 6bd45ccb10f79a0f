"""Approving in advance, and what it is worth: no more than the word of who gave it would be worth at the moment of use."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store import Store, Transaction
from bot.usecases.judging import judge_use, services_of
from skills.core import durations
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog, Service
from skills.core.errors import BadInput, NotAllowed, NothingToDo, UnknownName
from skills.core.grant import Bounds, Grant
from skills.core.names import Subject
from skills.core.notice import Person
from skills.core.plan import Plan, Risk
from skills.core.policy import Policy, Request, eligible
from skills.core.ports.grants import Wish
from skills.core.proposal import Choice, Proposal
from skills.core.report import Report
from skills.core.skill import Asked, Kind
from skills.core.verdict import Outcome, Verdict


@dataclass(frozen=True, kw_only=True)
class GrantLimits:
    """How long a standing approval holds and how often it may be used if nobody says, and at most."""

    usual: timedelta = timedelta(hours=8)
    longest: timedelta = timedelta(days=7)
    uses: int = 5
    most: int = 100


class Granting:
    """The `Grants` of an organization. `changes` are the names of the skills that plan changes."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        policy: Policy,
        clock: Callable[[], datetime],
        limits: GrantLimits,
        changes: Callable[[str], str | None],
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._policy = policy
        self._clock = clock
        self._limits = limits
        self._changes = changes

    async def live(self) -> Sequence[Grant]:
        return await self._store.grants.live(self._clock())

    async def give(self, wish: Wish, *, asked: Asked) -> Grant:
        grantee = self._catalog.person(wish.grantee).actor
        bounds = self._bounds(wish, grantee)
        reason = _reason(asked, bounds)
        length, most = self._extent(wish)
        if grantee.subject == asked.actor.subject:
            raise NotAllowed("Nobody approves their own requests, in advance or otherwise.", hint="Ask somebody else.")
        await self._check_granter(asked.actor, grantee, bounds)
        async with self._store.begin() as tx:
            now = self._clock()
            if not await tx.once(f"grant:{asked.key}"):
                return _again(await tx.grants.of(grantee.subject, now), bounds, asked.actor.subject)
            number = await tx.grants.next_number()
            given = await tx.grants.add(
                Grant(
                    number=number,
                    bounds=bounds,
                    granter=asked.actor.subject,
                    granter_name=asked.actor.name,
                    grantee_name=grantee.name,
                    reason=reason,
                    since=now,
                    until=now + length,
                    most=most,
                )
            )
            tx.record("grant:given", f"grant/{number}", given.facts, actor=asked.actor.subject)
            said = (
                f"{given.granter_name} approves in advance: {bounds}, until {given.until:%Y-%m-%d %H:%M} UTC. {reason}."
            )
            report = Report(title=f"Standing approval {number}", summary=said)
            await tx.notify(f"grant:{number}", to=Person(subject=grantee.subject), report=report)
        return given

    async def revoke(self, number: int, *, asked: Asked) -> Grant:
        found = await self._store.grants.by_number(number)
        if found is None:
            live = [str(each.number) for each in await self.live()]
            raise UnknownName("standing approval", str(number), live[:3], hint="“grants” lists them.")
        if asked.actor.subject not in (found.granter, found.bounds.grantee):
            grantee = self._catalog.by_subject(found.bounds.grantee)
            if grantee:
                await self._check_granter(asked.actor, grantee.actor, found.bounds)
        async with self._store.begin() as tx:
            if not await tx.once(f"revoke:{asked.key}"):
                return found
            if not await tx.grants.revoke(number, self._clock()):
                raise NotAllowed(f"Standing approval {number} has already ended.")
            tx.record("grant:revoked", f"grant/{number}", {"grant": number}, actor=asked.actor.subject)
        return found

    def _bounds(self, wish: Wish, grantee: Actor) -> Bounds:
        skill = self._changes(wish.skill)
        if skill is None:
            raise BadInput(f"“{wish.skill}” changes nothing, so there is nothing to approve in advance.")
        service, environment = self._catalog.service(wish.service), self._catalog.environment(wish.environment)
        if wish.replicas is not None and skill != "scale":
            raise BadInput("A number of replicas is a bound on scale only.")
        return Bounds(
            grantee=grantee.subject,
            skill=skill,
            service=service.name,
            environment=environment.name,
            replicas=wish.replicas,
        )

    def _extent(self, wish: Wish) -> tuple[timedelta, int]:
        length, most = wish.length or self._limits.usual, wish.most or self._limits.uses
        if length > self._limits.longest:
            raise BadInput(f"A standing approval holds for {durations.spelled(self._limits.longest)} at most.")
        if most > self._limits.most:
            raise BadInput(f"A standing approval can be used {self._limits.most} times at most.")
        return length, most

    async def _check_granter(self, granter: Actor, grantee: Actor, bounds: Bounds) -> None:
        """Raises unless this person could approve such a request if it were made now."""
        service = self._catalog.service(bounds.service)
        request = Request(
            actor=grantee,
            skill=bounds.skill,
            kind=Kind.CHANGE,
            now=self._clock(),
            services=(service,),
            environments=(bounds.environment,),
            risk=Risk.LOW,
        )
        verdict = await self._policy.judge(request)
        if verdict.outcome is Outcome.DENY:
            raise NotAllowed(f"{grantee.name} may not ask for that at all: {' '.join(verdict.reasons)}")
        if verdict.outcome is Outcome.ALLOW:
            raise BadInput(f"{grantee.name} needs no approval for that.")
        if not await counts(self._policy, granter, verdict, (service,), self._clock()):
            needed = "; ".join(str(requirement) for requirement in verdict.requirements)
            raise NotAllowed(f"{granter.name} could not approve that either. It takes {needed}.")


class InAdvance:
    """What standing approvals do for a plan that is being proposed."""

    def __init__(self, *, store: Store, catalog: Catalog, policy: Policy, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._catalog = catalog
        self._policy = policy
        self._clock = clock

    async def fitting(self, actor: Actor, plan: Plan, verdict: Verdict) -> Sequence[Grant]:
        """Those that this plan is within, one for each person who gave some and whose approval would count just now."""
        if verdict.outcome is not Outcome.NEEDS:
            return ()
        services = services_of(plan, self._catalog)
        found: dict[Subject, Grant] = {}
        for grant in await self._store.grants.live(self._clock()):
            granter = self._catalog.by_subject(grant.granter)
            within = grant.bounds.hold(plan, actor.subject) and grant.granter != actor.subject
            if not within or granter is None or grant.granter in found:
                continue
            if await counts(self._policy, granter.actor, verdict, services, self._clock()):
                found[grant.granter] = grant
        return tuple(found.values())

    async def use(self, tx: Transaction, proposal: Proposal, fitting: Sequence[Grant]) -> Sequence[Subject]:
        """Count each as its giver's approval of this very digest; who so approved. What was used up or revoked just before does not count."""
        approvers = []
        for grant in fitting:
            if not await tx.grants.use(grant, self._clock()):
                continue
            reason = f"in advance, by standing approval {grant.number} until {grant.until:%Y-%m-%d %H:%M} UTC"
            await tx.add_decision(
                proposal.id,
                subject=grant.granter,
                name=grant.granter_name,
                choice=Choice.APPROVE,
                digest=proposal.digest,
                reason=reason,
            )
            facts: dict[str, Json] = {
                "digest": proposal.digest,
                "reason": reason,
                "edge": "grant",
                "grant": grant.number,
            }
            tx.record("proposal:approve", f"proposal/{proposal.id}", facts, actor=grant.granter)
            used: dict[str, Json] = {"grant": grant.number, "proposal": proposal.id, "digest": proposal.digest}
            tx.record("grant:used", f"grant/{grant.number}", used, actor=proposal.requester)
            approvers.append(grant.granter)
        return approvers


async def counts(policy: Policy, granter: Actor, verdict: Verdict, services: Sequence[Service], now: datetime) -> bool:
    """Would this person's approval count towards anything that is required, and may they approve at all?"""
    plain = [requirement for requirement in verdict.requirements if not requirement.step_up]
    if not any(eligible(requirement, granter, services) for requirement in plain):
        return False
    allowed = await judge_use(policy, granter, Choice.APPROVE.value, Kind.DECISION, now)
    return allowed.outcome is not Outcome.DENY


def _again(grants: Sequence[Grant], bounds: Bounds, granter: Subject) -> Grant:
    """What the same request brought about when it was delivered first."""
    found = [each for each in grants if (each.bounds, each.granter) == (bounds, granter)]
    if not found:
        raise NothingToDo("You approved that with this request before, and it has ended.")
    return found[-1]


def _reason(asked: Asked, bounds: Bounds) -> str:
    reason = asked.reason.strip().removeprefix("of ").rstrip(".")
    if not reason:
        raise BadInput("Whoever reads this later wants to know why.", hint=f"Say: grant … {bounds.service} … because …")
    return reason
