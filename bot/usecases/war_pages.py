"""Paging for an incident: whoever is called is brought into it, and what becomes of the page stands in its time line."""

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import replace
from datetime import datetime

import structlog

from bot.store import Store
from bot.store.incident_effects import EffectState
from skills.core.errors import NotAllowed, Unavailable
from skills.core.incident import Entry, Incident, Severity, Verb
from skills.core.names import ServiceName, Subject
from skills.core.ports.pager import Page, Paged, Pager, PageState, Urgency
from skills.core.ports.rooms import Boards
from skills.core.report import Report

log = structlog.get_logger()

NOBODY = "nobody is paged"


def urgency_of(incident: Incident) -> Urgency | None:
    """Whether somebody is called for it: at once, outside of quiet hours, or not at all. Of a confidential one nobody learns by being on call."""
    if not incident.service or incident.confidential or incident.severity is Severity.SEV4:
        return None
    return Urgency.HIGH if incident.severity.wakes else Urgency.LOW


class WarPages:
    """What a war room needs of a pager. Each call may be repeated."""

    def __init__(self, *, store: Store, pager: Pager, boards: Boards | None, clock: Callable[[], datetime]) -> None:
        self._store = store
        self._pager = pager
        self._boards = boards
        self._clock = clock

    async def call(self, incident: Incident, urgency: Urgency) -> str:
        """Page whoever is on call; a sentence. Raises like `Pager.page`."""
        page = Page(
            key=_key(incident),
            service=ServiceName(incident.service),
            summary=f"{incident.severity}: {incident.title}",
            urgency=urgency,
            requester=Subject(incident.declared_by) if incident.declared_by else None,
            url=incident.room.url if incident.room else "",
        )
        paged = await self._pager.page(page)
        text = _opened(paged, incident)
        async with self._store.begin() as tx:
            entry = self._entry(Verb.PAGE, text, link=paged.url)
            await tx.incidents.write(incident.id, [entry], key=f"effect:page:{urgency}")
        return text

    async def follow(self, incident: Incident, begun: Collection[str]) -> Incident:
        """Write down whom the page has reached and who answered it, wherever they did; where the incident stands then. `begun` was written before."""
        try:
            paged = await self._pager.look(_key(incident))
        except (Unavailable, NotAllowed) as problem:
            log.warning("a page cannot be looked at", incident=incident.id, problem=str(problem))
            return incident
        if paged is None or not incident.open:
            return incident
        for name, entry, told in self._news(incident, paged):
            if name not in begun:
                await self._write_once(incident, name, entry)
                if told:
                    await self._post(incident, name, entry.text)
        return await self._store.incidents.incident(incident.id) or incident

    def answers(
        self, incident: Incident, begun: Collection[str]
    ) -> Iterator[tuple[str, Callable[[Incident], Awaitable[str]]]]:
        """What the pager is to be told of what is known here, by the name of the effect."""
        if not any(name in begun for name in ("page:high", "page:low")):
            return
        if incident.acknowledged_by:
            yield "page:acknowledged", self._acknowledge
        if incident.resolved_at:
            yield "page:resolved", self._resolve

    async def _acknowledge(self, incident: Incident) -> str:
        now = await self._store.incidents.incident(incident.id) or incident
        if await self._pager.look(_key(incident)) is None:
            return NOBODY
        return (await self._pager.acknowledge(_key(incident), by=Subject(now.acknowledged_by))).state.value

    async def _resolve(self, incident: Incident) -> str:
        if await self._pager.look(_key(incident)) is None:
            return NOBODY
        return (await self._pager.resolve(_key(incident), by=None)).state.value

    def _news(self, incident: Incident, paged: Paged) -> Iterator[tuple[str, Entry, bool]]:
        """What the time line has to say, each under a name, and whether the room is to be told by a message, too."""
        for each in paged.called:
            who, name = each.responder, each.responder.subject or each.responder.name
            if each.step > 0:
                text = f"Nobody answered: called {who} (level {each.level})."
                yield f"page:called:{each.step}:{name}", self._entry(Verb.PAGE, text), True
            if who.subject and who.subject not in incident.people:
                facts = {"person": str(who.subject), "name": who.name}
                yield f"page:joined:{name}", self._entry(Verb.JOINED, f"{who} is in it, being on call.", facts), False
        for trouble in paged.troubles:
            yield f"page:trouble:{trouble}", self._entry(Verb.NOTE, f"Page: {trouble}"), True
        if paged.state is PageState.ACKNOWLEDGED and incident.acknowledged_at is None:
            for who in paged.acknowledged_by[:1]:
                entry = self._entry(Verb.ACKNOWLEDGED, f"{who} is on it.")
                yield "page:answered", replace(entry, by=who.subject or "", by_name=who.name), False

    def _entry(self, verb: Verb, text: str, facts: Mapping[str, str] | None = None, *, link: str = "") -> Entry:
        return Entry(at=self._clock(), verb=verb, text=text, source="pager", link=link, facts=dict(facts or {}))

    async def _write_once(self, incident: Incident, name: str, entry: Entry) -> None:
        """In the time line first: a process that dies in between finds it there and writes nothing twice."""
        async with self._store.begin() as tx:
            await tx.incidents.write(incident.id, [entry], key=f"effect:{name}")
        await self._store.incident_effects.mean(incident.id, name)
        await self._store.incident_effects.conclude(incident.id, name, EffectState.DONE)

    async def _post(self, incident: Incident, name: str, text: str) -> None:
        """A message in the room, where there is one; the time line has it in any case."""
        if self._boards is None or incident.room is None:
            return
        report = Report(title=f"Page for incident #{incident.id}", summary=text)
        try:
            await self._boards.put(incident.room.id, f"{_key(incident)}/{name}", report)
        except (Unavailable, NotAllowed) as problem:
            log.warning("a room was not told of a page", incident=incident.id, problem=str(problem))


def _opened(paged: Paged, incident: Incident) -> str:
    if not paged.reached and paged.due_at:
        return " ".join([f"Whoever is on call for {incident.service} is paged at {paged.due_at:%H:%M} UTC.", *paged.troubles])  # fmt: skip
    reached = ", ".join(each.name for each in paged.reached) or f"the pager of {incident.service}"
    return " ".join([f"Paged {reached}.", *paged.troubles])


def _key(incident: Incident) -> str:
    return f"incident/{incident.id}"
