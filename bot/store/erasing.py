"""Erases what the log and the proposals hold of a person, or what was typed about one proposal, without breaking the tree."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, delete, func, or_, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store.audit import locked_head
from bot.store.clear_text import pseudonyms_of
from bot.store.columns import instant
from bot.store.sealing import ERASED, PERSON, erased_name, fingerprint
from bot.store.tables import audit_entries, audit_people, audit_texts, decisions, glasses, proposals, votes
from skills.core.canonical import Json
from skills.core.errors import NotAllowed
from skills.core.names import Organization
from skills.core.proposal import Status

_OPEN = (Status.PENDING, Status.APPROVED, Status.RUNNING)
_WORDED = (Status.REJECTED, Status.CANCELLED, Status.VOID)
"""Where the outcome is a sentence with somebody's name or words."""


@dataclass(frozen=True, kw_only=True)
class Erased:
    """How much was. `plain` counts entries from before there were hashes, in which it stands for ever."""

    people: int
    texts: int
    proposals: int
    plain: int
    facts: dict[str, Json]


async def erase(connection: AsyncConnection, organization: Organization, subject: str) -> Erased:
    """Erase everything of `subject`, “person/dev” or “proposal/17”. Locks the audit head, after the proposals; the caller records `facts`.

    Raises `NotAllowed` while a proposal that it concerns is open.
    """
    mine = audit_texts.c.organization == organization
    pseudonyms: list[str] = []
    if subject.startswith(PERSON):
        name = subject.removeprefix(PERSON)
        pseudonyms = await pseudonyms_of(connection, organization, name)
        about = await _of_person(connection, organization, name, pseudonyms)
        touched = await _forget_person(connection, organization, name, pseudonyms)
        plain = await _plain(connection, organization, audit_entries.c.actor == name)
    else:
        about = _entries(organization, audit_entries.c.subject == subject)
        ids = [int(subject.partition("/")[2])]
        await _refuse_open(connection, organization, ids)
        touched = await _forget_words(connection, organization, ids)
        plain = await _plain(connection, organization, audit_entries.c.subject == subject)
    await locked_head(connection, organization)
    query = select(audit_texts.c.seq, audit_texts.c.field).where(mine, audit_texts.c.erasure.is_(None), about)
    texts = [
        (row.seq, row.field) for row in await connection.execute(query.order_by(audit_texts.c.seq, audit_texts.c.field))
    ]
    erasure = secrets.token_hex(16)
    gone = {"salt": None, "erasure": erasure}
    await connection.execute(
        update(audit_texts).where(mine, audit_texts.c.erasure.is_(None), about).values(text=None, **gone)
    )
    people = audit_people.c.organization == organization
    await connection.execute(
        update(audit_people).where(people, audit_people.c.pseudonym.in_(pseudonyms)).values(name=None, **gone)
    )
    facts: dict[str, Json] = {
        "erasure": erasure, "fingerprint": fingerprint(sorted(pseudonyms), texts), "people": len(pseudonyms), "texts": len(texts)
    }  # fmt: skip
    return Erased(people=len(pseudonyms), texts=len(texts), proposals=touched, plain=plain, facts=facts)


async def erase_older(
    connection: AsyncConnection, organization: Organization, before: datetime, *, limit: int = 5_000
) -> Erased | None:
    """Erase what was typed before this moment, some of it at a time; None where nothing is left of it. Names stay, and so do plans.

    Locks the audit head, after the proposals; the caller records `facts`.
    """
    mine = (proposals.c.organization == organization) & (proposals.c.created_at < before)
    settled = proposals.c.status.not_in(_OPEN) & (proposals.c.reason != ERASED)
    old = select(proposals.c.id).where(mine, settled).order_by(proposals.c.id).limit(limit)
    touched = await _forget_words(connection, organization, [row.id for row in await connection.execute(old)])
    await locked_head(connection, organization)
    texts = audit_texts.c.organization == organization
    query = (
        select(audit_texts.c.seq, audit_texts.c.field)
        .join(
            audit_entries, (audit_entries.c.organization == organization) & (audit_entries.c.seq == audit_texts.c.seq)
        )
        .where(texts, audit_texts.c.erasure.is_(None), audit_entries.c.at < instant(before))
        .order_by(audit_texts.c.seq, audit_texts.c.field)
    )
    found = [(row.seq, row.field) for row in await connection.execute(query.limit(limit))]
    if not found and not touched:
        return None
    erasure = secrets.token_hex(16)
    for seq, some in groupby(found, key=lambda each: each[0]):
        # By number and place: the list above is what the fingerprint is of.
        places = [place for _, place in some]
        these = texts & (audit_texts.c.seq == seq) & audit_texts.c.field.in_(places)
        await connection.execute(update(audit_texts).where(these).values(text=None, salt=None, erasure=erasure))
    facts: dict[str, Json] = {
        "erasure": erasure,
        "fingerprint": fingerprint([], found),
        "people": 0,
        "texts": len(found),
    }
    return Erased(people=0, texts=len(found), proposals=touched, plain=0, facts=facts)


