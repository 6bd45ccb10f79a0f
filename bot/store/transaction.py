"""Everything that changes proposals, decisions, effects and the audit log, in one commit or not at all.

Rows are locked in one order, so that two transactions never wait for each other in a circle: the proposal first, then what hangs on it, and
at the very end the organization's change counter and audit head.
"""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Update, select, update
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.store import alarms, archiving, audit, erasing, notices, rows
from bot.store.audit import Draft
from bot.store.clock import Clock
from bot.store.erasing import Erased
from bot.store.errors import AlreadyAsked, AlreadyIntended, LostOwnership, Unaudited
from bot.store.glasses import GlassBook
from bot.store.grants import GrantBook
from bot.store.incidents import IncidentWriter
from bot.store.locks import LockBook
from bot.store.pages import PageBook
from bot.store.reviews import ReviewBook
from bot.store.stand_ins import StandInBook
from bot.store.statements import insert, insert_once
from bot.store.tables import checkups, counters, decisions, effects, proposals, requests, runs, targets
from skills.core.canonical import Json
from skills.core.checkup import Checkup
from skills.core.cost_delta import CostDelta
from skills.core.errors import UnknownName
from skills.core.names import Digest, Organization, ProposalId, Subject
from skills.core.notice import Recipient
from skills.core.plan import Plan
from skills.core.proposal import NEXT, Choice, Decision, Effect, EffectState, Origin, Proposal, Status
from skills.core.report import Report
from skills.core.verdict import Verdict

EFFECT_NEXT: Mapping[EffectState, frozenset[EffectState]] = {
    EffectState.INTENT: frozenset({EffectState.APPLIED, EffectState.FAILED, EffectState.UNKNOWN}),
    EffectState.APPLIED: frozenset({EffectState.VERIFIED, EffectState.FAILED, EffectState.UNKNOWN}),
    EffectState.UNKNOWN: frozenset({EffectState.APPLIED, EffectState.FAILED}),
}
"""How an effect may go on; `verified` and `failed` are final."""


