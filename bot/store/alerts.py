"""Alerts that were sent here, each as it was last told. An older word never undoes a newer one, in whatever order they arrive."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, Row, and_, bindparam, case, func, or_, select, update

from bot.store.alert_tables import alert_episodes, received_alerts
from bot.store.audit import clean_text
from bot.store.statements import insert, insert_once
from skills.core.names import Organization
from skills.core.ports.received_alerts import Firing, ReceivedAlert
from skills.core.untrusted import Untrusted

if TYPE_CHECKING:
    from bot.store.database import Database

_AT_ONCE = 500
_MOST = 5_000
"""Alerts that are read one by one; counts count all of them."""


@dataclass(frozen=True, kw_only=True)
class Arrived:
    """An alert as it came in. Its name and summary are somebody else's text, on its way to be stored and nowhere else."""

    source: str
    fingerprint: str
    name: str
    summary: str
    service: str
    environment: str
    severity: str
    link: str
    started_at: datetime
    ended_at: datetime | None


@dataclass(frozen=True, kw_only=True)
class Episode:
    """The how-manieth time it is that alerts fire about something, and since when."""

    about: str
    number: int
    began_at: datetime


class StoredAlerts:
    """The organization's alerts. Any number of processes may receive the same ones at once."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def receive(self, arrived: Sequence[Arrived]) -> None:
        """Store them all or none, without secrets; they are committed when this returns. Raises `Unavailable`."""
        latest = {(each.source, each.fingerprint): each for each in sorted(arrived, key=_order)}
        now = self._database.clock()
        rows = [self._row(latest[key], now) for key in sorted(latest)]
        if not rows:
            return
        async with self._database.writing() as connection:
            statement = insert(connection, received_alerts)
            new, old = statement.excluded, received_alerts.c
            ends = and_(new.started_at == old.started_at, old.ended_at.is_(None), new.ended_at.is_not(None))
            moves = or_(new.started_at > old.started_at, ends)
            told = {name: case((moves, new[name]), else_=old[name]) for name in _TOLD}
            changes: Any = {**told, "received_at": new.received_at, "deliveries": old.deliveries + 1}
            changes |= {"news": or_(moves, old.news), "unwritten": or_(moves, old.unwritten)}
            keys = ["organization", "source", "fingerprint"]
            await connection.execute(statement.on_conflict_do_update(index_elements=keys, set_=changes), rows)

    async def firing(self, *, service: str = "") -> Sequence[ReceivedAlert]:
        """The longest first."""
        return await self._many(received_alerts.c.ended_at.is_(None), *_about(service))

    async def ended(self, *, since: datetime, service: str = "") -> Sequence[ReceivedAlert]:
        """The latest first."""
        found = await self._many(received_alerts.c.ended_at >= since, *_about(service))
        return sorted(found, key=lambda each: each.ended or each.since, reverse=True)

    async def counted(self, *, service: str | None = None) -> Sequence[Firing]:
        """All that fire, by name and place; with a service (or "" for none), those about it."""
        columns = received_alerts.c
        kinds = (columns.name, columns.service, columns.environment, columns.severity)
        mine = (columns.organization == self._organization) & columns.ended_at.is_(None)
        count, since = func.count().label("count"), func.min(columns.started_at).label("since")
        query = select(*kinds, count, since).where(mine, *_exactly(service)).group_by(*kinds).order_by("since")
        async with self._database.reading() as connection:
            found = (await connection.execute(query)).mappings()
            return [Firing(**{**each, "name": Untrusted(each["name"])}) for each in found]

    async def ended_since(self, moment: datetime, *, service: str | None = None) -> int:
        """How many ended at that moment or later, about a service (or "" for none)."""
        mine = (received_alerts.c.organization == self._organization) & (received_alerts.c.ended_at >= moment)
        query = select(func.count()).select_from(received_alerts).where(mine, *_exactly(service))
        async with self._database.reading() as connection:
            return int((await connection.execute(query)).scalar_one())

    async def news_about(self) -> Sequence[str]:
        """The services whose card does not say yet how all of their alerts stand; "" where alerts name none."""
        mine = (received_alerts.c.organization == self._organization) & received_alerts.c.news
        async with self._database.reading() as connection:
            return list((await connection.execute(select(received_alerts.c.service).where(mine).distinct())).scalars())

    async def news(self, services: Sequence[str]) -> Sequence[ReceivedAlert]:
        """Those about the services whose card does not say yet how they stand."""
        return await self._many(received_alerts.c.news, received_alerts.c.service.in_(services))

    async def unwritten(self) -> Sequence[ReceivedAlert]:
        """Those for which no time line was looked for yet."""
        return await self._many(received_alerts.c.unwritten)

    async def on_card(self, alerts: Sequence[ReceivedAlert]) -> None:
        """They stand on a card like that; one that has moved since is news still."""
        await self._done(alerts, news=False)

    async def written(self, alerts: Sequence[ReceivedAlert]) -> None:
        """The time lines that they concern have them like that."""
        await self._done(alerts, unwritten=False)

    async def _done(self, alerts: Sequence[ReceivedAlert], **values: bool) -> None:
        """In steps that leave room for whoever delivers meanwhile."""
        columns = received_alerts.c
        mine = (columns.organization == self._organization) & (columns.source == bindparam("of"))
        same = mine & (columns.fingerprint == bindparam("print")) & (columns.started_at == bindparam("since"))
        fires = update(received_alerts).where(same, columns.ended_at.is_(None)).values(**values)
        over = update(received_alerts).where(same, columns.ended_at == bindparam("till")).values(**values)
        for start in range(0, len(alerts), _AT_ONCE):
            some = alerts[start : start + _AT_ONCE]
            async with self._database.writing() as connection:
                for statement, those in ((fires, [each for each in some if each.fires]), (over, [each for each in some if not each.fires])):  # fmt: skip
                    if those:
                        await connection.execute(statement, [_bound(each) for each in those])

    async def episode(self, about: str, *, begin: bool) -> Episode | None:
        """The one that goes on about this; with `begin`, a new one where none does."""
        mine = (alert_episodes.c.organization == self._organization) & (alert_episodes.c.about == about)
        query = select(alert_episodes).where(mine).with_for_update()
        now = self._database.clock()
        async with self._database.writing() as connection:
            row = (await connection.execute(query)).first()
            if row is None and begin:
                values = {
                    "organization": self._organization,
                    "about": about,
                    "number": 0,
                    "began_at": now,
                    "over": True,
                }
                await insert_once(connection, alert_episodes, **values)
                row = (await connection.execute(query)).one()
            if row is not None and row.over and begin:
                following = update(alert_episodes).where(mine).values(number=row.number + 1, began_at=now, over=False)
                await connection.execute(following)
                return Episode(about=about, number=row.number + 1, began_at=now)
        if row is None or row.over:
            return None
        return Episode(about=about, number=row.number, began_at=row.began_at)

    async def over(self, episode: Episode) -> None:
        """Nothing fires any more."""
        mine = (alert_episodes.c.organization == self._organization) & (alert_episodes.c.about == episode.about)
        async with self._database.writing() as connection:
            same = mine & (alert_episodes.c.number == episode.number)
            await connection.execute(update(alert_episodes).where(same).values(over=True))

    async def _many(self, *conditions: ColumnElement[bool]) -> Sequence[ReceivedAlert]:
        query = select(received_alerts).where(received_alerts.c.organization == self._organization, *conditions)
        ordered = query.order_by(received_alerts.c.started_at, received_alerts.c.fingerprint).limit(_MOST)
        async with self._database.reading() as connection:
            return [_alert(row) for row in await connection.execute(ordered)]

    def _row(self, alert: Arrived, now: datetime) -> dict[str, Any]:
        return {
            **asdict(alert),
            **{name: clean_text(getattr(alert, name)) for name in ("name", "summary", "link")},
            "organization": self._organization,
            "received_at": now,
            "deliveries": 1,
            "news": True,
            "unwritten": True,
        }


_TOLD = ("name", "summary", "service", "environment", "severity", "link", "started_at", "ended_at")


def _order(alert: Arrived) -> tuple[datetime, bool]:
    return alert.started_at, alert.ended_at is not None


def _about(service: str) -> list[ColumnElement[bool]]:
    return _exactly(service or None)


def _exactly(service: str | None) -> list[ColumnElement[bool]]:
    return [] if service is None else [received_alerts.c.service == service]


def _bound(alert: ReceivedAlert) -> dict[str, Any]:
    till = {} if alert.fires else {"till": alert.ended}
    return {"of": alert.source, "print": alert.fingerprint, "since": alert.since, **till}


def _alert(row: Row[Any]) -> ReceivedAlert:
    return ReceivedAlert(
        source=row.source,
        fingerprint=row.fingerprint,
        name=Untrusted(row.name),
        since=row.started_at,
        ended=row.ended_at,
        service=row.service,
        environment=row.environment,
        severity=row.severity,
        summary=Untrusted(row.summary),
        link=row.link,
        told=row.deliveries,
    )
