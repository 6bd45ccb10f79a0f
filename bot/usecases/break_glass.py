"""Letting one proposal run in an emergency, without the approvals that nobody is there to give: loud, short, and looked at afterwards.

What was missing is written down, and it stands in for that and nothing else. Before it is written, policy is asked again: a denial, a lock or a
freeze is none of its business. The word, its place in the incident, the task to look at it and what is told to whom are one transaction.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from bot.store import Store, Transaction
from bot.usecases.decide import Decide, expire, mark
from bot.usecases.judging import breaking, judge_plan, plan_request, room_of, services_of, still_unmet
from bot.usecases.limits import Limits
from bot.usecases.propose import Denied
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.errors import BadInput, NotAllowed
from skills.core.glass import PURPOSE, REVIEW_WITHIN, Glass, GlassRules
from skills.core.incident import Entry, Incident, IncidentId, Verb
from skills.core.names import ProposalId, Subject
from skills.core.notice import Person, Place
from skills.core.policy import Policy, eligible
from skills.core.proposal import Origin, Proposal, Status
from skills.core.report import Report, Text
from skills.core.verdict import Outcome, Requirement

_INCIDENT = re.compile(r"\bincident\s+(?:number\s+)?#?([0-9]{1,9})\b", re.IGNORECASE)
_AT_THE_END = re.compile(
    r"[\s,;.:–—-]*(?:\b(?:in|for|see)\s+)?\bincident\s+(?:number\s+)?#?[0-9]{1,9}\s*\.?$", re.IGNORECASE
)
_MOST_TOLD = 20
"""People who are written to one by one; everybody else reads it in its place."""


class BreakGlass:
    """The use case “break glass”. Without `rules` nobody may."""

    def __init__(
        self,
        *,
        catalog: Catalog,
        policy: Policy,
        store: Store,
        limits: Limits,
        rules: GlassRules | None,
        decide: Decide,
        clock: Callable[[], datetime],
    ) -> None:
        self._catalog = catalog
        self._policy = policy
        self._store = store
        self._limits = limits
        self._rules = rules
        self._decide = decide
        self._clock = clock

    async def __call__(
        self, actor: Actor, which: ProposalId | str, *, reason: str, incident: int | None, origin: Origin, key: str
    ) -> Proposal:
        """Break it and return the proposal, which is then approved. The same `key` again does nothing more.

        `incident` may stand in the reason instead. Raises `NotAllowed` where it is turned off, for whom it is not, and for what it cannot stand
        in for; `BadInput` without a reason or an incident that is open; `Denied` where policy says no to the plan, or to breaking glass for it.
        """
        rules = self._rules
        if rules is None:
            raise NotAllowed(
                "Nobody breaks glass here.", hint="An administrator may turn it on: break_glass in organization.yaml."
            )
        found = await self._decide.find(which)
        if found.glass and await self._heard(found, actor, key):
            return found
        reason, number = _why(found, reason, incident)
        _check_person(rules, actor, found)
        there = await self._incident(actor, number)
        missing = await self._missing(actor, found, origin)
        now = self._clock()
        glass = Glass(
            proposal=found.id,
            digest=found.digest,
            subject=actor.subject,
            name=actor.name,
            reason=reason,
            incident=there.id,
            confidential=there.confidential,
            at=now,
            until=now + rules.holds,
            stands_for=missing,
            review_due=now + REVIEW_WITHIN,
        )
        await self._broken(glass, there, origin=origin, key=key)
        return await self._decide.find(found.id)

    async def _heard(self, proposal: Proposal, actor: Actor, key: str) -> bool:
        """Is this the word by which it was broken, delivered again?"""
        said = await self._store.audit.entries(subject=f"proposal/{proposal.id}")
        wanted = ("proposal:glass-broken", actor.subject, mark(key))
        return wanted in {(entry.verb, entry.actor, entry.facts.get("request")) for entry in said}

    async def _incident(self, actor: Actor, number: int) -> Incident:
        there = await self._store.incidents.incident(IncidentId(number))
        if there is None or not there.seen_by(actor):
            raise BadInput(f"There is no incident #{number}.", hint="“incidents” lists those that are open.")
        if not there.open:
            raise BadInput(f"Incident #{number} is over.", hint=f"If it is not: incident reopen #{number}.")
        return there

    async def _missing(self, actor: Actor, proposal: Proposal, origin: Origin) -> tuple[Requirement, ...]:
        """What it stands in for: what is missing by the policies of then and of now. Raises `Denied` and `NotAllowed`."""
        requester = self._catalog.by_subject(proposal.requester)
        if requester is None:
            raise NotAllowed(f"{proposal.requester_name}, who asked for #{proposal.id}, is not known here any more.")
        now, edge = self._clock(), proposal.origin.edge
        verdict = await judge_plan(
            self._policy,
            self._catalog,
            requester.actor,
            proposal.plan,
            now,
            edge=edge,
            cost=proposal.cost,
            room=room_of(proposal.origin),
        )
        if verdict.outcome is Outcome.DENY:
            raise Denied(
                replace(
                    verdict, reasons=("Broken glass stands in for approvals, and policy says no.", *verdict.reasons)
                )
            )
        use = plan_request(self._catalog, actor, proposal.plan, now, edge=origin.edge, cost=proposal.cost)
        may = await self._policy.judge(breaking(use))
        if may.outcome is Outcome.DENY:
            raise Denied(may)
        approvers = [decision.subject for decision in proposal.approvals]
        missing = [
            each
            for said in (proposal.verdict, verdict)
            for each in still_unmet(
                said, proposal.plan, self._catalog, approvers, proposal.requester, stepped_up=proposal.stepped_up
            )
        ]
        if hard := next((each for each in missing if each.unbreakable), None):
            raise NotAllowed(f"Nobody can do without {hard.brief} (rule {hard.rule}), not even in an emergency.")
        return tuple(dict.fromkeys(missing))

    async def _broken(self, glass: Glass, there: Incident, *, origin: Origin, key: str) -> None:
        """All of it or nothing. Raises `NotAllowed` where something came first."""
        expired = False
        async with self._store.begin() as tx:
            if not await tx.once(f"break-glass:{key}"):
                return
            proposal = await tx.proposal(glass.proposal)
            assert proposal is not None
            expired = await expire(tx, proposal, self._clock())
            if not expired:
                await self._write(tx, proposal, glass, there, origin=origin, key=key)
        if expired:
            raise NotAllowed(f"#{glass.proposal} has expired.", hint="Ask for it again; it is planned anew.")

    async def _write(
        self, tx: Transaction, proposal: Proposal, glass: Glass, there: Incident, *, origin: Origin, key: str
    ) -> None:
        if proposal.status is not Status.PENDING or not await tx.glasses.add(glass):
            raise NotAllowed(_too_late(proposal))
        if not await tx.incidents.is_open(there.id):
            raise NotAllowed(f"Incident #{there.id} was resolved this very moment.")
        start_by = min(glass.at + self._limits.start, glass.until)
        await tx.move(proposal.id, from_=Status.PENDING, to=Status.APPROVED, start_by=start_by)
        subject = f"proposal/{proposal.id}"
        facts: dict[str, Json] = {**glass.facts, "edge": origin.edge, "request": mark(key)}
        tx.record("proposal:glass-broken", subject, facts, actor=glass.subject)
        approved: dict[str, Json] = {
            "digest": proposal.digest,
            "by": [str(decision.subject) for decision in proposal.approvals],
            "glass": glass.incident,
        }
        tx.record("proposal:approved", subject, approved, actor=glass.subject)
        await tx.incidents.write(there.id, [_entry(glass, proposal)], key=f"{subject}:glass")
        for name, to in self._audience(proposal, glass, there):
            await tx.notify(f"glass:{proposal.id}:{name}", to=to, report=_news(glass, proposal))

    def _audience(self, proposal: Proposal, glass: Glass, there: Incident) -> Iterator[tuple[str, Person | Place]]:
        """Its own place, the incident's room, whoever asked, and those whose approval it does without."""
        yield "place", Place(purpose=PURPOSE)
        if there.room:
            yield "room", Place(purpose="incidents", channel=there.room.id)
        services = services_of(proposal.plan, self._catalog)
        passed_over = [
            person.actor.subject
            for person in self._catalog.everybody
            if any(eligible(each, person.actor, services) for each in glass.stands_for)
        ]
        for subject in dict.fromkeys([proposal.requester, *passed_over[:_MOST_TOLD]]):
            if subject != glass.subject:
                yield subject, Person(subject=Subject(subject))