class Transaction:
    """One unit of work of one organization, made by `Store.begin`. Not for use by two tasks at once."""

    def __init__(self, connection: AsyncConnection, organization: Organization, *, clock: Clock) -> None:
        self._connection = connection
        self._organization = organization
        self._clock = clock
        self._drafts: list[Draft] = []
        self._touched: set[ProposalId] = set()
        self._unaudited = False
        self.locks = LockBook(
            connection, organization, next_number=lambda: self._next("lock"), changed=self._needs_an_entry
        )
        self.grants = GrantBook(
            connection, organization, next_number=lambda: self._next("grant"), changed=self._needs_an_entry
        )
        self.pages = PageBook(
            connection, organization, next_number=lambda: self._next("page"), changed=self._needs_an_entry
        )
        self.stand_ins = StandInBook(
            connection, organization, next_number=lambda: self._next("stand-in"), changed=self._needs_an_entry
        )
        self.glasses = GlassBook(connection, organization, touched=self._touch_with_entry)
        self.reviews = ReviewBook(connection, organization, number=self._next, changed=self._needs_an_entry)
        self.incidents = IncidentWriter(connection, organization, number=self._next, audited=self._noted)

    async def add_proposal(
        self,
        *,
        handle: str,
        request_key: str | None,
        requester: Subject,
        requester_name: str,
        reason: str,
        origin: Origin,
        plan: Plan,
        verdict: Verdict,
        status: Status,
        expires_at: datetime,
        start_by: datetime | None = None,
        cost: CostDelta | None = None,
        told: Mapping[str, Json] | None = None,
    ) -> Proposal:
        """Store a plan under the organization's next number, what people typed without its secrets.

        Raises `AlreadyAsked` if the request key was used before.
        """
        origin = replace(origin, words=audit.clean_text(origin.words), offered=audit.clean_text(origin.offered))
        id = ProposalId(await self._next("proposal"))
        now = self._clock()
        values: dict[str, Any] = {
            "handle": handle, "requester": requester, "requester_name": audit.clean_text(requester_name), "reason": audit.clean_text(reason),
            "digest": plan.digest, "status": status, "created_at": now, "expires_at": expires_at, "start_by": start_by,
            "settled_at": now if status.settled else None, "outcome": "", "version": 1,
        }  # fmt: skip
        new = await insert_once(
            self._connection, proposals, organization=self._organization, id=id, request_key=request_key, change=0,
            origin=origin.to_json(), plan=plan.to_json(), verdict=verdict.to_json(), cost=cost.to_json() if cost else None,
            told=told, **values,
        )  # fmt: skip
        if not new:
            raise AlreadyAsked(request_key or handle)
        self._touched.add(id)
        self._unaudited = True
        await self._index_targets(id, plan)
        return Proposal(
            id=id,
            organization=self._organization,
            origin=origin,
            plan=plan,
            verdict=verdict,
            cost=cost,
            told=told,
            **values,
        )

    async def proposal(self, id: ProposalId) -> Proposal | None:
        """The proposal as this transaction sees it; nobody else can change it until the end of the transaction."""
        query = rows.of(self._organization).where(proposals.c.id == id).with_for_update()
        found = await rows.load(self._connection, self._organization, query)
        return found[0] if found else None

    async def move(
        self, id: ProposalId, *, from_: Status, to: Status, outcome: str = "", start_by: datetime | None = None
    ) -> bool:
        """Change the status if it still is `from_`; of any number of callers at once, one gets True.

        Sets `started_at` or `settled_at` where `to` means that; `outcome` is kept without secrets. Raises `ValueError` for a transition that does not exist.
        """
        if to not in NEXT.get(from_, ()):
            raise ValueError(f"a proposal never goes from {from_} to {to}")
        now = self._clock()
        values: dict[str, Any] = {"status": to, "version": proposals.c.version + 1}
        if to is Status.RUNNING:
            values["started_at"] = now
        if to.settled:
            values["settled_at"] = now
        if outcome:
            values["outcome"] = audit.clean_text(outcome)
        if start_by is not None:
            values["start_by"] = start_by
        result = await self._connection.execute(self._update(id).where(proposals.c.status == from_).values(**values))
        if result.rowcount != 1:
            return False
        self._touched.add(id)
        self._unaudited = True
        return True

    async def add_decision(
        self,
        id: ProposalId,
        *,
        subject: Subject,
        name: str,
        choice: Choice,
        digest: Digest,
        reason: str,
        stepped_up: bool = False,
    ) -> Decision | None:
        """Record a person's word, or return None if this person said it before. Raises `UnknownName`."""
        await self._lock(id)
        now, reason = self._clock(), audit.clean_text(reason)
        new = await insert_once(
            self._connection, decisions, organization=self._organization, proposal=id, subject=subject, choice=choice,
            name=name, digest=digest, at=now, reason=reason, stepped_up=stepped_up,
        )  # fmt: skip
        if not new:
            return None
        await self._touch(id)
        self._unaudited = True
        return Decision(
            subject=subject, name=name, choice=choice, digest=digest, at=now, reason=reason, stepped_up=stepped_up
        )

    async def claim(self, id: ProposalId, executor: str) -> int:
        """Make `executor` the owner of the run and return its epoch, which fences every earlier owner off. Raises `UnknownName`."""
        await self._lock(id)
        mine = {"executor": executor, "claimed_at": self._clock()}
        statement = (
            insert(self._connection, runs)
            .values(organization=self._organization, proposal=id, epoch=1, **mine)
            .on_conflict_do_update(
                index_elements=[runs.c.organization, runs.c.proposal], set_={"epoch": runs.c.epoch + 1, **mine}
            )
            .returning(runs.c.epoch)
        )
        return int((await self._connection.execute(statement)).scalar_one())

    async def intend(self, id: ProposalId, *, epoch: int, ordinal: int, compensating: bool, index: int) -> Effect:
        """Write down that an effect is about to be attempted. Raises `AlreadyIntended` and `LostOwnership`."""
        await self._fence(id, epoch)
        now = self._clock()
        new = await insert_once(
            self._connection, effects, organization=self._organization, proposal=id, ordinal=ordinal,
            compensating=compensating, index=index, state=EffectState.INTENT, intent_at=now, detail="", progress={},
        )  # fmt: skip
        if not new:
            raise AlreadyIntended(id, ordinal=ordinal)
        await self._touch(id)
        self._unaudited = True
        return Effect(ordinal=ordinal, compensating=compensating, index=index, state=EffectState.INTENT, intent_at=now)

    async def conclude(
        self,
        id: ProposalId,
        *,
        epoch: int,
        ordinal: int,
        state: EffectState,
        detail: str,
    ) -> None:
        """Write down how far an effect got. Raises `LostOwnership`, and `ValueError` for a step that `EFFECT_NEXT` does not have."""
        await self._fence(id, epoch)
        earlier = [before for before, after in EFFECT_NEXT.items() if state in after]
        result = await self._connection.execute(
            self._effect(id, ordinal)
            .where(effects.c.state.in_(earlier))
            .values(state=state, detail=audit.clean_text(detail), outcome_at=self._clock())
        )
        if result.rowcount != 1:
            raise ValueError(f"effect {ordinal} of proposal {id} is not in a state from which it could become {state}")
        await self._touch(id)
        self._unaudited = True

    async def progress(self, id: ProposalId, *, epoch: int, ordinal: int, progress: Mapping[str, Json]) -> None:
        """Replace the last thing seen of an effect under way; needs no audit entry. Raises `LostOwnership`."""
        await self._fence(id, epoch)
        result = await self._connection.execute(self._effect(id, ordinal).values(progress=audit.clean(progress)))
        if result.rowcount:
            await self._touch(id)

    async def plan_checkup(self, id: ProposalId, *, due_at: datetime) -> None:
        """Write down that the service of this run is to be looked at. Once; planning it again changes nothing. Raises `UnknownName`."""
        await self._lock(id)
        new = await insert_once(
            self._connection, checkups, organization=self._organization, proposal=id, due_at=due_at, found={},
        )  # fmt: skip
        if new:
            await self._touch(id)
            self._unaudited = True

    async def conclude_checkup(self, id: ProposalId, checkup: Checkup) -> bool:
        """Write down what was found; of any number of callers one gets True. Raises `UnknownName`."""
        await self._lock(id)
        mine = (checkups.c.organization == self._organization) & (checkups.c.proposal == id)
        result = await self._connection.execute(
            update(checkups)
            .where(mine, checkups.c.done_at.is_(None))
            .values(done_at=self._clock(), found=checkup.to_json())
        )
        if result.rowcount != 1:
            return False
        await self._touch(id)
        self._unaudited = True
        return True

    def record(self, verb: str, subject: str, facts: Mapping[str, Json], *, actor: str) -> None:
        """An audit entry, written with the commit, in the order recorded, secrets redacted.

        `verb` is like "proposal:approved", `subject` like "proposal/17". Raises `ValueError` for facts without a canonical form.
        """
        self._drafts.append(Draft(verb=verb, subject=subject, facts=facts, actor=actor).cleaned())

    def _noted(self, verb: str, subject: str, facts: Mapping[str, Json], actor: str) -> None:
        self.record(verb, subject, facts, actor=actor)
        self._unaudited = True

    async def once(self, key: str) -> bool:
        """True for the first transaction that commits under this key, so that a request which is delivered twice is written down once."""
        return await insert_once(self._connection, requests, organization=self._organization, key=key, at=self._clock())

    async def notify(self, key: str, *, to: Recipient, report: Report) -> bool:
        """Have something said unasked, once for each key, if this commits. False, and nothing, if it was said before.

        Needs no audit entry of its own: what it is about has one. Call it late in a transaction, since it takes a counter's lock.
        """
        if await notices.is_there(self._connection, self._organization, key):
            return False
        number = await self._next("notice")
        return await notices.add(
            self._connection, self._organization, number, key, to=to, report=report, now=self._clock()
        )

    async def acknowledge_alarms(self) -> None:
        """Close every open alarm about the audit log, which ends safe mode; needs an entry, like any other change."""
        await alarms.acknowledge(self._connection, self._organization, now=self._clock())
        self._unaudited = True

    async def erase(self, subject: str) -> Erased:
        """Erase a person (“person/dev”) or what was typed about a proposal (“proposal/17”) for ever; its facts go into an entry `audit:erased`.

        Raises `NotAllowed` while a proposal that it concerns is open.
        """
        self._unaudited = True
        return await erasing.erase(self._connection, self._organization, subject)

    async def erase_older(self, before: datetime) -> Erased | None:
        """Erase some of what was typed before this moment; its facts go into an entry `audit:erased`. None, and nothing, where all of it is."""
        erased = await erasing.erase_older(self._connection, self._organization, before)
        self._unaudited |= erased is not None
        return erased

    async def archive(self, upto: int) -> tuple[int, dict[str, Json]]:
        """Take audit entries up to this number out of the database, which needs an entry `audit:archived` that says so.

        How many they were, and what that entry has to bear as `erasures`.
        """
        self._unaudited = True
        await audit.locked_head(self._connection, self._organization)
        erasures = await archiving.erasures(self._connection, self._organization, upto)
        return await archiving.drop(self._connection, self._organization, upto), erasures

    async def finish(self) -> None:
        """Hand out change numbers and write the audit entries. Called by `Store.begin`; raises `Unaudited`."""
        if self._unaudited and not self._drafts:
            raise Unaudited(
                "a change of proposals, decisions or effects was about to be committed without an audit entry"
            )
        if self._touched:
            last = await self._next("change", len(self._touched))
            for change, id in enumerate(sorted(self._touched), last - len(self._touched) + 1):
                await self._connection.execute(self._update(id).values(change=change))
        if self._drafts:
            await audit.append(self._connection, self._organization, self._drafts, now=self._clock())

    def _needs_an_entry(self) -> None:
        self._unaudited = True

    async def _next(self, name: str, count: int = 1) -> int:
        """The last of `count` numbers taken from a counter, which stays locked until the end of the transaction."""
        statement = (
            insert(self._connection, counters)
            .values(organization=self._organization, name=name, value=count)
            .on_conflict_do_update(
                index_elements=[counters.c.organization, counters.c.name], set_={"value": counters.c.value + count}
            )
            .returning(counters.c.value)
        )
        return int((await self._connection.execute(statement)).scalar_one())

    async def _index_targets(self, id: ProposalId, plan: Plan) -> None:
        pairs = {(step.target.service, step.target.environment) for step in (*plan.steps, *plan.on_failure)}
        for service, environment in sorted(pairs):
            await insert_once(
                self._connection, targets, organization=self._organization, service=service, environment=environment, proposal=id,
            )  # fmt: skip

    async def _lock(self, id: ProposalId) -> None:
        query = (
            select(proposals.c.id)
            .where(proposals.c.organization == self._organization, proposals.c.id == id)
            .with_for_update()
        )
        if (await self._connection.execute(query)).first() is None:
            raise UnknownName("proposal", str(id))

    async def _fence(self, id: ProposalId, epoch: int) -> None:
        await self._lock(id)
        query = select(runs.c.epoch).where(runs.c.organization == self._organization, runs.c.proposal == id)
        if (await self._connection.execute(query)).scalar() != epoch:
            raise LostOwnership(id, epoch=epoch)

    async def _touch_with_entry(self, id: ProposalId) -> None:
        await self._touch(id)
        self._unaudited = True

    async def _touch(self, id: ProposalId) -> None:
        if id not in self._touched:
            await self._connection.execute(self._update(id).values(version=proposals.c.version + 1))
            self._touched.add(id)

    def _update(self, id: ProposalId) -> Update:
        return update(proposals).where(proposals.c.organization == self._organization, proposals.c.id == id)

    def _effect(self, id: ProposalId, ordinal: int) -> Update:
        return update(effects).where(
            effects.c.organization == self._organization, effects.c.proposal == id, effects.c.ordinal == ordinal
        )
