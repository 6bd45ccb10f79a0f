"""Who is on call, from the configured rotations and from who stands in for whom."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta

from bot.store import Store
from skills.core.canonical import Json
from skills.core.catalog import Catalog
from skills.core.errors import BadInput, NotAllowed, NothingToDo, UnknownName
from skills.core.names import ServiceName, Subject
from skills.core.notice import Person
from skills.core.ports.pager import OnCall, Responder, Rota, Shift
from skills.core.ports.stand_ins import Override
from skills.core.report import Command, Report
from skills.core.rotation import Duty, Rotation, StandIn, Turn
from skills.core.skill import Asked

LONGEST = timedelta(days=92)
"""For how long somebody may stand in at once."""


class OnDuty:
    """Satisfies `OnCall` and `StandIns`."""

    def __init__(self, *, store: Store, catalog: Catalog, duty: Duty, clock: Callable[[], datetime]) -> None:
        self.duty = duty
        self._store = store
        self._catalog = catalog
        self._clock = clock

    def now(self) -> datetime:
        return self._clock()

    async def covered(self) -> Sequence[ServiceName]:
        return sorted(ServiceName(service) for each in self.duty.escalations for service in each.services)

    async def rota(self, service: ServiceName, *, at: datetime) -> Rota:
        escalation = self.duty.of(service)
        if escalation is None:
            raise not_covered(service, self._catalog)
        overrides = await self._store.stand_ins.after(at)
        now: list[Shift] = []
        following: list[Shift] = []
        for number, level in enumerate(escalation.levels, 1):
            for name in level.rotations:
                if rotation := self.duty.rotation(name):
                    instead = stand_ins(overrides, name)
                    now += self._shifts(rotation.at(at, instead), rotation, number)
                    following += self._shifts(rotation.after(at, instead), rotation, number)
            now += [
                Shift(responder=self.responder(each), start=None, end=None, level=number)
                for each in level.people
                if self.reachable(each)
            ]
        return Rota(service=service, escalation=escalation.name, now=tuple(now), next=tuple(following))

    async def planned(self) -> Sequence[Override]:
        return await self._store.stand_ins.after(self._clock())

    async def take(self, rotation: str, subject: Subject, *, start: datetime, end: datetime, asked: Asked) -> Override:
        person = self._catalog.by_subject(subject)
        if person is None or not person.actor.active or person.actor.guest:
            raise BadInput(f"{person.actor.name if person else subject} cannot be on call: {'they are a guest' if person and person.actor.guest else 'they have left'}.")  # fmt: skip
        now = self._clock()
        if end <= start:
            raise BadInput("It ends before it begins.", hint="Say it like: from 18:00 to tomorrow 08:00")
        if end <= now:
            raise BadInput("That is over already.", hint="Name a time that is still to come.")
        if end - start > LONGEST:
            raise BadInput(f"Somebody stands in for {LONGEST.days} days at most.", hint="oncall.yaml is the place for what lasts.")  # fmt: skip
        async with self._store.begin() as tx:
            if not await tx.once(f"override:{asked.key}"):
                there = await tx.stand_ins.by_request(asked.key)
                assert there
                return there
            taken = Override(
                number=await tx.stand_ins.next_number(),
                rotation=rotation,
                subject=subject,
                name=person.actor.name,
                start=start,
                end=end,
                by=asked.actor.subject,
                by_name=asked.actor.name,
            )
            await tx.stand_ins.add(taken, key=asked.key)
            tx.record("override:taken", f"override/{taken.number}", _facts(taken), actor=asked.actor.subject)
            if subject != asked.actor.subject:
                text = (
                    f"{asked.actor.name} put you on call for {rotation}, {_span(taken, self.duty.rotation(rotation))}."
                )
                offer = Command(text=f"override-cancel {taken.number}", does="take it back")
                report = Report(title="You are on call", summary=text, parts=(offer,))
                await tx.notify(f"override:{taken.number}", to=Person(subject=subject), report=report)
        return taken

    async def give_back(self, number: int, *, asked: Asked) -> Override:
        now = self._clock()
        async with self._store.begin() as tx:
            there = await tx.stand_ins.by_number(number)
            if there is None:
                raise UnknownName("override", str(number), hint="“overrides” lists them.")
            if not await tx.once(f"override-cancel:{asked.key}"):
                return there
            if not await tx.stand_ins.end(number, now=now):
                raise NothingToDo(f"Override {number} has ended already.")
            tx.record("override:ended", f"override/{number}", _facts(there), actor=asked.actor.subject)
            if there.subject != asked.actor.subject:
                text = f"{asked.actor.name} ended your override of {there.rotation}, {_span(there, self.duty.rotation(there.rotation))}."
                report = Report(title="You are not on call by an override any more", summary=text)
                await tx.notify(f"override-ended:{number}", to=Person(subject=there.subject), report=report)
        return there

    def responder(self, subject: Subject) -> Responder:
        person = self._catalog.by_subject(subject)
        return Responder(name=person.actor.name if person else subject, subject=subject)

    def reachable(self, subject: Subject) -> bool:
        """Is this somebody who can still be called?"""
        person = self._catalog.by_subject(subject)
        return person is not None and person.actor.active and not person.actor.guest

    def _shifts(self, turn: Turn | None, rotation: Rotation, level: int) -> list[Shift]:
        if turn is None or not self.reachable(turn.subject):
            return []
        return [
            Shift(
                responder=self.responder(turn.subject),
                start=turn.start,
                end=turn.end,
                level=level,
                override=turn.instead,
                schedule=rotation.name,
                zone=rotation.zone_name,
            )
        ]


class Either:
    """Satisfies `OnCall`: whoever the pager outside says, for what it covers, else whoever we do."""

    def __init__(self, outside: OnCall, ours: OnCall) -> None:
        self._outside = outside
        self._ours = ours

    async def covered(self) -> Sequence[ServiceName]:
        return sorted({*await self._outside.covered(), *await self._ours.covered()})

    async def rota(self, service: ServiceName, *, at: datetime) -> Rota:
        there = service in await self._outside.covered()
        return await (self._outside if there else self._ours).rota(service, at=at)


def stand_ins(overrides: Sequence[Override], rotation: str) -> list[StandIn]:
    """Of these, what holds for one rotation."""
    return [
        StandIn(number=each.number, subject=each.subject, start=each.start, end=each.end)
        for each in overrides
        if each.rotation == rotation
    ]


def not_covered(service: str, catalog: Catalog) -> NotAllowed:
    """Nobody is ever on call for it; who could be asked instead."""
    found = next((each for each in catalog.services if each.name == service), None)
    owners = [each.actor.name for each in catalog.everybody if found and found.owner in each.actor.teams and each.actor.active]  # fmt: skip
    hint = f"It belongs to {found.owner}: {', '.join(owners)}." if found and owners else ""
    return NotAllowed(
        f"Nobody is on call for {service}: no escalation in oncall.yaml covers it.",
        hint=f"{hint} Say “page NAME because …” to call somebody by name.".strip(),
    )


def _span(override: Override, rotation: Rotation | None) -> str:
    zone = rotation.zone if rotation else override.start.tzinfo
    name = rotation.zone_name if rotation else "UTC"
    return f"{override.start.astimezone(zone):%Y-%m-%d %H:%M} to {override.end.astimezone(zone):%Y-%m-%d %H:%M} ({name})"  # fmt: skip


def _facts(override: Override) -> Mapping[str, Json]:
    return {
        "rotation": override.rotation, "person": override.subject, "start": override.start.isoformat(), "end": override.end.isoformat(),
    }  # fmt: skip