def incident_in(reason: str) -> int | None:
    """The incident that a reason names, if it names one."""
    numbers = {int(each) for each in _INCIDENT.findall(reason)}
    return numbers.pop() if len(numbers) == 1 else None


def _why(proposal: Proposal, reason: str, incident: int | None) -> tuple[str, int]:
    """Raises `BadInput` where one of both is missing."""
    said = " ".join(reason.split())
    number = incident or incident_in(said)
    bare = _AT_THE_END.sub("", said).removeprefix("of ").rstrip(" .")
    if not bare or number is None:
        what = (
            "an incident that is open" if bare else "a reason" if number else "a reason, and an incident that is open"
        )
        raise BadInput(f"Breaking glass takes {what}.", hint=f"Say: break glass {proposal.id} incident 4 because …")
    return bare[:500], number


def _check_person(rules: GlassRules, actor: Actor, proposal: Proposal) -> None:
    if not rules.roles & actor.roles:
        raise NotAllowed(
            f"{actor.name} may not break glass.", hint=f"These roles may: {', '.join(sorted(rules.roles))}."
        )
    if actor.subject == proposal.requester and not rules.by_requester:
        raise NotAllowed(f"{actor.name} asked for #{proposal.id}; somebody else has to break the glass for it.")
    if proposal.status is not Status.PENDING:
        raise NotAllowed(_too_late(proposal))


