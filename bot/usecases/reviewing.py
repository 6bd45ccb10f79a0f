"""Access reviews: opened, answered, reminded of, and over. What is revoked counts no more from the commit on, in every process."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime

from bot.configuration import ReviewSettings
from bot.store import Store, Transaction
from bot.usecases import review_words as words
from bot.usecases.access import Survey
from bot.usecases.reviewers import last_resort, reviewers
from skills.core.actor import Actor
from skills.core.campaign import Campaign, Question, Word
from skills.core.canonical import Json
from skills.core.catalog import Catalog, Person
from skills.core.errors import BadInput, NotAllowed, NothingToDo, UnknownName
from skills.core.membership import Membership
from skills.core.names import Subject
from skills.core.notice import Person as ToPerson
from skills.core.notice import Place
from skills.core.ports.access import Standing
from skills.core.skill import Asked

CLOCK = "clock"
PLACE = "access-reviews"


class Reviewing:
    """The `AccessReviews` of an organization. `survey` gives a fresh look at who could do what."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        plan: ReviewSettings,
        clock: Callable[[], datetime],
        survey: Callable[[], Survey],
    ) -> None:
        self.plan = plan
        self._store = store
        self._catalog = catalog
        self._clock = clock
        self._survey = survey

    async def standing(self, *, asker: Actor) -> Standing | None:
        campaign = await self._store.reviews.latest()
        if campaign is None:
            return None
        questions = await self._store.reviews.questions(campaign.number)
        waiting = [each for each in questions if each.word is None and campaign.closed_at is None]
        mine = [each for each in waiting if asker.subject in _subjects(self.asked(campaign, each))]
        return Standing(campaign=campaign, questions=questions, mine=mine)

    def asked(self, campaign: Campaign, question: Question) -> tuple[Actor, ...]:
        """Who may answer a question now."""
        found = reviewers(question.membership, question.person, self._catalog, self.plan)
        more = last_resort(question.person, self._catalog, self.plan) if campaign.escalated_at else ()
        return tuple(dict.fromkeys((*found, *more)))

    def check_opener(self, actor: Actor) -> None:
        """Raises `NotAllowed` for whoever may not open one."""
        actor = self._catalog.as_they_count(actor)
        if not actor.active or actor.guest or actor.roles.isdisjoint(self.plan.open):
            who = " or ".join(self.plan.open)
            hint = f"It takes the role {who}." if who else "access_review.open in organization.yaml names no role."
            raise NotAllowed(f"{actor.name} may not open an access review.", hint=hint)

    async def open(self, *, by: str, reason: str) -> tuple[Campaign, Sequence[Question]]:
        """Ask about everybody. Raises `NotAllowed` while one is open, and `BadInput` where there is nobody to ask."""
        self._check_over(await self._store.reviews.latest())
        asking = await self._questions()
        now = self._clock()
        async with self._store.begin() as tx:
            number = await tx.reviews.next_campaign()
            self._check_over(await tx.reviews.latest())
            campaign = Campaign(
                number=number, opened_by=by, reason=reason, opened_at=now, due_at=now + self.plan.due, unanswered=self.plan.unanswered,
            )  # fmt: skip
            questions = await tx.reviews.open(campaign, asking)
            facts: dict[str, Json] = {
                "questions": len(questions), "due": f"{campaign.due_at:%Y-%m-%dT%H:%M:%SZ}", "unanswered": campaign.unanswered, "reason": reason,
            }  # fmt: skip
            _note(tx, campaign, "opened", facts, actor=by)
            for each in questions:
                _note(tx, campaign, "asked", {**_about(each), "gives": list(each.gives)}, actor=by)
            await self._tell(tx, campaign, questions, "asked")
        return campaign, questions

    async def answer(self, number: int, word: Word, *, asked: Asked) -> Question:
        question, campaign = await self._found(number)
        self._check_answer(question, campaign, word, asked)
        async with self._store.begin() as tx:
            if await tx.once(f"access:{asked.key}"):
                who = asked.actor
                if not await tx.reviews.answer(
                    number, word, by=who.subject, by_name=who.name, reason=words.reason_of(asked.reason), now=self._clock()
                ):  # fmt: skip
                    raise NothingToDo(words.answered((await self._found(number))[0]))
                facts = {**_about(question), "answer": word.value, "reason": words.reason_of(asked.reason)}
                _note(tx, campaign, "answered", facts, actor=who.subject)
                if word is Word.REVOKE:
                    report = words.revoked(question, who.name, words.reason_of(asked.reason))
                    await tx.notify(f"access:revoked:{number}", to=ToPerson(subject=question.person), report=report)
                if not await tx.reviews.waiting(campaign.number):
                    await self._close(tx, campaign, actor=who.subject)
        await self._take_note()
        return (await self._found(number))[0]

    async def tick(self) -> None:
        """Let time pass: open what is due to be opened, remind once, and end what is over. May be repeated, by many processes at once."""
        campaign, now = await self._store.reviews.latest(), self._clock()
        if campaign is None or campaign.closed_at is not None:
            if self.plan.every and (campaign is None or now >= campaign.opened_at + self.plan.every):
                await self._open_by_itself()
            return
        waiting = [each for each in await self._store.reviews.questions(campaign.number) if each.word is None]
        gone = [each for each in waiting if not self._there(each)]
        if gone or not waiting:
            await self._settle(campaign, gone, Word.GONE, words.GONE)
        elif now >= campaign.due_at and campaign.unanswered == "revoke":
            await self._settle(campaign, waiting, Word.REVOKE, words.NOBODY_ANSWERED)
        elif now >= campaign.due_at and campaign.escalated_at is None:
            await self._escalate(campaign, waiting)
        elif campaign.due_at > now >= campaign.due_at - self.plan.remind:
            await self._remind(campaign, waiting)

    async def _open_by_itself(self) -> None:
        try:
            await self.open(by=CLOCK, reason=words.BY_ITSELF)
        except NotAllowed:
            return  # another process was first

    async def _settle(self, campaign: Campaign, questions: Sequence[Question], word: Word, reason: str) -> None:
        async with self._store.begin() as tx:
            for each in questions:
                if await tx.reviews.answer(each.number, word, by=CLOCK, by_name="", reason=reason, now=self._clock()):
                    facts: dict[str, Json] = {**_about(each), "answer": word.value, "reason": reason}
                    _note(tx, campaign, "answered", facts, actor=CLOCK)
                    if word is Word.REVOKE:
                        report = words.revoked(each, "", reason)
                        await tx.notify(
                            f"access:revoked:{each.number}", to=ToPerson(subject=each.person), report=report
                        )
            if not await tx.reviews.waiting(campaign.number):
                await self._close(tx, campaign, actor=CLOCK)
        await self._take_note()

    async def _close(self, tx: Transaction, campaign: Campaign, *, actor: str) -> None:
        if not await tx.reviews.close(campaign.number, self._clock()):
            return
        questions = await tx.reviews.all(campaign.number)
        _note(tx, campaign, "closed", words.counted(questions), actor=actor)
        await tx.notify(
            f"access:{campaign.number}:closed", to=Place(purpose=PLACE), report=words.over(campaign, questions)
        )

    async def _escalate(self, campaign: Campaign, waiting: Sequence[Question]) -> None:
        async with self._store.begin() as tx:
            if await tx.reviews.escalate(campaign.number, self._clock()):
                _note(tx, campaign, "escalated", {"questions": [each.number for each in waiting]}, actor=CLOCK)
                later = replace(campaign, escalated_at=self._clock())
                await self._tell(tx, later, waiting, "escalated")
                report = words.overdue(campaign, waiting)
                await tx.notify(f"access:{campaign.number}:overdue", to=Place(purpose=PLACE), report=report)

    async def _remind(self, campaign: Campaign, waiting: Sequence[Question]) -> None:
        key = f"access:{campaign.number}:reminded"
        if await self._store.recall(key):
            return
        async with self._store.begin() as tx:
            if await tx.once(key):
                await self._tell(tx, campaign, waiting, "reminded")
        await self._store.remember(key, True, campaign.due_at)

    async def _tell(self, tx: Transaction, campaign: Campaign, questions: Sequence[Question], why: str) -> None:
        """Each of those who are asked, of theirs."""
        theirs: dict[Subject, list[Question]] = {}
        for each in questions:
            for actor in self.asked(campaign, each):
                theirs.setdefault(actor.subject, []).append(each)
        for subject, some in theirs.items():
            report = words.asked(campaign, some, why)
            await tx.notify(f"access:{campaign.number}:{why}:{subject}", to=ToPerson(subject=subject), report=report)

    async def _take_note(self) -> None:
        """Have this process know at once what was revoked; others look before each verdict."""
        self._catalog.withdraw(await self._store.reviews.withdrawn())

    async def _found(self, number: int) -> tuple[Question, Campaign]:
        question = await self._store.reviews.question(number)
        campaign = await self._store.reviews.campaign(question.campaign) if question else None
        if question is None or campaign is None:
            raise UnknownName("question of an access review", str(number), hint="“access” lists them.")
        return question, campaign

    def _check_answer(self, question: Question, campaign: Campaign, word: Word, asked: Asked) -> None:
        if not words.reason_of(asked.reason):
            raise BadInput(
                "Whoever reads this later wants to know why.",
                hint=f"Say: access {word.value} {question.number} because …",
            )
        if asked.actor.subject == question.person:
            raise NotAllowed("Nobody answers for their own access.")
        who = self.asked(campaign, question)
        if asked.actor.subject not in _subjects(who):
            names = (
                " or ".join(actor.name for actor in who)
                or "nobody (nobody else has a role under access_review.otherwise)"
            )
            raise NotAllowed(f"Question {question.number} is not for you to answer; it is for {names}.")
        if campaign.closed_at and question.word is None:
            raise NotAllowed(f"{campaign.title} is over.")

    @staticmethod
    def _check_over(latest: Campaign | None) -> None:
        if latest and latest.closed_at is None:
            raise NotAllowed(
                f"{latest.title} is still open, until every question is answered.", hint="“access” shows which are not."
            )

    def _there(self, question: Question) -> bool:
        """Does the configuration still give them this?"""
        return any(
            str(question.membership) in map(str, _memberships(person))
            for person in self._catalog.people
            if person.actor.subject == question.person
        )

    async def _questions(self) -> Sequence[Question]:
        """One for each person and what they have, with what it gives them."""
        await self._take_note()
        having = [(each.actor, held) for each in self._catalog.everybody for held in _memberships(each)]
        lonely = [
            f"{actor.name} ({held.words})"
            for actor, held in having
            if not reviewers(held, actor.subject, self._catalog, self.plan)
        ]
        if lonely:
            hint = "Name another role, too, under access_review.otherwise in organization.yaml."
            raise BadInput(
                f"Nobody could answer for {', '.join(lonely[:5])}{', …' if len(lonely) > 5 else ''}.", hint=hint
            )
        if not having:
            raise NothingToDo("Nobody has a role or a team, so there is nothing to look through.")
        survey = self._survey()
        full = dict(
            zip((actor.subject for actor, _ in having), await survey.of([actor for actor, _ in having]), strict=True)
        )
        without = await survey.of([_without(actor, held) for actor, held in having])
        return [
            Question(
                number=0, campaign=0, person=actor.subject, person_name=actor.name, membership=held,
                gives=words.lost(full[actor.subject], less),
            )
            for (actor, held), less in zip(having, without, strict=True)
        ]  # fmt: skip


def _memberships(person: Person) -> list[Membership]:
    actor = person.actor
    if not actor.active or actor.guest:
        return []
    roles = [Membership(kind="role", name=name) for name in sorted(actor.roles)]
    return [*roles, *(Membership(kind="team", name=name) for name in sorted(actor.teams))]


def _without(actor: Actor, held: Membership) -> Actor:
    if held.kind == "role":
        return replace(actor, roles=actor.roles - {held.name})
    return replace(actor, teams=actor.teams - {held.name})


def _subjects(actors: Iterable[Actor]) -> set[Subject]:
    return {actor.subject for actor in actors}


def _about(question: Question) -> dict[str, Json]:
    return {"question": question.number, "person": question.person, "membership": str(question.membership)}


def _note(tx: Transaction, campaign: Campaign, verb: str, facts: dict[str, Json], *, actor: str) -> None:
    tx.record(f"access-review:{verb}", f"access-review/{campaign.number}", facts, actor=actor)
