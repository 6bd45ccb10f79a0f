"""Passing on what alerts say: into the time lines of the incidents they are about, and onto one card for each service, which counts.

It follows the store: whichever process does it, and however often, an entry is written once and a card stays one message. A storm makes few cards:
where alerts fire about more services than `MOST_CARDS` at once, they share one.
"""

import hashlib
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
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
"""A card is written at most so often, so that a storm is counted on it and not played."""
_MOST_ENTRIES = 5
_KEPT = timedelta(hours=1)


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
        if self._boards and self._channel and (news := await self._store.alerts.news()):
            await self._store.alerts.on_card(await self._show(news))

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

    async def _show(self, news: Sequence[ReceivedAlert]) -> Sequence[ReceivedAlert]:
        """Bring the cards up to date that may be written now; the alerts that stand on them."""
        firing = _by_service(await self._store.alerts.firing())
        lately = _by_service(await self._store.alerts.ended(since=self._clock() - _KEPT))
        shown: list[ReceivedAlert] = []
        storm = len(firing) > MOST_CARDS
        if storm or await self._store.alerts.episode(EVERYTHING, begin=False):
            alone = [each for each in _by_service(news) if await self._store.alerts.episode(each, begin=False)]
            everything = [each for each in news if _about(each) not in alone]
            if self._due(EVERYTHING):
                of_all = [alert for alerts in firing.values() for alert in alerts]
                await self._put(EVERYTHING, of_all, [alert for alerts in lately.values() for alert in alerts])
                shown += everything
        else:
            alone = list(_by_service(news))
        for about in alone:
            if self._due(about):
                await self._put(about, firing.get(about, []), lately.get(about, []))
                shown += [each for each in news if _about(each) == about]
        return shown

    def _due(self, about: str) -> bool:
        now, last = self._clock(), self._written.get(about)
        if last and now - last < BETWEEN:
            return False
        self._written[about] = now
        return True

    async def _put(self, about: str, firing: Sequence[ReceivedAlert], lately: Sequence[ReceivedAlert]) -> None:
        assert self._boards
        episode = await self._store.alerts.episode(about, begin=bool(firing))
        if episode is None:
            return
        ended = [each for each in lately if each.ended and each.ended >= episode.began_at]
        report = card(about, firing, ended, began=episode.began_at)
        try:
            await self._boards.put(self._channel, f"alerts/{about}/{episode.number}", report)
        except Unavailable:
            self._written.pop(about, None)
            raise
        except NotAllowed as refused:
            log.warning("a card of alerts cannot be written", about=about, problem=str(refused))
        if not firing:
            await self._store.alerts.over(episode)


def _about(alert: ReceivedAlert) -> str:
    return alert.service or UNASSIGNED


def _by_service(alerts: Iterable[ReceivedAlert]) -> Mapping[str, list[ReceivedAlert]]:
    found: dict[str, list[ReceivedAlert]] = {}
    for each in alerts:
        found.setdefault(_about(each), []).append(each)
    return found


def _most(alerts: Sequence[ReceivedAlert]) -> str:
    counted = Counter(str(each.name.shown(limit=60)) for each in alerts).most_common(3)
    return ", ".join(f"{name} {count}×" if count > 1 else name for name, count in counted)


def _mark(alerts: Sequence[ReceivedAlert]) -> str:
    told = sorted(f"{each.source}/{each.fingerprint}/{each.since.isoformat()}/{each.fires}" for each in alerts)
    return f"alert:{hashlib.sha256('|'.join(told).encode()).hexdigest()[:24]}"
