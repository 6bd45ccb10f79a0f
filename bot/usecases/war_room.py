"""What has to happen outside because of an incident: it follows from the store, and is repeated until it is done.

One process at a time looks after an incident. Each thing is written down before it is tried, and every call may be repeated under its key: after a
crash, or when a chat or a pager is back, what is missing is made, and nothing is made twice. What is only said goes out as notices.
"""

import secrets
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta, tzinfo

import structlog

from bot.store import Store
from bot.store.incident_effects import EffectState, IncidentEffect
from bot.usecases.ask import Ask
from bot.usecases.incident_ledger import OF_PROPOSALS, of_proposals
from bot.usecases.war_pages import WarPages, urgency_of
from skills.core import incident_told
from skills.core.catalog import Catalog
from skills.core.errors import NotAllowed, Unavailable
from skills.core.incident import Entry, Incident, Verb
from skills.core.incident import Place as Meeting
from skills.core.incident_record import offers
from skills.core.incident_reminders import Reminder, reminders
from skills.core.names import SkillName, Subject
from skills.core.notice import Person, Place
from skills.core.ports.pager import Pager
from skills.core.ports.rooms import Boards, Room, Rooms, RoomWanted
from skills.core.registry import Skills
from skills.core.report import Report
from skills.core.rotation import Quiet
from skills.core.skill import Query

log = structlog.get_logger()

LEASE = timedelta(seconds=60)
LOOK_EVERY = timedelta(seconds=5)
"""How often an open incident is looked at, for what happened elsewhere."""
PURPOSE = "incidents"
"""The channel of those who want to know of every incident."""
_FIRST_LOOKS = ("troubleshoot", "history")


@dataclass(kw_only=True)
class _Round:
    """One look at one incident: what was begun before, and when something is due again."""

    incident: Incident
    effects: dict[str, IncidentEffect]
    due: list[datetime] = field(default_factory=list)


