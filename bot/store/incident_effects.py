"""What has to happen outside because of an incident: written down before it is tried, and when it is done."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from sqlalchemy import select, update

from bot.store.audit import clean_text
from bot.store.statements import insert_once
from bot.store.tables import incident_effects
from skills.core.incident import IncidentId
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database

_FIRST_WAIT, _LONGEST_WAIT = 2.0, 120.0
"""Seconds."""


class EffectState(StrEnum):
    """How far it got. What was meant and is neither done nor refused is tried again: every call may be repeated."""

    MEANT = "meant"
    DONE = "done"
    REFUSED = "refused"


@dataclass(frozen=True, kw_only=True)
class IncidentEffect:
    """One of them. `due_at` (UTC) is when it may be tried again; `detail` what came of it last."""

    name: str
    state: EffectState
    attempts: int
    due_at: datetime
    detail: str = ""


class IncidentEffects:
    """The organization's."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def of(self, id: IncidentId) -> dict[str, IncidentEffect]:
        """Everything that was begun for this incident, by name."""
        mine = (incident_effects.c.organization == self._organization) & (incident_effects.c.incident == id)
        async with self._database.reading() as connection:
            return {
                row.name: IncidentEffect(
                    name=row.name,
                    state=EffectState(row.state),
                    attempts=row.attempts,
                    due_at=row.due_at,
                    detail=row.detail,
                )
                for row in await connection.execute(select(incident_effects).where(mine))
            }

    async def mean(self, id: IncidentId, name: str) -> None:
        """It is about to be tried. Repeating it counts one more attempt, and the next is due the later the more there were."""
        now = self._database.clock()
        async with self._database.writing() as connection:
            new = await insert_once(
                connection, incident_effects, organization=self._organization, incident=id, name=name, state=EffectState.MEANT,
                attempts=1, intent_at=now, due_at=now + timedelta(seconds=_FIRST_WAIT), detail="",
            )  # fmt: skip
            if new:
                return
            key = (
                (incident_effects.c.organization == self._organization)
                & (incident_effects.c.incident == id)
                & (incident_effects.c.name == name)
            )
            attempts = (
                await connection.execute(select(incident_effects.c.attempts).where(key).with_for_update())
            ).scalar_one()
            wait = min(_FIRST_WAIT * 2 ** min(attempts, 10), _LONGEST_WAIT)
            await connection.execute(
                update(incident_effects)
                .where(key)
                .values(attempts=attempts + 1, due_at=now + timedelta(seconds=wait), state=EffectState.MEANT)
            )

    async def conclude(self, id: IncidentId, name: str, state: EffectState, detail: str = "") -> None:
        """What came of it."""
        key = (
            (incident_effects.c.organization == self._organization)
            & (incident_effects.c.incident == id)
            & (incident_effects.c.name == name)
        )
        async with self._database.writing() as connection:
            await connection.execute(
                update(incident_effects).where(key).values(state=state, detail=clean_text(detail)[:500])
            )