async def _of_person(
    connection: AsyncConnection, organization: Organization, name: str, pseudonyms: Sequence[str]
) -> ColumnElement[bool]:
    """Which texts they typed, or were worded about what they asked for or decided on. Raises `NotAllowed`."""
    decided = select(decisions.c.proposal).where(decisions.c.organization == organization, decisions.c.subject == name)
    broken = select(glasses.c.proposal).where(
        glasses.c.organization == organization, or_(glasses.c.subject == name, glasses.c.reviewer == name)
    )
    theirs = or_(proposals.c.requester == name, proposals.c.id.in_(decided), proposals.c.id.in_(broken))
    asked = select(proposals.c.id).where(proposals.c.organization == organization, theirs)
    concerned = [row.id for row in await connection.execute(asked)]
    await _refuse_open(connection, organization, concerned)
    subjects = [f"proposal/{id}" for id in concerned]
    worded = _entries(organization, or_(audit_entries.c.subject.in_(subjects), audit_entries.c.actor.in_(pseudonyms)))
    return or_(audit_texts.c.person.in_(pseudonyms), audit_texts.c.person.is_(None) & worded)


def _entries(organization: Organization, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    these = select(audit_entries.c.seq).where(audit_entries.c.organization == organization, condition)
    return audit_texts.c.seq.in_(these)


async def _refuse_open(connection: AsyncConnection, organization: Organization, ids: Sequence[int]) -> None:
    query = select(proposals.c.id, proposals.c.status).where(
        proposals.c.organization == organization, proposals.c.id.in_(ids), proposals.c.status.in_(_OPEN)
    )
    if row := (await connection.execute(query.order_by(proposals.c.id))).first():
        raise NotAllowed(
            f"#{row.id} is still {row.status}, so nothing about it was erased.",
            hint=f"Wait until it is settled, or “cancel {row.id}”.",
        )


async def _forget_person(
    connection: AsyncConnection, organization: Organization, name: str, pseudonyms: Sequence[str]
) -> int:
    """In proposals and decisions somebody stands in for them who was erased; the log tells whom. How many proposals that were."""
    stand_in = erased_name(pseudonyms[-1]) if pseudonyms else ERASED
    asked = (proposals.c.organization == organization) & (proposals.c.requester == name)
    said = (decisions.c.organization == organization) & (decisions.c.subject == name)
    theirs = [row.id for row in await connection.execute(select(proposals.c.id).where(asked))]
    judged = [row.proposal for row in await connection.execute(select(decisions.c.proposal).where(said))]
    await _forget_words(connection, organization, theirs)
    await _forget_outcome(connection, organization, judged)
    named: dict[str, Any] = {"requester": stand_in, "requester_name": stand_in}
    await connection.execute(update(proposals).where(asked).values(**named))
    await connection.execute(update(decisions).where(said).values(subject=stand_in, name=stand_in, reason=ERASED))
    await _forget_glass(connection, organization, name, stand_in)
    await connection.execute(delete(votes).where(votes.c.organization == organization, votes.c.subject == name))
    return len({*theirs, *judged})


async def _forget_words(connection: AsyncConnection, organization: Organization, ids: Sequence[int]) -> int:
    """What the requester typed, and what policy said about it."""
    mine = (proposals.c.organization == organization) & proposals.c.id.in_(ids)
    rows = (await connection.execute(select(proposals.c.id, proposals.c.origin, proposals.c.verdict).where(mine))).all()
    for row in rows:
        origin = {**row.origin, "words": ERASED, "place": {}}
        verdict = {**row.verdict, "reasons": [ERASED for _ in row.verdict["reasons"]]}
        this = (proposals.c.organization == organization) & (proposals.c.id == row.id)
        await connection.execute(update(proposals).where(this).values(reason=ERASED, origin=origin, verdict=verdict))
    await _forget_outcome(connection, organization, ids)
    these = (decisions.c.organization == organization) & decisions.c.proposal.in_(ids)
    await connection.execute(update(decisions).where(these, decisions.c.reason != "").values(reason=ERASED))
    typed = (glasses.c.organization == organization) & glasses.c.proposal.in_(ids)
    await connection.execute(update(glasses).where(typed).values(reason=ERASED))
    await connection.execute(update(glasses).where(typed, glasses.c.note != "").values(note=ERASED))
    return len(rows)


async def _forget_glass(connection: AsyncConnection, organization: Organization, name: str, stand_in: str) -> None:
    mine = glasses.c.organization == organization
    broke = {"subject": stand_in, "name": stand_in, "reason": ERASED}
    await connection.execute(update(glasses).where(mine, glasses.c.subject == name).values(**broke))
    looked = {"reviewer": stand_in, "reviewer_name": stand_in, "note": ERASED}
    await connection.execute(update(glasses).where(mine, glasses.c.reviewer == name).values(**looked))


async def _forget_outcome(connection: AsyncConnection, organization: Organization, ids: Sequence[int]) -> None:
    worded = proposals.c.status.in_(_WORDED)
    mine = (proposals.c.organization == organization) & proposals.c.id.in_(ids)
    await connection.execute(update(proposals).where(mine, worded).values(outcome=ERASED))


async def _plain(connection: AsyncConnection, organization: Organization, condition: ColumnElement[bool]) -> int:
    """Entries in clear text: those whose actor is no pseudonym."""
    mine = (audit_entries.c.organization == organization) & audit_entries.c.actor.not_like("sha256:%")
    query = select(func.count()).select_from(audit_entries).where(mine, condition)
    return int((await connection.execute(query)).scalar_one())