def _too_late(proposal: Proposal) -> str:
    if proposal.glass:
        return f"{proposal.glass.name} has broken the glass for #{proposal.id} already."
    return f"#{proposal.id} is already {proposal.status.value}; there is no glass to break."


def _entry(glass: Glass, proposal: Proposal) -> Entry:
    text = f"{glass.name} broke the glass for #{proposal.id}, which does without {glass.needed} until {glass.until:%H:%M} UTC: {glass.reason}. {proposal.plan.summary}."
    return Entry(
        at=glass.at, verb=Verb.DECISION, text=text, by=glass.subject, by_name=glass.name, source=f"proposal/{proposal.id}",
        facts={"mark": f"proposal/{proposal.id}:glass"},
    )  # fmt: skip


def _news(glass: Glass, proposal: Proposal) -> Report:
    asked = (
        f"{proposal.requester_name} had asked for it"
        if proposal.requester != glass.subject
        else "who had asked for it, too"
    )
    parts = (Text(text=f"Whoever has looked at it says: glass review {proposal.id} and what they found."),)
    return Report(
        title=f"🔨 Glass broken: #{proposal.id} {proposal.plan.summary}",
        summary=f"{glass.sentence} {asked[:1].upper()}{asked[1:]}. It is {glass.reviewed}.",
        parts=parts,
    )


def reviewers(catalog: Catalog, rules: GlassRules | None, glass: Glass) -> Sequence[Subject]:
    """Whom to remind: those who may break glass themselves, except for who broke it."""
    roles = rules.roles if rules else frozenset()
    return [
        person.actor.subject
        for person in catalog.everybody
        if person.actor.active and person.actor.roles & roles and person.actor.subject != glass.subject
    ][:_MOST_TOLD]
