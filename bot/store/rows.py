"""Rows to proposals: one select for the proposals, one each for their decisions, effects, checkups and broken glass."""

from collections.abc import Callable, Sequence
from typing import Any

from sqlalchemy import Row, Select, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.glasses import glass_of
from bot.store.tables import checkups, decisions, effects, glasses, proposals
from skills.core.checkup import Checkup
from skills.core.cost_delta import CostDelta
from skills.core.errors import Anticipated
from skills.core.glass import Glass
from skills.core.names import Digest, Organization, ProposalId, Subject
from skills.core.plan import Plan
from skills.core.proposal import Choice, Decision, Effect, EffectState, Origin, Proposal, Status
from skills.core.verdict import Verdict


class Unreadable(Anticipated):
    """A proposal that somebody made unreadable."""

    def __init__(self, id: int) -> None:
        super().__init__(
            f"#{id} cannot be read; somebody changed it in the database. Nothing of it is carried out.",
            hint="Run `countersign audit verify`, and ask again.",
        )
        self.id = id


def refuse(unreadable: Unreadable) -> None:
    """Raises it."""
    raise unreadable


async def load(
    connection: AsyncConnection,
    organization: Organization,
    query: Select[Any],
    *,
    unreadable: Callable[[Unreadable], None] = refuse,
) -> tuple[Proposal, ...]:
    """The proposals that `query` over the proposals table selects, in its order, with decisions and effects.

    Of one that cannot be read `unreadable` is told; where that does not raise, it is left out.
    """
    rows = (await connection.execute(query)).all()
    if not rows:
        return ()
    ids = [row.id for row in rows]
    decided: dict[int, list[Decision]] = {id: [] for id in ids}
    effected: dict[int, list[Effect]] = {id: [] for id in ids}
    mine = (decisions.c.organization == organization) & decisions.c.proposal.in_(ids)
    for row in await connection.execute(select(decisions).where(mine).order_by(decisions.c.at, decisions.c.subject)):
        decided[row.proposal].append(decision_of(row))
    mine = (effects.c.organization == organization) & effects.c.proposal.in_(ids)
    for row in await connection.execute(select(effects).where(mine).order_by(effects.c.ordinal)):
        effected[row.proposal].append(effect_of(row))
    mine = (checkups.c.organization == organization) & checkups.c.proposal.in_(ids)
    checked = {row.proposal: checkup_of(row) for row in await connection.execute(select(checkups).where(mine))}
    mine = (glasses.c.organization == organization) & glasses.c.proposal.in_(ids)
    broken = {row.proposal: row for row in await connection.execute(select(glasses).where(mine))}
    found = []
    for row in rows:
        try:
            glass = glass_of(broken[row.id]) if row.id in broken else None
            found.append(_proposal(row, decided[row.id], effected[row.id], checked.get(row.id), glass))
        except (AttributeError, KeyError, TypeError, ValueError):
            unreadable(Unreadable(row.id))
    return tuple(found)


def decision_of(row: Row[Any]) -> Decision:
    return Decision(
        subject=Subject(row.subject),
        name=row.name,
        choice=Choice(row.choice),
        digest=Digest(row.digest),
        at=row.at,
        reason=row.reason,
        stepped_up=bool(row.stepped_up),
    )


def effect_of(row: Row[Any]) -> Effect:
    return Effect(
        ordinal=row.ordinal,
        compensating=row.compensating,
        index=row._mapping["index"],  # noqa: SLF001 - public in all but name; `row.index` is the method of tuples
        state=EffectState(row.state),
        intent_at=row.intent_at,
        outcome_at=row.outcome_at,
        detail=row.detail,
        progress=row.progress,
    )


def checkup_of(row: Row[Any]) -> Checkup:
    return Checkup.from_json(row.found, due_at=row.due_at)


def _proposal(
    row: Row[Any],
    decided: Sequence[Decision],
    effected: Sequence[Effect],
    checked: Checkup | None,
    glass: Glass | None,
) -> Proposal:
    return Proposal(
        id=ProposalId(row.id),
        organization=Organization(row.organization),
        handle=row.handle,
        requester=Subject(row.requester),
        requester_name=row.requester_name,
        reason=row.reason,
        origin=Origin.from_json(row.origin),
        plan=Plan.from_json(row.plan),
        digest=Digest(row.digest),
        verdict=Verdict.from_json(row.verdict),
        cost=CostDelta.from_json(row.cost) if row.cost else None,
        status=Status(row.status),
        created_at=row.created_at,
        expires_at=row.expires_at,
        start_by=row.start_by,
        started_at=row.started_at,
        settled_at=row.settled_at,
        outcome=row.outcome,
        decisions=tuple(decided),
        effects=tuple(effected),
        checkup=checked,
        glass=glass,
        told=row.told,
        version=row.version,
    )


def of(organization: Organization) -> Select[Any]:
    """Every query of proposals starts here, so none forgets whose they are."""
    return select(proposals).where(proposals.c.organization == organization)
