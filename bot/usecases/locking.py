"""Taking, stealing and letting go of locks: of all who want one at the same moment, one gets it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.store import Store, Transaction
from skills.core import durations
from skills.core.errors import BadInput, NotAllowed, NothingToDo
from skills.core.lock import Lock, Scope
from skills.core.notice import Person
from skills.core.report import Report
from skills.core.skill import Asked


@dataclass(frozen=True, kw_only=True)
class LockLimits:
    """How long a lock holds if nobody says, and at most."""

    usual: timedelta = timedelta(hours=4)
    longest: timedelta = timedelta(days=7)


class Locking:
    """The `Locks` of an organization."""

    def __init__(self, *, store: Store, clock: Callable[[], datetime], limits: LockLimits) -> None:
        self._store = store
        self._clock = clock
        self._limits = limits

    async def held(self) -> Sequence[Lock]:
        return await self._store.locks.at(self._clock())

    async def take(self, scope: Scope, *, length: timedelta | None, asked: Asked) -> Lock:
        lock, _ = await self._take(scope, length=length, asked=asked, stealing=False)
        return lock

    async def steal(self, scope: Scope, *, length: timedelta | None, asked: Asked) -> tuple[Lock, Sequence[Lock]]:
        return await self._take(scope, length=length, asked=asked, stealing=True)

    async def release(self, scope: Scope, *, asked: Asked) -> Sequence[Lock]:
        async with self._store.begin() as tx:
            if not await tx.once(f"unlock:{asked.key}"):
                return ()
            await tx.locks.next_number()
            now = self._clock()
            held = [each for each in await tx.locks.at(now) if each.scope.meets(scope)]
            own = [each for each in held if each.owner == asked.actor.subject and scope.covers(each.scope)]
            if not own:
                raise _not_yours(held, scope)
            for lock in own:
                await tx.locks.end(lock, now=now)
                tx.record("lock:released", f"lock/{lock.number}", lock.facts, actor=asked.actor.subject)
        return own

    async def _take(
        self, scope: Scope, *, length: timedelta | None, asked: Asked, stealing: bool
    ) -> tuple[Lock, Sequence[Lock]]:
        reason = self._reason(scope, asked, stealing=stealing)
        until = self._length(length)
        async with self._store.begin() as tx:
            new = await tx.once(f"lock:{asked.key}")
            number = await tx.locks.next_number()
            now = self._clock()
            held = [each for each in await tx.locks.at(now) if each.scope.meets(scope)]
            own = next((each for each in held if each.owner == asked.actor.subject and each.scope == scope), None)
            if not new:
                return _again(own, scope), ()
            others = [each for each in held if each.owner != asked.actor.subject]
            if others and not stealing:
                raise NotAllowed(f"{others[0].sentence}.", hint=_ways(others[0]))
            if stealing and not others:
                raise BadInput(f"Nobody else holds a lock on {scope}.", hint=f"Say: lock {scope.words} because …")
            for lock in (*others, *([own] if own else ())):
                await tx.locks.end(lock, now=now)
            taken = await tx.locks.add(
                Lock(
                    number=number,
                    scope=scope,
                    owner=asked.actor.subject,
                    owner_name=asked.actor.name,
                    reason=reason,
                    since=now,
                    until=now + until,
                )
            )
            tx.record("lock:taken", f"lock/{number}", taken.facts, actor=asked.actor.subject)
            for lock in others:
                await _tell(tx, lock, taken)
        return taken, others

    def _reason(self, scope: Scope, asked: Asked, *, stealing: bool) -> str:
        reason = asked.reason.strip().removeprefix("of ").rstrip(".")
        if not reason:
            verb = "steal" if stealing else "lock"
            raise BadInput("Others want to know why they have to wait.", hint=f"Say: {verb} {scope.words} because …")
        return reason

    def _length(self, length: timedelta | None) -> timedelta:
        if length is None:
            return self._limits.usual
        if length > self._limits.longest:
            most = durations.spelled(self._limits.longest)
            raise BadInput(f"A lock holds for {most} at most.", hint="Take it for less; it can be taken again.")
        return length


async def _tell(tx: Transaction, lost: Lock, taken: Lock) -> None:
    """Write down that it was stolen, and have its owner told."""
    facts = {**lost.facts, "by": taken.owner, "lock": taken.number, "because": taken.reason}
    tx.record("lock:stolen", f"lock/{lost.number}", facts, actor=taken.owner)
    report = Report(
        title=f"Your lock on {lost.scope}",
        summary=f"{taken.owner_name} has taken it over: {taken.reason}. You held it for: {lost.reason}.",
    )
    await tx.notify(f"lock-stolen:{lost.number}", to=Person(subject=lost.owner), report=report)


def _again(own: Lock | None, scope: Scope) -> Lock:
    if own is None:
        raise NothingToDo(f"You locked {scope} with this request before, and that lock has ended.")
    return own


def _not_yours(held: Sequence[Lock], scope: Scope) -> NotAllowed | NothingToDo:
    if not held:
        return NothingToDo(f"Nobody holds a lock on {scope}.")
    return NotAllowed(f"{held[0].sentence}.", hint=_ways(held[0]))


def _ways(lock: Lock) -> str:
    return f"Ask {lock.owner_name} to unlock it, or say: steal {lock.scope.words} because …"
