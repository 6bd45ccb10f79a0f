"""What was changed where, in few columns: for policies, which are told of it at every judgement."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from sqlalchemy import and_, select

from bot.store.tables import proposals, targets
from skills.core.names import Organization

if TYPE_CHECKING:
    from bot.store.database import Database

_MOST = 200
"""Changes of one service in one environment; whoever changes it more often within two days is told of these."""


@dataclass(frozen=True, kw_only=True)
class Change:
    """A run of ours, by its proposal. Times are UTC; `status` as of the moment that was asked about."""

    proposal: int
    digest: str
    status: str
    started_at: datetime
    settled_at: datetime | None


class Pasts:
    """The organization's changes by service and environment."""

    def __init__(self, database: "Database", organization: Organization) -> None:
        self._database = database
        self._organization = organization

    async def of(
        self, services: Collection[str], environments: Collection[str], moment: datetime
    ) -> Mapping[tuple[str, str], list[Change]]:
        """What had begun by then, the newest first, for each service in each environment; an empty list where there was nothing."""
        found: dict[tuple[str, str], list[Change]] = {}
        async with self._database.reading() as connection:
            for service in sorted(services):
                for environment in sorted(environments):
                    query = (
                        select(
                            proposals.c.id,
                            proposals.c.digest,
                            proposals.c.status,
                            proposals.c.started_at,
                            proposals.c.settled_at,
                        )
                        .join(
                            targets,
                            and_(
                                targets.c.organization == proposals.c.organization, targets.c.proposal == proposals.c.id
                            ),
                        )
                        .where(
                            targets.c.organization == self._organization,
                            targets.c.service == service,
                            targets.c.environment == environment,
                            proposals.c.started_at <= moment,
                        )
                        .order_by(proposals.c.id.desc())
                        .limit(_MOST)
                    )
                    rows = (await connection.execute(query)).all()
                    found[service, environment] = [
                        Change(
                            proposal=row.id,
                            digest=row.digest,
                            status=row.status if row.settled_at and row.settled_at <= moment else "running",
                            started_at=row.started_at,
                            settled_at=row.settled_at if row.settled_at and row.settled_at <= moment else None,
                        )
                        for row in rows
                    ]
        return found