class WarRoom:
    """The use case “look after incidents”. Without `rooms` and `boards` there is no room, without `pager` nobody is paged; all else goes on."""

    def __init__(
        self,
        *,
        store: Store,
        skills: Skills,
        catalog: Catalog,
        ask: Ask,
        clock: Callable[[], datetime],
        executor: str,
        zone: tzinfo,
        rooms: Rooms | None = None,
        boards: Boards | None = None,
        pager: Pager | None = None,
        quiet: Quiet | None = None,
    ) -> None:
        self._store = store
        self._skills = skills
        self._catalog = catalog
        self._ask = ask
        self._clock = clock
        self._executor = executor
        self._zone = zone
        self._rooms = rooms
        self._boards = boards
        self._quiet = quiet
        self._pages = WarPages(store=store, pager=pager, boards=boards, clock=clock) if pager else None

    async def __call__(self) -> int:
        """Look after every incident that changed or is due; returns how many. Raises `Unavailable` when the store cannot be used."""
        claimed = await self._store.incidents.claim(self._executor, self._clock(), LEASE)
        for incident, entries in claimed:
            try:
                due = await self._look_after(incident)
            except Unavailable:
                raise
            except Exception:
                # A bug about one incident must not keep the others from being looked after, nor come back every second.
                log.exception("bug in a war room", incident=incident.id, reference=secrets.token_hex(4))
                due = self._clock() + LEASE
            await self._store.incidents.let_go(incident.id, self._executor, followed=entries, due_at=due)
        return len(claimed)

    async def _look_after(self, incident: Incident) -> datetime | None:
        at = _Round(incident=incident, effects=await self._store.incident_effects.of(incident.id))
        await self._tell(incident)
        await self._call(at)
        if self._rooms and self._boards:
            await self._once(at, "room", self._open_room)
            await self._furnish(at)
        for skill in _FIRST_LOOKS:
            await self._once(at, f"look:{skill}", lambda there, skill=skill: self._first_look(there, skill))  # type: ignore[misc]  # bound now
        await self._write_down(incident)
        await self._remind(at)
        if incident.open:
            at.due.append(self._clock() + LOOK_EVERY)
        return min(at.due, default=None)

    async def _call(self, at: _Round) -> None:
        """Page, note whom it reached, and tell the pager what is known here."""
        if self._pages is None:
            return
        if urgency := urgency_of(at.incident):
            await self._once(at, f"page:{urgency}", lambda there: self._pages.call(there, urgency))  # type: ignore[union-attr]  # checked above
        incident = await self._pages.follow(at.incident, at.effects)
        for name, act in self._pages.answers(incident, await self._store.incident_effects.of(incident.id)):
            await self._once(at, name, act, after_the_end=True)

    async def _once(
        self, at: _Round, name: str, act: Callable[[Incident], Awaitable[str]], *, after_the_end: bool = False
    ) -> None:
        """Do it unless it is done, or is to be tried later; what it comes to is written down."""
        before = at.effects.get(name)
        if before and before.state is not EffectState.MEANT:
            return
        if before and before.due_at > self._clock():
            at.due.append(before.due_at)
            return
        if before is None and not (at.incident.open or after_the_end):
            return
        await self._store.incident_effects.mean(at.incident.id, name)
        try:
            detail = await act(at.incident)
        except NotAllowed as refused:
            await self._store.incident_effects.conclude(at.incident.id, name, EffectState.REFUSED, str(refused))
            await self._write(at.incident, Verb.NOTE, f"{name.capitalize()}: {refused}", key=f"refused:{name}")
        except Unavailable as down:
            log.warning(
                "an incident waits for something outside", incident=at.incident.id, what=name, problem=str(down)
            )
            at.due.append(self._clock() + LOOK_EVERY)
        else:
            await self._store.incident_effects.conclude(at.incident.id, name, EffectState.DONE, detail)

    async def _open_room(self, incident: Incident) -> str:
        assert self._rooms
        name = f"inc-{incident.declared_at:%Y%m%d}-{incident.title}"
        room = await self._rooms.open(RoomWanted(key=_key(incident), name=name, private=incident.confidential))
        facts = {"id": room.id, "name": room.name, "url": room.url}
        await self._write(incident, Verb.ROOM, f"The room is #{room.name}.", key="room", link=room.url, facts=facts)
        return room.id

    async def _furnish(self, at: _Round) -> None:
        """Topic, people and card, whenever they changed. A room that was closed by somebody is left alone."""
        assert self._rooms
        assert self._boards
        incident = await self._store.incidents.incident(at.incident.id)
        if incident is None or incident.room is None:
            return
        room = _room(incident, incident.room)
        wanted = {
            f"topic:{incident.severity}:{incident.phase}": lambda _: self._furnished(room, incident),
            **{f"invite:{each}": lambda _, each=each: self._invited(room, each) for each in self._wanted(incident)},  # type: ignore[misc]
            f"card:{incident.last}": lambda _: self._shown(room, incident),
        }
        for name, act in wanted.items():
            await self._once(at, name, act, after_the_end=True)

    async def _furnished(self, room: Room, incident: Incident) -> str:
        assert self._rooms
        topic = f"{incident.severity} · {incident.phase} · {incident.title}"
        return " ".join(await self._rooms.furnish(room, topic=topic))

    async def _invited(self, room: Room, subject: str) -> str:
        assert self._rooms
        refused = await self._rooms.invite(room, [Subject(subject)])
        return " ".join(each.why for each in refused)

    async def _shown(self, room: Room, incident: Incident) -> str:
        assert self._boards
        report = incident_told.card(incident, now=self._clock())
        return (await self._boards.put(room.id, f"{_key(incident)}/card", report, pinned=True)).url

    async def _first_look(self, incident: Incident, skill: str) -> str:
        """What a person would ask first, with the rights of whoever declared it."""
        query, person = self._skills.get(SkillName(skill)), self._catalog.by_subject(Subject(incident.declared_by))
        if not isinstance(query, Query) or person is None or not incident.service:
            return "nothing to look at"
        try:
            report = await self._ask(person.actor, query, {"service": incident.service})
        except Unavailable:
            raise
        except Exception as problem:  # noqa: BLE001 - what a first look meets must not keep the room from opening
            log.warning("a first look failed", incident=incident.id, skill=skill, problem=str(problem))
            return f"failed: {type(problem).__name__}"
        there = await self._store.incidents.incident(incident.id)
        link = ""
        if self._boards and there and there.room:
            link = (await self._boards.put(there.room.id, f"{_key(incident)}/{skill}", report)).url
        text = f"{skill.capitalize()} of {incident.service}: {report.summary}"
        await self._write(incident, Verb.NOTE, text, key=f"look:{skill}", link=link)
        return report.summary

    async def _tell(self, incident: Incident) -> None:
        """Whoever wants to know of every incident, and whoever owns the service, once for each thing that they should know."""
        news = [("declared", f"Incident #{incident.id} was declared: {incident.title} ({incident.severity}).")]
        news += [(f"update:{number}", f"Incident #{incident.id}: {text}") for number, (_, text) in enumerate(incident.updates, 1)]  # fmt: skip
        if incident.resolved_at:
            ended = "was merged" if incident.merged_into else "is over"
            news.append((f"over:{incident.resolved_at:%Y%m%d%H%M%S}", f"Incident #{incident.id} {ended}: {incident.title}."))  # fmt: skip
        effects = await self._store.incident_effects.of(incident.id)
        for key, text in news:
            if f"told:{key}" in effects:
                continue
            report = Report(title=f"Incident #{incident.id}", summary=text, parts=offers(incident))
            owners = self._owners(incident) if key == "declared" else ()
            async with self._store.begin() as tx:
                if not incident.confidential:
                    await tx.notify(f"{_key(incident)}/{key}", to=Place(purpose=PURPOSE), report=report)
                for subject in owners:
                    await tx.notify(f"{_key(incident)}/{key}/{subject}", to=Person(subject=Subject(subject)), report=report)  # fmt: skip
            await self._store.incident_effects.mean(incident.id, f"told:{key}")
            await self._store.incident_effects.conclude(incident.id, f"told:{key}", EffectState.DONE)

    async def _remind(self, at: _Round) -> None:
        incident = await self._store.incidents.incident(at.incident.id)
        for each in reminders(incident, zone=self._zone, quiet=self._quiet) if incident else ():
            if f"reminded:{each.key}" in at.effects:
                continue
            if each.at > self._clock():
                at.due.append(each.at)
                continue
            await self._reminded(at.incident, each)

    async def _reminded(self, incident: Incident, reminder: Reminder) -> None:
        """The word and its place in the time line are one transaction, so that it goes out once whoever sends it."""
        key = f"reminded:{reminder.key}"
        report = Report(title=f"Incident #{incident.id}", summary=reminder.text, parts=offers(incident))
        to = dict.fromkeys([*reminder.to, *(self._owners(incident) if reminder.everybody else ())])
        entry = Entry(at=self._clock(), verb=Verb.REMINDER, text=reminder.text, source="countersign")
        async with self._store.begin() as tx:
            await tx.incidents.write(incident.id, [entry], key=key)
            for subject in to:
                await tx.notify(f"{_key(incident)}/{key}/{subject}", to=Person(subject=Subject(subject)), report=report)
        await self._store.incident_effects.mean(incident.id, key)
        await self._store.incident_effects.conclude(incident.id, key, EffectState.DONE)

    async def _write_down(self, incident: Incident) -> None:
        """What became of proposals that concern it, from the store, each thing once."""
        found = await self._store.proposals(service=incident.service, since=incident.declared_at) if incident.service else ()  # fmt: skip
        until = incident.resolved_at
        wanted = [each for each in found if until is None or each.created_at <= until]
        if not wanted:
            return
        written = await self._store.incidents.entries(incident.id, verbs=OF_PROPOSALS)
        known = {each.facts.get("mark") for each in written}
        for proposal in wanted:
            for entry in of_proposals(proposal):
                if entry.facts["mark"] not in known:
                    async with self._store.begin() as tx:
                        await tx.incidents.write(incident.id, [entry], key=str(entry.facts["mark"]))

    async def _write(self, incident: Incident, verb: Verb, text: str, *, key: str, link: str = "", facts: dict[str, str] | None = None) -> None:  # fmt: skip
        entry = Entry(at=self._clock(), verb=verb, text=text, source="countersign", link=link, facts=dict(facts or {}))
        async with self._store.begin() as tx:
            await tx.incidents.write(incident.id, [entry], key=f"effect:{key}")

    def _owners(self, incident: Incident) -> Sequence[str]:
        """The people of the team that owns the service. Of a confidential incident nobody learns by owning something."""
        if incident.confidential or not incident.service:
            return ()
        service = next((each for each in self._catalog.services if each.name == incident.service), None)
        owner = service.owner if service else ""
        everybody = self._catalog.everybody
        return [each.actor.subject for each in everybody if owner in each.actor.teams and each.actor.active]

    def _wanted(self, incident: Incident) -> Iterable[str]:
        return dict.fromkeys([*incident.people, *self._owners(incident)])


def _key(incident: Incident) -> str:
    return f"incident/{incident.id}"


def _room(incident: Incident, place: Meeting) -> Room:
    return Room(id=place.id, key=_key(incident), name=place.name, private=incident.confidential, url=place.url)
