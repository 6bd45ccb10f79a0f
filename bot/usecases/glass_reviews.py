"""The look at broken glass afterwards: by somebody else, with a note, and said once where it is late."""

from collections.abc import Callable, Sequence
from datetime import datetime

from bot.store import Store
from bot.usecases.break_glass import reviewers
from skills.core.catalog import Catalog
from skills.core.errors import BadInput, NotAllowed, NothingToDo, UnknownName
from skills.core.glass import PURPOSE, Glass, GlassRules, Review
from skills.core.incident import Entry, IncidentId, Verb
from skills.core.names import ProposalId
from skills.core.notice import Person, Place, Recipient
from skills.core.report import Report, Text
from skills.core.skill import Asked


class GlassReviews:
    """The `Glasses` of an organization."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._clock = clock

    async def broken(self, limit: int = 50) -> Sequence[Glass]:
        return await self._store.glasses.latest(limit)

    async def review(self, proposal: ProposalId, note: str, *, asked: Asked) -> Glass:
        glass = await self._there(proposal)
        if glass.subject == asked.actor.subject:
            raise NotAllowed(f"{glass.name} broke the glass for #{proposal}; somebody else has to look at it.")
        said = " ".join(note.split())
        if not said:
            raise BadInput("Say what you found.", hint=f"For example: glass review {proposal} it was right, because …")
        async with self._store.begin() as tx:
            if not await tx.once(f"glass-review:{asked.key}"):
                return await self._there(proposal)
            review = Review(at=self._clock(), by=asked.actor.subject, name=asked.actor.name, note=said)
            if not await tx.glasses.review(proposal, review):
                raise NothingToDo(f"The glass of #{proposal} was {(await self._there(proposal)).reviewed}")
            subject, facts = f"proposal/{proposal}", {"digest": glass.digest, "note": said, "owner": glass.subject}
            tx.record("proposal:glass-reviewed", subject, facts, actor=asked.actor.subject)
            entry = Entry(
                at=review.at, verb=Verb.NOTE, text=f"{review.name} reviewed the broken glass of #{proposal}: {said}", by=review.by,
                by_name=review.name, source=subject, facts={"mark": f"{subject}:glass-reviewed"},
            )  # fmt: skip
            await tx.incidents.write(IncidentId(glass.incident), [entry], key=f"{subject}:glass-reviewed")
            report = Report(title=f"Broken glass of #{proposal}", summary=f"{review.name} looked at it: {said}")
            await tx.notify(f"glass-reviewed:{proposal}", to=Person(subject=glass.subject), report=report)
        return await self._there(proposal)

    async def _there(self, proposal: ProposalId) -> Glass:
        glass = await self._store.glasses.of(proposal)
        if glass is None:
            waiting = [str(each.proposal) for each in await self._store.glasses.unreviewed()]
            raise UnknownName("proposal with broken glass", f"#{proposal}", waiting[:3], hint="“glass” lists them.")
        return glass


class Overdue:
    """Reminds once of what nobody looked at in time. Any number of processes may ask; one of them says it."""

    def __init__(
        self, *, store: Store, catalog: Catalog, rules: GlassRules | None, clock: Callable[[], datetime]
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._rules = rules
        self._clock = clock

    async def __call__(self) -> int:
        """Remind of what is due; returns of how many."""
        said = 0
        for glass in await self._store.glasses.overdue(self._clock()):
            async with self._store.begin() as tx:
                if not await tx.glasses.remind(glass.proposal, self._clock()):
                    continue
                subject = f"proposal/{glass.proposal}"
                tx.record("proposal:glass-overdue", subject, {"due": glass.review_due.isoformat()}, actor="clock")
                people = [Person(subject=each) for each in reviewers(self._catalog, self._rules, glass)]
                everybody: list[Recipient] = [Place(purpose=PURPOSE), *people]
                for to in everybody:
                    await tx.notify(f"glass-overdue:{glass.proposal}:{to}", to=to, report=_late(glass))
                said += 1
        return said


def _late(glass: Glass) -> Report:
    summary = f"Nobody has looked at it yet, and somebody should have by {glass.review_due:%Y-%m-%d %H:%M} UTC. {glass.sentence}"
    parts = (Text(text=f"Whoever has looked at it says: glass review {glass.proposal} and what they found."),)
    return Report(title=f"Broken glass of #{glass.proposal} is not reviewed", summary=summary, parts=parts)
