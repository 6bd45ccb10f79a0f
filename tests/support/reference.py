"""What the door promises, as a model of a hundred lines: who may decide what when, and what a run then makes of it.

It knows nothing of stores, digests or transactions; `tests/property/test_reference_model.py` plays the same moves on both and compares.
"""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from skills.core.proposal import Choice, Status

PEOPLE = ("dev", "sre", "lead")
APPROVERS = frozenset({"sre", "lead"})
PENDING_FOR, START_WITHIN, MOST_PENDING = timedelta(minutes=15), timedelta(minutes=5), 10
LOCKED_FOR, BROKEN_FOR = timedelta(hours=4), timedelta(minutes=60)


@dataclass(kw_only=True)
class Asked:
    """A proposal: a service to be scaled from `before` to `after`."""

    requester: str
    service: str
    before: int
    after: int
    needs: int
    expires_at: datetime
    status: Status = Status.PENDING
    start_by: datetime | None = None
    approved_by: set[str] = field(default_factory=set)
    glass: "Broken | None" = None


@dataclass(frozen=True, kw_only=True)
class Broken:
    """Glass, broken by `who` in place of approvals by so many people, until then."""

    who: str
    until: datetime
    counts: frozenset[int]
    incident: int


@dataclass(kw_only=True)
class Model:
    """Everything there is. `needs` is how many approvals policy asks for now; `frozen` is a no to everything."""

    replicas: dict[str, int]
    needs: int = 1
    frozen: bool = False
    inactive: set[str] = field(default_factory=set)
    asked: list[Asked] = field(default_factory=list)
    effects: int = 0
    locks: dict[str, tuple[str, datetime]] = field(default_factory=dict)
    emergency: bool = False
    incidents: int = 0

    def propose(self, who: str, service: str, after: int, now: datetime) -> bool:
        """Is it stored?"""
        waiting = sum(each.requester == who and each.status is Status.PENDING for each in self.asked)
        refused = who in self.inactive or self.frozen or self._held_off(who, service, now) or waiting >= MOST_PENDING
        if refused or self.replicas[service] == after:
            return False
        before, expires_at = self.replicas[service], now + PENDING_FOR
        self.asked.append(
            Asked(requester=who, service=service, before=before, after=after, needs=self.needs, expires_at=expires_at)
        )
        return True

    def decide(self, who: str, asked: Asked, choice: Choice, now: datetime) -> bool:
        """Does the word count?"""
        if who in self.inactive or self._expired(asked, now):
            return False
        own = who == asked.requester
        open_for = {Status.PENDING, Status.APPROVED} if choice is Choice.CANCEL else {Status.PENDING}
        if asked.status not in open_for or (own and choice is not Choice.CANCEL):
            return False
        if (not own and who not in APPROVERS) or (choice is Choice.APPROVE and who in asked.approved_by):
            return False
        if choice is Choice.REJECT:
            asked.status = Status.REJECTED
        elif choice is Choice.CANCEL:
            asked.status = Status.CANCELLED
        else:
            asked.approved_by.add(who)
            if self._counting(asked) >= asked.needs:
                asked.status, asked.start_by = Status.APPROVED, now + START_WITHIN
        return True

    def lock(self, who: str, service: str, now: datetime) -> bool:
        """Whose is it then, and was that so only now?"""
        if who in self.inactive or self._held_off(who, service, now):
            return False
        self.locks[service] = (who, now + LOCKED_FOR)
        return True

    def unlock(self, who: str, service: str, now: datetime) -> bool:
        """Did they let go of what they held?"""
        owner, until = self.locks.get(service, ("", now))
        if who in self.inactive or owner != who or now >= until:
            return False
        del self.locks[service]
        return True

    def says(self, who: str, asked: Asked, choice: Choice, now: datetime, incident: int) -> bool:
        """Whatever word it is: does it count?"""
        if choice is Choice.BREAK_GLASS:
            return self.break_glass(who, asked, now, incident)
        return self.decide(who, asked, choice, now)

    def break_glass(self, who: str, asked: Asked, now: datetime, incident: int) -> bool:
        """Does it let the proposal through?"""
        may = who in APPROVERS and who not in self.inactive and who != asked.requester
        if not may or not self._open(incident) or asked.status is not Status.PENDING:
            return False
        denied = asked.requester in self.inactive or self.frozen or self._held_off(asked.requester, asked.service, now)
        if denied or self._expired(asked, now):
            return False
        lacking = frozenset(needs for needs in (asked.needs, self.needs) if self._counting(asked) < needs)
        asked.glass = Broken(who=who, until=now + BROKEN_FOR, counts=lacking, incident=incident)
        asked.status, asked.start_by = Status.APPROVED, now + START_WITHIN
        return True

    def run(self, asked: Asked, now: datetime) -> None:
        """What comes of an approved proposal whose turn it is."""
        if asked.status is not Status.APPROVED or self._expired(asked, now):
            return
        denied = asked.requester in self.inactive or self.frozen or self._held_off(asked.requester, asked.service, now)
        agreed = self._counting(asked) >= self.needs or self._stood_in_for(asked, now)
        if denied or not agreed or self.replicas[asked.service] != asked.before:
            asked.status = Status.VOID
            return
        asked.status = Status.SUCCEEDED
        self.replicas[asked.service] = asked.after
        self.effects += 1

    def drift(self, service: str, replicas: int) -> None:
        """Somebody else changes the cluster."""
        self.replicas[service] = replicas
        self.effects += 1

    def sweep(self, now: datetime) -> None:
        for asked in self.asked:
            self._expired(asked, now)

    def _held_off(self, who: str, service: str, now: datetime) -> bool:
        owner, until = self.locks.get(service, (who, now))
        return owner != who and now < until

    def _open(self, incident: int) -> bool:
        """Of the incidents only the latest may be open."""
        return self.emergency and incident == self.incidents

    def _stood_in_for(self, asked: Asked, now: datetime) -> bool:
        glass = asked.glass
        return (
            glass is not None
            and self._open(glass.incident)
            and now < glass.until
            and glass.who not in self.inactive
            and self.needs in glass.counts
        )

    def _counting(self, asked: Asked) -> int:
        return len(asked.approved_by - self.inactive)

    def _expired(self, asked: Asked, now: datetime) -> bool:
        late = asked.status is Status.PENDING and now >= asked.expires_at
        unstarted = asked.status is Status.APPROVED and asked.start_by is not None and now >= asked.start_by
        if late or unstarted:
            asked.status = Status.EXPIRED
        return asked.status is Status.EXPIRED
