"""From what somebody asks about costs to what has to be looked up: whose they are, which days, and what was done meanwhile."""

from collections.abc import Sequence
from datetime import date, timedelta

from skills.core.catalog import Catalog, nearest, shown
from skills.core.errors import UnknownName
from skills.core.periods import Period, midnight
from skills.core.ports.costs import Accounts
from skills.core.ports.past_changes import PastChange, PastChanges
from skills.costing.account import SPREAD, Scope, entries, rows, used
from skills.costing.spending import Asked

FARTHEST = timedelta(days=1100)
"""Three years back, day by day. Who wants more has an accountant."""

_MOST_SERVICES = 5
"""Of so many services the changes are told where none is named: those that cost most."""


def scope_of(catalog: Catalog, *, service: str | None, environment: str | None, team: str | None) -> Scope:
    """By the catalog's names. Raises `UnknownName` for a service or an environment that is not there."""
    return Scope(
        service=catalog.service(service).name if service else "",
        environment=catalog.environment(environment).name if environment else "",
        team=_team(catalog, team) if team else "",
    )


def _team(catalog: Catalog, word: str) -> str:
    """As the catalog spells it, where it does; what it does not know may have had costs before."""
    return next((each.owner for each in catalog.services if each.owner.lower() == word.lower()), word)


def known_team(scope: Scope, catalog: Catalog, accounts: Accounts) -> None:
    """Raises `UnknownName` for a team that neither owns anything nor ever had costs in what was looked at."""
    paying = {line.whose.team for each in accounts.statements for line in each.lines}
    known = sorted({each.owner for each in catalog.services} | paying - {""})
    if scope.team and scope.team not in known:
        hint = "" if nearest(scope.team, known) else f"Known: {', '.join(each for each in known if each)}."
        raise UnknownName("team", shown(scope.team), nearest(scope.team, known), hint=hint)


def within_reach(period: Period, today: date) -> tuple[Period, str]:
    """As far back as anybody looks, with a sentence where that cuts it."""
    earliest = today - FARTHEST
    if period.start >= earliest:
        return period, ""
    text = f"I look back to {earliest.day} {earliest:%B %Y} and no farther."
    return Period(start=earliest, end=max(period.end, earliest + timedelta(days=1))), text


async def changes_of(
    past: PastChanges, asked: Asked, accounts: Accounts, period: Period | None = None
) -> Sequence[PastChange]:
    """What was done in the period to the services that are meant, or to those that cost most."""
    period = period or asked.period
    names = [asked.scope.service] if asked.scope.service else _dearest(asked, accounts)
    if not names:
        return ()
    return await past.changes(
        since=midnight(period.start, asked.zone),
        until=midnight(period.end, asked.zone),
        services=names,
        environments=[asked.scope.environment] if asked.scope.environment else (),
    )


def _dearest(asked: Asked, accounts: Accounts) -> list[str]:
    found = [
        each
        for each in used(entries(accounts.statements[0], asked.period))
        if each.whose.service and each.category not in SPREAD and asked.scope.holds(each.whose)
    ]
    return [row.name for row in rows(found, lambda each: each.whose.service)[:_MOST_SERVICES]]
