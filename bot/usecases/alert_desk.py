"""Passing on what alerts say: into the time lines of the incidents they are about, and onto one card for each service, which counts.

It follows the store: whichever process does it, and however often, an entry is written once and a card stays one message. A storm makes few cards:
where alerts fire about more services than `MOST_CARDS` at once, they share one.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.store import Store
from skills.core.alert_told import card
from skills.core.errors import NotAllowed, Unavailable
from skills.core.incident import Entry, Incident, Verb
from skills.core.ports.received_alerts import ReceivedAlert
from skills.core.ports.rooms import Boards

log = structlog.get_logger()

PURPOSE = "alerts"
"""The channel of alerts, by what it is for."""
EVERYTHING, UNASSIGNED = "everything", "unassigned"
MOST_CARDS = 8
BETWEEN = timedelta(seconds=10)
"""A card is written at most so often, and two of them half as often each: a storm is counted on them and not played."""
_MOST_ENTRIES = 5


class AlertDesk:
    """The use case “pass on what alerts say”. Without `boards`, or without a channel, there are no cards; time lines are written all the same."""

    def __init__(
        self, *, store: Store, clock: Callable[[], datetime], boards: Boards | None = None, channel: str = ""
    ) -> None:
        self._store = store
        self._clock = clock
        self._boards = boards
        self._channel = channel
        self._written: dict[str, datetime] = {}

    async def __call__(self) -> None:
        """Pass on whatever is new. Raises `Unavailable` when the store or the chat cannot be used."""
        if unwritten := await self._store.alerts.unwritten():
            await self._write_down(unwritten)
            await self._store.alerts.written(unwritten)
        if self._boards and self._channel and (news := await self._store.alerts.news_about()):
            await self._show(news)

    async def _write_down(self, news: Sequence[ReceivedAlert]) -> None:
        for incident in await self._store.incidents.open():
            about = [each for each in news if incident.service and each.service == incident.service]
            if about:
                await self._tell_incident(incident, about)

    async def _tell_incident(self, incident: Incident, alerts: Sequence[ReceivedAlert]) -> None:
        """Each by itself; many at once as a count, which names the most frequent."""
        entries = [self._counted(alerts)] if len(alerts) > _MOST_ENTRIES else [self._entry(each) for each in alerts]
        for entry in entries:
            async with self._store.begin() as tx:
                await tx.incidents.write(incident.id, [entry], key=str(entry.facts["mark"]))

    def _entry(self, alert: ReceivedAlert) -> Entry:
        said = "ended" if alert.ended else "fires"
        where = f" in {alert.environment}" if alert.environment else ""
        text = f"The alert {alert.name.shown(limit=80)} {said}{where}."
        return Entry(
            at=alert.ended or alert.since, verb=Verb.ALERT, text=text, source=alert.source, link=alert.link, facts={"mark": _mark([alert])}
        )  # fmt: skip

    def _counted(self, alerts: Sequence[ReceivedAlert]) -> Entry:
        fire = [each for each in alerts if each.fires]
        parts = [f"{len(fire)} alerts fire ({_most(fire)})"] if fire else []
        if ended := len(alerts) - len(fire):
            parts.append(f"{ended} ended")
        text = f"{'; '.join(parts)}."
        facts = {"mark": _mark(alerts)}
        return Entry(at=self._clock(), verb=Verb.ALERT, text=text[:1].upper() + text[1:], source=alerts[0].source, facts=facts)  # fmt: skip

    async def _show(self, services: Sequence[str]) -> None:
        """Bring the cards up to date that may be written now. What is news is read before it is counted, so that nothing is taken for shown that is not."""
        firing = {each.service for each in await self._store.alerts.counted()}
        storm = len(firing) > MOST_CARDS or await self._store.alerts.episode(EVERYTHING, begin=False) is not None
        alone = [each for each in services if not storm or await self._store.alerts.episode(_card(each), begin=False)]
        for service in alone:
            if self._due(_card(service), BETWEEN * max(1, min(len(firing), MOST_CARDS))):
                await self._put(_card(service), [service], service)
        if storm and self._due(EVERYTHING, BETWEEN):
            await self._put(EVERYTHING, [each for each in services if each not in alone], None)

    def _due(self, about: str, between: timedelta) -> bool:
        now, last = self._clock(), self._written.get(about)
        if last and now - last < between:
            return False
        self._written[about] = now
        return True

    async def _put(self, about: str, services: Sequence[str], counted: str | None) -> None:
        assert self._boards
        news = await self._store.alerts.news(services)
        firing = await self._store.alerts.counted(service=counted)
        if episode := await self._store.alerts.episode(about, begin=bool(firing)):
            ended = await self._store.alerts.ended_since(episode.began_at, service=counted)
            report = card(about, firing, ended=ended, began=episode.began_at)
            try:
                await self._boards.put(self._channel, f"alerts/{about}/{episode.number}", report)
            except Unavailable:
                self._written.pop(about, None)
                raise
            except NotAllowed as refused:
                log.warning("a card of alerts cannot be written", about=about, problem=str(refused))
            if not firing:
                await self._store.alerts.over(episode)
        await self._store.alerts.on_card(news)


def _card(service: str) -> str:
    return service or UNASSIGNED


def _most(alerts: Sequence[ReceivedAlert]) -> str:
    counted = Counter(str(each.name.shown(limit=60)) for each in alerts).most_common(3)
    return ", ".join(f"{name} {count}×" if count > 1 else name for name, count in counted)


def _mark(alerts: Sequence[ReceivedAlert]) -> str:
    told = sorted(f"{each.source}/{each.fingerprint}/{each.since.isoformat()}/{each.fires}" for each in alerts)
    return f"alert:{hashlib.sha256('|'.join(told).encode()).hexdigest()[:24]}"
