"""Calling people: a page is written down, reaches one level of its escalation after another, and stops when somebody is there.

Every step is one transaction: that the next level is called, who that is, and the words that go out to them. So it happens once, whichever
process does it and wherever one dies, and what it says is told when a chat is there to tell it.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from bot.store import Store, Transaction
from bot.store.pages import REFUSED, StoredPage
from bot.usecases.on_duty import OnDuty, not_covered, stand_ins
from bot.usecases.relay import Outside, Relay
from skills.core.actor import Actor
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.errors import Ambiguous, BadInput, NotAllowed, NothingToDo, UnknownName
from skills.core.names import ServiceName, Subject
from skills.core.notice import Person, Place
from skills.core.ports.pager import Called, Page, Paged, PageState, Responder, Urgency
from skills.core.ports.stand_ins import Override
from skills.core.report import Command, Part, Report, Text
from skills.core.rotation import Escalation, Level
from skills.core.skill import Asked

PURPOSE = "on-call"
"""The channel in which somebody is called who cannot be reached directly."""
_BY_NAME = timedelta(minutes=10)
"""How long somebody who was called by name has to answer before being called again."""
_AGAIN = 2
_LISTED = timedelta(days=1)
"""For how long a page that calls nobody any more stands in the list."""


class Paging:
    """Satisfies `Pager` and `Pages`, with the rotations of `duty`. What `outside` covers is handed to that, and called directly while it does not answer."""

    def __init__(
        self,
        *,
        store: Store,
        catalog: Catalog,
        duty: OnDuty,
        clock: Callable[[], datetime],
        outside: Outside | None = None,
    ) -> None:
        self._store = store
        self._catalog = catalog
        self._duty = duty
        self._clock = clock
        self._outside = outside
        self._relay = Relay(store=store, outside=outside, ring=self._ring, clock=clock) if outside else None

    async def page(self, page: Page) -> Paged:
        return (await self._open(page)).paged

    async def acknowledge(self, key: str, *, by: Subject) -> Paged:
        return await self._settle(key, PageState.ACKNOWLEDGED, by)

    async def resolve(self, key: str, *, by: Subject | None) -> Paged:
        return await self._settle(key, PageState.RESOLVED, by)

    async def look(self, key: str) -> Paged | None:
        found = await self._store.pages.by_key(key)
        return found.paged if found else None

    async def open(self) -> Sequence[Paged]:
        since = self._clock() - _LISTED
        return [
            each.paged for each in await self._store.pages.open() if each.due_at is not None or each.opened_at > since
        ]

    async def call(self, *, service: ServiceName | None, person: Subject | None, asked: Asked) -> Paged:
        reason = asked.reason.strip().rstrip(".")
        if not reason:
            example = f"page {service or person or 'checkout'} because …"
            raise BadInput("Whoever is called wants to know why.", hint=f"Say: {example}")
        if service is None and person is None:
            raise BadInput("Say for which service, or whom.", hint="Say: page checkout because …")
        return await self.page(
            Page(
                key=f"request/{asked.key}",
                service=service or ServiceName(""),
                summary=reason,
                requester=asked.actor.subject,
                subjects=(person,) if person else (),
            )
        )

    async def answer(self, number: int | None, *, asked: Asked) -> Paged:
        page = _meant(number, await self._store.pages.open(), asked.actor)
        if page.state is not PageState.TRIGGERED and page.answered_by != asked.actor.subject:
            raise NothingToDo(f"{page.answered_by_name} is on page {page.number} already.")
        return await self.acknowledge(page.page.key, by=asked.actor.subject)

    async def go_on(self) -> int:
        """Call the next level of every page that nobody answered in time; returns how many. Raises `Unavailable` when the store cannot be used."""
        numbers = await self._store.pages.due(self._clock())
        for number in numbers:
            overrides = await self._store.stand_ins.after(self._clock())
            page = await self._store.pages.by_number(number)
            if page and self._relay and self._elsewhere(page):
                await self._relay(page, overrides)
                continue
            async with self._store.begin() as tx:
                page = await tx.pages.by_number(number)
                if page and page.due_at and page.due_at <= self._clock() and page.state is PageState.TRIGGERED:
                    await self._ring(tx, page, overrides)
        return len(numbers)

    async def _open(self, wanted: Page) -> StoredPage:
        overrides = await self._store.stand_ins.after(self._clock())
        async with self._store.begin() as tx:
            there = await tx.pages.by_key(wanted.key)
            if there is None:
                if not self._taken_outside(wanted):
                    self._check(wanted, overrides)
                # Whoever takes the number is alone until the end, so a page of the same moment is seen now.
                number = await tx.pages.next_number()
                there = await tx.pages.by_key(wanted.key)
            if there is not None:
                return await self._again(tx, there, wanted, overrides)
            now = self._clock()
            page = StoredPage(
                number=number, page=wanted, state=PageState.TRIGGERED, opened_at=now, due_at=self._later(wanted, now)
            )
            await tx.pages.add(page)
            tx.record("page:opened", f"page/{number}", _facts(page), actor=wanted.requester or "countersign")
            at_once = page.due_at is not None and page.due_at <= now and not self._elsewhere(page)
            return await self._ring(tx, page, overrides) if at_once else page

    async def _again(
        self, tx: Transaction, there: StoredPage, wanted: Page, overrides: Sequence[Override]
    ) -> StoredPage:
        """The same page once more, which may have become urgent meanwhile."""
        urgent = wanted.urgency is Urgency.HIGH and there.page.urgency is Urgency.LOW
        if not urgent or there.state is PageState.RESOLVED:
            return there
        page = replace(there, page=replace(there.page, urgency=Urgency.HIGH, summary=wanted.summary))
        tx.record("page:urgent", f"page/{page.number}", _facts(page), actor=wanted.requester or "countersign")
        if page.state is PageState.TRIGGERED and not page.called:
            if not self._elsewhere(page):
                return await self._ring(tx, page, overrides)
            page = replace(page, due_at=self._clock())
        await tx.pages.put(page)
        return page

    def _check(self, wanted: Page, overrides: Sequence[Override]) -> None:
        """Raises `NotAllowed` where there is nobody to be called."""
        if wanted.subjects:
            gone = [each for each in wanted.subjects if not self._duty.reachable(each)]
            if len(gone) == len(wanted.subjects):
                raise NotAllowed(f"{', '.join(self._duty.responder(each).name for each in gone)} cannot be called: they have left, or are a guest.")  # fmt: skip
            return
        escalation = self._duty.duty.of(wanted.service)
        if escalation is None:
            raise not_covered(wanted.service, self._catalog)
        if not any(self._people(level, overrides) for level in escalation.levels):
            raise NotAllowed(
                f"Nobody is on call for {wanted.service} now: every level of the escalation {escalation.name} is empty.",
                hint=f"“oncall {wanted.service}” says who comes next; “page NAME because …” calls somebody by name.",
            )

    async def _ring(self, tx: Transaction, page: StoredPage, overrides: Sequence[Override]) -> StoredPage:
        """Call the next level that has somebody."""
        now, step, troubles = self._clock(), page.step, list(page.troubles)
        while (level := self._level(page.page, step)) is not None:
            people = self._people(level, overrides)
            if people:
                break
            troubles.append(f"Nobody is on call at level {self._number(page.page, step)}.")
            step += 1
        if level is None:
            troubles.append("Everybody was called, and nobody answered.")
            over = replace(page, step=step, due_at=None, troubles=tuple(dict.fromkeys(troubles)))
            await tx.pages.put(over)
            tx.record("page:unanswered", f"page/{page.number}", _facts(over), actor="countersign")
            return over
        number = self._number(page.page, step)
        new = tuple(Called(responder=self._duty.responder(each), step=step, level=number, at=now) for each in people)
        unreached = [each.responder.name for each in new if not self._direct(each.responder)]
        troubles += [f"No Slack account is linked to {name}, so the call went to the channel." for name in unreached]
        rung = replace(
            page,
            step=step + 1,
            due_at=self._later(page.page, now + level.within),
            called=(*page.called, *new),
            troubles=tuple(dict.fromkeys(troubles)),
        )
        await tx.pages.put(rung)
        facts = {**_facts(rung), "step": step, "people": [str(each.responder.subject) for each in new]}
        tx.record("page:called", f"page/{page.number}", facts, actor="countersign")
        await self._tell(tx, rung, new, unreached)
        return rung

    async def _tell(self, tx: Transaction, page: StoredPage, new: Sequence[Called], unreached: Sequence[str]) -> None:
        for each in new:
            report = self._words(page, each)
            key = f"page/{page.number}/{each.step}/{each.responder.subject}"
            if each.responder.subject:
                await tx.notify(key, to=Person(subject=each.responder.subject), report=report)
        if unreached:
            report = self._words(page, new[0])
            told = replace(report, summary=f"For {', '.join(unreached)}: {report.summary}")
            await tx.notify(f"page/{page.number}/{new[0].step}/channel", to=Place(purpose=PURPOSE), report=told)

    def _words(self, page: StoredPage, called: Called) -> Report:
        who = self._duty.responder(page.page.requester).name if page.page.requester else "Countersign"
        about = f" for {page.page.service}" if page.page.service else ""
        before = [each for each in page.called if each.step < called.step]
        silent = f" {before[-1].responder.name} did not answer." if before else ""
        parts: list[Part] = [Command(text=f"ack {page.number}", does="say that I am on it")]
        parts += [Text(text=page.page.url)] if page.page.url else []
        return Report(
            title=f"Page {page.number}",
            summary=f"{who} calls you{about}: {page.page.summary}.{silent}",
            parts=tuple(parts),
        )

    async def _settle(self, key: str, state: PageState, by: Subject | None) -> Paged:
        async with self._store.begin() as tx:
            page = await tx.pages.by_key(key)
            if page is None:
                raise UnknownName("page", key)
            if page.state in (state, PageState.RESOLVED):
                return page.paged
            first = by is not None and not page.answered_by
            # Where it was handed on, that has to be told.
            settled = replace(page, state=state, due_at=self._clock() if self._elsewhere(page) else None)
            if first and by is not None:
                settled = replace(settled, answered_by=by, answered_by_name=self._duty.responder(by).name)
            await tx.pages.put(settled)
            tx.record(f"page:{state}", f"page/{page.number}", _facts(settled), actor=by or "countersign")
            if first and by is not None:
                await self._call_off(tx, settled, by)
        return settled.paged

    async def _call_off(self, tx: Transaction, page: StoredPage, by: Subject) -> None:
        """Tell those who were called that somebody else is there."""
        summary = f"{page.answered_by_name} is on it: {page.page.summary}."
        report = Report(title=f"Page {page.number}", summary=summary)
        for subject in dict.fromkeys(each.responder.subject for each in page.called):
            if subject and subject != by:
                await tx.notify(f"page/{page.number}/answered/{subject}", to=Person(subject=subject), report=report)

    def _taken_outside(self, page: Page) -> bool:
        return self._outside is not None and not page.subjects and self._outside.covers(page.service)

    def _elsewhere(self, page: StoredPage) -> bool:
        return page.told != REFUSED and self._taken_outside(page.page)

    def _escalation(self, page: Page) -> Escalation:
        if page.subjects:
            level = Level(within=_BY_NAME, people=page.subjects)
            return Escalation(name="by name", services=(), levels=(level,), repeat=_AGAIN)
        return self._duty.duty.of(page.service) or self._owners(page.service)

    def _owners(self, service: str) -> Escalation:
        """Whom to call for a service that only the pager outside covers, while that does not answer."""
        owner = next((each.owner for each in self._catalog.services if each.name == service), "")
        people = tuple(each.actor.subject for each in self._catalog.everybody if owner in each.actor.teams)
        return Escalation(name="owners", services=(), levels=(Level(within=_BY_NAME, people=people),))

    def _level(self, page: Page, step: int) -> Level | None:
        return self._escalation(page).level(step)

    def _number(self, page: Page, step: int) -> int:
        return step % len(self._escalation(page).levels) + 1

    def _people(self, level: Level, overrides: Sequence[Override]) -> Sequence[Subject]:
        now, found = self._clock(), list(level.people)
        for name in level.rotations:
            rotation = self._duty.duty.rotation(name)
            if rotation and (turn := rotation.at(now, stand_ins(overrides, name))):
                found.append(turn.subject)
        return [each for each in dict.fromkeys(found) if self._duty.reachable(each)]

    def _direct(self, responder: Responder) -> bool:
        person = self._catalog.by_subject(responder.subject) if responder.subject else None
        return bool(person and person.slack)

    def _later(self, page: Page, moment: datetime) -> datetime:
        """What can wait does not disturb people in their quiet hours."""
        quiet = self._duty.duty.quiet
        return quiet.over(moment) if quiet and page.urgency is Urgency.LOW else moment


def _meant(number: int | None, there: Sequence[StoredPage], actor: Actor) -> StoredPage:
    """The page of that number, else the newest that called this person, else the only one that waits."""
    if number is not None:
        found = next((each for each in there if each.number == number), None)
        if found is None:
            raise UnknownName("open page", str(number), hint="“pages” lists those that are open.")
        return found
    waiting = [each for each in there if each.state is PageState.TRIGGERED]
    mine = [each for each in waiting if actor.subject in {one.responder.subject for one in each.called}]
    if not waiting:
        raise NothingToDo("No page waits for an answer.")
    if len(mine or waiting) > 1:
        candidates = [
            f"ack {each.number} ({each.page.service or each.page.summary[:40]})" for each in (mine or waiting)[:5]
        ]
        raise Ambiguous("Several pages wait. Put the number behind.", slot="page", candidates=candidates)
    return (mine or waiting)[0]


def _facts(page: StoredPage) -> Mapping[str, Json]:
    wanted = page.page
    return {
        "service": wanted.service, "urgency": wanted.urgency.value, "state": page.state.value, "reason": wanted.summary,
    }  # fmt: skip
